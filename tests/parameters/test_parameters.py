"""Parameter files: all load, each number is complete and sourced, broken files are refused in one sentence."""

import tomllib

import pytest

import estimator
from estimator.errors import ParameterFileError
from estimator.parameters import library
from estimator.parameters.schema import Parameter
from estimator.quantities import FIELDS

KINDS = ("node", "design", "cooling", "package", "memory")
REQUIRED_NODES = """tsmc-90 tsmc-80 tsmc-65 tsmc-55 tsmc-40 tsmc-28hpm tsmc-20soc tsmc-16ff tsmc-12ffn tsmc-10ff tsmc-n7 tsmc-n7+
tsmc-n6 tsmc-n5 tsmc-4n tsmc-4np tsmc-n3e tsmc-n3p tsmc-n2 samsung-45 samsung-32 samsung-20lpe samsung-14lpe samsung-14lpp
samsung-8n samsung-5lpe samsung-4lpx samsung-3gae gf-28 gf-14lpp gf-12lp intel-32 intel-22 intel-14 intel-7 intel-4
intel-3 intel-18a smic-28 smic-14 smic-n+1 smic-n+2 ibm-90 ibm-65 ibm-45 amd-130 amd-90 amd-65""".split()
REQUIRED_DESIGNS = """h100-sxm h100-pcie h800-sxm h20 h200-sxm a100-sxm-40 a100-sxm-80 v100-sxm2 p100-sxm2 b200 rtx-5090
rtx-4090 rtx-3090 rtx-2080-ti gtx-1080-ti gtx-titan-x mi25 mi60 mi100 mi250x mi300x mi355x rx-580 ascend-910
ascend-910b""".split()


def every_parameter():
    for kind in KINDS:
        for name in library.names(kind):
            entity = library.load(kind, name)
            yield from ((f"{name}.{k}", p) for k, p in entity.parameters.items())
            for die in getattr(entity, "dies", ()):
                yield from ((f"{name}.{die.role}.{k}", p) for k, p in die.parameters.items())
    yield from ((f"model.{k}", p) for k, p in library.constants().items())


def test_the_promised_nodes_and_designs_are_there():
    assert set(REQUIRED_NODES) <= set(library.names("node"))
    assert set(REQUIRED_DESIGNS) <= set(library.names("design"))
    assert library.load_node("3nm").name == "tsmc-n3e"
    assert library.load_node("12nm").name == "tsmc-12ffn"
    for nm in (90, 80, 65, 55, 40, 28, 20, 16, 14, 12, 10, 8, 7, 6, 5, 4, 3, 2):
        assert library.load_node(f"{nm}nm").name in library.names("node")


def test_every_number_has_range_unit_kind_and_source():
    known = set(library.sources()) | {"estimate"}
    count = 0
    for name, p in every_parameter():
        count += 1
        assert isinstance(p, Parameter), name
        assert p.low <= float(p) <= p.high, name
        shipped = "a number in params/ needs low, central, high, unit, kind and source, or kind = 'estimate' and a note"
        assert p.kind in ("measured", "vendor", "model", "estimate", "fit"), f"{name}: {shipped}"
        assert p.source or p.kind == "estimate", name
        assert set(p.source) <= known, f"{name}: {set(p.source) - known}"
        assert p.kind != "estimate" or len(p.note) > 3, f"{name}: an estimate without its reasoning"
    assert count > 2400


def test_the_bibliography_is_complete():
    for key, source in library.sources().items():
        assert source.get("author"), key
        assert source.get("title"), key
        assert isinstance(source.get("year"), int), key


def test_fields_table_is_consistent():
    assert all(f.low <= f.high for f in FIELDS.values())
    assert all(name == f.name for name, f in FIELDS.items())


GOOD = """
node = "tsmc-28hpm"
die_area_mm2 = 348
clock_ghz = 0.8
power_w = 140
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('node = "tsmc-28hpm"\ndie_area_mm2 = 348\nclock_ghz = 0.8\n', ["power_w", "missing"]),
        (GOOD.replace("348", '"big"'), ["die_area_mm2", "big", "number"]),
        (GOOD + "clok_max_ghz = 1\n", ["clok_max_ghz", "did you mean clock_max_ghz"]),
        (
            GOOD + "[supply_v]\nlow = 1.0\ncentral = 0.9\nhigh = 1.1\nunit = 'V'\nkind = 'estimate'\nnote = 'x'\n",
            ["supply_v", "ascending"],
        ),
        (GOOD + "[supply_v]\ncentral = 0.9\nunit = 'V'\nkind = 'vendor'\n", ["supply_v", "source"]),
        (GOOD + "[supply_v]\ncentral = 0.9\nunit = 'mV'\nkind = 'vendor'\nsource = ['x']\n", ["unit", "mV", "'V'"]),
        (GOOD.replace("140", "-140"), ["power_w", "-140", "greater than 0"]),
        (GOOD.replace("140", "nan"), ["power_w", "nan"]),
        (GOOD.replace("0.8", "inf"), ["clock_ghz", "inf"]),
        (GOOD + "logic_fraction = 0.9\nsram_fraction = 0.3\n", ["add up"]),
        (GOOD + "units = 8\nunits_enabled = 9\n", ["units_enabled", "at most"]),
        ("this is not toml", ["not valid TOML"]),
        ("a = " + "[" * 50 + "]" * 50, ["nested deeper than"]),
    ],
)
def test_a_broken_file_is_refused_in_one_sentence(tmp_path, text, words):
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(estimator.InputError) as caught:
        estimator.load_design(str(path))
    message = str(caught.value)
    assert "\n" not in message.strip()
    for word in words:
        assert word in message


def test_a_node_file_may_inherit(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('base = "tsmc-28hpm"\nwafer_cost_usd = 4000\n')
    node = estimator.load_node(path)
    assert float(node.wafer_cost_usd) == 4000
    assert float(node.supply_v) == float(estimator.load_node("28nm").supply_v)
    assert estimator.estimate("rx-580", node).wafer_cost_usd == 4000


def test_contradictions_in_a_node_are_refused():
    node = estimator.load_node("28nm")
    with pytest.raises(ParameterFileError, match="supply_min_v"):
        node.replace(supply_min_v=0.4)
    with pytest.raises(ParameterFileError, match="supply_v"):
        node.replace(supply_v=1.5)


def test_parameter_files_are_plain_toml_in_their_folders():
    root = library.params_folder()
    for path in root.rglob("*.toml"):
        tomllib.loads(path.read_text("utf-8"))

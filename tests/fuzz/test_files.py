"""Parameter files: every field of every kind of file mutated, and the loader on arbitrary text; a sound result or a sentence."""

import datetime
import json
import math
import tomllib
from functools import cache
from pathlib import Path

import pytest
from hostile import REFUSED, TRIED, attempt, budget, edges, hostile, mostly, physical, sentence
from hypothesis import given
from hypothesis import strategies as st
from test_options import sound

import estimator
from estimator import claims
from estimator.cli.sweep_file import read_sweep_file
from estimator.errors import InputError
from estimator.parameters import library, schema, sets
from estimator.quantities import FIELDS

KINDS = ("design", "node", "cooling", "package", "memory")
CLASSES = {
    "design": schema.Design,
    "node": schema.Node,
    "cooling": schema.Cooling,
    "package": schema.Package,
    "memory": schema.MemoryType,
    "die": schema.Die,
}
OWN = '\nnode = "tsmc-28hpm"\ndie_area_mm2 = 348\nclock_ghz = 0.8\npower_w = 140\n'

toml_values = st.recursive(
    st.one_of(
        edges,
        st.floats(),
        st.integers(),
        st.booleans(),
        st.text(max_size=6),
        st.just("é\u202e\n"),
        st.sampled_from(("12nm", "hbm3", "air", "compute", "io", "vendor", "estimate", "V", "1")),
        st.dates(),
        st.times(),
        st.datetimes(),
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("central", "low", "unit", "a b", "")), inner)
    ),
    max_leaves=4,
)


def toml(value) -> str:
    """A value as TOML text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf") if math.isinf(value) else repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(str(k))} = {toml(v)}" for k, v in value.items()) + "}"
    return str(value)


def document(data) -> str:
    """A file of top-level keys, each with its value in line."""
    return "\n".join(f"{toml(str(k))} = {toml(v)}" for k, v in data.items())


@cache
def shipped(kind: str) -> tuple[dict, ...]:
    """Some real files of a kind as data; nodes with their fitted values."""
    some = {"design": ("h100-sxm", "mi300x", "gtx-1080-ti"), "node": ("tsmc-12ffn", "intel-45")}
    names = some.get(kind) or library.names(kind)[:2]
    folder = {"memory": "memory", "cooling": "cooling"}.get(kind, f"{kind}s")
    found = []
    for name in names:
        data = tomllib.loads((library.params_folder() / folder / f"{name}.toml").read_text("utf-8"))
        found.append({**library._fits().get(name, {}), **data} if kind == "node" else data)
    return tuple(found)


def real(kind, name):
    """A real value of a field."""
    return next((float(d[name]["central"]) for d in shipped(kind) if isinstance(d.get(name), dict)), 1.0)


@st.composite
def mutations(draw, kind):
    """A real file of a kind with one to three fields changed, removed or added; a number or only a part of it."""
    data = {k: dict(v) if isinstance(v, dict) else v for k, v in draw(st.sampled_from(shipped(kind))).items()}
    for _ in range(draw(st.integers(1, 3))):
        known = tuple(CLASSES[kind].model_fields)
        name = draw(mostly(st.sampled_from(tuple(data) + known), st.text(max_size=4) | st.sampled_from(tuple(FIELDS))))
        if name == "dies" and isinstance(data.get("dies"), list) and data["dies"] and isinstance(data["dies"][0], dict):
            die = dict(data["dies"][0])
            die[draw(st.sampled_from((*schema.Die.model_fields, "x")))] = draw(toml_values)
            data["dies"] = [die, *data["dies"][1:]]
        elif isinstance(data.get(name), dict) and draw(st.booleans()):
            data[name][draw(st.sampled_from(("low", "central", "high", "unit", "kind", "source", "note", "x")))] = draw(
                toml_values
            )
        elif name in FIELDS and draw(st.booleans()):
            data[name] = draw(st.floats(0.5, 2.0)) * real(kind, name)
        elif draw(st.integers(0, 5)) == 0:
            data.pop(name, None)
        else:
            data[name] = draw(toml_values)
    return document(data)


def use(group, kind, thing):
    """An estimate with a thing that was accepted."""
    if kind == "design":
        est = attempt(group, estimator.estimate, thing, "16nm")
    elif kind == "node":
        est = attempt(group, estimator.estimate, "h100-sxm", thing)
    else:
        est = attempt(group, estimator.estimate, "h100-sxm", "16nm", **{kind: thing})
    if est is not REFUSED:
        sound(est.clone)
        sound(est.reference)
        json.dumps(est.to_dict(), allow_nan=False)
    return est


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_a_file(kind):
    @budget(1.5)
    @given(text=mutations(kind))
    def check(text):
        thing = attempt("files", library.from_toml, kind, text)
        if thing is not REFUSED:
            physical(thing.values(), signed=True)
            use("files", kind, thing)

    check()


@pytest.mark.parametrize("kind", CLASSES)
def test_every_field_of_an_object(kind):
    cls = CLASSES[kind]

    @st.composite
    def changes(draw):
        names = draw(st.lists(st.sampled_from((*cls.model_fields, "x", "")), min_size=1, max_size=2, unique=True))
        return {n: draw(hostile | st.floats(0, 2)) for n in names}

    @budget(0.5)
    @given(change=changes())
    def check(change):
        if kind == "die":
            attempt("objects", cls, **{"area_mm2": 100, **change})
            return
        thing = attempt("objects", library.load(kind, library.names(kind)[0]).replace, **change)
        if thing is not REFUSED:
            use("objects", kind, thing)

    check()


@budget(1)
@given(
    value=hostile,
    more=st.dictionaries(
        st.sampled_from(("low", "high", "unit", "kind", "source", "note", "rows")), hostile, max_size=2
    ),
)
def test_a_number_with_its_range(value, more):
    found = attempt("objects", estimator.Parameter, value, **more)
    if found is not REFUSED:
        thing = attempt("objects", library.load_cooling("air").replace, resistance_sink_k_w=found)
        if thing is not REFUSED:
            use("objects", "cooling", thing)


@budget(2)
@given(
    name=mostly(st.sampled_from(tuple(FIELDS))),
    value=hostile
    | st.dictionaries(
        st.sampled_from(("low", "central", "high", "unit", "kind", "source", "note", "rows", "fit_error", "x")), hostile
    ),
)
def test_a_number_of_any_field(name, value):
    attempt("files", schema.parse_parameter, name, value)


lines = st.one_of(
    st.sampled_from(
        (
            "[a]",
            "[[dies]]",
            "[a.b.c]",
            "x = 1",
            "name = 'x'",
            "base = 'tsmc-n7'",
            "base = '../x'",
            "[",
            "=",
            '"',
            "'''",
            "power_w = 1979-05-27",
            "power_w = 1e999",
            "power_w = 0x" + "f" * 40,
            "a = " + "[" * 80,
            "a" + ".a" * 80 + " = 1",
            "power_w = " + "9" * 5000,
            "name = '" + "x" * 3000 + "'",
            "\x00",
            "\ufeff",
            "\r",
            "node = 'h100-sxm'",
        )
    ),
    st.text(max_size=30),
    st.builds(lambda k, v: f"{k} = {toml(v)}", st.sampled_from((*schema.Design.model_fields, "base")), toml_values),
)


@budget(3)
@given(
    kind=mostly(st.sampled_from(KINDS), one_in=20), text=st.lists(lines, max_size=5).map("\n".join), known=st.booleans()
)
def test_any_text(kind, text, known):
    thing = attempt("files", library.from_toml, kind, OWN + text if known else text)
    if thing is not REFUSED:
        use("files", kind, thing)


@budget(1)
@given(
    data=st.binary(max_size=60) | st.lists(lines, max_size=4).map(lambda x: "\n".join(x).encode("utf-8", "replace")),
    known=st.booleans(),
)
def test_any_bytes(data, known, tmp_path_factory):
    path = _scratch(tmp_path_factory) / "own.toml"
    path.write_bytes(OWN.encode() + data if known else data)
    thing = attempt("files", estimator.load_design, str(path))
    if thing is not REFUSED:
        use("files", "design", thing)


def _scratch(factory) -> Path:
    if not hasattr(_scratch, "path"):
        _scratch.path = factory.mktemp("fuzz")
    return _scratch.path


def leaves(value, holder=None, key=None):
    """Every text, number and flag of nested data, with what holds it and under which key."""
    if isinstance(value, (dict, list)):
        for k, v in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(v, value, k)
    else:
        yield holder, key


@st.composite
def claim_files(draw):
    """A shipped claim with one leaf changed: a number by a factor, a name into another, or into anything."""
    name = draw(st.sampled_from(claims.names()))
    data = tomllib.loads((library.params_folder() / "claims" / f"{name}.toml").read_text("utf-8"))
    holder, key = draw(st.sampled_from(list(leaves(data))))
    old = holder[key]
    other = (
        st.floats(0.3, 3).map(lambda f: old * f)
        if isinstance(old, float)
        else st.sampled_from(
            (
                2,
                "12nm",
                "28nm",
                "h100-sxm",
                "rtx-4090",
                "power_limit_w",
                "area-yield",
                "node.wire_delay_ps_mm",
                "clock_ratio",
                "",
            )
        )
    )
    holder[key] = draw(mostly(other, toml_values, one_in=3))
    return document(data)


@budget(0.3)
@given(text=claim_files())
def test_claims(text):
    claim = attempt("claims", claims.parse_claim, text, where="own.toml")
    if claim is not REFUSED:
        result = attempt("claims", claims.assess, claim, samples=0)
        if result is not REFUSED:
            json.dumps(result.to_dict(), allow_nan=False)


axes = st.dictionaries(
    st.sampled_from(("from", "to", "count", "spacing", "x")),
    toml_values.filter(lambda v: not isinstance(v, int) or v < 1000) | st.sampled_from((1, 2, 5, "log")),
)
SWEEP_KEYS = ("design", "node", "points", "sampling", "samples", "seed", "outputs", "title", "x")


@budget(0.5)
@given(
    more=st.dictionaries(
        st.sampled_from(SWEEP_KEYS),
        mostly(toml_values, st.sampled_from(("12nm", "sobol", 4, ["clock_ghz"], "x.csv")), one_in=2),
        max_size=2,
    ),
    options=st.dictionaries(
        st.sampled_from(("power_limit_w", "node.supply_v", "cooling", "layout", "x", "a.b")),
        mostly(axes | st.just({"from": 100, "to": 900, "count": 3}), toml_values),
        max_size=2,
    ),
)
def test_sweep_files(more, options, tmp_path_factory):
    data = {"design": "h100-sxm", "node": ["12nm", "5nm"], **more, "options": options}
    if isinstance(data.get("samples"), int) and data["samples"] > 1000:
        return
    path = _scratch(tmp_path_factory) / "sweep.toml"
    path.write_text(document(data), "utf-8", errors="replace")
    call = attempt("sweep files", read_sweep_file, path)
    if call is not REFUSED:
        attempt("sweep files", lambda: estimator.sweep(**call))


@pytest.mark.parametrize("folder", sets.FOLDERS)
def test_parameter_sets_are_sound(folder):
    for name in sets.set_names(folder):
        physical(sets.load_set(folder, name).values())


@budget(0.5)
@given(folder=mostly(st.sampled_from(sets.FOLDERS)), name=mostly(st.sampled_from(("deepseek-v3", "units"))))
def test_parameter_sets_by_any_name(folder, name):
    attempt("files", sets.load_set, folder, name)


def test_errors_of_files_are_input_errors():
    TRIED["files"] += 1
    with pytest.raises(InputError) as caught:
        library.from_toml("node", "name = 3")
    sentence(str(caught.value))

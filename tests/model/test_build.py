"""A build is resolved once: afterwards no file is opened, its types catch a misspelt number, and its rules are said once."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import estimator
from estimator.model import chain, validity
from estimator.model.batch import Points
from estimator.model.build import resolve
from estimator.model.results import OUTPUT_STAGE, STAGES, Geometry
from estimator.parameters import library
from estimator.quantities import FIELDS
from tests.root import ROOT


@pytest.fixture
def opened(monkeypatch):
    """Names of what the library was asked for since the test began to count."""
    asked: list[str] = []
    monkeypatch.setattr(library, "opened", lambda kind, name="": asked.append(f"{kind} {name}"))
    return asked


def test_after_the_build_nothing_is_loaded(opened):
    build = resolve(
        library.load_design("mi300x"), library.load_node("12nm"), {"memory_gb": 256.0, "node.supply_v": 0.8}
    )
    assert opened, "resolving loads the parts"
    opened.clear()
    x = build.inputs
    result = chain.run(x)
    validity.refuse([*validity.of_numbers(x), *validity.of_memory(x), *validity.of_plan(x)], build)
    validity.refuse(validity.of_result(result), build)
    assert opened == []


def test_samples_causes_and_words_load_nothing(opened):
    est = estimator.estimate("h100-sxm", "12nm", power_limit_w=700.0)
    opened.clear()
    from estimator.uncertainty.draws import sample_estimate

    sample_estimate(est, samples=64)
    assert est.causes["power"]
    assert est.explain()
    assert opened == []


def test_a_table_of_points_loads_its_parts_once(opened):
    points = Points({"design": ["h100-sxm"], "node": ["12nm", "5nm"]}, ["power_limit_w", "memory_gb"], ["power_w"])
    index, numbers = {"design": 0, "node": np.arange(2)}, {"power_limit_w": 700.0, "memory_gb": 160.0}
    points.evaluate(index, numbers)
    opened.clear()
    points.evaluate(index, numbers)
    assert opened == []


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        ("p.node.suply_v", "suply_v"),
        ("p.design.memory_gbs", "memory_gbs"),
        ("p.plan.clock_hz", "clock_hz"),
        ("p.dies[0].numbers.area", "area"),
        ("r.operation.power", "power"),
        ("r.geometry.kinds[0].width", "width"),
    ],
)
def test_a_misspelt_number_is_a_type_error(tmp_path, statement, wrong):
    file = tmp_path / "misspelt.py"
    head = "from estimator.model.inputs import Inputs\nfrom estimator.model.results import Result\n"
    file.write_text(f"{head}\ndef f(p: Inputs, r: Result) -> object:\n    return {statement}\n")
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--follow-imports=silent", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f'has no attribute "{wrong}"' in done.stdout


def test_every_field_of_a_stage_has_unit_and_words():
    for cls in (
        *STAGES.values(),
        *(type(k) for k in _result().geometry.kinds),
        *(type(k) for k in _result().yields.kinds),
    ):
        for field in cls.__dataclass_fields__.values():
            assert field.metadata["words"], (cls, field.name)
            assert "unit" in field.metadata, (cls, field.name)
    assert set(OUTPUT_STAGE) <= set(FIELDS)


def _result():
    return chain.run(resolve(library.load_design("mi300x"), library.load_node("12nm"), {}).inputs)


def test_dies_are_values_of_one_type():
    made: Geometry = _result().geometry
    assert [k.role for k in made.kinds] == ["compute", "io"]
    assert float(made.die_area_mm2) == pytest.approx(sum(float(k.silicon_mm2) for k in made.kinds))
    assert float(made.dies) == sum(float(k.dies) for k in made.kinds)


def test_a_result_maps_every_number_of_every_stage():
    result = _result()
    doubled = result.map(lambda v: 2.0 * v if np.asarray(v).dtype.kind == "f" else v)
    assert float(doubled["power_w"]) == pytest.approx(2 * float(result["power_w"]))
    assert float(doubled.geometry.kinds[1].die_area_mm2) == pytest.approx(
        2 * float(result.geometry.kinds[1].die_area_mm2)
    )
    assert float(doubled.operation.path.follow_ns) == pytest.approx(2 * float(result.operation.path.follow_ns))
    assert Path(ROOT, "estimator").is_dir()

"""Power against clock on one die: targets on held-out families, and that no family sees its own rows."""

from __future__ import annotations

import tomllib

import pytest

from estimator.calibration.voltage_data import load_points, reference_clocks
from estimator.calibration.voltage_fit import fit_shared
from estimator.parameters.library import params_folder
from estimator.parameters.silicon import read_silicon
from estimator.parameters.silicon_electrical import PowerPointRow
from estimator.validation.power_clock_rows import CAP_GROUP, POWER_GROUP, STOCK_GROUP, unused_rows
from estimator.validation.report import summary
from estimator.validation.rows import Row


def best(line):
    return min(line["baselines"].values(), key=lambda b: b["median"])


@pytest.fixture(scope="module")
def rows(validation_rows) -> list[Row]:
    return [c for c in validation_rows if c.group in (CAP_GROUP, POWER_GROUP, STOCK_GROUP)]


@pytest.mark.slow
def test_targets_are_met_on_families_left_out(rows: list[Row]) -> None:
    result = summary(rows)
    assert result[POWER_GROUP]["rows"] + result[CAP_GROUP]["rows"] >= 60
    assert result[POWER_GROUP]["median"] <= 0.08
    assert result[CAP_GROUP]["median"] <= 0.04
    assert result[POWER_GROUP]["p90"] < best(result[POWER_GROUP])["p90"]
    assert result[CAP_GROUP]["p90"] < 0.5 * best(result[CAP_GROUP])["p90"]
    assert result[STOCK_GROUP]["median"] < best(result[STOCK_GROUP])["median"]


@pytest.mark.slow
def test_own_family_is_removed_from_every_fit() -> None:
    for family in ("GA102", "GP100"):
        assert family not in fit_shared(exclude=(family,)).families
    assert reference_clocks() != reference_clocks(exclude=("GA102",))


def test_every_row_left_out_has_a_reason_and_every_point_an_anchor() -> None:
    assert all(reason for _, _, reason in unused_rows())
    used = [r for r in read_silicon(PowerPointRow) if r.used]
    anchors = {(r.board, r.workload, r.kind) for r in used if r.anchor}
    assert {(r.board, r.workload, r.kind) for r in used} == anchors
    assert len(load_points()) == len(used) - sum(r.anchor for r in used)


def test_fit_leaves_room_above_the_threshold() -> None:
    fitted = tomllib.loads((params_folder() / "fit" / "voltage.toml").read_text(encoding="utf-8"))
    for path in (params_folder() / "nodes").glob("*.toml"):
        node = tomllib.loads(path.read_text(encoding="utf-8"))
        if "base" in node:  # it takes the law of that one
            continue
        assert fitted[path.stem]["threshold_v"]["high"] < node["supply_min_v"]["low"]


def test_its_figures_are_known_to_plotly(rows, check_figure):
    pytest.importorskip("plotly")
    from estimator.figures.validation import residuals, scatter

    check_figure(scatter(rows[:40], title="power"))
    check_figure(residuals(rows[:40]))

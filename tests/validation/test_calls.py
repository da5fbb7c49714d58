"""Every row runs through a public call: what it is given, what is left out for it, and that the law it tests is in it."""

from __future__ import annotations

import collections
import math
import re
import tomllib

import numpy as np
import pytest

import estimator
from estimator.calibration.voltage_data import load_points, load_stock_curves, reference_clocks
from estimator.calibration.voltage_fit import fit_shared
from estimator.parameters.library import params_folder
from estimator.parameters.silicon import read_silicon
from estimator.parameters.silicon_dies import PairRow
from estimator.parameters.silicon_electrical import (
    BoardRow,
    ClockPairRow,
    PortPowerRow,
    PowerPointRow,
    VoltagePointRow,
)
from estimator.validation import asking, held_out, power_rows, report
from estimator.validation.power_rows import CAP, LOCKED, SUPPLY

PUBLIC = re.compile(r"\b(estimate|die_area|dies_per_wafer|training\.predict_gpu_hours)\(")


def used_points() -> list[PowerPointRow]:
    return [r for r in read_silicon(PowerPointRow) if r.used and not r.anchor]


def test_every_row_shows_its_public_call_and_where_it_is_from():
    for row in report.stored():
        assert PUBLIC.search(row.call), row.case
        assert row.source, row.case
        assert row.removed, row.case


@pytest.mark.slow
def test_a_shown_call_gives_the_shown_value():
    """Rows of families that are in no fit: the call as printed, typed by anyone, gives the saved prediction."""
    names = {"estimate": estimator.estimate, "Design": estimator.Design, "die_area": estimator.die_area}
    names |= {"dies_per_wafer": estimator.dies_per_wafer}
    seen: collections.Counter[str] = collections.Counter()
    for row in report.stored():
        free = row.family not in held_out.voltage_families() and row.split == "validation" and row.answered
        if not free or row.group not in (LOCKED, CAP, SUPPLY, "good dies of a wafer", "die area of an unseen maker"):
            continue
        seen[row.group] += 1
        if seen[row.group] <= 12:
            value = eval(row.call, dict(names))
            assert float(value) == pytest.approx(row.predicted, rel=1e-4), row.call
    assert len(seen) == 5


def test_power_rows_stand_on_many_families_of_several_makers():
    boards = {r.board: r for r in read_silicon(BoardRow)}
    families = {r.family: boards[r.board] for r in used_points()}
    assert len(families) >= 12
    generations = collections.Counter((b.vendor, b.generation) for b in families.values())
    assert max(generations.values()) <= len(families) / 3, generations


def test_no_fit_uses_a_row_that_was_kept_for_validation():
    for model in (PowerPointRow, VoltagePointRow):
        assert not [r for r in read_silicon(model) if r.fitted and r.split != "calibration"]
    assert not [r for r in read_silicon(PairRow) if r.used == "yes" and r.split != "calibration"]
    for model in (PortPowerRow, ClockPairRow):
        assert not [r for r in read_silicon(model) if r.kept and r.split != "calibration"]
    kept_back = {r.family for r in used_points() if r.split == "validation"}
    assert len(kept_back) >= 4
    assert not kept_back & set(load_points().family.tolist())


def test_a_family_has_one_split_in_a_table():
    for model in (PowerPointRow, VoltagePointRow):
        splits = collections.defaultdict(set)
        for row in read_silicon(model):
            splits[row.family].add(row.split)
        assert all(len(found) == 1 for found in splits.values())


def test_marked_rows_say_what_they_are():
    marks = {r.board: r.mark for r in read_silicon(PowerPointRow) if r.mark}
    assert "laptop" in marks["RTX 4050 Laptop"]
    assert "offset" in marks["GTX 1080 Ti"]
    assert not [r for r in used_points() if "offset" in r.mark]
    assert any("throttled" in r.mark for r in used_points())


def test_every_row_left_out_has_a_reason_and_every_point_an_anchor():
    assert all(reason for _, _, reason in report.unused_rows())
    used = [r for r in read_silicon(PowerPointRow) if r.used]
    anchors = {(r.board, r.workload, r.kind) for r in used if r.anchor}
    assert {(r.board, r.workload, r.kind) for r in used} == anchors
    fitted = [r for r in read_silicon(PowerPointRow) if r.fitted]
    assert len(load_points()) == len(fitted) - sum(r.anchor for r in fitted)
    assert set(load_stock_curves().family) <= held_out.voltage_families()


def test_own_family_is_removed_from_every_fit():
    for family in ("GA102", "GP100"):
        assert family not in fit_shared(exclude=(family,)).families
        law = held_out.voltage_without(family)["tsmc-n7"]["threshold_v"]["central"]
        with held_out.laid(held_out.voltage_without(family)):
            assert float(estimator.load_node("tsmc-n7").threshold_v) == law
    assert reference_clocks() != reference_clocks(exclude=("GA102",))
    assert held_out.voltage_without("AD102") == {}


def test_fit_leaves_room_above_the_threshold() -> None:
    fitted = tomllib.loads((params_folder() / "fit" / "voltage.toml").read_text(encoding="utf-8"))
    for path in (params_folder() / "nodes").glob("*.toml"):
        node = tomllib.loads(path.read_text(encoding="utf-8"))
        if "base" in node:  # it takes the law of that one
            continue
        assert fitted[path.stem]["threshold_v"]["high"] < node["supply_min_v"]["low"]


@pytest.mark.slow
def test_the_chains_own_power_law_is_what_the_power_rows_test(monkeypatch):
    """V^2 f turned into V f moves the rows of power and caps: they run through the law of every estimate."""
    from estimator.model import chain
    from estimator.physics import operating_point, power

    monkeypatch.setattr(asking, "SAMPLES", 0)
    monkeypatch.setattr(held_out, "voltage_without", lambda family: {})
    monkeypatch.setattr(power_rows, "voltage_without", lambda family: {})

    def medians() -> dict[str, float]:
        return {g: line["median"] for g, line in report.summary(power_rows.power_rows()).items()}

    before, right = medians(), power.dynamic_power

    def wrong(*, switched_w, supply_v, clock_ghz):
        return right(switched_w=switched_w, supply_v=np.sqrt(supply_v), clock_ghz=clock_ghz)

    for module in (power, operating_point, chain):
        for name in ("dynamic_power",):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, wrong)
    after = medians()
    assert abs(after[LOCKED] - before[LOCKED]) > 0.005
    assert abs(after[CAP] - before[CAP]) > 0.005


def test_its_figures_are_known_to_plotly(check_figure):
    pytest.importorskip("plotly")
    from estimator.figures.validation import residuals, scatter

    rows = [r for r in report.stored() if r.group in (LOCKED, "power of a port at equal clock")]
    assert any(not r.answered for r in rows) or all(math.isfinite(r.predicted) for r in rows)
    check_figure(scatter(rows[-60:], title="power"))
    check_figure(residuals(rows[-60:]))

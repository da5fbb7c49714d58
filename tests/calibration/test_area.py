"""Calibration of area: disjoint from validation, on target, reproducible, and in the order that nodes have."""

import math
import tomllib
from dataclasses import replace
from itertools import pairwise

import pytest

from estimator.calibration.area_data import area_nodes, dies
from estimator.calibration.area_densities import area_tables, node_densities
from estimator.calibration.area_fit import fit_area, predict
from estimator.calibration.fitfile import fit_text
from estimator.calibration.port_fit import fit_ports, port_tables
from estimator.parameters.library import load_node, params_folder
from estimator.physics.area import analog_area, class_area
from estimator.validation import die_rows, fit_area_rows
from estimator.validation.fit_area_rows import NEW, OLD, PORTS
from estimator.validation.report import summary

GROUPS = (NEW, OLD, PORTS)


@pytest.fixture(scope="module")
def cases():
    return [*fit_area_rows.die_rows(), *fit_area_rows.port_rows()]


@pytest.fixture(scope="module")
def fit():
    return fit_area()


def test_excluded_die_is_in_no_part_of_the_fit():
    left = fit_area(exclude=["GH100"])
    assert "GH100" not in {d.chip for d in left.train}
    assert len(left.train) == len(dies()) - 1


def test_left_out_family_is_in_neither_ports_nor_densities():
    xenos = fit_ports(exclude_families=["Xenos"])
    assert not {"P18", "P19"} & set(xenos.rows)
    assert {"P18", "P19"} & set(fit_ports().rows)


@pytest.mark.parametrize(
    ("group", "rows", "median", "p90"), [(NEW, 60, 0.03, 0.12), (OLD, 45, 0.07, 0.22), (PORTS, 25, 0.05, 0.15)]
)
def test_targets(cases, group, rows, median, p90):
    line = summary(cases)[group]
    assert line["rows"] >= rows
    assert line["median_rows"] <= median
    assert line["p90_rows"] <= p90


def test_better_than_every_baseline(cases):
    for group in GROUPS:
        line = summary(cases)[group]
        assert line["baselines"]
        for rule, baseline in line["baselines"].items():
            assert line["median_rows"] < baseline["median_rows"], (group, rule)


def test_no_row_is_dropped_without_a_reason():
    assert all(reason for _, _, reason in die_rows.unused_rows())
    assert {d.chip for d in dies()}.isdisjoint(row for table, row, _ in die_rows.unused_rows() if table == "gpus")


def test_shipped_densities_are_what_the_fit_gives(fit):
    """Central values to four digits; the fit's own digits may differ in the last place between machines."""
    shipped = tomllib.loads((params_folder() / "fit" / "area.toml").read_text("utf-8"))
    again = tomllib.loads(fit_text(area_tables(fit)))
    assert shipped.keys() == again.keys()
    for node, field in again.items():
        for key in ("low", "central", "high"):
            new = field["logic_density_mtr_mm2"][key]
            assert shipped[node]["logic_density_mtr_mm2"][key] == pytest.approx(new, rel=1e-3)


def test_shipped_port_realisation_is_what_the_fit_gives():
    shipped = tomllib.loads((params_folder() / "fit" / "port.toml").read_text("utf-8"))["model"]["port_realisation"]
    again = port_tables()["model"]["port_realisation"]
    assert shipped["central"] == pytest.approx(again["central"], abs=2e-3)
    assert 0.5 < shipped["low"] < shipped["central"] < shipped["high"] < 1.0


def test_density_never_rises_towards_older_nodes_of_a_line(fit):
    density, nodes = node_densities(fit), area_nodes()
    for line in {n.line for n in nodes.values()}:
        order = sorted((n for n in nodes if nodes[n].line == line), key=lambda n: nodes[n].library_mtr_mm2)
        assert all(density[a] <= density[b] * (1 + 1e-12) for a, b in pairwise(order))


def test_h100_on_12ffn_takes_more_than_three_times_the_area():
    home, target = load_node("tsmc-4n"), load_node("tsmc-12ffn")
    logic, sram = (
        class_area(home_area_mm2=share, home_density=getattr(home, name), density=getattr(target, name))
        for share, name in ((0.62, "logic_density_mtr_mm2"), (0.20, "sram_density_mb_mm2"))
    )
    analog = analog_area(home_area_mm2=0.18, home_factor=home.analog_area_factor, factor=target.analog_area_factor)
    assert 3.3 < logic + sram + analog < 4.2


def test_more_transistors_take_more_area(fit):
    die = next(d for d in dies() if d.chip == "AD102")
    bigger = replace(die, transistors_mtr=die.transistors_mtr * 1.1)
    assert predict(fit, bigger)["area_mm2"] > predict(fit, die)["area_mm2"]
    guess = predict(fit, die)
    parts = guess["logic_mm2"] + guess["sram_mm2"] + guess["analog_mm2"]
    assert math.isclose(parts, guess["area_mm2"], rel_tol=1e-12)


def test_layouts_carried_over_unchanged_keep_their_area(fit):
    density = node_densities(fit)
    assert density["gf-12lp"] == pytest.approx(density["gf-14lpp"])


def test_written_file_is_the_same_bytes_again():
    tables = {"b-node": {"x": {"low": 0.1, "central": 1 / 3, "high": 1.0, "unit": "1", "kind": "fit", "source": ["s"]}}}
    first = fit_text(tables)
    assert first == fit_text(dict(reversed(tables.items())))
    assert tomllib.loads(first)["b-node"]["x"]["central"] == 0.333333

"""Gate delay and capacitance: sane along each line, disjoint from the rows they are judged on, targets held."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from estimator.calibration.electrical_data import load_nodes
from estimator.calibration.electrical_fit import ElectricalFit, fit_electrical, gather
from estimator.calibration.electrical_law import supply_at_equal_delay, supply_at_equal_power
from estimator.calibration.electrical_write import electrical_tables
from estimator.parameters import silicon_dies, silicon_electrical
from estimator.parameters.silicon import read_silicon
from estimator.validation import fit_electrical_rows
from estimator.validation.held_out import product_families, related_families


@functools.cache
def fit() -> ElectricalFit:
    return fit_electrical()


@pytest.fixture(scope="module")
def cases():
    return [*fit_electrical_rows.port_power_rows(), *fit_electrical_rows.family_clock_rows()]


def test_delay_and_capacitance_do_not_rise_towards_newer_nodes() -> None:
    nodes = fit().nodes
    for k in range(len(nodes.names) - 1):
        if nodes.lines[k] != nodes.lines[k + 1]:
            continue
        assert fit().log_delay[k + 1] <= fit().log_delay[k] + 0.005, nodes.names[k + 1]
        assert fit().log_cap[k + 1] <= fit().log_cap[k] + 0.005, nodes.names[k + 1]
        at_one_volt = nodes.delay(fit().log_delay, np.array([k, k + 1]), np.array([1.0, 1.0]))
        assert at_one_volt[1] <= at_one_volt[0] * 1.01, nodes.names[k + 1]


def test_h100_on_12ffn_draws_two_to_four_times_the_power() -> None:
    nodes = fit().nodes
    home, target = nodes.index("tsmc-4n"), nodes.index("tsmc-12ffn")
    published = nodes.delay(fit().log_delay, np.array([home]), np.array([0.86]))  # at 1.83 GHz
    delay = published * 1.83 / 1.4
    supply = supply_at_equal_delay(nodes, fit().log_delay, np.array([home]), delay)
    ported = supply_at_equal_delay(nodes, fit().log_delay, np.array([target]), delay)
    ratio = np.exp(fit().log_cap[target] - fit().log_cap[home]) * (ported / supply) ** 2
    assert 2.0 <= float(ratio[0]) <= 4.0


def test_inverses_return_to_the_law() -> None:
    nodes, delays = fit().nodes, fit().log_delay
    node = np.arange(len(nodes.names))
    supply = 1.1 * nodes.supply_v
    delay = nodes.delay(delays, node, supply)
    assert supply_at_equal_power(nodes, delays, node, supply**2 / delay) == pytest.approx(supply, rel=1e-9)
    assert supply_at_equal_delay(nodes, delays, node, delay) == pytest.approx(supply, rel=0.02)


def test_left_out_families_leave_every_table() -> None:
    for family in product_families():
        evidence = gather(related_families(family, product_families()))
        rows = [*evidence.steps, *evidence.links, *evidence.clocks, *evidence.powers]
        assert family not in {r.family for r in rows}


def test_unused_rows_say_why() -> None:
    for model in (*silicon_dies.TABLES, *silicon_electrical.TABLES):
        rows = read_silicon(model)
        assert rows
        assert all(row.kept or row.reason for row in rows), model.table
        assert all(row.source for row in rows if hasattr(row, "source")), model.table


def test_start_does_not_change_the_optimum() -> None:
    again = fit_electrical(start=fit())
    assert again.vector == pytest.approx(fit().vector, abs=1e-4)


def test_tables_cover_every_node_that_ships() -> None:
    tables = electrical_tables(fit())
    assert set(tables) <= set(load_nodes().names)
    anchor = tables["tsmc-n7"]["switched_cap_relative"]
    assert anchor["central"] == pytest.approx(1.0, abs=1e-3)
    assert all(f["low"] < f["central"] < f["high"] for fields in tables.values() for f in fields.values())


@pytest.mark.parametrize(
    ("group", "median", "rows"), [(fit_electrical_rows.POWER, 0.11, 20), (fit_electrical_rows.CLOCK, 0.07, 20)]
)
def test_targets(cases, group: str, median: float, rows: int) -> None:
    errors = [abs(c.error) for c in cases if c.group == group]
    assert len(errors) >= rows
    assert np.median(errors) <= median

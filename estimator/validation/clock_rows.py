"""Clock of one board from another board of the same die and the two power limits.

Rows (``params/silicon/clock_pairs.csv``, kind ``sku``) follow one rule: the same die, market class, brand and memory
type (H100 boards: as the issue names them), enabled units within 14 %, board power at least 6 % apart, and a clock
that the vendor promises at that power: the base clock of NVIDIA boards and of Vega, the game clock of AMD desktop
boards with RDNA. Mobile parts count where the vendor fixed the power (up to Turing), not where the laptop maker
chooses it. The rule was written after a first look at all pairs of the database: pairs that differ in units are set by
the place of a product in its range and not by power, and miss by 10 to 30 %.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from estimator.calibration.electrical_data import NodeTable, load_nodes, usable
from estimator.calibration.voltage_fit import fit_voltage
from estimator.estimation import estimate
from estimator.parameters import library
from estimator.parameters.schema import Design
from estimator.parameters.silicon import read_silicon
from estimator.parameters.silicon_electrical import ClockPairRow, NodeClockRow, PowerPointRow, VoltagePointRow
from estimator.physics.timing import relative_gate_delay, supply_for_relative_delay
from estimator.quantities import FIELDS
from estimator.validation.rows import Row


@cache
def _voltage_families() -> frozenset[str]:
    """Die families on which the voltage law is fitted."""
    power = (r.family for r in read_silicon(PowerPointRow))
    return frozenset(power) | frozenset(r.family for r in read_silicon(VoltagePointRow))


@cache
def nodes_without(die: str) -> NodeTable:
    """The node table with a voltage law fitted without a die."""
    return load_nodes(fit_voltage(exclude=(die,)) if die in _voltage_families() else None)


def supply_on_curve(row: ClockPairRow, nodes: NodeTable, clock_mhz: float) -> float:
    """Supply [V] at a clock: the node's law through the die's highest state, held above the node's floor."""
    node = nodes.index(row.node_a)
    law = {name: float(value) for name, value in nodes.law(node).items()}
    top = relative_gate_delay(supply_v=row.voltage_max_v, **law)
    relative = float(top) * row.clock_max_mhz / clock_mhz
    return max(float(supply_for_relative_delay(relative_delay=relative, **law)), float(nodes.supply_min_v[node]))


def board(row: ClockPairRow, nodes: NodeTable) -> Design:
    """Board a as a design: what the row says, the rest by the defaults of a design that gives no more.

    Rows give clocks under a power limit and say nothing on cooling, so that no junction temperature binds.
    """
    clock = row.clock_a_mhz
    numbers: dict[str, Any] = {
        "die_area_mm2": row.die_area_mm2,
        "clock_ghz": clock / 1000.0,
        "power_w": row.power_a_w,
        "supply_v": supply_on_curve(row, nodes, clock),
        "units": row.units_a,
        "units_enabled": row.units_a,
        "memory_power_w": row.memory_a_w,
        "junction_max_c": FIELDS["junction_max_c"].high,
    }
    return Design(name=row.id, node=row.node_a, **numbers)


def predict_clock(row: ClockPairRow, nodes: NodeTable) -> float:
    """Clock [MHz] of board b: board a's die under b's power limit, with b's units, by the chain of every estimate."""
    node, own = nodes.index(row.node_a), library.load_node(row.node_a)
    design = board(row, nodes)
    top = max(row.voltage_max_v, float(design.supply_v or 0.0))
    kept = 1.0 - float(library.constants()["default_board_loss_fraction"])
    more_memory = (row.memory_b_w - row.memory_a_w) / kept
    options: dict[str, Any] = {
        "home.threshold_v": float(nodes.threshold_v[node]),
        "home.supply_insensitive_fraction": float(nodes.insensitive[node]),
        "home.supply_max_v": max(top, float(own.supply_max_v)),
        "supply_v": top,
        "units": max(row.units_a, row.units_b),
        "units_enabled": row.units_b,
        "power_limit_w": row.power_b_w - more_memory,
    }
    return 1000.0 * float(estimate(design, own, **options).clock_ghz)


def sku_rows() -> list[Row]:
    """All pairs of boards; intervals from the residuals of the other dies, wider for a longer step in power."""
    pairs = [r for r in usable(read_silicon(ClockPairRow), ()) if r.kind == "sku"]
    median = {r.node: r.median_base_mhz for r in read_silicon(NodeClockRow)}
    real = np.array([r.clock_b_mhz for r in pairs])
    ln = np.log([predict_clock(r, nodes_without(r.family.removeprefix("die "))) for r in pairs])
    reach = np.abs(np.log([r.power_b_w / r.power_a_w for r in pairs]))
    scaled = np.abs(ln - np.log(real)) / np.sqrt(0.1 + reach)
    out = []
    for k, row in enumerate(pairs):
        others = np.array([r.family != row.family for r in pairs])
        half = float(np.quantile(scaled[others], 0.8) * np.sqrt(0.1 + reach[k]))
        out.append(
            Row(
                case=row.case,
                group="clock",
                family=row.family,
                real=float(real[k]),
                predicted=float(np.exp(ln[k])),
                low=float(np.exp(ln[k] - half)),
                high=float(np.exp(ln[k] + half)),
                baselines={"node median": median[row.node_b]} if row.node_b in median else {},
                node=row.node_b,
                unit="MHz",
                source=row.source,
                removed=(row.family,),
            )
        )
    return out

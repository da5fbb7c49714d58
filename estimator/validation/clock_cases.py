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

import numpy as np

from estimator.calibration.electrical_data import FloatArray, NodeTable, Row, load_nodes, number, read_table, usable
from estimator.calibration.voltage_data import read_rows
from estimator.calibration.voltage_fit import fit_voltage
from estimator.timing import relative_gate_delay, supply_for_relative_delay
from estimator.validation.case import Case

BOARD_LOSS = 0.08  # regulators, share of board power (estimate: 90 to 94 % efficient)
LEAKAGE_W_MM2 = 0.04  # at 1 V and operating temperature (estimate, middle of the nodes' logic and SRAM)


@cache
def _voltage_families() -> frozenset[str]:
    """Die families on which the voltage law is fitted."""
    return frozenset(r["family"] for name in ("power_points.csv", "vf_points.csv") for r in read_rows(name))


@cache
def nodes_without(die: str) -> NodeTable:
    """The node table with a voltage law fitted without a die."""
    return load_nodes(fit_voltage(exclude=(die,)) if die in _voltage_families() else None)


def _law(nodes: NodeTable, node: int) -> dict[str, float]:
    return {
        "nominal_supply_v": float(nodes.supply_v[node]),
        "threshold_v": float(nodes.threshold_v[node]),
        "supply_insensitive_fraction": float(nodes.insensitive[node]),
    }


def supply_on_curve(row: Row, nodes: NodeTable, clock_mhz: FloatArray) -> FloatArray:
    """Supply [V] at a clock: the node's law through the die's highest state, held above the node's floor."""
    node = nodes.index(row["node_a"])
    law = _law(nodes, node)
    top = relative_gate_delay(supply_v=number(row, "voltage_max_v"), **law)
    relative = float(top) * number(row, "clock_max_mhz") / clock_mhz
    supply = np.asarray(supply_for_relative_delay(relative_delay=relative, **law))
    out: FloatArray = np.maximum(supply, nodes.supply_min_v[node])
    return out


def board_power(row: Row, nodes: NodeTable, side: str, clock_mhz: FloatArray, per_unit: float) -> FloatArray:
    """Board power [W]: memory, leakage and ``per_unit`` x units x clock x supply squared, over the regulators."""
    supply = supply_on_curve(row, nodes, clock_mhz)
    leakage = LEAKAGE_W_MM2 * number(row, "die_area_mm2") * supply
    dynamic = per_unit * number(row, f"units_{side}") * clock_mhz * supply**2
    return (number(row, f"memory_{side}_w") + leakage + dynamic) / (1.0 - BOARD_LOSS)


def predict_clock(row: Row, nodes: NodeTable) -> float:
    """Clock [MHz] of board b from board a: what a's power leaves for switching sets the capacitance."""
    clock_a = np.array([number(row, "clock_a_mhz")])
    rest = float(board_power(row, nodes, "a", clock_a, 0.0)[0])
    supply = float(supply_on_curve(row, nodes, clock_a)[0])
    switching = (number(row, "power_a_w") - rest) * (1.0 - BOARD_LOSS)
    per_unit = switching / (number(row, "units_a") * float(clock_a[0]) * supply**2)
    low, high = 50.0, 1.2 * number(row, "clock_max_mhz")
    for _ in range(60):
        middle = 0.5 * (low + high)
        drawn = float(board_power(row, nodes, "b", np.array([middle]), per_unit)[0])
        low, high = (middle, high) if drawn < number(row, "power_b_w") else (low, middle)
    return 0.5 * (low + high)


def sku_cases() -> list[Case]:
    """All pairs of boards; intervals from the residuals of the other dies, wider for a longer step in power."""
    rows = [r for r in usable(read_table("clock_pairs.csv"), ()) if r["kind"] == "sku"]
    median = {r["node"]: number(r, "median_base_mhz") for r in read_table("node_clocks.csv")}
    real = np.array([number(r, "clock_b_mhz") for r in rows])
    ln = np.log([predict_clock(r, nodes_without(r["family"].removeprefix("die "))) for r in rows])
    reach = np.abs(np.log([number(r, "power_b_w") / number(r, "power_a_w") for r in rows]))
    scaled = np.abs(ln - np.log(real)) / np.sqrt(0.1 + reach)
    out = []
    for k, row in enumerate(rows):
        others = np.array([r["family"] != row["family"] for r in rows])
        half = float(np.quantile(scaled[others], 0.8) * np.sqrt(0.1 + reach[k]))
        out.append(
            Case(
                case=row["case"],
                group="clock",
                family=row["family"],
                real=float(real[k]),
                predicted=float(np.exp(ln[k])),
                low=float(np.exp(ln[k] - half)),
                high=float(np.exp(ln[k] + half)),
                baselines={"node median": median[row["node_b"]]} if row["node_b"] in median else {},
                node=row["node_b"],
                unit="MHz",
                source=row["source"],
                removed=(row["family"],),
            )
        )
    return out

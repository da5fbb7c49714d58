"""Clock of one board from another board of the same die and the two power limits.

Rows (``params/silicon/clock_pairs.csv``, kind ``sku``) follow one rule: the same die, market class, brand and memory
type (H100 boards: as the issue names them), enabled units within 14 %, board power at least 6 % apart, and a clock
that the vendor promises at that power: the base clock of NVIDIA boards and of Vega, the game clock of AMD desktop
boards with RDNA. Mobile parts count where the vendor fixed the power (up to Turing), not where the laptop maker
chooses it. The rule was written after a first look at all pairs of the database: pairs that differ in units are set by
the place of a product in its range and not by power, and miss by 10 to 30 %.
"""

from __future__ import annotations

from typing import Any

from estimator.calibration.electrical_data import usable
from estimator.parameters import library
from estimator.parameters.schema import Node
from estimator.parameters.silicon import read_silicon
from estimator.parameters.silicon_electrical import ClockPairRow, NodeClockRow
from estimator.physics.timing import relative_gate_delay, supply_for_relative_delay
from estimator.quantities import FIELDS
from estimator.validation.asking import ask, limit_field, picked
from estimator.validation.held_out import laid, voltage_without
from estimator.validation.rows import Row

BOARDS = "clock of another board of one die"


def supply_on_curve(row: ClockPairRow, node: Node) -> float:
    """Supply [V] of board a: the node's law through the die's highest state, no lower than parts of the node run under load."""
    law = {
        "nominal_supply_v": float(node.supply_v),
        "threshold_v": float(node.threshold_v),
        "supply_insensitive_fraction": float(node.supply_insensitive_fraction),
    }
    top = relative_gate_delay(supply_v=row.voltage_max_v, **law)
    relative = float(top) * row.clock_max_mhz / row.clock_a_mhz
    floor = float(library.constants()["supply_floor_of_nominal"]) * float(node.supply_v)
    return max(float(supply_for_relative_delay(relative_delay=relative, **law)), floor)


def board(row: ClockPairRow, node: Node) -> dict[str, Any]:
    """Board a as fields of a `Design`: what the row says, the rest by the defaults of a design that gives no more.

    Rows give clocks under a power limit and say nothing on cooling, so that no junction temperature binds.
    """
    return {
        "name": row.case,
        "node": row.node_a,
        "die_area_mm2": row.die_area_mm2,
        "clock_ghz": row.clock_a_mhz / 1000.0,
        "power_w": row.power_a_w,
        "supply_v": supply_on_curve(row, node),
        "units": row.units_a,
        "units_enabled": row.units_a,
        "memory": row.memory,
        "memory_power_w": row.memory_a_w,
        "junction_max_c": FIELDS["junction_max_c"].high,
        **limit_field(row.power_a_w),
    }


def options_of(row: ClockPairRow, known: dict[str, Any], node: Node) -> dict[str, Any]:
    """Options that make board b of board a: its units, its power limit less what its memory draws more, the die's top supply."""
    top = max(row.voltage_max_v, float(known["supply_v"]))
    kept = 1.0 - float(library.constants()["default_board_loss_fraction"])
    options: dict[str, Any] = {
        "supply_v": top,
        "units": max(row.units_a, row.units_b),
        "units_enabled": row.units_b,
        "power_limit_w": row.power_b_w - (row.memory_b_w - row.memory_a_w) / kept,
    }
    if top > node.supply_max_v:
        options["home.supply_max_v"] = top
    return options


def sku_rows() -> list[Row]:
    """Clock [MHz] of each board b, the voltage law fitted without its die."""
    pairs = [r for r in usable(read_silicon(ClockPairRow), ()) if r.kind == "sku"]
    median = {r.node: r.median_base_mhz for r in read_silicon(NodeClockRow)}
    out = []
    for family in dict.fromkeys(r.family for r in pairs):
        with laid(voltage_without(family.removeprefix("die "))):
            out += [_row(r, median) for r in pairs if r.family == family]
    return out


def _row(row: ClockPairRow, median: dict[str, float]) -> Row:
    node = library.load_node(row.node_a)
    known = board(row, node)
    said = ask(
        known, row.node_a, picked("clock_ghz", 1000.0), said=".clock_ghz * 1000", options=options_of(row, known, node)
    )
    rules = {
        "unchanged": row.clock_a_mhz,
        "P^(1/3)": row.clock_a_mhz * (row.power_b_w / row.power_a_w * row.units_a / row.units_b) ** (1.0 / 3.0),
    }
    return Row(
        case=row.case,
        group=BOARDS,
        family=row.family,
        real=row.clock_b_mhz,
        predicted=said.value,
        low=said.low,
        high=said.high,
        source=row.source,
        removed=(row.family,),
        baselines={**rules, **({"node median": median[row.node_b]} if row.node_b in median else {})},
        node=row.node_b,
        unit="MHz",
        note=said.note,
        call=said.call,
        split=row.split,
    )

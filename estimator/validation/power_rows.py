"""Power, clock and voltage of one card: asked from what its user knows, with the voltage law fitted without its family."""

from __future__ import annotations

import math
from typing import Any

from estimator.calibration.priors import expected
from estimator.parameters.silicon import known, read_silicon
from estimator.parameters.silicon_electrical import BoardRow, PowerPointRow, VoltagePointRow
from estimator.validation.asking import Answer, ask, limit_field, picked, speed, workload_field, workload_option
from estimator.validation.held_out import laid, voltage_without
from estimator.validation.rows import Row

LOCKED, CAP, SUPPLY = "board power at a locked clock", "clock or speed under a cap", "voltage for a clock"
GROUPS = (LOCKED, CAP, SUPPLY)


def anchor_clock_mhz(row: PowerPointRow, board: BoardRow) -> float:
    """Clock of a card's own top point: as measured, else its boost clock, or half-way from base if power binds it."""
    boost = board.boost_clock_mhz
    if row.kind == "cap" and row.workload_class == "decode":
        return known(row.clock_mhz, boost)  # the memory, not the power, holds a decode run back
    bound = row.power_w > expected("voltage_rules", "power_bound_share") * board.power_limit_w
    return known(row.clock_mhz, 0.5 * (board.base_clock_mhz + boost) if bound else boost)


def card(board: BoardRow, anchor: PowerPointRow) -> dict[str, Any]:
    """Fields of a `Design`: node, area, published clock and power, memory, units, the board's limit and a workload word."""
    out: dict[str, Any] = {"name": board.board, "node": board.node}
    if board.dies > 1:
        out["dies"] = ({"name": "die", "role": "compute", "count": int(board.dies), "area_mm2": board.die_area_mm2},)
    else:
        out["die_area_mm2"] = board.die_area_mm2
    out |= {"clock_ghz": anchor_clock_mhz(anchor, board) / 1000.0, "power_w": anchor.power_w, "memory": board.memory}
    out["memory_bw_gb_s"] = board.memory_gb_s
    if math.isfinite(board.units):  # blank: not public
        out["units"] = board.units
    if board.memory.startswith("hbm"):
        out["package"] = "cowos-s" if board.dies == 1 else "cowos-l"
    return out | limit_field(board.power_limit_w) | workload_field(anchor.workload_class)


def power_rows() -> list[Row]:
    """Rows of power at a locked clock [W], and of clock [MHz] or speed (over the anchor's) under a cap."""
    boards = {row.board: row for row in read_silicon(BoardRow)}
    points = [row for row in read_silicon(PowerPointRow) if row.used]
    anchors = {(r.board, r.workload, r.kind): r for r in points if r.anchor}
    asked = [r for r in points if not r.anchor]
    found: dict[int, Row] = {}
    for family in dict.fromkeys(r.family for r in asked):
        with laid(voltage_without(family)):
            for k, row in enumerate(asked):
                if row.family == family:
                    found[k] = _power_row(row, anchors[row.board, row.workload, row.kind], boards[row.board])
    return [found[k] for k in range(len(asked))]


def _power_row(row: PowerPointRow, anchor: PowerPointRow, board: BoardRow) -> Row:
    fields, word = card(board, anchor), workload_option(row.workload_class)
    clock, ratio = float(fields["clock_ghz"]), row.power_w / anchor.power_w
    if row.kind == "locked":
        given = row.clock_mhz / 1000.0
        said = ask(fields, board.node, picked("power_w"), said=".power_w", options={"clock_ghz": given, **word})
        real, unit, rules = (
            row.power_w,
            "W",
            {"f^3": anchor.power_w * (given / clock) ** 3, "f": anchor.power_w * given / clock},
        )
    else:
        options = {"power_limit_w": row.power_w, **word}
        if row.kind == "clock-cap":
            said = ask(fields, board.node, picked("clock_ghz", 1000.0), said=".clock_ghz * 1000", options=options)
            real, unit, top = row.clock_mhz, "MHz", 1000.0 * clock
        else:
            text, pick = speed(clock)
            said = ask(fields, board.node, pick, said=text, options=options)
            real, unit, top = row.relative_performance / anchor.relative_performance, "1", 1.0
        rules = {"P^(1/3)": top * ratio ** (1.0 / 3.0), "unchanged": top}
    return _row(
        row, said, group=LOCKED if row.kind == "locked" else CAP, real=real, unit=unit, rules=rules, node=board.node
    )


def _row(
    row: PowerPointRow, said: Answer, *, group: str, real: float, unit: str, rules: dict[str, float], node: str
) -> Row:
    return Row(
        case=row.case,
        group=group,
        family=row.family,
        real=real,
        predicted=said.value,
        low=said.low,
        high=said.high,
        source=row.url or row.source,
        removed=(row.family,),
        baselines=rules,
        node=node,
        unit=unit,
        note="; ".join(n for n in (row.mark, said.note) if n),
        call=said.call,
        split=row.split,
    )


def supply_rows() -> list[Row]:
    """Rows of the supply [V] at a clock below a chip's highest state of which clock and voltage are known."""
    chips: dict[str, list[VoltagePointRow]] = {}
    for row in read_silicon(VoltagePointRow):
        if row.used:
            chips.setdefault(row.chip, []).append(row)
    out = []
    for points in chips.values():
        top = max(points, key=lambda r: (r.clock_mhz, r.voltage_v))
        with laid(voltage_without(top.family)):
            out += [_supply_row(row, top) for row in points if row.clock_mhz < top.clock_mhz]
    return out


def _supply_row(row: VoltagePointRow, top: VoltagePointRow) -> Row:
    fields: dict[str, Any] = {
        "name": row.chip,
        "node": row.node,
        "die_area_mm2": row.die_area_mm2,
        "clock_ghz": top.clock_mhz / 1000.0,
        "power_w": row.power_w,
        "memory": row.memory,
        "supply_v": top.voltage_v,
        **workload_field("graphics"),
    }
    options = {"clock_ghz": row.clock_mhz / 1000.0, **workload_option("graphics")}
    said = ask(fields, row.node, picked("supply_v"), said=".supply_v", options=options)
    return Row(
        case=f"{row.chip} {row.clock_mhz:g} MHz",
        group=SUPPLY,
        family=row.family,
        real=row.voltage_v,
        predicted=said.value,
        low=said.low,
        high=said.high,
        source=row.url or row.source,
        removed=(row.family,),
        baselines={
            "voltage as clock": top.voltage_v * row.clock_mhz / top.clock_mhz,
            "unchanged": top.voltage_v,
            "half of the step": top.voltage_v * 0.5 * (1.0 + row.clock_mhz / top.clock_mhz),
        },
        node=row.node,
        unit="V",
        note="; ".join(n for n in (row.note, said.note) if n),
        call=said.call,
        split=row.split,
    )


def unused_rows() -> list[tuple[str, str, str]]:
    """Rows kept out, as (table, case, reason)."""
    power = [("power_points", r.case, r.reason) for r in read_silicon(PowerPointRow) if not r.used]
    supply = [("vf_points", f"{r.chip} {r.voltage_v} V", r.reason) for r in read_silicon(VoltagePointRow) if not r.used]
    return power + supply

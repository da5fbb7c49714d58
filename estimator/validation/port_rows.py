"""Ports: area, power at equal clock, and clock of one design on another process, each asked of `estimate` without its family."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from estimator.calibration.area_data import Port, ShippedDie, dies, ports
from estimator.calibration.electrical_data import load_nodes, usable
from estimator.calibration.port_fit import family_dies
from estimator.errors import EstimatorError
from estimator.estimation import estimate
from estimator.parameters import library
from estimator.parameters.schema import Design
from estimator.parameters.silicon import known, read_silicon
from estimator.parameters.silicon_dies import PairRow
from estimator.parameters.silicon_electrical import ClockPairRow, NodeClockRow, PortPowerRow
from estimator.quantities import FIELDS
from estimator.uses.die_area import DieArea, die_area
from estimator.validation import asking
from estimator.validation.area_baselines import port_baselines
from estimator.validation.asking import ask, draws, ends, picked, shown_call, workload_field
from estimator.validation.electrical_baselines import face_value_power
from estimator.validation.held_out import electrical_without, laid, ports_without, product_families, related_families
from estimator.validation.rows import Row

AREA, POWER, CLOCK = "area of a port", "power of a port at equal clock", "clock of a family carried over"
GROUPS = (AREA, POWER, CLOCK)
TOP, MOST_SUPPLY_V = "node.supply_max_v", float(FIELDS["supply_max_v"].high)
STAND_IN: dict[str, Any] = {"die_area_mm2": 60.0, "power_w": 18.0, "memory": "gddr5", "units": 4.0}
"""A small die at 0.3 W/mm2, as most of these chips draw, that stands in where a row gives no area and no power."""


def counted_area(die: ShippedDie) -> DieArea:
    """Area and composition of a shipped die by `estimator.die_area`, from its count, caches and interfaces."""
    return die_area(
        transistors_mtr=die.transistors_mtr,
        node=die.node if die.node in library.names("node") else die.node.replace("umc", "tsmc"),
        maker=die.vendor,
        sram_mbyte=die.sram_mbit / 8.388608,
        memory_bus_bits=die.bus_bits,
        hbm=die.memory_type.startswith("HBM"),
        links=die.links,
        pcie_lanes=die.pcie_lanes,
    )


def _home(port: Port) -> dict[str, Any]:
    """Fields of the design at home: the first chip with what the second has more of, and its composition by area."""
    area = 100.0 if math.isnan(port.area_a_mm2) else port.area_a_mm2
    sram, analog, content, interfaces = port.sram_fraction, port.analog_fraction, port.content, port.analog_content
    if math.isnan(sram):
        first, second = (counted_area(next(d for d in dies() if d.chip == name)) for name in port.dies[:2])
        sram, analog = first.sram_mm2 / area, first.analog_mm2 / area
        factors = [float(library.load_node(n).analog_area_factor) for n in (port.node_a, port.node_b)]
        interfaces = (second.analog_mm2 / factors[1]) / (first.analog_mm2 / factors[0])
        content = port.transistors_b_mtr / port.transistors_a_mtr
    parts = {"logic": (1 - sram - analog) * content, "sram": sram * port.sram_content, "analog": analog * interfaces}
    whole = sum(parts.values())
    return {
        "name": port.design,
        "node": port.node_a,
        "die_area_mm2": area * whole,
        **{f"{name}_fraction": part / whole for name, part in parts.items()},
        "clock_ghz": 0.3,  # the area depends on neither clock nor power
        "power_w": 0.05 * area,
    }


def area_rows() -> list[Row]:
    """Area of every port of purity A and B over that at home, its family in no fit."""
    splits = {row.id: row for row in read_silicon(PairRow)}
    out = []
    for family in dict.fromkeys(p.family for p in ports()):
        with laid(ports_without(family)):
            rows = [p for p in ports() if p.family == family]
            out += [_area_row(p, tuple(r.id for r in rows) + family_dies([family]), splits[p.id]) for p in rows]
    return out


def _area_row(port: Port, removed: tuple[str, ...], row: PairRow) -> Row:
    fields = _home(port)
    area = 100.0 if math.isnan(port.area_a_mm2) else port.area_a_mm2
    options = {"layout": "redesign" if port.kind == "redesign" else "port"}
    said = ask(
        fields, port.node_b, picked("die_area_mm2", 1.0 / area), said=f".die_area_mm2 / {area:g}", options=options
    )
    return Row(
        case=f"{port.id} {port.design}",
        group=AREA,
        family=port.family,
        real=port.area_ratio,
        predicted=said.value,
        low=said.low,
        high=said.high,
        source=port.source,
        removed=removed,
        baselines=port_baselines(port),
        node=f"{port.node_a} > {port.node_b}",
        note="; ".join(n for n in (f"layout: {port.kind}", row.changed, said.note) if n),
        call=said.call,
        split=row.split,
    )


def _die_power(side: Any) -> Any:
    return side["power_dynamic_w"] + side["power_leakage_w"]


def power_rows() -> list[Row]:
    """Power of ported chips, b over a: their dies by `estimate`, the fixed rest as published or measured."""
    nodes = load_nodes()
    out = []
    for row in (r for r in usable(read_silicon(PortPowerRow), ()) if _in_library(r)):
        removed = related_families(row.family, product_families())
        with laid(electrical_without(removed)):
            out.append(_power_row(row, removed, face_value_power(row, nodes)))
    return out


def _in_library(row: PortPowerRow) -> bool:
    return all(n in library.names("node") for n in (row.node_a, row.node_b, row.node_a2, row.node_b2) if n)


def _power_row(row: PortPowerRow, removed: tuple[str, ...], face_value: float) -> Row:
    parts = [(row.share_1, row.node_a, row.node_b)]
    if row.node_a2:
        parts.append((row.share_2, row.node_a2, row.node_b2))
    fixed = row.fixed_share * row.fixed_ratio
    total, sampled = fixed, []
    calls, notes = [f"{fixed:.4g}"] if fixed else [], []
    for share, home, node in parts:
        value, drawn, call, note = _part(row, home, node)
        total += share * value
        sampled.append(share * drawn)
        calls.append(f"{share:g} * {call}")
        notes += [note] if note else []
    size = min(s.size for s in sampled)
    low, high = ends(np.asarray(fixed + sum(s[:size] for s in sampled)))
    return Row(
        case=f"{row.id} {row.case}",
        group=POWER,
        family=row.family,
        real=row.ratio,
        predicted=total,
        low=low,
        high=high,
        source=row.source,
        removed=removed,
        baselines={"face value": face_value},
        node=f"{row.node_a} > {row.node_b}",
        note="; ".join((row.basis, *notes)),
        call=" + ".join(calls),
        split=row.split,
    )


def _part(
    row: PortPowerRow, home: str, node: str, lifted: dict[str, float] | None = None
) -> tuple[float, Any, str, str]:
    """Power of one die, ported, over that at home: value, samples, call, note.

    The product runs at its clock. Where the process cannot reach it at its usual supply, and the sentence says so, its user
    lifts that (`lifted`).
    """
    fields: dict[str, Any] = {
        "name": row.case,
        "node": home,
        **STAND_IN,
        "clock_ghz": 1.0,
        "memory_power_w": 0.0,
        "io_power_w": 0.0,
        "board_loss_fraction": 0.0,
        "supply_v": row.voltage_a_v,
        "cooling": "cold-plate",
        **workload_field("compute"),
    }
    options: dict[str, Any] = {"layout": "port", "clock_ghz": row.clock_ratio}
    known_v = max(row.voltage_a_v, known(row.voltage_b_v, 0.0))
    if known_v > library.load_node(node).supply_max_v:
        options[TOP] = known_v  # the chip ran at it
    options |= lifted or {}
    call = f"({shown_call(fields, node, options)}: dynamic and leakage power, clone over reference)"
    try:
        est = estimate(Design(**fields), node, samples=asking.SAMPLES or None, **options)
    except EstimatorError as error:
        if "highest supply" in str(error) and options.get(TOP) != MOST_SUPPLY_V:
            return _part(row, home, node, {TOP: MOST_SUPPLY_V})
        return math.nan, np.empty(0), call, f"no answer: {error}"
    sampled = draws(est, lambda c, r: _die_power(c) / _die_power(r)) if est.samples is not None else np.empty(0)
    note = "needs more than the process's highest supply to reach the clock of the product" if lifted else ""
    return float(_die_power(est.clone) / _die_power(est.reference)), sampled, call, note


def clock_rows() -> list[Row]:
    """Clock [MHz] of a family carried to another node at a known voltage, its family in no fit."""
    rows = [r for r in usable(read_silicon(ClockPairRow), ()) if r.kind == "family" and _both(r)]
    median = {r.node: r.median_boost_mhz for r in read_silicon(NodeClockRow)}
    out = []
    for row in rows:
        removed = related_families(row.family, product_families())
        with laid(electrical_without(removed)):
            out.append(_clock_row(row, removed, median))
    return out


def _both(row: ClockPairRow) -> bool:
    return {row.node_a, row.node_b} <= set(library.names("node"))


def _clock_row(row: ClockPairRow, removed: tuple[str, ...], median: dict[str, float]) -> Row:
    home, node = library.load_node(row.node_a), library.load_node(row.node_b)
    fields: dict[str, Any] = {
        "name": row.case,
        "node": row.node_a,
        **STAND_IN,
        "clock_ghz": row.clock_a_mhz / 1000.0,
        "supply_v": row.voltage_a_v,
        "cooling": "cold-plate",
    }
    options: dict[str, Any] = {"supply_v": row.voltage_b_v}
    for scope, supply, own in (("home", row.voltage_a_v, home), ("node", row.voltage_b_v, node)):
        if supply > own.supply_max_v:
            options[f"{scope}.supply_max_v"] = supply
        if supply < own.supply_min_v:
            options[f"{scope}.supply_min_v"] = supply
    said = ask(fields, row.node_b, picked("clock_ghz", 1000.0), said=".clock_ghz * 1000", options=options)
    return Row(
        case=f"{row.id} {row.case}",
        group=CLOCK,
        family=row.family,
        real=row.clock_b_mhz,
        predicted=said.value,
        low=said.low,
        high=said.high,
        source=row.source,
        removed=removed,
        baselines={
            "unchanged": row.clock_a_mhz,
            **({"node median": median[row.node_b]} if row.node_b in median else {}),
        },
        node=row.node_b,
        unit="MHz",
        note="; ".join(n for n in (f"voltages: {row.voltage_basis}", said.note) if n),
        call=said.call,
        split=row.split,
    )


def unused_rows() -> list[tuple[str, str, str]]:
    """Rows that no call predicts: table, row, reason."""
    pairs = [("pairs", f"{r.id} {r.design}", r.reason) for r in read_silicon(PairRow) if not r.kept]
    why = "a process that is not in the library"
    power = [
        ("port_power", f"{r.id} {r.case}", r.reason or why)
        for r in read_silicon(PortPowerRow)
        if not r.kept or not _in_library(r)
    ]
    clock = [("clock_pairs", r.case, r.reason or why) for r in read_silicon(ClockPairRow) if not r.kept or not _both(r)]
    return pairs + power + clock

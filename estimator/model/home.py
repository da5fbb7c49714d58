"""The design taken apart at home, so that it reproduces its published area, clock and power."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from estimator.arrays import Num
from estimator.model.inputs import DieKind, Inputs, Process
from estimator.physics import heat, power, timing

JUNCTION_ROUNDING_K = 1e-6  # so that a limit equal to the published junction temperature does not bind by rounding


@dataclass(frozen=True, slots=True)
class Home:
    """The published point in its parts.

    Attributes
    ----------
    silicon_mm2, unit_area_mm2
        All dies; one compute unit.
    die_power_w, junction_c, leakage_w, dynamic_w
        Power of all dies, their junction temperature, and what of the power leaks or switches.
    leakage_scale
        Leakage over that of the process's densities: below 1 where these give more than the published power allows.
    supply_v
        Supply at the published point: the design's own, or inferred from its clock.
    gate_ns, relative_delay
        Gates of the critical path at that supply; gate delay there over that at nominal supply.
    wire_scale
        Length of a unit's wires over the usual: below 1 where an assumed unit's are longer than its clock allows.
    """

    silicon_mm2: Num
    unit_area_mm2: Num
    die_power_w: Num
    junction_c: Num
    leakage_w: Num
    dynamic_w: Num
    leakage_scale: Num
    supply_v: Num
    gate_ns: Num
    relative_delay: Num
    wire_scale: Num


def take_apart(x: Inputs) -> Home:
    """Take the design at home apart: what does not leak switches; what is not wire on the critical path is gates."""
    d, die = x.design, x.dies[0].numbers
    unit_area = die.unit_area_fraction * die.area_mm2 * die.count / d.units
    period_ns = 1.0 / d.clock_rated_ghz
    wire_scale = 1.0 if x.given.units else _wire_scale(x, period_ns, unit_wire_ns(x, x.home, unit_area))
    supply = d.supply_v if x.given.supply else _inferred_supply(x, unit_wire_ns(x, x.home, unit_area) * wire_scale)
    relative = relative_delay(x.home, supply)
    wire_ns = unit_wire_ns(x, x.home, unit_area, relative) * wire_scale
    if not x.given.units:
        again = _wire_scale(x, period_ns, wire_ns)
        wire_scale, wire_ns = wire_scale * again, wire_ns * again
    die_w, junction, full, leak = _published_heat(x, supply)
    scale = np.where(full > 0, leak / np.where(full > 0, full, 1.0), 1.0)[()]
    return Home(
        silicon(x),
        unit_area,
        die_w,
        junction,
        leak,
        die_w - leak,
        scale,
        supply,
        period_ns - wire_ns,
        relative,
        wire_scale,
    )


def _wire_scale(x: Inputs, period_ns: Num, wire_ns: Num) -> Num:
    """What wires of an assumed unit are shortened by, so that they leave a share of the period to the gates."""
    scale: Num = np.minimum(x.model.wire_share_most * period_ns / wire_ns, 1.0)
    return scale


def _inferred_supply(x: Inputs, wire_ns: Num) -> Num:
    """Supply at the published point, V, of a design that gives none.

    Parts with memory beside them run their top clock at a known supply over nominal, and the published clock says how much
    slower gates may be there than in the process's shipped parts. Accelerators with stacked memory run at much the same supply
    whatever their clock.
    """
    d, node, m = x.design, x.home, x.model
    top = m.supply_top_of_nominal * node.supply_v
    if x.stacked_memory:
        inferred = m.stack_supply_of_nominal * node.supply_v
    else:
        metal = wire_ns * (1.0 - m.repeater_fraction)
        shipped = 1.0 / node.clock_shipped_ghz - metal
        slower = np.where(shipped > 0, (1.0 / d.clock_rated_ghz - metal) / np.where(shipped > 0, shipped, 1.0), 1.0)
        inferred = timing.supply_for_relative_delay(
            relative_delay=np.maximum(slower, 0.0) * relative_delay(node, top),
            nominal_supply_v=node.supply_v,
            threshold_v=node.threshold_v,
            supply_insensitive_fraction=node.supply_insensitive_fraction,
        )
    supply: Num = np.clip(inferred, np.minimum(supply_floor(x, node), top), top)
    return supply


def supply_floor(x: Inputs, process: Process) -> Num:
    """Lowest supply of the product under load on a process, V: its own share of nominal supply, within the process's range.

    The usual floor is that of graphics cards and accelerators. A chip without memory of its own (a phone, console or host
    processor) has none that is known, and goes as low as the process; nor does an assumed floor lie above a stated supply.
    """
    d, m = x.design, x.model
    if x.given.floor:
        share = d.supply_floor_v / x.home.supply_v
    elif not x.given.memory:
        return process.supply_min_v
    elif x.given.supply:
        share = np.minimum(m.supply_floor_of_nominal, d.supply_v / x.home.supply_v)
    else:
        share = m.supply_floor_of_nominal
    floor: Num = np.clip(share * process.supply_v, process.supply_min_v, process.supply_max_v)
    return floor


def _published_heat(x: Inputs, supply: Num) -> tuple[Num, Num, Num, Num]:
    """Die power (W), junction (C), leakage by area and leakage (W) at the published point, under its own workload."""
    d, m = x.design, x.model
    resistance = heat.thermal_resistance(
        resistance_sink_k_w=x.home_cooling.resistance_sink_k_w,
        resistance_area_k_mm2_w=x.home_cooling.resistance_area_k_mm2_w,
        footprint_mm2=footprint(x),
    ) + buried_resistance(x, home_areas(x))
    with np.errstate(over="ignore", invalid="ignore"):
        die_w = d.power_w * (1.0 - d.board_loss_fraction) - d.traffic_fraction * d.memory_power_w - d.io_power_w
        junction = x.home_cooling.coolant_c + die_w * resistance
        full = sum_of(_leakage_at_reference(kind) for kind in x.dies) * power.leakage_factor(
            supply_v=supply,
            nominal_supply_v=x.home.supply_v,
            junction_c=junction,
            leakage_voltage_scale_v=m.leakage_voltage_scale_v,
            leakage_doubling_k=m.leakage_doubling_k,
        )
        stable = m.leakage_doubling_k / (math.log(2.0) * resistance)
        leak = np.minimum(full, np.minimum(m.leakage_power_most * die_w, m.leakage_gain_most * stable))
    return die_w, junction, full, leak


def sum_of(parts: Iterable[Num]) -> Num:
    """Sum of numbers or arrays, without a zero to start from."""
    first, *rest = parts
    for part in rest:
        first = first + part
    return first


def home_areas(x: Inputs) -> list[Num]:
    """Silicon of each kind of die at home, mm2."""
    return [k.numbers.area_mm2 * k.numbers.count for k in x.dies]


def silicon(x: Inputs) -> Num:
    """Silicon of the design at home, mm2."""
    return sum_of(home_areas(x))


def footprint(x: Inputs) -> Num:
    """Area from which the design's heat leaves, mm2: of dies that lie on each other that of the widest layer."""
    return heat.stack_footprint(areas_mm2=home_areas(x), on=[k.on for k in x.dies])


def power_shares(x: Inputs) -> list[Num]:
    """Share of the dynamic power at home in each kind of die."""
    others = [x.design.io_die_power_fraction * k.numbers.power_weight for k in x.dies[1:]]
    return [1.0 - sum_of(others) if others else 1.0, *others]


def buried_resistance(x: Inputs, areas_mm2: list[Num]) -> Num:
    """What dies that lie under others add to the resistance from junction to coolant, K/W, at given areas of all kinds."""
    on = [k.on for k in x.dies]
    if all(below is None for below in on):
        return 0.0
    return heat.stack_resistance(
        areas_mm2=areas_mm2,
        on=on,
        shares=power_shares(x),
        bond_resistance_k_mm2_w=x.model.bond_resistance_k_mm2_w,
    )


def _leakage_at_reference(kind: DieKind) -> Num:
    all_dies = kind.numbers.area_mm2 * kind.numbers.count
    return power.leakage_at_reference(
        logic_area_mm2=all_dies * kind.numbers.logic_fraction,
        sram_area_mm2=all_dies * kind.numbers.sram_fraction,
        leakage_logic_w_mm2=kind.home.leakage_logic_w_mm2,
        leakage_sram_w_mm2=kind.home.leakage_sram_w_mm2,
    )


def relative_delay(process: Process, supply_v: Num) -> Num:
    """Gate delay of a process at a supply, over that at its nominal supply."""
    relative: Num = timing.relative_gate_delay(
        supply_v=supply_v,
        nominal_supply_v=process.supply_v,
        threshold_v=process.threshold_v,
        supply_insensitive_fraction=process.supply_insensitive_fraction,
    )
    return relative


def unit_wire_ns(x: Inputs, process: Process, unit_area_mm2: Num, relative_gate_delay: Num = 1.0) -> Num:
    """Delay (ns) of the wires on a compute unit's critical path, at a relative gate delay of the process."""
    delay_ps: Num = timing.wire_delay_ps(
        length_mm=x.model.wire_reach_fraction * np.sqrt(unit_area_mm2),
        wire_delay_ps_mm=process.wire_delay_ps_mm,
        relative_gate_delay=relative_gate_delay,
        repeater_fraction=x.model.repeater_fraction,
    )
    return delay_ps / 1000.0

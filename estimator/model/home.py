"""The design taken apart at home, so that it reproduces its published area, clock and power."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from estimator.arrays import Num
from estimator.model.inputs import DieKind, Inputs, Process
from estimator.physics import heat, power, timing


@dataclass(frozen=True, slots=True)
class Home:
    """The published point in its parts.

    Attributes
    ----------
    silicon_mm2, unit_area_mm2
        All dies; one compute unit.
    die_power_w, junction_c, leakage_w, dynamic_w
        Power of all dies, their junction temperature, and what of the power leaks or switches.
    gate_ns, relative_delay
        Gates of the critical path at the published supply; gate delay there over that at nominal supply.
    """

    silicon_mm2: Num
    unit_area_mm2: Num
    die_power_w: Num
    junction_c: Num
    leakage_w: Num
    dynamic_w: Num
    gate_ns: Num
    relative_delay: Num


def published_heat(x: Inputs) -> tuple[Num, Num, Num]:
    """Die power (W), junction temperature (C) and leakage (W) of the design at its published point."""
    d = x.design
    with np.errstate(over="ignore", invalid="ignore"):
        die_w = d.power_w * (1.0 - d.board_loss_fraction) - d.memory_power_w - d.io_power_w
        junction = x.home_cooling.coolant_c + die_w * heat.thermal_resistance(
            resistance_sink_k_w=x.home_cooling.resistance_sink_k_w,
            resistance_area_k_mm2_w=x.home_cooling.resistance_area_k_mm2_w,
            footprint_mm2=footprint(x),
        )
        leak = sum_of(_leakage_at_reference(kind) for kind in x.dies) * power.leakage_factor(
            supply_v=d.supply_v,
            nominal_supply_v=x.home.supply_v,
            junction_c=junction,
            leakage_voltage_scale_v=x.model.leakage_voltage_scale_v,
            leakage_doubling_k=x.model.leakage_doubling_k,
        )
    return die_w, junction, leak


def take_apart(x: Inputs) -> Home:
    """Take the design at home apart: what does not leak switches; what is not wire on the critical path is gates."""
    d, die = x.design, x.dies[0].numbers
    die_w, junction, leak = published_heat(x)
    unit_area = die.unit_area_fraction * die.area_mm2 * die.count / d.units
    relative = relative_delay(x.home, d.supply_v)
    gate_ns = 1.0 / d.clock_ghz - unit_wire_ns(x, x.home, unit_area, relative)
    return Home(silicon(x), unit_area, die_w, junction, leak, die_w - leak, gate_ns, relative)


def sum_of(parts: Iterable[Num]) -> Num:
    """Sum of numbers or arrays, without a zero to start from."""
    first, *rest = parts
    for part in rest:
        first = first + part
    return first


def silicon(x: Inputs) -> Num:
    """Silicon of the design at home, mm2."""
    total: Num = sum_of(k.numbers.area_mm2 * k.numbers.count for k in x.dies)
    return total


def footprint(x: Inputs) -> Num:
    """Area from which the design's heat leaves, mm2: that of the larger layer where dies are stacked."""
    if x.stacked:
        first, second = (k.numbers.area_mm2 * k.numbers.count for k in x.dies[:2])
        return np.maximum(first, second)
    return silicon(x)


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

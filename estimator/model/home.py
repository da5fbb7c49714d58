"""A case of the chain, and its design taken apart at home so that it reproduces its published area, clock and power."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from estimator.arrays import Array
from estimator.physics import heat, power, timing

Numbers = Mapping[str, Any]  # name -> float or array


class Case(NamedTuple):
    """Everything one evaluation needs, as plain numbers or arrays that broadcast together.

    ``design`` holds the completed design (its compute die under the names of `Die`, its I/O die prefixed ``io_``);
    ``home`` and ``node`` are the compute die's processes at home and for the clone, ``io_home`` and ``io_node`` those
    of the I/O dies (None without); ``plan`` holds the options that are set.
    """

    design: Numbers
    home: Numbers
    node: Numbers
    io_home: Numbers | None
    io_node: Numbers | None
    home_cooling: Numbers
    cooling: Numbers
    package: Numbers
    model: Numbers
    plan: Numbers


class Anchor(NamedTuple):
    """The design at home, taken apart so that it reproduces its published point."""

    total_area: Any
    dynamic_w: Any
    gate_ns: Any  # gate part of the critical path at the published supply
    relative_delay: Any  # gate delay at the published supply over nominal
    unit_area: Any


@np.errstate(over="ignore", invalid="ignore")
def home_leakage(case: Case) -> tuple[Array, Array, Array]:
    """Die power, junction temperature and leakage (W, C, W) of the design at its published point."""
    d = case.design
    die_w = d["power_w"] * (1.0 - d["board_loss_fraction"]) - d["memory_power_w"] - d["io_power_w"]
    junction = case.home_cooling["coolant_c"] + die_w * heat.thermal_resistance(
        resistance_sink_k_w=case.home_cooling["resistance_sink_k_w"],
        resistance_area_k_mm2_w=case.home_cooling["resistance_area_k_mm2_w"],
        footprint_mm2=home_footprint(d),
    )
    leak = _leakage_reference(d, case.home, d["area_mm2"] * d["count"], "")
    if case.io_home is not None:
        leak = leak + _leakage_reference(d, case.io_home, d["io_area_mm2"] * d["io_count"], "io_")
    factor = power.leakage_factor(
        supply_v=d["supply_v"],
        nominal_supply_v=case.home["supply_v"],
        junction_c=junction,
        leakage_voltage_scale_v=case.model["leakage_voltage_scale_v"],
        leakage_doubling_k=case.model["leakage_doubling_k"],
    )
    return np.asarray(die_w), np.asarray(junction), np.asarray(leak * factor)


def home_area(d: Numbers) -> Any:
    """Silicon of the design at home, mm2."""
    return d["area_mm2"] * d["count"] + d.get("io_area_mm2", 0.0) * d.get("io_count", 0.0)


def home_footprint(d: Numbers) -> Any:
    """Area from which the design's heat leaves, mm2: that of one layer where dies are stacked."""
    if d["stacked"]:
        return np.maximum(d["area_mm2"] * d["count"], d["io_area_mm2"] * d["io_count"])
    return home_area(d)


def _leakage_reference(d: Numbers, node: Numbers, silicon: Any, prefix: str) -> Any:
    return power.leakage_at_reference(
        logic_area_mm2=silicon * d[prefix + "logic_fraction"],
        sram_area_mm2=silicon * d[prefix + "sram_fraction"],
        leakage_logic_w_mm2=node["leakage_logic_w_mm2"],
        leakage_sram_w_mm2=node["leakage_sram_w_mm2"],
    )


def relative_delay(node: Numbers, supply: Any) -> Any:
    """Gate delay of a process at a supply, over that at its nominal supply."""
    return timing.relative_gate_delay(
        supply_v=supply,
        nominal_supply_v=node["supply_v"],
        threshold_v=node["threshold_v"],
        supply_insensitive_fraction=node["supply_insensitive_fraction"],
    )


def unit_wire_ns(case: Case, node: Numbers, unit_area: Any, relative: Any = 1.0) -> Any:
    """Delay (ns) of the wires on a compute unit's critical path, at a relative gate delay of the process."""
    return (
        timing.wire_delay_ps(
            length_mm=case.model["wire_reach_fraction"] * np.sqrt(unit_area),
            wire_delay_ps_mm=node["wire_delay_ps_mm"],
            relative_gate_delay=relative,
            repeater_fraction=case.model["repeater_fraction"],
        )
        / 1000.0
    )


def anchor(case: Case) -> Anchor:
    """Take the design at home apart: what is not leakage is dynamic; what is not wire on the path is gates."""
    d = case.design
    die_w, _, leak = home_leakage(case)
    unit_area = d["unit_area_fraction"] * d["area_mm2"] * d["count"] / d["units"]
    relative = relative_delay(case.home, d["supply_v"])
    gate_ns = 1.0 / d["clock_ghz"] - unit_wire_ns(case, case.home, unit_area, relative)
    return Anchor(home_area(d), die_w - leak, gate_ns, relative, unit_area)

"""Contradictions: where numbers that are each in range do not go together, before and after the chain has run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from estimator.model.home import Case, anchor
from estimator.physics.cost import LEAST_YIELD
from estimator.physics.occupancy import MOST_SPARE_CHANNELS
from estimator.physics.timing import LEAST_OVERDRIVE_V

Found = list[tuple[Any, str]]  # where it is so, and the sentence

_SUPPLIES, _PUBLISHED, _COUNTS, _SPARE, _CLASSES, _EMPTY, _PARTS, _WIRES = (
    "supply_min_v must be above threshold_v, and supply_v from supply_min_v to supply_max_v",
    "the design's supply_v must be above the threshold_v of its home process",
    "units_enabled and memory_channels_enabled must be at most units and memory_channels",
    f"memory_channels_enabled: at most {MOST_SPARE_CHANNELS} memory channels may be disabled",
    "logic_fraction, sram_fraction and analog_fraction must add up to 1",
    "logic_fraction and sram_fraction together must be more than 0.001",
    "unit_area_fraction and memory_area_fraction must add up to at most 1",
    "at the design's own clock the wires of a compute unit alone take longer than a clock period",
)
_NO_CAPACITY = "memory_gb must be more than 0, for without memory there is no bandwidth"
_NO_MEMORY = "memory_stacks must be at least 1, for without memory there is no bandwidth"
_FIT, _SOLD, _PACKED, _CARRIED, _INTERFACES = (
    "a whole die does not fit the usable wafer",
    "next to no die of this size comes good at this defect density",
    "next to no package of so many parts survives assembly",
    "next to no interposer of this size comes good",
    "memory_stacks: the interfaces that so few of them leave out are larger than all analog area of the design",
)
BEFORE = (_SUPPLIES, _PUBLISHED, _COUNTS, _SPARE, _CLASSES, _EMPTY, _PARTS, _WIRES, _NO_MEMORY, _NO_CAPACITY)
AFTER = (_FIT, _SOLD, _PACKED, _CARRIED, _INTERFACES)


def of_numbers(case: Case) -> Found:
    """Where the numbers of a case contradict each other: supplies out of order, more enabled than there is, shares."""
    d = case.design
    out: Found = []
    for node in (case.home, case.node, case.io_home, case.io_node):
        if node is not None:
            low, supply = node["supply_min_v"], node["supply_v"]
            above = low >= node["threshold_v"] + LEAST_OVERDRIVE_V
            out.append((~np.asarray(above & (low <= supply) & (supply <= node["supply_max_v"])), _SUPPLIES))
    out.append((d["supply_v"] < case.home["threshold_v"] + LEAST_OVERDRIVE_V, _PUBLISHED))
    spare = d["memory_channels"] - d["memory_channels_enabled"]
    out += [((d["units_enabled"] > d["units"]) | (spare < 0), _COUNTS), (spare > MOST_SPARE_CHANNELS, _SPARE)]
    for prefix in ("", "io_") if "io_area_mm2" in d else ("",):
        logic, sram, analog, units, memory = (
            d[prefix + n]
            for n in (
                "logic_fraction",
                "sram_fraction",
                "analog_fraction",
                "unit_area_fraction",
                "memory_area_fraction",
            )
        )
        out.append((abs(logic + sram + analog - 1.0) > 2e-3, _CLASSES))
        out.append((logic + sram <= 1e-3, _EMPTY) if not prefix else (False, _EMPTY))
        out.append((units + memory > 1.0 + 1e-9, _PARTS))
    return out


def of_plan(case: Case) -> Found:
    """Where a plan leaves a GPU without memory."""
    out: Found = [(case.plan["memory_bw_gb_s"] <= 0, _NO_MEMORY)] if "memory_bw_gb_s" in case.plan else []
    if "memory_gb" in case.plan:
        out.append((np.asarray(case.plan["memory_gb"]) <= 0, _NO_CAPACITY))
    return out


def of_home(case: Case) -> Found:
    """Where a design's published point leaves no time for its gates."""
    return [(~np.asarray(anchor(case).gate_ns > 0), _WIRES)]


def of_result(q: Mapping[str, Any]) -> Found:
    """Where the results of the chain say that nothing would come out of the line, so that no cost can be stated."""
    out: Found = [(q["area_analog_mm2"] < 0, _INTERFACES)]
    for prefix in ("", "io_") if "io_dies" in q else ("",):
        gross, sold = (("gross_dies_per_wafer", "sellable_fraction"), ("io_gross", "io_sellable"))[bool(prefix)]
        out += [(q[gross] < 1.0, _FIT), (q[sold] < LEAST_YIELD, _SOLD)]
    if "assembly_yield_fraction" in q:
        out.append((q["assembly_yield_fraction"] < LEAST_YIELD, _PACKED))
        out.append((~np.isfinite(q["package_cost_usd"]), _CARRIED))
    return [(bad & q["feasible"], text) for bad, text in out]

"""The cloner's plan in numbers: what options choose, and what follows from them for memory, tensor units and design effort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from estimator.arrays import Array, Flags, Num, Numbers
from estimator.model.inputs import Constants, DesignNumbers, DieNumbers, Given, MemoryNumbers, Process
from estimator.model.options import NUMBER_OPTIONS
from estimator.parameters.schema import Parameter
from estimator.physics.power import memory_power

DISTANCES = ("copy", "port", "new")
TENSOR_UNIT_RATE = 1024.0  # operations per clock for which params/work/units.toml states tensor_unit_area_mm2


class Kind(NamedTuple):
    """One kind of die of a build, as far as it is no number.

    ``owners`` are those of its numbers, of its process at home, and of the clone's, which for dies that are built on the very
    process of the compute dies is ``node``.
    """

    role: str
    owners: tuple[str, str, str]
    on: int | None
    wafer_scale: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """What of a plan is no number: builds with the same choices run through the chain in the same way."""

    yield_model: str
    port_layout: bool  # classes of area shrink as in a port, not as in a redesign
    repipelined: bool  # logic is cut anew for the gates of the clone's process
    distance: str  # design effort, of `DISTANCES`; "" where it differs from point to point
    memory: str  # "own", "kind" (another type of the same kind), "other", or "" where the plan says nothing of memory
    kinds: tuple[Kind, ...]  # the dies, compute dies first
    memory_host: int  # which of them drives the memory
    link_host: int  # which drives the links to other GPUs
    at_home_process: bool  # the clone's process is that of the design's home
    compatible: bool  # the clone's process is of the family of home's, whose design rules it keeps
    stacked_memory: bool  # the design's own memory is stacked
    own_cooling: bool  # the cooling is of the class that the design ships with
    given: Given  # what the design states, and what is inferred or assumed
    published: bool = False  # the published point, which exists whatever the walls say
    process_memory: bool = False  # the memory is what the process drives, not what the plan says
    own_package: bool = True  # the first package is the design's own, which was made for it
    own_links: bool = True  # links to other GPUs are on the process that they have at home
    shipped_year: float = 0.0  # of the design, and so of its package; 0 where it is not stated


@dataclass(frozen=True, slots=True)
class TensorUnit:
    """What is known of a tensor unit's size and power (params/work/units.toml)."""

    area_mm2: Parameter
    power_fraction: Parameter
    measured_on_mtr_mm2: float  # logic density of the process that the area was measured on


def plan_numbers(
    choices: Choices,
    given: Mapping[str, Num],
    *,
    design: DesignNumbers,
    die: DieNumbers,
    home: Process,
    home_memory: MemoryNumbers,
    memory: MemoryNumbers,
    model: Constants,
    tensor_unit: TensorUnit | None,
    distances: NDArray[np.intp] | None = None,
) -> Numbers:
    """Every number of a plan, from its choices and the number options `given`; arrays in, arrays out.

    Values are `Parameter` where a range is known (only where those of the owners are). Where the choices name no distance,
    `distances` holds that of each point as an index into `DISTANCES`.
    """
    plan: Numbers = {
        "date": _chosen(model.data_date),
        "volume": _chosen(model.volume),
        "critical_layers": model.critical_layers,
        "workload_intensity_flop_byte": _chosen(model.workload_intensity_flop_byte),
        "realisation": _realisation(choices, model),
        "memory_cost_usd_gb": memory.cost_usd_gb,
        "memory_kgco2e_gb": memory.embodied_kgco2e_gb,
        "logic_share": _share("logic", choices, model, distances),
        "physical_share": _share("physical", choices, model, distances),
    }
    if choices.repipelined:
        plan["repipelined_clock_gain"] = model.repipelined_clock_gain
    if choices.memory:
        plan.update(_memory(choices.memory, design, home_memory, memory, given))
    if choices.memory in ("", "own"):
        plan.update(_stated_memory(design, plan, given))
    if "memory_gb" in given:
        plan.update(_extra_memory(design, plan, memory, given["memory_gb"]))
        plan["memory_bought_gb"] = _n(given["memory_gb"]) * _bought_share(design, plan)
    if "tensor_fraction" in given and tensor_unit is not None:
        plan.update(_tensor(design, die, home, tensor_unit))
    plan.update({name: given[name] for name in NUMBER_OPTIONS if name in given})
    return plan


def scaled(parameter: Parameter, factor: float) -> Parameter:
    """A parameter and its range times a factor."""
    return Parameter(
        float(parameter) * factor,
        low=parameter.low * factor,
        high=parameter.high * factor,
        kind=parameter.kind,
        source=parameter.source,
        note=parameter.note,
    )


def has_tensor_units(design: DesignNumbers, die: DieNumbers) -> Flags:
    """Whether a design has tensor units apart from its vector lanes."""
    return (_n(design.tensor_tflops) > 2.0 * _n(design.vector_tflops)) & (_n(die.unit_area_fraction) > 0)


def _share(effort: str, choices: Choices, model: Constants, distances: NDArray[np.intp] | None) -> Num:
    """Share of the logic or physical effort of a new design that the clone's distance takes."""
    shares = {name: getattr(model, f"{effort}_share_{name}") for name in DISTANCES}
    if not choices.distance:
        return _of_each(list(shares.values()), distances)
    share: Num = shares[choices.distance]
    return share


def _of_each(shares: list[Num], distances: NDArray[np.intp] | None) -> Array:
    """The share of each point by its distance."""
    each = np.asarray(distances)
    if any(isinstance(s, np.ndarray) for s in shares):
        return np.choose(each, [np.asarray(s) for s in shares])
    return np.asarray(shares, float).take(each)


def _n(value: Num) -> Array:
    """A number without its range, or an array."""
    number: Array = np.asarray(value, float)[()]
    return number


def _chosen(value: Num) -> Num:
    """A constant that is a choice and not an uncertainty: its value without a range (an override may be an array)."""
    return float(value) if np.ndim(value) == 0 else value


def _memory(
    kind: str, design: DesignNumbers, own: MemoryNumbers, memory: MemoryNumbers, given: Mapping[str, Num]
) -> Numbers:
    """What another memory type or number of stacks changes: bandwidth, capacity, power and PHY area."""
    home, gb, bought = _n(design.memory_stacks), _n(design.memory_gb), _n(design.memory_bought_gb)
    bandwidth, own_w = _n(design.memory_bw_gb_s), _n(design.memory_power_w)
    if "memory_stacks" in given:
        stacks = given["memory_stacks"]
    else:
        stacks = np.ceil(gb / _n(memory.capacity_gb)) if kind == "other" else home
    if kind == "own":
        scale = np.asarray(stacks) / np.maximum(home, 1.0)
        bandwidth, capacity, bought, watts = bandwidth * scale, gb * scale, bought * scale, own_w * scale
    else:
        bandwidth, capacity = stacks * _n(memory.bandwidth_gb_s), stacks * _n(memory.capacity_gb)
        bought = capacity
        watts = memory_power(
            bandwidth_gb_s=bandwidth,
            energy_pj_bit=_n(memory.energy_pj_bit),
            memory_stacks=stacks,
            static_w=_n(memory.static_w),
        )
    return {
        "memory_stacks": stacks,
        "memory_bw_gb_s": bandwidth,
        "memory_gb": capacity,
        "memory_bought_gb": bought,
        "memory_power_w": watts,
        "phy_delta_mm2": np.asarray(stacks) * _n(memory.phy_area_mm2) - home * _n(own.phy_area_mm2),
    }


def _stated_memory(design: DesignNumbers, plan: Numbers, given: Mapping[str, Num]) -> Numbers:
    """Capacity and bandwidth of the design's own memory, where those of a stack or device are overridden."""
    stacks, out = plan.get("memory_stacks", design.memory_stacks), Numbers()
    if "memory.capacity_gb" in given:
        out["memory_gb"] = out["memory_bought_gb"] = _n(stacks) * _n(given["memory.capacity_gb"])
    if "memory.bandwidth_gb_s" in given:
        out["memory_bw_gb_s"] = _n(stacks) * _n(given["memory.bandwidth_gb_s"])
    return out


def _realisation(choices: Choices, model: Constants) -> Num:
    """Share of a density step that the clone's layout realises."""
    if not choices.port_layout:
        return 1.0
    return model.port_realisation_compatible if choices.compatible else model.port_realisation


def _extra_memory(design: DesignNumbers, plan: Numbers, memory: MemoryNumbers, memory_gb: Num) -> Numbers:
    """Floor power of the devices that a capacity beyond the plan's own takes; bandwidth stays (two devices a channel)."""
    stacks, own_gb = _n(plan.get("memory_stacks", design.memory_stacks)), _n(plan.get("memory_gb", design.memory_gb))
    each = own_gb / np.maximum(stacks, 1.0)
    extra = np.maximum(_n(memory_gb) - own_gb, 0.0) / np.where(each > 0, each, _n(memory.capacity_gb))
    if not np.any(extra > 0):
        return {}
    watts = extra * _n(memory.static_w)
    return {"memory_standby_w": float(watts) if np.ndim(watts) == 0 else watts}


def _bought_share(design: DesignNumbers, plan: Numbers) -> Num:
    """Capacity on the package over that in use, of the plan's own memory: some of shipped stacks is spare."""
    gb, bought = (_n(plan.get(n, getattr(design, n))) for n in ("memory_gb", "memory_bought_gb"))
    return np.where(gb > 0, bought / np.where(gb > 0, gb, 1.0), 1.0)[()]


def _tensor(design: DesignNumbers, die: DieNumbers, home: Process, unit: TensorUnit) -> Numbers:
    """Share of a compute unit's area and dynamic power in its tensor units, from measured Turing dies by rate."""
    rate = _n(design.tensor_tflops) * 1000.0 / (_n(design.units_enabled) * _n(design.clock_ghz))
    unit_area = _n(die.unit_area_fraction) * _n(die.area_mm2) * _n(die.count) / _n(design.units)
    with np.errstate(divide="ignore", invalid="ignore"):  # no area: not a design with tensor units, and refused as such
        factor = rate / TENSOR_UNIT_RATE * unit.measured_on_mtr_mm2 / _n(home.logic_density_mtr_mm2) / unit_area
    share = scaled(unit.area_mm2, float(factor)) if np.ndim(factor) == 0 else float(unit.area_mm2) * factor
    return {"tensor_area_fraction": share, "tensor_power_fraction": unit.power_fraction}

"""Results of the chain: one frozen type per stage; every field has a unit and a line of words, some are public outputs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from estimator.arrays import Codes, Flags, Num
from estimator.physics.operating_point import Path
from estimator.quantities import FIELDS

S = TypeVar("S", bound=type)


def output() -> Any:
    """A field that is a public output: its unit and words are those of the table of quantities."""
    return dataclasses.field(metadata={"output": True})


def inner(unit: str, words: str) -> Any:
    """A field that causes, figures and later stages read, with its unit and words."""
    return dataclasses.field(metadata={"unit": unit, "words": words})


def stage(cls: S) -> S:
    """Give a stage's fields their units and words; an output that the table of quantities does not know fails at import."""
    for field in dataclasses.fields(cls):
        if field.metadata.get("output"):
            known = FIELDS[field.name]
            field.metadata = {"output": True, "unit": known.unit, "words": known.long_name}  # type: ignore[assignment]
    return cls


@stage
@dataclass(frozen=True, kw_only=True, eq=False)
class BuiltDie:
    """All dies of one kind on the process that they are built on."""

    role: str = inner("", "what the kind is for: compute, cache, io and so on")
    dies: Num = inner("1", "dies of this kind in a GPU")
    split: Num = inner("1", "dies that each die of the original became")
    fields: Num = inner("1", "reticle fields that the kind needs")
    linked: Num = inner("1", "dies with a die-to-die interface that the original does not have")
    die_area_mm2: Num = inner("mm2", "area of one die")
    width_mm: Num = inner("mm", "width of one die")
    height_mm: Num = inner("mm", "height of one die")
    fits_reticle: Flags = inner("", "whether one die fits the reticle field")
    logic_mm2: Num = inner("mm2", "logic of all dies of the kind")
    sram_mm2: Num = inner("mm2", "SRAM of all dies of the kind")
    analog_mm2: Num = inner("mm2", "analog, PHY and pads of all dies of the kind")
    links_mm2: Num = inner("mm2", "die-to-die links of all dies of the kind")
    leakage_w: Num = inner("W", "leakage at nominal supply and 85 C")

    @property
    def silicon_mm2(self) -> Num:
        """Area of all dies of the kind, mm2."""
        return self.logic_mm2 + self.sram_mm2 + self.analog_mm2 + self.links_mm2


@stage
@dataclass(frozen=True, kw_only=True, eq=False)
class Geometry:
    """Areas and outlines of all dies."""

    kinds: tuple[BuiltDie, ...] = inner("", "the dies by kind, compute dies first")
    die_area_mm2: Num = output()
    dies: Num = output()
    die_width_mm: Num = output()
    die_height_mm: Num = output()
    fits_reticle: Flags = output()
    reticle_fields: Num = output()
    transistor_density_mtr_mm2: Num = output()
    area_logic_mm2: Num = output()
    area_sram_mm2: Num = output()
    area_analog_mm2: Num = output()
    area_link_mm2: Num = output()
    compute_die_area_mm2: Num = output()
    interposer_mm2: Num = output()
    package_field_mm2: Num = output()
    units: Num = inner("1", "compute units on the dies")
    unit_scale: Num = inner("1", "logic and SRAM built, over those of the design on this process")
    unit_content: Num = inner("1", "content of one compute unit over that at home")
    unit_growth: Num = inner("1", "area of the same compute unit over that at home")
    tensor_kept: Num = inner("1", "share of the tensor units kept")
    tensor_share: Num = inner("1", "tensor units' share of a compute unit's area")
    footprint_mm2: Num = inner("mm2", "area from which the heat leaves: one layer where dies are stacked")
    package_index: Num = inner("", "which of the packages that the process offers it is put into")
    fits_package: Flags = inner("", "whether silicon and memory fit the largest field of that package")
    leakage_w: Num = inner("W", "leakage of all dies at nominal supply and 85 C")

    @property
    def compute(self) -> BuiltDie:
        """The compute dies."""
        return self.kinds[0]

    @property
    def others(self) -> tuple[BuiltDie, ...]:
        """The dies of every other kind."""
        return self.kinds[1:]


@stage
@dataclass(frozen=True, kw_only=True, eq=False)
class DieYield:
    """What one kind of die yields."""

    gross_dies_per_wafer: Num = inner("1", "whole dies on a wafer")
    defect_density_per_cm2: Num = inner("1/cm2", "defect density of its process")
    yield_fraction: Num = inner("1", "share of these without any defect")
    sellable_fraction: Num = inner("1", "share of these that can be sold, after salvage")
    exposed_fraction: Num = inner("1", "share of the area whose defects kill something")


@stage
@dataclass(frozen=True, kw_only=True, eq=False)
class Yields:
    """Dies per wafer and what share of them comes good."""

    kinds: tuple[DieYield, ...] = inner("", "yields by kind of die, in the order of the geometry's")
    gross_dies_per_wafer: Num = output()
    maturity_quarters: Num = output()
    defect_density_per_cm2: Num = output()
    exposed_fraction: Num = output()
    yield_fraction: Num = output()
    sellable_fraction: Num = output()
    units_enabled: Num = output()


@stage
@dataclass(frozen=True, kw_only=True, eq=False)
class Operation:
    """Clock, supply, power and temperature, and what binds."""

    clock_ghz: Num = output()
    relative_performance: Num = output()
    supply_v: Num = output()
    junction_c: Num = output()
    power_w: Num = output()
    power_dynamic_w: Num = output()
    power_leakage_w: Num = output()
    power_memory_w: Num = output()
    power_io_w: Num = output()
    power_link_w: Num = output()
    power_board_w: Num = output()
    heat_flux_w_mm2: Num = output()
    wire_share_fraction: Num = output()
    unit_area_mm2: Num = output()
    feasible: Flags = output()
    limited_by: Codes = output()
    path: Path = inner("", "critical path of a compute unit")
    gate_ns: Num = inner("ns", "gates of the critical path at nominal supply")
    wire_ns: Num = inner("ns", "wires of the critical path at nominal supply")
    gate_part_ns: Num = inner("ns", "gates of the critical path at the allowed supply")
    wire_part_ns: Num = inner("ns", "wires of the critical path at the allowed supply")
    home_supply_v: Num = inner("V", "supply of the original at its published point")
    lowest_supply_v: Num = inner("V", "lowest supply under load")
    allowed_supply_v: Num = inner("V", "supply that the plan allows")
    timing_clock_ghz: Num = inner("GHz", "clock that timing allows at that supply")
    resistance_k_w: Num = inner("K/W", "thermal resistance from junction to coolant")
    sink_resistance_k_w: Num = inner("K/W", "resistance of the cooler, grown with the silicon")
    switched_w: Num = inner("W/(V2 GHz)", "dynamic power per supply squared and clock")
    gate_capacitance: Num = inner("1", "switched capacitance of gates and local wires over that at home")
    length_ratio: Num = inner("1", "length of global wires over that at home")
    active_ratio: Num = inner("1", "what switches, over that at home, by units enabled")
    enabled_ratio: Num = inner("1", "compute units enabled over those at home")


@stage
@dataclass(frozen=True, kw_only=True, eq=False)
class DieCost:
    """What the dies of one kind cost."""

    wafer_cost_usd: Num = inner("USD", "price of a wafer")
    die_cost_usd: Num = inner("USD", "cost of a good die")


@stage
@dataclass(frozen=True, kw_only=True, eq=False)
class Bill:
    """What one GPU costs to make."""

    kinds: tuple[DieCost, ...] = inner("", "costs by kind of die, in the order of the geometry's")
    wafer_cost_usd: Num = output()
    die_cost_usd: Num = output()
    silicon_cost_usd: Num = output()
    memory_cost_usd: Num = output()
    package_cost_usd: Num = output()
    interposer_cost_usd: Num = output()
    packages_per_interposer_wafer: Num = output()
    test_cost_usd: Num = output()
    scrap_cost_usd: Num = output()
    board_cost_usd: Num = output()
    cooler_cost_usd: Num = output()
    assembly_yield_fraction: Num = output()
    unit_cost_usd: Num = output()
    nre_usd_per_unit: Num = output()
    nre_logic_usd: Num = output()
    nre_physical_usd: Num = output()
    nre_mask_usd: Num = output()
    nre_package_usd: Num = output()
    full_cost_usd: Num = output()
    gpus_per_wafer: Num = output()
    dies_per_field: Num = output()
    fields_per_wafer: Num = output()
    nre_musd: Num = inner("M USD", "design and masks in all")
    interposer_wafer_usd: Num = inner("USD", "interposer wafer with chip-on-wafer bonding")
    interposer_yield_fraction: Num = inner("1", "interposers that come good")

    def scaled(self, factor: Num) -> Bill:
        """The bill with every cost of the GPU times a factor; the wafer's price and the design in all stay."""
        costs = [n for n in OUTPUTS_OF[Bill] if "usd" in n and n != "wafer_cost_usd"]
        kinds = tuple(dataclasses.replace(k, die_cost_usd=k.die_cost_usd * factor) for k in self.kinds)
        return dataclasses.replace(self, kinds=kinds, **{n: getattr(self, n) * factor for n in costs})


@stage
@dataclass(frozen=True, kw_only=True, eq=False)
class Work:
    """What one GPU does."""

    tensor_tflops: Num = output()
    vector_tflops: Num = output()
    memory_bw_gb_s: Num = output()
    memory_gb: Num = output()
    split_efficiency: Num = output()
    link_rate_share: Num = output()
    work_tflops: Num = output()
    seconds_per_eflop: Num = output()
    energy_per_eflop_j: Num = output()
    tflops_per_w: Num = output()
    usd_per_tflops: Num | None = output()
    die_crossing_cycles: Num = output()
    l2_latency_cycles: Num = output()
    peak: Num = inner("TFLOPS", "tensor rate; on a scale of its own where the design states no rate")
    attained: Num = inner("TFLOPS", "attainable rate, on the same scale")
    unbounded: Num = inner("TFLOPS", "attained if the process drove the memory at its own rate")


@stage
@dataclass(frozen=True, kw_only=True, eq=False)
class Carbon:
    """Greenhouse gases of making and using one GPU."""

    embodied_kgco2e: Num = output()
    embodied_silicon_kgco2e: Num = output()
    embodied_memory_kgco2e: Num = output()
    embodied_package_kgco2e: Num = output()
    embodied_scrap_kgco2e: Num = output()
    embodied_board_kgco2e: Num = output()
    operational_kgco2e: Num = output()
    kgco2e_per_eflop: Num = output()
    fab_kgco2e_cm2: Num = inner("kg CO2e/cm2", "greenhouse gases per area of wafer of the compute dies")
    per_work: Num = inner("kg CO2e", "per 1e18 operations; on a scale of its own where the design states no rate")
    life_years: Num = inner("year", "service life")
    compute_kgco2e: Num = inner("kg CO2e", "greenhouse gases of the compute dies")


Stage = type[Geometry] | type[Yields] | type[Operation] | type[Bill] | type[Work] | type[Carbon]
STAGES: dict[str, Stage] = {
    "geometry": Geometry,
    "yields": Yields,
    "operation": Operation,
    "bill": Bill,
    "work": Work,
    "carbon": Carbon,
}
"""Field of `Result` -> its type, in the order in which the chain makes them."""
OUTPUTS_OF: dict[type, tuple[str, ...]] = {
    cls: tuple(f.name for f in dataclasses.fields(cls) if f.metadata.get("output")) for cls in STAGES.values()
}
OUTPUT_STAGE: dict[str, str] = {name: field for field, cls in STAGES.items() for name in OUTPUTS_OF[cls]}
"""Every public output and the stage that makes it, read off the types."""
FLAGS = ("feasible", "fits_reticle")
CODES = ("limited_by",)


@dataclass(frozen=True, slots=True)
class Result:
    """One evaluation of the chain: the stages that were asked for, in arrays that broadcast together.

    ``result["power_w"]`` is any public output by its name. Infeasible points are NaN in whatever depends on the clock.
    """

    geometry: Geometry
    yields: Yields
    operation: Operation
    bill: Bill | None = None
    work: Work | None = None
    carbon: Carbon | None = None

    def __getitem__(self, name: str) -> Any:
        return getattr(getattr(self, OUTPUT_STAGE[name]), name)

    def __contains__(self, name: str) -> bool:
        made = getattr(self, OUTPUT_STAGE[name], None) if name in OUTPUT_STAGE else None
        return made is not None and getattr(made, name) is not None

    def outputs(self) -> Iterator[tuple[str, Any]]:
        """Every public output that was made, by name."""
        for field, cls in STAGES.items():
            made = getattr(self, field)
            if made is not None:
                for name in OUTPUTS_OF[cls]:
                    value = getattr(made, name)
                    if value is not None:
                        yield name, value

    @property
    def costs(self) -> Bill:
        """The bill; a result that was asked for less has none."""
        if self.bill is None:
            raise LookupError("this result was made without its bill")
        return self.bill

    @property
    def rates(self) -> Work:
        """The work; a result that was asked for less has none."""
        if self.work is None:
            raise LookupError("this result was made without its work")
        return self.work

    @property
    def emissions(self) -> Carbon:
        """The greenhouse gases; a result that was asked for less has none."""
        if self.carbon is None:
            raise LookupError("this result was made without its greenhouse gases")
        return self.carbon

    def map(self, change: Callable[[Any], Any]) -> Result:
        """The same result with every number, flag or code of every stage changed by a function."""
        changed: Result = _mapped(self, change)
        return changed


def _mapped(part: Any, change: Callable[[Any], Any]) -> Any:
    """A stage, or a tuple of its parts, with a function applied to each number in it."""
    if isinstance(part, tuple):
        parts = [_mapped(p, change) for p in part]
        return type(part)(*parts) if hasattr(part, "_fields") else tuple(parts)
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        return type(part)(**{f.name: _mapped(getattr(part, f.name), change) for f in dataclasses.fields(part)})
    return part if part is None or isinstance(part, str) else change(part)

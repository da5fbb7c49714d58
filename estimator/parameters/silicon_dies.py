"""Rows of the tables of dies: area, ports of one design to another process, and what chips cost."""

from __future__ import annotations

from math import isnan
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from estimator.parameters.silicon import (
    AmountOrBlank,
    Count,
    CountOrBlank,
    ListedRow,
    Names,
    Positive,
    PositiveOrBlank,
    Purity,
    Share,
    ShareOrBlank,
    SiliconRow,
    Split,
    Text,
    unseen,
)


class AreaNodeRow(SiliconRow):
    """A node's library density, before any die on it is looked at."""

    table: ClassVar[str] = "area_nodes"
    node: Text
    line: Text
    facts_of: Text  # node file with its SRAM density and analog factor
    layout: Text  # node whose layouts it shares
    library_mtr_mm2: Positive
    confidence: Literal["high", "medium", "low"]
    note: str


class GpuRow(ListedRow):
    """A discrete GPU die: its count of transistors, area, memories and interfaces."""

    table: ClassVar[str] = "gpus"
    chip: Text
    vendor: Text
    foundry: str
    node: str
    nm: Positive
    architecture: Text
    style: str
    year: Count
    transistors_mtr: Positive
    area_mm2: Positive
    memory_bus_bits: CountOrBlank
    memory_type: str
    links: CountOrBlank
    link_kind: str
    pcie_lanes: CountOrBlank
    shader_units: CountOrBlank
    texture_units: CountOrBlank
    raster_units: CountOrBlank
    sram_mbyte: AmountOrBlank
    sram_derivation: str
    aliases: str
    note: str
    source: Text

    def needed(self) -> tuple[str, ...]:
        """What the area of a die follows from."""
        return ("node", "style", "memory_bus_bits", "memory_type", "links", "pcie_lanes", "sram_mbyte")


class PairRow(SiliconRow):
    """One design made on two processes: the area of the second over that of the first."""

    table: ClassVar[str] = "pairs"
    id: Text
    design: Text
    family: str
    purity: Purity
    node_a: str
    node_b: str
    nm_a: PositiveOrBlank
    nm_b: PositiveOrBlank
    area_a_mm2: PositiveOrBlank
    area_b_mm2: PositiveOrBlank
    area_ratio: PositiveOrBlank
    transistors_a_mtr: PositiveOrBlank
    transistors_b_mtr: PositiveOrBlank
    dies: Names
    sram_fraction: ShareOrBlank
    analog_fraction: ShareOrBlank
    content: PositiveOrBlank
    sram_content: PositiveOrBlank
    analog_content: PositiveOrBlank
    kind: Literal["", "optical", "compatible", "port", "redesign"]
    used: Literal["yes", "repeat", "no"]  # repeat: predicted but not fitted, as the two dies of another row
    reason: str
    changed: str
    note: str
    split: Split
    source: Text
    url: str

    @model_validator(mode="after")
    def _fits_see_no_validation(self) -> Self:
        return unseen(self, fitted=self.used == "yes", split=self.split)

    @property
    def kept(self) -> bool:
        """Whether the row is predicted (a repeated one is, though it is not fitted)."""
        return self.used != "no"

    def needed(self) -> tuple[str, ...]:
        """What a port's area ratio is predicted from; its composition, or the dies that it follows from."""
        always = ("family", "node_a", "node_b", "nm_a", "nm_b", "area_ratio", "sram_content", "kind")
        if isnan(self.sram_fraction):
            return (*always, "dies", "area_a_mm2", "transistors_a_mtr", "transistors_b_mtr")
        return (*always, "analog_fraction", "content", "analog_content")


class StillmakerBaasRow(SiliconRow):
    """Area factor between two nodes as Stillmaker and Baas give it."""

    table: ClassVar[str] = "stillmaker_baas"
    from_nm: Positive
    to_nm: Positive
    area_factor: Positive
    source: Text
    url: Text


class BillRow(SiliconRow):
    """A published bill of materials of one product, USD, with the prices of its date.

    ``scope`` says whether the whole product or the chip alone was priced, and ``seller_margin`` what of that its seller keeps.
    ``calibration`` rows set constants of the classes of product, ``validation`` rows did not (the notes say which were looked at).
    """

    table: ClassVar[str] = "bill_of_materials"
    ascending: ClassVar[tuple[str, ...]] = ("low_usd", "usd", "high_usd")
    design: Text
    product_class: Text
    scope: Literal["all", "chip"]
    split: Literal["calibration", "validation"]
    usd: Positive
    low_usd: Positive
    high_usd: Positive
    year: Positive
    seller_margin: Share
    memory_usd_gb: PositiveOrBlank
    wafer_cost_usd: PositiveOrBlank
    source: Text
    note: str


class BillDesignRow(SiliconRow):
    """A product with a published bill of materials that is no design of the library."""

    table: ClassVar[str] = "bill_designs"
    name: Text
    node: Text
    die_area_mm2: Positive
    clock_ghz: Positive
    power_w: Positive
    memory: Text
    memory_gb: Positive
    memory_stacks: Count
    units: Count
    units_enabled: Count
    package: Text
    cooling: Text
    io_node: str
    io_area_mm2: PositiveOrBlank
    io_count: CountOrBlank
    source: Text
    note: str


class DieCheckRow(SiliconRow):
    """A die of a maker or style outside the fitted population: predicted or refused, never fitted."""

    table: ClassVar[str] = "die_checks"
    ascending: ClassVar[tuple[str, ...]] = ("low_mm2", "area_mm2", "high_mm2")
    chip: Text
    maker: Text
    style: Literal["gpu", "cpu", "phone", "wafer-scale"]
    node: Text
    nm: Positive
    transistors_mtr: Positive
    sram_mbyte: AmountOrBlank
    area_mm2: Positive
    low_mm2: Positive
    high_mm2: Positive
    note: Text
    source: Text
    url: str


class HomeNumbersRow(SiliconRow):
    """A second source's numbers of a shipped chip, against which the design of the library is held."""

    table: ClassVar[str] = "home_numbers"
    design: Text
    area_mm2: PositiveOrBlank  # of one compute die
    clock_ghz: PositiveOrBlank  # boost, or the clock of the rate
    power_w: PositiveOrBlank
    memory_bw_gb_s: PositiveOrBlank
    tensor_tflops: PositiveOrBlank
    note: str
    source: Text  # key of the bibliography


class WaferRow(SiliconRow):
    """Dies on a wafer, or the share of good or sellable ones, as published."""

    table: ClassVar[str] = "wafers"
    ascending: ClassVar[tuple[str, ...]] = ("low", "real", "high")
    case: Text
    family: Text
    what: Literal["dies", "yield", "sellable"]
    design: str
    node: Text
    die_area_mm2: PositiveOrBlank
    width_mm: PositiveOrBlank
    height_mm: PositiveOrBlank
    quarters: CountOrBlank
    real: Positive
    low: Positive
    high: Positive
    note: Text
    source: Text
    url: str


class CsetRow(SiliconRow):
    """A node of CSET's table of chip prices, 2020."""

    table: ClassVar[str] = "cset_2020"
    label: Text
    node: Text
    density_mtr_mm2: Positive
    wafer_usd: Positive
    chip_usd: Positive
    energy_usd_per_year: Positive
    design_usd: Positive
    source: Text


class CsetOperationRow(SiliconRow):
    """A node of CSET's totals with electricity, and its cut in power from the node before."""

    table: ClassVar[str] = "cset_2020_operation"
    label: Text
    power_cut_from_previous_fraction: ShareOrBlank
    production_usd: Positive
    production_and_three_years_usd: PositiveOrBlank
    source: Text


TABLES: tuple[type[SiliconRow], ...] = (
    AreaNodeRow,
    BillDesignRow,
    BillRow,
    CsetOperationRow,
    CsetRow,
    DieCheckRow,
    GpuRow,
    HomeNumbersRow,
    PairRow,
    StillmakerBaasRow,
    WaferRow,
)

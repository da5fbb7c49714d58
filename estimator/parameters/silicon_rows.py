"""What a row of each table of real silicon holds: one model per file of params/silicon, the unit at the end of each name."""

from __future__ import annotations

from math import isnan
from typing import ClassVar, Literal

from pydantic import Field

from estimator.parameters.silicon import (
    AmountOrBlank,
    Celsius,
    Count,
    CountOrBlank,
    Names,
    OneZero,
    Order,
    Positive,
    PositiveOrBlank,
    Share,
    ShareOrBlank,
    SiliconRow,
    Text,
    YesNo,
)

Purity = Literal["A", "B", "C"]
"""How alike the two chips of a pair are: the same design, near same, the same family."""


class ListedRow(SiliconRow):
    """A row that says whether it is evidence, and if not why."""

    used: YesNo
    reason: str

    @property
    def kept(self) -> bool:
        """Whether the row is evidence."""
        return self.used


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
    used: Literal["yes", "repeat", "no"]  # repeat: the two dies of another row, predicted but not fitted
    reason: str
    changed: str
    note: str
    source: Text
    url: str

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


class ElectricalNodeRow(SiliconRow):
    """What is known of a node's supply, pitches and gate delay before any chip on it is looked at."""

    table: ClassVar[str] = "electrical_nodes"
    node: Text
    line: Text
    order: Order
    device: Literal["planar", "finfet", "gaa"]
    generation_nm: Positive
    supply_v: Positive
    pitch_cpp_nm: Positive
    pitch_metal_nm: Positive
    sram_um2: Positive
    delay_prior_ps: Positive
    delay_prior_v: Positive
    confidence: Literal["high", "medium", "low"]
    source: Text
    note: str


class LinkRow(SiliconRow):
    """Gate delay, capacitance or power of one node over another of a like class."""

    table: ClassVar[str] = "electrical_links"
    id: Text
    family: Text
    node_a: Text
    node_b: Text
    quantity: Literal["delay", "cap", "power_iso_speed"]
    ratio_b_over_a: Positive
    voltage_v: PositiveOrBlank
    sd: Positive
    reason: Text
    source: Text
    url: str


class StepRow(ListedRow):
    """A foundry's statement on a new node: speed at the same power, or power at the same speed, over the old one."""

    table: ClassVar[str] = "steps"
    ascending: ClassVar[tuple[str, ...]] = ("low", "central", "high")
    id: Text
    family: Text
    node_old: Text
    node_new: Text
    kind: Literal["speed_iso_power", "power_iso_speed"]
    low: Positive
    central: Positive
    high: Positive
    voltage_v: PositiveOrBlank
    sd: PositiveOrBlank
    source: Text
    url: str

    def needed(self) -> tuple[str, ...]:
        """The spread by which a step is weighed."""
        return ("sd",)


class ClockPairRow(ListedRow):
    """Two clocks: of a family carried to another node (``family``), or of two boards with one die (``sku``)."""

    table: ClassVar[str] = "clock_pairs"
    id: Text
    kind: Literal["family", "sku"]
    case: Text
    family: Text
    purity: Purity
    node_a: Text
    node_b: Text
    clock_a_mhz: Positive
    clock_b_mhz: Positive
    voltage_a_v: PositiveOrBlank
    voltage_b_v: PositiveOrBlank
    voltage_basis: Literal["measured", "one measured", "estimate", "highest state of the family, estimate"]
    power_a_w: PositiveOrBlank
    power_b_w: PositiveOrBlank
    units_a: CountOrBlank
    units_b: CountOrBlank
    memory_a_w: AmountOrBlank
    memory_b_w: AmountOrBlank
    die_area_mm2: PositiveOrBlank
    clock_max_mhz: PositiveOrBlank
    voltage_max_v: PositiveOrBlank
    source: Text
    url: str

    def needed(self) -> tuple[str, ...]:
        """Voltages of a family; powers, units and the die of a pair of boards."""
        if self.kind == "family":
            return ("voltage_a_v", "voltage_b_v")
        return (
            "power_a_w",
            "power_b_w",
            "units_a",
            "units_b",
            "memory_a_w",
            "memory_b_w",
            "die_area_mm2",
            "clock_max_mhz",
            "voltage_max_v",
        )


class NodeClockRow(SiliconRow):
    """Median clocks of the products on a node."""

    table: ClassVar[str] = "node_clocks"
    node: Text
    median_boost_mhz: Positive
    median_base_mhz: Positive
    products: Count
    source: Text
    url: Text


class PortPowerRow(ListedRow):
    """Power of a chip moved to another process over that before; up to two parts on different processes."""

    table: ClassVar[str] = "port_power"
    id: Text
    case: Text
    family: Text
    purity: Purity
    node_a: Text
    node_b: Text
    share_1: Share
    area_ratio_1: PositiveOrBlank
    node_a2: str
    node_b2: str
    share_2: Share
    area_ratio_2: PositiveOrBlank
    fixed_share: Share
    fixed_low: Share
    fixed_high: Share
    fixed_ratio: Positive
    clock_ratio: Positive
    voltage_a_v: Positive
    voltage_b_v: PositiveOrBlank
    ratio_low: Positive
    ratio: Positive
    ratio_high: Positive
    basis: Text
    source: Text
    url: str


class BoardRow(SiliconRow):
    """A graphics board whose power was measured against its clock."""

    table: ClassVar[str] = "power_boards"
    board: Text
    family: Text
    node: Text
    vendor: Text
    memory: Text
    memory_gb_s: Positive
    power_limit_w: Positive
    base_clock_mhz: Positive
    boost_clock_mhz: Positive
    source: Text


class PowerPointRow(ListedRow):
    """A measured point of a board: power at a locked clock, or clock or performance under a power cap."""

    table: ClassVar[str] = "power_points"
    case: Text
    board: Text
    family: Text
    kind: Literal["locked", "cap", "clock-cap"]
    workload: Text
    workload_class: Literal["compute", "decode", "graphics", "inference", "memory", "training", "vision"]
    clock_mhz: PositiveOrBlank
    power_w: PositiveOrBlank
    cap_w: PositiveOrBlank
    relative_performance: PositiveOrBlank
    anchor: OneZero  # the chip's own top point, from which the others are predicted
    used: OneZero = Field(alias="use")
    source: Text
    url: str

    def needed(self) -> tuple[str, ...]:
        """The power of every point, and its clock or performance."""
        return ("power_w", "relative_performance" if self.kind == "cap" else "clock_mhz")


class VoltagePointRow(ListedRow):
    """A clock and its voltage on one chip: measured, or of its stock table."""

    table: ClassVar[str] = "vf_points"
    chip: Text
    family: Text
    node: Text
    clock_mhz: Positive
    voltage_v: Positive
    basis: Text
    used: OneZero = Field(alias="use")
    source: Text
    url: str
    note: str


class TemperatureRow(ListedRow):
    """A GPU's temperature under load, on a known cooler."""

    table: ClassVar[str] = "temperatures"
    ascending: ClassVar[tuple[str, ...]] = ("low_c", "high_c")
    case: Text
    design: Text
    cooling: Text
    coolant_c: Celsius
    power_w: Positive
    low_c: Celsius
    high_c: Celsius
    source: Text
    note: str


class BillRow(SiliconRow):
    """A published bill of materials of one package, USD."""

    table: ClassVar[str] = "bill_of_materials"
    ascending: ClassVar[tuple[str, ...]] = ("low_usd", "usd", "high_usd")
    design: Text
    usd: Positive
    low_usd: Positive
    high_usd: Positive
    source: Text


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
    BillRow,
    BoardRow,
    ClockPairRow,
    CsetOperationRow,
    CsetRow,
    ElectricalNodeRow,
    GpuRow,
    LinkRow,
    NodeClockRow,
    PairRow,
    PortPowerRow,
    PowerPointRow,
    StepRow,
    StillmakerBaasRow,
    TemperatureRow,
    VoltagePointRow,
)
"""Every table of params/silicon."""

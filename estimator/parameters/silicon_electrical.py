"""Rows of the tables of clocks, voltages, powers and temperatures, and of what foundries say about them."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from estimator.parameters.silicon import (
    AmountOrBlank,
    Celsius,
    Count,
    CountOrBlank,
    ListedRow,
    OneZero,
    Order,
    Positive,
    PositiveOrBlank,
    Purity,
    Share,
    SiliconRow,
    Split,
    Text,
    unseen,
)


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
    memory: str
    memory_a_w: AmountOrBlank
    memory_b_w: AmountOrBlank
    die_area_mm2: PositiveOrBlank
    clock_max_mhz: PositiveOrBlank
    voltage_max_v: PositiveOrBlank
    split: Split
    source: Text
    url: str

    @model_validator(mode="after")
    def _fits_see_no_validation(self) -> Self:
        return unseen(self, fitted=self.used, split=self.split)

    def needed(self) -> tuple[str, ...]:
        """Voltages of a family; powers, units and the die of a pair of boards."""
        if self.kind == "family":
            return ("voltage_a_v", "voltage_b_v")
        return (
            "power_a_w",
            "power_b_w",
            "units_a",
            "units_b",
            "memory",
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
    split: Split
    source: Text
    url: str

    @model_validator(mode="after")
    def _fits_see_no_validation(self) -> Self:
        return unseen(self, fitted=self.used, split=self.split)


class BoardRow(SiliconRow):
    """A graphics board whose power was measured against its clock, and what its user knows of it."""

    table: ClassVar[str] = "power_boards"
    board: Text
    family: Text
    generation: Text
    node: Text
    vendor: Text
    die_area_mm2: Positive
    dies: Count
    units: CountOrBlank
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
    workload_class: Literal[
        "compute", "decode", "graphics", "idle", "inference", "memory", "prefill", "training", "vision"
    ]
    clock_mhz: PositiveOrBlank
    power_w: PositiveOrBlank
    cap_w: PositiveOrBlank
    relative_performance: PositiveOrBlank
    anchor: OneZero  # the chip's own top point, from which the others are predicted
    used: OneZero = Field(alias="use")
    split: Split
    fitted: OneZero = Field(alias="fit")  # whether the voltage fit uses it
    mark: str  # laptop, throttled, short run, ...
    source: Text
    url: str

    @model_validator(mode="after")
    def _fits_see_no_validation(self) -> Self:
        return unseen(self, fitted=self.fitted, split=self.split)

    def needed(self) -> tuple[str, ...]:
        """The power of every point, and its clock or performance."""
        return ("power_w", "relative_performance" if self.kind == "cap" else "clock_mhz")


class VoltagePointRow(ListedRow):
    """A clock and its voltage on one chip: measured, or of its stock table."""

    table: ClassVar[str] = "vf_points"
    chip: Text
    family: Text
    node: Text
    die_area_mm2: PositiveOrBlank
    power_w: PositiveOrBlank  # of the board, as published
    memory: str
    clock_mhz: Positive
    voltage_v: Positive
    basis: Text
    used: OneZero = Field(alias="use")
    split: Split
    fitted: OneZero = Field(alias="fit")  # whether the voltage fit uses it
    source: Text
    url: str
    note: str

    @model_validator(mode="after")
    def _fits_see_no_validation(self) -> Self:
        return unseen(self, fitted=self.fitted, split=self.split)

    def needed(self) -> tuple[str, ...]:
        """What a design is made of."""
        return ("die_area_mm2", "power_w", "memory")


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


TABLES: tuple[type[SiliconRow], ...] = (
    BoardRow,
    ClockPairRow,
    ElectricalNodeRow,
    LinkRow,
    NodeClockRow,
    PortPowerRow,
    PowerPointRow,
    StepRow,
    TemperatureRow,
    VoltagePointRow,
)

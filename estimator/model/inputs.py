"""What the chain reads: typed views of the numbers of a design, its processes, cooling, package and plan.

Numbers are floats or arrays that broadcast together, by attribute: a name that is no number of its owner is a type error. A
view takes a number from its table only when it is asked for, which is what keeps blocks of many points fast.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from estimator.arrays import Num, Numbers


class Process(Protocol):
    """Numbers of a process; units as in `estimator.quantities`."""

    logic_density_mtr_mm2: Num
    sram_density_mb_mm2: Num
    analog_area_factor: Num
    supply_v: Num
    supply_min_v: Num
    supply_max_v: Num
    threshold_v: Num
    supply_insensitive_fraction: Num
    gate_delay_ps: Num
    switched_cap_relative: Num
    leakage_logic_w_mm2: Num
    leakage_sram_w_mm2: Num
    planar: Num
    wire_delay_ps_mm: Num
    clock_shipped_ghz: Num
    supply_hp_v: Num
    fab_energy_kwh_cm2: Num
    fab_gas_kgco2e_cm2: Num
    fab_grid_kgco2e_kwh: Num
    memory_pin_rate_max_gb_s: Num
    gddr_pin_rate_max_gb_s: Num
    serdes_rate_max_gb_s: Num
    d2d_rate_relative: Num
    d2d_energy_relative: Num
    volume_year: Num
    defect_density_mature_per_cm2: Num
    defect_density_launch_per_cm2: Num
    learning_quarters: Num
    clustering_alpha: Num
    wafer_cost_usd: Num
    mask_set_musd: Num
    design_cost_musd: Num
    reticle_width_mm: Num
    reticle_height_mm: Num


class DieNumbers(Protocol):
    """Numbers of one kind of die at home; `power_weight` is its share of the dynamic power in dies without compute units."""

    area_mm2: Num
    count: Num
    logic_fraction: Num
    sram_fraction: Num
    analog_fraction: Num
    unit_area_fraction: Num
    memory_area_fraction: Num
    power_weight: Num


class DesignNumbers(Protocol):
    """Numbers of a design at its published point: its power is held at the rated clock, under its own workload."""

    clock_ghz: Num
    clock_rated_ghz: Num
    clock_max_ghz: Num
    power_w: Num
    supply_v: Num
    supply_floor_v: Num
    traffic_fraction: Num
    memory_time_fraction: Num
    activity: Num
    transistors_mtr: Num
    board_loss_fraction: Num
    io_die_power_fraction: Num
    memory_power_w: Num
    io_power_w: Num
    junction_max_c: Num
    units: Num
    units_enabled: Num
    memory_channels: Num
    memory_channels_enabled: Num
    memory_stacks: Num
    memory_gb: Num
    memory_bought_gb: Num
    memory_bw_gb_s: Num
    memory_on_package: Num
    link_lane_gb_s: Num
    tensor_tflops: Num
    vector_tflops: Num


class WorkNumbers(Protocol):
    """Numbers of the workload that is asked about."""

    traffic_fraction: Num
    memory_time_fraction: Num
    activity: Num


class CoolingNumbers(Protocol):
    """Numbers of a cooling."""

    coolant_c: Num
    resistance_area_k_mm2_w: Num
    resistance_sink_k_w: Num
    cost_usd: Num
    module_power_max_w: Num
    air_flow_m3_s: Num


class PackageNumbers(Protocol):
    """Numbers of a package."""

    substrate_cost_usd_mm2: Num
    substrate_area_factor: Num
    interposer_wafer_usd: Num
    interposer_area_factor: Num
    interposer_defect_density_per_cm2: Num
    interposer_max_area_mm2: Num
    bond_yield_fraction: Num
    memory_site_area_mm2: Num
    fixed_cost_usd: Num
    d2d_area_mm2_per_tbps: Num
    d2d_energy_pj_bit: Num
    d2d_bandwidth_tb_s: Num
    field_year_0: Num  # roadmap: years and areas of its steps, of which there are `MOST_STEPS`
    field_area_0: Num
    package_nre_musd: Num
    package_nre_musd_mm2: Num


class ProductNumbers(Protocol):
    """Numbers of a class of product."""

    test_fixed_usd: Num
    test_cost_usd_mm2: Num
    assembly_cost_usd: Num
    board_fixed_usd: Num
    board_cost_usd_w: Num
    cooler_cost_usd_w: Num
    cooler_cost_share: Num
    package_fixed_share: Num
    host_cost_usd: Num
    host_power_w: Num


class MemoryNumbers(Protocol):
    """Numbers of a memory type, per stack or device."""

    bandwidth_gb_s: Num
    capacity_gb: Num
    energy_pj_bit: Num
    static_w: Num
    cost_usd_gb: Num
    embodied_kgco2e_gb: Num
    phy_area_mm2: Num
    width_bits: Num


class Constants(Protocol):
    """Constants of the model (params/model.toml)."""

    wafer_diameter_mm: Num
    edge_exclusion_mm: Num
    scribe_mm: Num
    notch_mm: Num
    wire_reach_fraction: Num
    repeater_fraction: Num
    interconnect_fraction: Num
    unit_power_fraction: Num
    leakage_voltage_scale_finfet_v: Num
    leakage_voltage_scale_planar_v: Num
    leakage_doubling_k: Num
    sink_area_exponent: Num
    interposer_clustering_alpha: Num
    memory_test_cost_usd: Num
    scrap_invested_fraction: Num
    air_heat_j_m3_k: Num
    wafer_price_diameter_mm: Num
    global_wire_delay_ps_mm: Num
    l2_fixed_cycles: Num
    maturity_quarters: Num
    data_date: Num
    interposer_edge_exclusion_mm: Num
    split_efficiency_four: Num
    d2d_latency_ns: Num
    unit_sram_share: Num
    slice_sram_share: Num
    sram_defect_weight: Num
    analog_defect_weight: Num
    bond_resistance_k_mm2_w: Num
    volume: Num
    workload_intensity_flop_byte: Num
    critical_layers: Num
    port_realisation: Num
    logic_design_musd: Num
    complexity_reference_mtr: Num
    complexity_exponent: Num
    physical_design_share: Num
    logic_share_copy: Num
    logic_share_port: Num
    logic_share_new: Num
    physical_share_copy: Num
    physical_share_port: Num
    physical_share_new: Num
    respins: Num
    pue: Num
    electricity_usd_kwh: Num
    life_years: Num
    utilisation: Num
    grid_kgco2e_kwh: Num
    fab_materials_kgco2e_cm2: Num
    interposer_kgco2e_cm2: Num
    substrate_kgco2e_cm2: Num
    board_kgco2e_w: Num
    defect_cluster_length_mm: Num
    port_realisation_compatible: Num
    die_speed_sd: Num
    speed_bin_fraction: Num
    ageing_guard_fraction: Num
    repipelined_clock_gain: Num
    register_delay_fraction: Num
    register_growth_exponent: Num
    register_area_fraction: Num
    register_power_fraction: Num
    port_supply_kept: Num
    supply_top_of_nominal: Num
    stack_supply_of_nominal: Num
    supply_floor_of_nominal: Num
    leakage_power_most: Num
    leakage_gain_most: Num
    wire_share_most: Num


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """What the cloner chooses, and what follows from it; None where the plan says nothing and the design decides."""

    date: Num
    volume: Num
    yield_model: str
    critical_layers: Num
    workload_intensity_flop_byte: Num
    realisation: Num
    memory_cost_usd_gb: Num
    memory_kgco2e_gb: Num
    logic_share: Num
    physical_share: Num
    repipelined_clock_gain: Num | None = None
    maturity_quarters: Num | None = None
    memory_stacks: Num | None = None
    memory_bw_gb_s: Num | None = None
    memory_gb: Num | None = None
    memory_bought_gb: Num | None = None
    memory_power_w: Num | None = None
    memory_standby_w: Num | None = None
    phy_delta_mm2: Num | None = None
    tensor_area_fraction: Num | None = None
    tensor_power_fraction: Num | None = None
    defect_density_per_cm2: Num | None = None
    yield_fraction: Num | None = None
    sellable_fraction: Num | None = None
    clustering_alpha: Num | None = None
    power_limit_w: Num | None = None
    power_w: Num | None = None
    clock_ghz: Num | None = None
    supply_v: Num | None = None
    junction_max_c: Num | None = None
    dies: Num | None = None
    units: Num | None = None
    units_enabled: Num | None = None
    wafer_cost_usd: Num | None = None
    tensor_fraction: Num | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """Which of the numbers that the model can also do without a design states; the rest is inferred or assumed.

    Attributes
    ----------
    supply, floor : bool
        Supply at the published point, and the lowest one under load.
    rated : bool
        A clock held at the published power, apart from that of the quoted rates.
    heat : tuple of str
        What was named of the cooling and the junction limit of the published point, and may forbid it.
    power : tuple of str
        What was given of the powers apart from the dies', and may leave them none.
    units : bool
        Number or area of the compute units.
    rates : bool
        A rate of work, or enough of a GPU to infer one; without it there is none.
    memory : bool
        Memory of its own.
    vector : bool
        A vector rate, or a GPU, whose usual one is assumed.
    """

    supply: bool = True
    floor: bool = False
    rated: bool = False
    heat: tuple[str, ...] = ()
    power: tuple[str, ...] = ()
    units: bool = True
    rates: bool = True
    memory: bool = True
    vector: bool = True


@dataclass(frozen=True, slots=True)
class DieKind:
    """One kind of die: what it is at home, its process there, and the one that the clone has it built on.

    `on` is the index of the kind that it lies on, None where it lies on none; `wafer_scale` dies are not cut at the reticle.
    """

    role: str
    numbers: DieNumbers
    home: Process
    node: Process
    on: int | None = None
    wafer_scale: bool = False


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that one evaluation of the chain reads; ``dies`` names the compute dies first."""

    design: DesignNumbers
    dies: tuple[DieKind, ...]
    home_cooling: CoolingNumbers
    cooling: CoolingNumbers
    packages: tuple[PackageNumbers, ...]  # in the order in which they are tried
    product: ProductNumbers
    memory: MemoryNumbers
    model: Constants
    work: WorkNumbers
    plan: Plan
    given: Given
    memory_host: int  # which of the dies drive the memory
    link_host: int  # which drive the links to other GPUs
    at_home_process: bool  # the compute dies are built on the process of the design's home
    stacked_memory: bool  # the design's own memory is stacked
    own_cooling: bool  # the cooling is of the class that the design ships with
    published: bool = False  # the published point, which exists whatever the walls say
    process_memory: bool = False  # the memory is what the process drives, not what the plan says
    own_package: bool = True  # the first package is the design's own, which was made for it
    own_links: bool = True  # links to other GPUs are on the process that they have at home
    shipped_year: float = 0.0  # of the design, and so of its package; 0 where it is not stated

    @property
    def processes(self) -> tuple[Process, ...]:
        """Every process of the design at home and of the clone, each once."""
        found = [p for k in self.dies for p in (k.home, k.node)]
        return tuple(p for i, p in enumerate(found) if not any(p is q for q in found[:i]))

    @property
    def home(self) -> Process:
        """Process of the compute dies at home."""
        return self.dies[0].home

    @property
    def node(self) -> Process:
        """Process of the clone's compute dies."""
        return self.dies[0].node


class View:
    """Numbers of one owner by attribute: converted or gathered when first asked for, and kept."""

    def __init__(self, numbers: Mapping[str, Num], take: Callable[[Num], Num] | None = None) -> None:
        self._numbers, self._take = numbers, take

    def __getattr__(self, name: str) -> Any:
        own = self.__dict__
        if name[0] == "_" or name not in own["_numbers"]:
            raise AttributeError(name)
        value, take = own["_numbers"][name], own["_take"]
        own[name] = value = value if take is None else take(value)
        return value

    def put(self, name: str, value: Num) -> None:
        """Take another value for a number."""
        self.__dict__[name] = value

    def has(self, name: str) -> bool:
        """Whether there is a number of this name."""
        return name in self.__dict__ or name in self._numbers


def plain(value: Num) -> Num:
    """A number without its range and source, which the chain computes fastest on; an array as it is."""
    return value if isinstance(value, np.ndarray) else float(value)


def make_plan(yield_model: str, numbers: Mapping[str, Num]) -> Plan:
    """A plan from its numbers, without their ranges."""
    return Plan(yield_model=yield_model, **plain_numbers(numbers))


def plain_numbers(numbers: Mapping[str, Num]) -> Numbers:
    """`plain` of every number."""
    return {k: plain(v) for k, v in numbers.items()}

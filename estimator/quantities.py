"""The one table of quantities: name, unit, words, allowed range and which direction is better, for every interface."""

from __future__ import annotations

import math
from typing import NamedTuple, SupportsFloat

import numpy as np
from numpy.typing import ArrayLike, NDArray

INF = math.inf
NORMAL_90 = 1.2815515655446004
"""90 % quantile of the standard normal: 80 % of a normal quantity lie within so many standard deviations of its median; low and
high of parameters, and the intervals of results, are its ends."""


class Field(NamedTuple):
    """One quantity of the model, wherever it appears (parameter file, option, result, file column, page label)."""

    name: str
    unit: str
    long_name: str
    low: float = 0.0
    high: float = INF
    low_open: bool = False
    better: str = ""  # "low", "high" or "" where neither is better
    integer: bool = False

    @property
    def range_text(self) -> str:
        """Allowed range as a person writes it, with the unit."""
        kind = "an integer " if self.integer else ""
        unit = f" {self.unit}" if self.unit not in ("1", "") else ""
        if math.isinf(self.high):
            return f"{kind}{'greater than' if self.low_open else 'at least'} {self.low:g}{unit}"
        if self.low_open:
            return f"{kind}greater than {self.low:g} and at most {self.high:g}{unit}"
        return f"{kind}from {self.low:g} to {self.high:g}{unit}"

    def allows(self, values: ArrayLike) -> NDArray[np.bool_]:
        """Where values are in range: finite (see `UNLIMITED`, `UNDEFINABLE`), and whole where the quantity is."""
        array = np.asarray(values)
        good = np.asarray(array > self.low if self.low_open else array >= self.low)
        good &= (array <= self.high) & (np.isfinite(array) | (self.name in UNLIMITED))
        if self.integer:
            good &= array == np.rint(array)
        return good | np.isnan(array) if self.name in UNDEFINABLE else good


_T = True
_ROWS: list[tuple[object, ...]] = [
    # --- geometry and area
    ("die_area_mm2", "mm2", "area of all dies", 1, 60000, False, "low"),
    ("area_mm2", "mm2", "area of one die", 1, 60000, False, "low"),
    ("transistors_mtr", "MTr", "transistors", 0, 1e7, _T),
    ("transistor_density_mtr_mm2", "MTr/mm2", "transistor density", 0, 2000, _T, "high"),
    ("die_width_mm", "mm", "die width", 0.1, 300),
    ("die_height_mm", "mm", "die height", 0.1, 2000),
    ("area_logic_mm2", "mm2", "area of logic", 0, INF, False, "low"),
    ("area_sram_mm2", "mm2", "area of SRAM", 0, INF, False, "low"),
    ("area_analog_mm2", "mm2", "area of analog, PHY and pads", 0, INF, False, "low"),
    ("area_link_mm2", "mm2", "area of die-to-die links", 0, INF, False, "low"),
    ("compute_die_area_mm2", "mm2", "area of one compute die", 0, INF, _T, "low"),
    ("unit_area_mm2", "mm2", "area of one compute unit", 0, INF, _T, "low"),
    ("logic_fraction", "1", "area share of logic", 0, 1),
    ("sram_fraction", "1", "area share of SRAM", 0, 1),
    ("analog_fraction", "1", "area share of analog, PHY and pads", 0, 1),
    ("unit_area_fraction", "1", "area share of compute units", 0, 1),
    ("memory_area_fraction", "1", "area share of memory channels", 0, 1),
    ("sram_mb", "MB", "on-chip SRAM", 0, 1e5),
    ("dies", "1", "dies per GPU", 1, 1024, False, "low", _T),
    ("fits_reticle", "1", "each die fits the reticle", 0, 1),
    ("reticle_fields", "1", "reticle fields needed", 1, 1024, False, "low"),
    ("reticle_width_mm", "mm", "reticle field width", 1, 100),
    ("reticle_height_mm", "mm", "reticle field height", 1, 100),
    ("wafer_diameter_mm", "mm", "wafer diameter", 50, 450),
    ("edge_exclusion_mm", "mm", "wafer edge exclusion", 0, 20),
    ("scribe_mm", "mm", "scribe lane", 0, 2),
    ("notch_mm", "mm", "height kept free at the wafer's notch, from its edge", 0, 20),
    ("gross_dies_per_wafer", "1", "gross dies per wafer", 0, INF, False, "high"),
    ("interposer_mm2", "mm2", "field of the interposer or package", 0, INF, False, "low"),
    ("package_field_mm2", "mm2", "largest field of its package at the date", 0, INF, False, "high"),
    ("packages_per_interposer_wafer", "1", "interposers per wafer", 0, INF, False, "high"),
    # --- areas from counts (params/fit/die_area.toml)
    ("sram_extent", "1", "all arrays over those that lists of caches name", 0.1, 10),
    ("phy_mm2_per_bit", "mm2", "memory interface per bit at N7", 0, 10),
    ("hbm_mm2_per_stack", "mm2", "interface of a memory stack at N7", 0, 200),
    ("lane_mm2", "mm2", "PCIe lane at N7", 0, 10),
    ("fixed_mm2", "mm2", "pads and other analog of a die at N7", 0, 200),
    ("link_lanes", "1", "chip-to-chip link in PCIe lanes", 0, 200),
    ("logic_share_min", "1", "least share of transistors in logic", 0, 1),
    ("typical_sram_share", "1", "typical share of transistors in arrays", 0, 1),
    ("typical_analog_share", "1", "typical share of area in interfaces and pads", 0, 1),
    ("house_log_sd", "1", "spread of logic density between makers and generations", 0, 2),
    ("die_area_error_log_sd", "1", "error of one die's area below 40 nm", 0, 2),
    ("die_area_error_old_log_sd", "1", "error of one die's area from 40 nm", 0, 2),
    ("logic_mtr_vector_flop", "MTr", "logic per single-precision operation a clock", 0, 100),
    ("logic_mtr_tensor_flop", "MTr", "logic per tensor operation a clock", 0, 100),
    ("logic_content_log_sd", "1", "spread of logic of chips of equal units", 0, 2),
    ("content_power_log_sd", "1", "spread of power of chips of equal content", 0, 2),
    # --- a job on as many GPUs as it takes
    ("job_gpus", "1", "GPUs that the job takes", 0, INF, False, "low"),
    ("job_cost_usd", "USD", "cost of the job", 0, INF, False, "low"),
    ("job_energy_mwh", "MWh", "energy of the job at the meter", 0, INF, False, "low"),
    ("job_power_mw", "MW", "power of the job at the meter", 0, INF, False, "low"),
    ("job_wafers", "1", "wafers of compute dies that the job takes", 0, INF, False, "low"),
    # --- node
    ("generation_nm", "nm", "node label", 1, 1000),
    ("planar", "1", "planar transistors (1), or fins and sheets (0)", 0, 1, False, "", _T),
    ("volume_year", "year", "start of volume production", 1995, 2035),
    ("logic_density_mtr_mm2", "MTr/mm2", "effective logic density", 0.01, 1000, False, "high"),
    ("sram_density_mb_mm2", "Mbit/mm2", "effective SRAM density", 0.001, 200, False, "high"),
    ("analog_area_factor", "1", "analog/PHY area against N7", 0.2, 5),
    ("logic_density_peak_mtr_mm2", "MTr/mm2", "peak library density", 0, 1000, _T, "high"),
    ("sram_bitcell_um2", "um2", "SRAM bit cell", 0, 10, _T, "low"),
    ("contacted_gate_pitch_nm", "nm", "contacted gate pitch", 10, 2000),
    ("metal_pitch_nm", "nm", "minimum metal pitch", 10, 2000),
    ("supply_v", "V", "supply voltage", 0.3, 2.0),
    ("supply_min_v", "V", "lowest supply voltage", 0.2, 2.0),
    ("supply_max_v", "V", "highest supply voltage", 0.3, 2.5),
    ("threshold_v", "V", "effective threshold voltage", 0.05, 1.2),
    ("supply_insensitive_fraction", "1", "share of the gate path blind to the supply", 0, 0.95),
    ("gate_delay_ps", "ps", "gate delay at nominal supply", 0.1, 500, False, "low"),
    ("switched_cap_relative", "1", "switched capacitance per function against N7", 0.01, 100, False, "low"),
    ("leakage_logic_w_mm2", "W/mm2", "leakage of logic at 85 C", 0, 2, False, "low"),
    ("leakage_sram_w_mm2", "W/mm2", "leakage of SRAM at 85 C", 0, 2, False, "low"),
    ("wire_delay_ps_mm", "ps/mm", "delay of a repeatered wire", 1, 5000, False, "low"),
    ("defect_density_mature_per_cm2", "1/cm2", "mature defect density", 0, 10, False, "low"),
    ("defect_density_launch_per_cm2", "1/cm2", "defect density at volume start", 0, 10, False, "low"),
    ("defect_density_per_cm2", "1/cm2", "defect density", 0, 10, False, "low"),
    ("learning_quarters", "quarters", "time constant of yield learning", 0.1, 100),
    ("clustering_alpha", "1", "defect clustering", 0.05, 1e6),
    ("critical_layers", "1", "critical layers", 1, 200),
    ("wafer_cost_usd", "USD", "wafer price", 1, 1e6, False, "low"),
    ("wafer_cost_year", "year", "year of the wafer price", 1995, 2035),
    ("mask_set_musd", "M USD", "mask set", 0, 1000, False, "low"),
    ("design_cost_musd", "M USD", "design cost of a new chip", 0, 10000, False, "low"),
    ("wafer_capacity_per_month", "wafers/month", "fab capacity", 0, 1e7, False, "high"),
    ("cycle_weeks", "weeks", "fab cycle time", 0, 200, False, "low"),
    ("clock_shipped_ghz", "GHz", "clock of the node's shipped graphics parts at their top supply", 0.01, 20),
    ("memory_pin_rate_max_gb_s", "Gb/s", "fastest memory pin of the process (stacks)", 0, 100, _T, "high"),
    ("gddr_pin_rate_max_gb_s", "Gb/s", "fastest memory pin of the process (devices)", 0, 100, _T, "high"),
    ("fab_energy_kwh_cm2", "kWh/cm2", "electricity of processing a wafer", 0, 100, False, "low"),
    ("fab_gas_kgco2e_cm2", "kg CO2e/cm2", "greenhouse gases let out in processing a wafer", 0, 100, False, "low"),
    ("fab_grid_kgco2e_kwh", "kg CO2e/kWh", "greenhouse gases of a fab's electricity", 0, 3, False, "low"),
    ("serdes_rate_max_gb_s", "Gb/s", "fastest serial lane of the process", 0, 1000, _T, "high"),
    ("d2d_rate_relative", "1", "rate of die-to-die lanes against the N5 class", 0, 10, _T, "high"),
    ("d2d_energy_relative", "1", "die-to-die energy per bit against the N5 class", 0, 100, False, "low"),
    ("supply_hp_v", "V", "supply of the high-performance library", 0.3, 2.0),
    # --- design
    ("clock_ghz", "GHz", "clock", 0.01, 20, False, "high"),
    ("clock_rated_ghz", "GHz", "clock held at the module power", 0.01, 20, False, "high"),
    ("clock_max_ghz", "GHz", "highest boost clock", 0.01, 20, False, "high"),
    ("power_w", "W", "module power", 0, 100000, _T, "low"),
    ("board_limit_w", "W", "power limit of the board", 0, 100000, _T, "low"),
    ("supply_floor_v", "V", "lowest supply of the product under load", 0.3, 2.0),
    ("memory_power_w", "W", "memory power at full bandwidth", 0, 20000, False, "low"),
    ("io_power_w", "W", "power that follows neither clock nor traffic: links, I/O, fans", 0, 20000, False, "low"),
    ("board_loss_fraction", "1", "board and regulator losses as a share of module power", 0, 0.6),
    ("io_die_power_fraction", "1", "share of dynamic power in all dies without compute units", 0, 1),
    ("power_fraction", "1", "share of dynamic power in a kind of die", 0, 1),
    ("units", "1", "compute units on the dies", 1, 1_000_000, False, "high", _T),
    ("units_enabled", "1", "compute units enabled", 1, 1_000_000, False, "high", _T),
    ("memory_channels", "1", "memory channels on the dies", 1, 256, False, "", _T),
    ("memory_channels_enabled", "1", "memory channels enabled", 1, 256, False, "", _T),
    ("memory_stacks", "1", "memory stacks or devices", 0, 256, False, "", _T),
    ("memory_gb", "GB", "memory capacity", 0, 100000, False, "high"),
    ("memory_bw_gb_s", "GB/s", "memory bandwidth", 0.01, 1e6, False, "high"),
    ("tensor_tflops", "TFLOPS", "dense 16-bit tensor rate", 0.0001, 1e6, False, "high"),
    ("vector_tflops", "TFLOPS", "FP32 vector rate", 0.0001, 1e6, False, "high"),
    ("tpp", "1", "total processing performance", 0, 1e8),
    ("memory_bought_gb", "GB", "memory capacity on the package, as paid for", 0, 100000),
    ("link_bw_gb_s", "GB/s", "link bandwidth, both directions", 0, 1e6, False, "high"),
    (
        "link_lane_gb_s",
        "Gb/s",
        "rate of one lane of the links between GPUs; 0 where it is not known",
        0,
        1000,
        False,
        "high",
    ),
    ("price_usd", "USD", "reference price", 0, 1e7, False, "low"),
    ("traffic_fraction", "1", "memory traffic of the workload over full bandwidth", 0, 1.2),
    ("memory_time_fraction", "1", "share of the workload's time that does not follow the core clock", 0, 1),
    ("activity", "1", "switching of the workload over that of dense matrix products", 0.001, 2),
    ("board_load_fraction", "1", "power of the workload over the board's limit", 0.01, 1.5),
    ("junction_max_c", "C", "highest junction temperature", 40, 200),
    ("count", "1", "dies of this kind", 1, 256, False, "", _T),
    # --- cooling, package, memory types
    ("coolant_c", "C", "coolant or ambient temperature", -50, 80),
    ("resistance_area_k_mm2_w", "K mm2/W", "junction-to-case resistance times area", 0.1, 500, False, "low"),
    ("bond_resistance_k_mm2_w", "K mm2/W", "resistance times area between dies on each other", 0, 500, False, "low"),
    ("resistance_sink_k_w", "K/W", "case-to-coolant resistance", 1e-4, 10, False, "low"),
    ("cost_usd", "USD", "cost", 0, 1e6, False, "low"),
    ("module_power_max_w", "W", "most module power that a cooler of this class takes", 1, 100000, False, "high"),
    ("air_flow_m3_s", "m3/s", "air flow at one module", 1e-4, 10, False, "high"),
    ("substrate_cost_usd_mm2", "USD/mm2", "package substrate", 0, 10, False, "low"),
    ("substrate_area_factor", "1", "substrate area over what it carries", 0, 20),
    ("interposer_wafer_usd", "USD", "interposer wafer with chip-on-wafer bonding", 0, 1e6, False, "low"),
    ("interposer_area_factor", "1", "interposer area over what it carries", 0, 10),
    ("interposer_defect_density_per_cm2", "1/cm2", "interposer defect density", 0, 10, False, "low"),
    ("interposer_max_area_mm2", "mm2", "largest interposer or package field", 1, 1e6),
    ("bond_yield_fraction", "1", "bonding yield per die", 0.01, 1, False, "high"),
    ("memory_site_area_mm2", "mm2", "footprint of a memory stack", 0, 1000),
    ("fixed_cost_usd", "USD", "fixed package cost", 0, 1e5, False, "low"),
    ("package_nre_musd", "M USD", "design and tools of a package, fixed part", 0, 1000, False, "low"),
    ("package_nre_musd_mm2", "M USD/mm2", "design and tools of a package by its field", 0, 1, False, "low"),
    ("d2d_area_mm2_per_tbps", "mm2/Tbps", "die-to-die PHY area", 0, 100, False, "low"),
    ("d2d_energy_pj_bit", "pJ/bit", "die-to-die energy", 0, 100, False, "low"),
    ("d2d_bandwidth_tb_s", "TB/s", "die-to-die bandwidth per die", 0, 1000),
    ("bandwidth_gb_s", "GB/s", "bandwidth per stack or device", 0.01, 1e5, False, "high"),
    ("capacity_gb", "GB", "capacity per stack or device", 0.001, 1e4, False, "high"),
    ("energy_pj_bit", "pJ/bit", "memory energy", 0, 200, False, "low"),
    ("static_w", "W", "memory floor power per stack or device", 0, 100, False, "low"),
    ("cost_usd_gb", "USD/GB", "memory price", 0, 1000, False, "low"),
    (
        "board_floor_fraction",
        "1",
        "power that follows neither clock nor traffic, as a share of the board's limit",
        0,
        0.6,
    ),
    ("embodied_kgco2e_gb", "kg CO2e/GB", "greenhouse gases of making memory", 0, 1000, False, "low"),
    ("phy_area_mm2", "mm2", "memory PHY on the host die at N7", 0, 200, False, "low"),
    ("width_bits", "1", "data pins of a stack or device", 1, 8192, False, "", _T),
    ("year", "year", "year", 1990, 2035),
    ("price_year", "year", "year that a price is of", 1990, 2040),
    ("interposer_capacity_per_month", "wafers/month", "capacity in interposer wafers", 0, 1e7, _T, "high"),
    ("stack_capacity_per_year", "stacks/year", "capacity in memory stacks", 0, 1e10, _T, "high"),
    # --- options of the plan
    ("maturity_quarters", "quarters", "quarters since volume production began", 0, 200),
    ("date", "year", "date of making", 1995, 2040),
    ("power_limit_w", "W", "module power ceiling", 0, 100000, _T),
    ("volume", "1", "GPUs over which design and masks are spread", 1, 1e10, False, "high"),
    # --- results
    ("yield_fraction", "1", "defect-free yield of a die", 0, 1, False, "high"),
    ("sellable_fraction", "1", "sellable fraction of dies, after salvage", 0, 1, False, "high"),
    ("exposed_fraction", "1", "share of a die's area whose defects kill something", 0, 1, False, "low"),
    ("assembly_yield_fraction", "1", "assembly yield", 0, 1, False, "high"),
    ("relative_performance", "1", "work per second over that at the published point", 0, INF, False, "high"),
    ("junction_c", "C", "junction temperature", -50, 500, False, "low"),
    ("power_dynamic_w", "W", "dynamic power", 0, INF, False, "low"),
    ("power_leakage_w", "W", "leakage power", 0, INF, False, "low"),
    ("power_memory_w", "W", "memory power", 0, INF, False, "low"),
    ("power_io_w", "W", "link and I/O power, apart from die-to-die", 0, INF, False, "low"),
    ("power_link_w", "W", "power of die-to-die links", 0, INF, False, "low"),
    ("power_board_w", "W", "board and regulator losses", 0, INF, False, "low"),
    ("heat_flux_w_mm2", "W/mm2", "heat flux", 0, INF, False, "low"),
    ("wire_share_fraction", "1", "wire share of the critical path", 0, 1, False, "low"),
    ("die_crossing_cycles", "1", "cycles to cross a die", 0, INF, False, "low"),
    ("l2_latency_cycles", "1", "cycles of an L2 hit", 0, INF, False, "low"),
    ("die_cost_usd", "USD", "cost of one sellable compute die", 0, INF, False, "low"),
    ("silicon_cost_usd", "USD", "cost of all logic dies", 0, INF, False, "low"),
    ("memory_cost_usd", "USD", "cost of memory", 0, INF, False, "low"),
    ("package_cost_usd", "USD", "cost of package", 0, INF, False, "low"),
    ("interposer_cost_usd", "USD", "cost of the interposer", 0, INF, False, "low"),
    ("test_cost_usd", "USD", "cost of test and assembly", 0, INF, False, "low"),
    ("scrap_cost_usd", "USD", "cost of parts lost in assembly", 0, INF, False, "low"),
    ("board_cost_usd", "USD", "cost of board and power delivery", 0, INF, False, "low"),
    ("cooler_cost_usd", "USD", "cost of the cooler", 0, INF, False, "low"),
    ("unit_cost_usd", "USD", "recurring cost of one GPU", 0, INF, False, "low"),
    ("nre_usd_per_unit", "USD", "design and masks per GPU", 0, INF, False, "low"),
    ("nre_logic_usd", "USD", "architecture, logic and software per GPU", 0, INF, False, "low"),
    ("nre_physical_usd", "USD", "physical design per GPU", 0, INF, False, "low"),
    ("nre_mask_usd", "USD", "masks per GPU", 0, INF, False, "low"),
    ("nre_package_usd", "USD", "design of the package per GPU", 0, INF, False, "low"),
    ("full_cost_usd", "USD", "all-in cost of one GPU", 0, INF, False, "low"),
    ("wafers_per_gpu", "1", "wafers of compute dies per finished GPU", 0, INF, True, "low"),
    ("dies_per_field", "1", "compute dies in one exposure field; 0 where none fits", 0, INF, False, "high"),
    ("fields_per_wafer", "1", "exposure fields to a wafer, on average of offsets", 0, INF, False, "low"),
    ("gpus_per_wafer", "1", "finished GPUs from one wafer of compute dies", 0, INF, False, "high"),
    ("clones_for_same_work", "1", "clones that do one original's work", 0, INF, True, "low"),
    ("power_for_same_work_w", "W", "power for one original's work", 0, INF, True, "low"),
    ("cost_for_same_work_usd", "USD", "recurring cost for one original's work", 0, INF, True, "low"),
    ("wafers_for_same_work", "1", "wafers of compute dies for one original's work", 0, INF, True, "low"),
    ("all_in_for_same_work_usd", "USD", "all-in cost for one original's work", 0, INF, True, "low"),
    ("work_tflops", "TFLOPS", "attainable rate under the roofline", 0, INF, False, "high"),
    ("split_efficiency", "1", "work left after the design is cut into dies", 0, 1, False, "high"),
    ("link_rate_share", "1", "rate of the links between GPUs over the original's", 0, 1, False, "high"),
    ("seconds_per_eflop", "s", "time per 1e18 floating-point operations", 0, INF, False, "low"),
    ("energy_per_eflop_j", "J", "energy per 1e18 floating-point operations", 0, INF, False, "low"),
    ("tflops_per_w", "TFLOPS/W", "tensor rate per watt", 0, INF, False, "high"),
    ("usd_per_tflops", "USD/TFLOPS", "recurring cost per tensor rate", 0, INF, False, "low"),
    ("embodied_kgco2e", "kg CO2e", "greenhouse gases of making one GPU", 0, INF, False, "low"),
    ("embodied_silicon_kgco2e", "kg CO2e", "greenhouse gases of all logic dies", 0, INF, False, "low"),
    ("embodied_memory_kgco2e", "kg CO2e", "greenhouse gases of memory", 0, INF, False, "low"),
    ("embodied_package_kgco2e", "kg CO2e", "greenhouse gases of package", 0, INF, False, "low"),
    ("embodied_scrap_kgco2e", "kg CO2e", "greenhouse gases of parts lost in assembly", 0, INF, False, "low"),
    ("embodied_board_kgco2e", "kg CO2e", "greenhouse gases of board and cooler", 0, INF, False, "low"),
    ("operational_kgco2e", "kg CO2e/year", "greenhouse gases of a year of use", 0, INF, False, "low"),
    (
        "kgco2e_per_eflop",
        "kg CO2e",
        "greenhouse gases per 1e18 operations",
        0,
        INF,
        False,
        "low",
    ),
    ("feasible", "1", "physically possible", 0, 1),
    ("limited_by", "", "what binds", 0, 7),
    # --- global constants of the model
    ("wire_reach_fraction", "1", "critical path length over the side of a compute unit", 0, 5),
    ("repeater_fraction", "1", "repeater share of wire delay", 0, 1),
    ("interconnect_fraction", "1", "global wires' share of dynamic power", 0, 1),
    ("unit_power_fraction", "1", "share of dynamic power in compute units", 0, 1),
    ("leakage_doubling_k", "K", "temperature rise that doubles leakage", 3, 200),
    ("leakage_voltage_scale_v", "V", "supply rise that multiplies leakage by e", 0.02, 5),
    ("leakage_voltage_scale_finfet_v", "V", "supply rise that multiplies leakage by e, fins and sheets", 0.02, 5),
    ("leakage_voltage_scale_planar_v", "V", "supply rise that multiplies leakage by e, planar transistors", 0.02, 5),
    (
        "repipelined_clock_gain",
        "1",
        "clock of logic cut for the gates of the process, over the original's pipeline",
        1,
        2,
    ),
    ("die_speed_sd", "1", "spread of speed between dies of one mask (standard deviation over mean)", 0.0001, 0.2),
    ("speed_bin_fraction", "1", "share of the original's parts that reach its clock", 0.5, 0.9999, False, "high"),
    ("ageing_guard_fraction", "1", "clock set aside for ageing, over the rated one", 0, 0.5),
    ("register_delay_fraction", "1", "share of a period in the pipeline register", 0, 0.45),
    ("register_growth_exponent", "1", "exponent of registers over stages", 0.5, 2),
    ("register_area_fraction", "1", "share of logic area in pipeline registers", 0, 1),
    ("register_power_fraction", "1", "share of dynamic power in pipeline registers and their clock", 0, 1),
    ("port_realisation", "1", "share of a density step that a port realises", 0, 1.5),
    (
        "port_realisation_compatible",
        "1",
        "share of a density step that a port to a compatible process realises",
        0,
        1.5,
    ),
    ("port_supply_kept", "1", "share of the supply reduction at a lower clock that a port takes", 0.05, 1),
    ("supply_top_of_nominal", "1", "supply of shipped parts at their top clock over nominal", 0.8, 2),
    (
        "stack_supply_of_nominal",
        "1",
        "supply of parts with stacked memory at their published clock over nominal",
        0.8,
        2,
    ),
    ("supply_floor_of_nominal", "1", "lowest supply of shipped parts under load over nominal", 0.5, 1.5),
    ("shipped_clock_gates", "1", "gate delays in a period of the clock of shipped graphics parts", 1, 1000),
    ("leakage_power_most", "1", "most leakage over the die's power at the published point", 0.01, 0.95),
    ("leakage_gain_most", "1", "most gain of the leakage-temperature loop at the published point", 0.01, 0.99),
    ("constant_power_most", "1", "most of the published power in assumed floor and traffic", 0, 0.95),
    ("wire_share_most", "1", "most of the published period in the wires of an assumed unit", 0.01, 0.95),
    ("cooling_margin_k", "K", "distance of the published point from the junction limit under a chosen cooling", 0, 50),
    ("workload_intensity_flop_byte", "FLOP/B", "operational intensity of the work", 0.001, 1e6),
    ("global_wire_delay_ps_mm", "ps/mm", "delay of a wide global wire across the die", 1, 5000, False, "low"),
    ("l2_fixed_cycles", "1", "cycles of an L2 hit apart from distance", 0, 10000),
    ("split_efficiency_four", "1", "work left after a design is cut into four dies", 0.01, 1, False, "high"),
    ("d2d_latency_ns", "ns", "latency of a die-to-die crossing", 0, 1000, False, "low"),
    ("grid_kgco2e_kwh", "kg CO2e/kWh", "greenhouse gases of the electricity in use", 0, 3, False, "low"),
    ("fab_materials_kgco2e_cm2", "kg CO2e/cm2", "greenhouse gases of wafer and materials", 0, 100, False, "low"),
    ("interposer_kgco2e_cm2", "kg CO2e/cm2", "greenhouse gases of an interposer wafer", 0, 100, False, "low"),
    ("substrate_kgco2e_cm2", "kg CO2e/cm2", "greenhouse gases of a package substrate", 0, 100, False, "low"),
    (
        "board_kgco2e_w",
        "kg CO2e/W",
        "greenhouse gases of board, power delivery and cooler per watt",
        0,
        100,
        False,
        "low",
    ),
    ("data_date", "year", "date that the data stand for", 1995, 2040),
    ("interposer_edge_exclusion_mm", "mm", "edge exclusion of an interposer wafer", 0, 20, False, "low"),
    ("unit_sram_share", "1", "share of SRAM in compute units", 0, 1),
    ("slice_sram_share", "1", "share of other SRAM in L2 slices that go with a memory channel", 0, 1),
    ("sram_defect_weight", "1", "share of defects in SRAM that kill", 0, 1, False, "low"),
    ("analog_defect_weight", "1", "share of defects in PHYs, pads and analog that kill", 0, 1, False, "low"),
    ("test_cost_usd_mm2", "USD/mm2", "test per area", 0, 100, False, "low"),
    ("test_fixed_usd", "USD", "test per package", 0, 1e5, False, "low"),
    ("assembly_cost_usd", "USD", "final assembly", 0, 1e5, False, "low"),
    ("memory_test_cost_usd", "USD", "test per memory stack", 0, 1e4, False, "low"),
    ("sink_area_exponent", "1", "how a cooler grows with the silicon beyond the design's own", 0, 1),
    ("interposer_clustering_alpha", "1", "defect clustering of an interposer", 0.05, 1e6),
    ("defect_cluster_length_mm", "mm", "distance over which neighbouring dies share their fate", 0.1, 300),
    ("pair_correlation", "1", "correlation of errors of paired numbers of a node", 0, 0.99),
    ("family_correlation", "1", "correlation of errors within a process family", 0, 0.49),
    ("density_correlation", "1", "correlation of errors of density between any two processes", 0, 0.95),
    ("line_correlation", "1", "correlation of errors within a foundry's line", 0, 0.5),
    ("line_correlation_years", "year", "years over which the correlation within a line fades", 0.1, 100),
    ("scrap_invested_fraction", "1", "share of a package already paid when a bond fails", 0, 1),
    ("board_cost_usd_w", "USD/W", "board and power delivery per watt", 0, 100, False, "low"),
    ("board_fixed_usd", "USD", "board, fixed", 0, 1e6, False, "low"),
    ("cooler_cost_usd_w", "USD/W", "cooler per watt", 0, 100, False, "low"),
    ("cooler_cost_share", "1", "share of the cooling's price that is charged", 0, 10),
    ("package_fixed_share", "1", "share of a package's fixed cost", 0, 10),
    ("module_power_from_w", "W", "power from which a design with stacked memory is a module", 0, 100000),
    ("chip_area_below_mm2", "mm2", "area below which a design without memory is a bare chip", 0, 60000),
    ("gpu_area_from_mm2", "mm2", "area from which a design is taken for a GPU", 0, 60000),
    ("gpu_power_from_w", "W", "power from which a design is taken for a GPU", 0, 100000),
    ("wafer_price_diameter_mm", "mm", "wafer for which prices are stated", 50, 450),
    ("air_heat_j_m3_k", "J/m3/K", "heat capacity of air by volume", 100, 5000),
    ("memory_power_fraction", "1", "memory power as a share of module power", 0, 1),
    ("memory_intensity_flop_byte", "FLOP/B", "peak rate over memory bandwidth", 0, 1e6, _T),
    ("vector_flop_clk_unit", "1", "FP32 operations per clock and unit", 0, 1e6, _T),
    ("tensor_flop_clk_unit", "1", "dense 16-bit tensor operations per clock and unit", 0, 1e6, _T),
    ("electricity_usd_kwh", "USD/kWh", "electricity price", 0, 10, False, "low"),
    ("pue", "1", "power usage effectiveness", 1, 5, False, "low"),
    ("utilisation", "1", "share of time at work", 0.001, 1),
    ("life_years", "year", "service life", 0.01, 50),
    ("area_error_log_sd", "1", "model error of area, relative", 0, 2),
    ("clock_error_log_sd", "1", "model error of clock, relative", 0, 2),
    ("power_error_log_sd", "1", "model error of power, relative", 0, 2),
    ("cost_error_log_sd", "1", "model error of cost, relative", 0, 2),
    ("sellable_error_log_sd", "1", "model error of the sellable share, relative", 0, 2),
    ("error_distance", "1", "distance from home over which the model error grows", 0.001, 10),
    (
        "logic_design_musd",
        "M USD",
        "architecture, logic, verification and software of the reference design",
        0,
        1e5,
        False,
        "low",
    ),
    ("complexity_reference_mtr", "MTr", "transistors for which logic_design_musd is stated", 1, 1e7),
    ("complexity_exponent", "1", "exponent of logic effort over transistors", 0, 2),
    ("physical_design_share", "1", "physical design as a share of a node's design cost", 0, 1),
    ("logic_share_copy", "1", "logic effort of a copy on the same process", 0, 2),
    ("logic_share_port", "1", "logic effort of a port to a compatible process", 0, 2),
    ("logic_share_new", "1", "logic effort of a different process", 0, 2),
    ("physical_share_copy", "1", "physical design of a copy on the same process", 0, 2),
    ("physical_share_port", "1", "physical design of a port to a compatible process", 0, 2),
    ("physical_share_new", "1", "physical design of a different process", 0, 2),
    ("respins", "1", "further mask sets after the first", 0, 20, False, "low"),
    # --- export rules, training runs, supply, ownership, porting
    ("tpp_alone_min", "1", "processing performance controlled at any density", 0, 1e8),
    ("tpp_dense_min", "1", "processing performance controlled when dense", 0, 1e8),
    ("tpp_middle_min", "1", "processing performance of the notified tier", 0, 1e8),
    ("density_high_min", "1/mm2", "performance density of the licensed tier", 0, 1e5),
    ("density_middle_min", "1/mm2", "performance density of the notified tier, small chips", 0, 1e5),
    ("density_low_min", "1/mm2", "performance density of the notified tier, large chips", 0, 1e5),
    ("compute_flop", "FLOP", "floating-point operations of a training run", 1, 1e32, False),
    ("gpus", "1", "GPUs of a cluster", 1, 1e8, False, "", _T),
    ("gpu_hours", "h", "GPU-hours of a training run", 0.001, 1e12, False, "low"),
    ("parameters_total", "1", "parameters of a trained model", 1, 1e16, False),
    ("days", "d", "days of a training run", 0, INF, _T, "low"),
    ("energy_mwh", "MWh", "energy of a training run", 0, INF, False, "low"),
    ("scale_out_gpus", "1", "GPUs at which scale-out would halve the efficiency", 1, 1e9, _T, "high"),
    ("scale_out_exponent", "1", "exponent of the scale-out law", 0, 2, _T),
    ("fp8_gain", "1", "speed-up of a training step by 8-bit matrix products", 1, 2, False, "high"),
    ("moe_efficiency", "1", "efficiency of a mixture of experts against a dense model", 0.001, 1, False, "high"),
    ("training_error_log_sd", "1", "spread of efficiency between well-run training runs", 0, 2),
    (
        "state_bytes_per_parameter",
        "B",
        "memory for weights, gradients and optimiser per parameter",
        1,
        100,
        False,
        "low",
    ),
    ("prefill_efficiency", "1", "share of the 16-bit rate reached in prefill", 1e-6, 1, False, "high"),
    ("decode_bandwidth_efficiency", "1", "share of the memory bandwidth reached in decode", 1e-6, 1, False, "high"),
    ("active_parameters", "1", "parameters that one token uses", 1, 1e16),
    ("stored_bytes", "B", "weights held in memory over all GPUs", 1, 1e18),
    ("memory_fill_fraction", "1", "share of the memory that weights and caches may take", 0.01, 1),
    ("weight_bytes", "B", "weights read in a step", 1, 1e18),
    ("cache_bytes_per_sequence", "B", "cache read per sequence", 0, 1e18),
    ("batch", "1", "sequences in flight", 1, 1e9),
    ("batch_most", "1", "most sequences in flight", 1, 1e9),
    ("matrix_efficiency", "1", "share of the peak rate reached in matrix products", 1e-6, 1, False, "high"),
    ("link_latency_us", "us", "latency of one sum over GPUs", 0, 1e6, False, "low"),
    ("expert_parameters", "1", "parameters in routed experts", 0, 1e16),
    ("experts", "1", "routed experts of a layer", 1, 1e6),
    ("experts_per_token", "1", "experts that a token is sent to", 1, 1e6),
    ("layers", "1", "layers", 1, 1e5),
    ("hidden_size", "1", "width of a layer", 1, 1e7),
    ("cache_bytes_per_token", "B", "cache of keys and values per token", 0, 1e12),
    ("input_tokens", "1", "tokens of a prompt", 1, 1e8),
    ("output_tokens", "1", "tokens of an answer", 1, 1e8),
    ("weight_bytes_per_parameter", "B", "bytes per parameter", 0.125, 8),
    ("good_mm2_per_wafer", "mm2", "good silicon per wafer", 1, 1e6),
    ("packaging_fraction", "1", "assembly, test and packaging over the foundry's price", 0, 10),
    ("fab_share_fraction", "1", "share of a node's capacity that the programme gets", 1e-6, 1, False, "high"),
    ("clock_spread", "1", "standard deviation of the logarithm of the clock of equal dies", 0, 1, False, "low"),
    ("clock_reached", "1", "share of the working dies that reach the clock of the full product", 0.001, 0.9999),
    (
        "interposer_share_fraction",
        "1",
        "share of the interposer wafers that the programme gets",
        1e-6,
        1,
        False,
        "high",
    ),
    ("stack_share_fraction", "1", "share of the memory stacks that the programme gets", 1e-6, 1, False, "high"),
    ("packaging_weeks", "weeks", "assembly, test and packaging time", 0, 100, False, "low"),
    ("wafers", "1", "wafers", 0, INF, False, "low"),
    ("host_power_w", "W", "power of server, network and storage per GPU", 0, 1e5, False, "low"),
    ("host_cost_usd", "USD", "price of server, network and storage per GPU", 0, 1e6, False, "low"),
    ("facility_cost_usd_w", "USD/W", "building, power and cooling plant per watt of IT power", 0, 1000, False, "low"),
    ("facility_life_years", "year", "life of building and plant", 0.1, 100, False, "high"),
    ("upkeep_fraction_year", "1", "upkeep and staff per year as a share of the equipment's price", 0, 1, False, "low"),
    ("smuggled_usd_year", "USD", "value of smuggled servers a year", 0, 1e13),
    ("rent_usd_gpu_hour", "USD/h", "rent of one GPU", 0, 1e4, False, "low"),
    ("smuggled_premium", "1", "price of a smuggled GPU over its street price", 1, 100, False, "low"),
    ("total_cost_usd", "USD", "cost of owning one GPU over its life", 0, INF, False, "low"),
    ("usd_per_gpu_hour", "USD/h", "cost of an hour of one GPU at work", 0, INF, False, "low"),
    ("usd_per_eflop", "USD", "cost per 1e18 floating-point operations", 0, INF, False, "low"),
    ("port_months_copy", "months", "time to first silicon of a copy on the same process", 0, 120, False, "low"),
    ("port_months_port", "months", "time to first silicon of a port to a compatible process", 0, 120, False, "low"),
    ("port_months_new", "months", "time to first silicon on a different process", 0, 120, False, "low"),
    ("tensor_fraction", "1", "share of the tensor units kept", 0.001, 1, False, "high"),
    ("tensor_area_fraction", "1", "tensor units' share of a compute unit's area", 0, 1),
    ("tensor_unit_area_mm2", "mm2", "tensor unit area per 1,024 operations per clock on 12FFN", 0, 100, False, "low"),
    (
        "tensor_power_fraction",
        "1",
        "tensor units' share of a compute unit's dynamic power over their area share",
        0,
        10,
    ),
]

FIELDS: dict[str, Field] = {str(row[0]): Field(*row) for row in _ROWS}  # type: ignore[arg-type]

_ARGUMENT_ROWS: list[tuple[object, ...]] = [
    # --- area and wafer
    ("home_area_mm2", "mm2", "area at home", 0, 1e8),
    ("home_density", "", "density at home", 0.01, 2000),
    ("density", "", "density on the target node", 0.01, 2000),
    ("home_factor", "1", "analog factor at home", 0.01, 100),
    ("factor", "1", "analog factor on the target node", 0.01, 100),
    ("any_area_mm2", "mm2", "area", 0, 1e8),
    ("one_die_mm2", "mm2", "area of one die", 1e-3, 1e6),
    ("reticle_area_mm2", "mm2", "area of the reticle field", 1, 10000),
    ("side_mm", "mm", "side of a die", 0.5, 2000),
    ("field_side_mm", "mm", "side of an exposure field", 0.5, 2000),
    ("carried_mm2", "mm2", "silicon and memory that a package carries", 0, 1e8),
    ("pin_rate_max_gb_s", "Gb/s", "fastest memory pin", 1e-6, 1000),
    # --- yield and cost
    ("mean", "1", "mean defects per die", 0, 1e9),
    ("any_defects_per_cm2", "1/cm2", "defect density", 0, 1000),
    ("any_alpha", "1", "defect clustering; infinite for none", 0.01),
    ("gross_dies", "1", "gross dies per wafer", 1e-3, 1e9),
    ("sold_fraction", "1", "sellable fraction of dies", 1e-12, 1),
    ("parts", "1", "bonded parts", 0, 1e5),
    ("linked_dies", "1", "dies with a die-to-die interface that the original does not have", 0, 1e5),
    ("logic_share", "1", "share of the logic effort of a new design", 0, 2),
    ("physical_share", "1", "share of the physical design of a new design", 0, 2),
    ("field_mm2", "mm2", "field of an interposer or package", 0, 1e8),
    ("any_wafers_per_gpu", "1", "wafers per finished GPU", 1e-9, 1e40),
    ("amount_musd", "M USD", "amount", 0, 1e7),
    ("nre_musd", "M USD", "design and masks", 0, 1e6),
    ("any_usd", "USD", "amount", 0, 1e15),
    ("paid_usd", "USD", "price", 0.001, 1e9),
    ("signed_usd", "USD", "amount, either sign", -1e15, 1e15),
    ("years", "year", "years", 0, 1e6),
    ("hours", "h", "hours", 1e-3, 1e9),
    # --- timing, power, heat
    ("any_supply_v", "V", "supply voltage", 0, 10),
    ("nominal_supply_v", "V", "nominal supply voltage", 0.2, 10),
    ("any_threshold_v", "V", "effective threshold voltage", 0, 5),
    ("supply_kept", "1", "share of a reduction of supply that is taken", 0.05, 1),
    ("core_ratio", "1", "compute rate over that at home", 1e-12, 1e6),
    ("memory_ratio", "1", "memory bandwidth over that at home", 1e-12, 1e6),
    ("relative_delay", "1", "delay over that at nominal supply", 0, 1e6),
    ("length_mm", "mm", "length of a wire", 0, 1e5),
    ("clock_gain", "1", "clock over that before", 0.1, 2),
    ("clock_over_rated", "1", "clock over the rated one", 0, 1e6),
    ("home_dies", "1", "dies of a part of the original", 1, 1024),
    ("register_growth", "1", "pipeline registers over those before", 0, 1e6),
    ("fab_kgco2e_cm2", "kg CO2e/cm2", "greenhouse gases per area of wafer", 0, 1000),
    ("any_kgco2e", "kg CO2e", "greenhouse gases", 0, 1e12),
    ("share", "1", "share", 0, 1),
    ("ratio", "1", "ratio", 0, 1e6),
    ("power_ceiling_w", "W", "ceiling on die power; infinite for none", -1e9),
    ("any_power_w", "W", "power", 0, 1e9),
    ("idle_power_w", "W", "power in the hours without work", 0, 1e9),
    ("die_power_w", "W", "die power, below zero where the rest takes more than there is", -1e9, 1e9),
    ("full_clock_ghz", "GHz", "clock of the full product", 1e-6, 1000),
    ("any_clock_ghz", "GHz", "clock", 1e-6, 1000),
    ("any_temperature_c", "C", "temperature", -273.15, 1000),
    ("resistance_k_w", "K/W", "thermal resistance", 1e-6, 1000),
    ("resistance_or_none_k_w", "K/W", "least thermal resistance", 0, 1000),
    ("gain", "1", "gain of the leakage-temperature loop", 0, 1e300),
    ("delay_ns", "ns", "delay", 0, 1e6),
    ("gate_ns", "ns", "gate delay of the critical path", 1e-6, 1e6),
    ("switched_w", "W/(V2 GHz)", "dynamic power coefficient", 1e-6, 1e9),
    # --- throughput, training, serving
    ("rate_tflops", "TFLOPS", "rate", 1e-6, 1e9),
    ("distance_mm", "mm", "distance", 0, 1e6),
    ("cycles", "1", "cycles", 0, 1e9),
    ("bandwidth_any_gb_s", "GB/s", "bandwidth", 1e-6, 1e12),
    ("efficiency", "1", "share of a rate that is reached", 1e-6, 1),
    ("method", "1", "factor of precision and kind of model", 1e-3, 1e3),
    ("days_allowed", "d", "wall-clock time", 1e-3, 1e6),
    ("any_bytes", "B", "bytes", 0, 1e20),
    ("any_seconds", "s", "time", 0, 1e9),
    ("any_count", "1", "count", 0, 1e15),
    ("work_gpu_hours", "h", "GPU-hours without loss by scale-out", 1e-3, 1e15),
    ("cluster_gpus", "1", "GPUs of a cluster", 1, 1e9),
    # --- supply and export rules
    ("dies_per_gpu", "1", "dies per GPU", 1, 1e5),
    ("some_wafers", "1", "wafers", 0, 1e15),
    ("capacity", "wafers/month", "fab capacity", 1e-3, 1e9),
    ("dense_tops", "TOPS", "dense rate", 0, 1e9),
    ("density_or_none", "1/mm2", "performance density; NaN where it is not defined", 0, 1e5),
    ("bit_length", "1", "bits of an operation", 1, 1024),
]

UNLIMITED = ("any_alpha", "power_ceiling_w")
"""Arguments that may be infinite."""
UNDEFINABLE = ("density_or_none",)
"""Arguments that may be NaN."""

ARGUMENTS: dict[str, Field] = {**FIELDS, **{str(row[0]): Field(*row) for row in _ARGUMENT_ROWS}}  # type: ignore[arg-type]


def describe(name: str) -> Field:
    """Field of a name; an unknown one (a user's own extra) gets an unbounded field without unit."""
    short = name.rsplit(".", 1)[-1].removeprefix("default_")
    return FIELDS.get(short) or Field(name, "", name.replace("_", " "), -INF, INF)


def number(value: SupportsFloat, unit: str = "") -> str:
    """A number with three or four significant digits and its unit, as a person writes it.

    Examples
    --------
    >>> number(3124.7, "mm2"), number(0.0312), number(1.5, "GHz")
    ('3,125 mm2', '0.0312', '1.5 GHz')
    """
    v = float(value)
    if math.isnan(v):
        return "-"
    text = f"{v:,.0f}" if abs(v) >= 1000 else f"{v:.4g}" if abs(v) >= 100 else f"{v:.3g}"
    return with_unit(text, unit)


def with_unit(text: str, unit: str) -> str:
    """A number's text with its unit behind it, if it has one.

    Examples
    --------
    >>> with_unit("3", "mm2"), with_unit("3", "1")
    ('3 mm2', '3')
    """
    return text if unit in ("", "1") else f"{text} {unit}"


def quarter(date: float) -> str:
    """A date in years as its quarter.

    Examples
    --------
    >>> quarter(2006.9), quarter(2027.0), quarter(2027.5)
    ('Q4 2006', 'Q1 2027', 'Q3 2027')
    """
    year = math.floor(date)
    return f"Q{math.floor(4.0 * (date - year)) + 1} {year}"

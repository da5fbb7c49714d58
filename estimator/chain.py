"""The chain: composes area, yield, operating point, cost and throughput on arrays; it holds no formula of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from estimator import area, cost, power, thermal, throughput, timing, wafer, yields
from estimator.arrays import Array
from estimator.checks import trusted
from estimator.fields import FIELDS
from estimator.operating_point import RETICLE, critical_path, solve

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


class _Anchor(NamedTuple):
    """The design at home, taken apart so that it reproduces its published point."""

    total_area: Any
    dynamic_w: Any
    gate_ns: Any  # gate part of the critical path at the published supply
    wire_ns: Any  # wire part at nominal supply
    relative_delay: Any  # gate delay at the published supply over nominal
    unit_area: Any


STAGES = ("area", "yield", "point", "cost", "throughput")


@trusted()
@np.errstate(over="ignore", invalid="ignore")
def home_leakage(case: Case) -> tuple[Array, Array, Array]:
    """Die power, junction temperature and leakage (W, C, W) of the design at its published point."""
    d = case.design
    die_w = d["power_w"] * (1.0 - d["board_loss_fraction"]) - d["memory_power_w"] - d["io_power_w"]
    junction = case.home_cooling["coolant_c"] + die_w * thermal.thermal_resistance(
        resistance_sink_k_w=case.home_cooling["resistance_sink_k_w"],
        resistance_area_k_mm2_w=case.home_cooling["resistance_area_k_mm2_w"],
        die_area_mm2=_home_footprint(d),
    )
    leak = _leakage_reference(d, case.home, d["area_mm2"] * d["count"], "")
    if case.io_home is not None:
        leak = leak + _leakage_reference(d, case.io_home, d["io_area_mm2"] * d["io_count"], "io_")
    factor = power.leakage_factor(
        supply_v=d["supply_v"], nominal_supply_v=case.home["supply_v"], junction_c=junction,
        leakage_voltage_scale_v=case.model["leakage_voltage_scale_v"],
        leakage_doubling_k=case.model["leakage_doubling_k"],
    )  # fmt: skip
    return np.asarray(die_w), np.asarray(junction), np.asarray(leak * factor)


def _home_area(d: Numbers) -> Any:
    return d["area_mm2"] * d["count"] + d.get("io_area_mm2", 0.0) * d.get("io_count", 0.0)


def _home_footprint(d: Numbers) -> Any:
    if d["stacked"]:
        return np.maximum(d["area_mm2"] * d["count"], d["io_area_mm2"] * d["io_count"])
    return _home_area(d)


def _leakage_reference(d: Numbers, node: Numbers, silicon: Any, prefix: str) -> Any:
    return power.leakage_at_reference(
        logic_area_mm2=silicon * d[prefix + "logic_fraction"], sram_area_mm2=silicon * d[prefix + "sram_fraction"],
        leakage_logic_w_mm2=node["leakage_logic_w_mm2"], leakage_sram_w_mm2=node["leakage_sram_w_mm2"],
    )  # fmt: skip


def _relative_delay(node: Numbers, supply: Any) -> Any:
    return timing.relative_gate_delay(
        supply_v=supply, nominal_supply_v=node["supply_v"], threshold_v=node["threshold_v"],
        supply_insensitive_fraction=node["supply_insensitive_fraction"],
    )  # fmt: skip


def _wire_ns(case: Case, node: Numbers, unit_area: Any) -> Any:
    length = case.model["wire_reach_fraction"] * np.sqrt(unit_area)
    return timing.wire_delay_ps(length_mm=length, wire_delay_ps_mm=node["wire_delay_ps_mm"]) / 1000.0


@trusted()
def anchor(case: Case) -> _Anchor:
    """Take the design at home apart: what is not leakage is dynamic; what is not wire on the path is gates."""
    d, m = case.design, case.model
    die_w, _, leak = home_leakage(case)
    unit_area = d["unit_area_fraction"] * d["area_mm2"] * d["count"] / d["units"]
    relative = _relative_delay(case.home, d["supply_v"])
    wire_ns = _wire_ns(case, case.home, unit_area)
    rho = m["repeater_fraction"]
    gate_ns = 1.0 / d["clock_ghz"] - wire_ns * ((1.0 - rho) + rho * relative)
    return _Anchor(_home_area(d), die_w - leak, gate_ns, wire_ns, relative, unit_area)


def _class_areas(
    case: Case, home: Numbers, node: Numbers, prefix: str, units_scale: Any
) -> tuple[Any, Any, Any]:
    """Logic, SRAM and analog area (mm2) of all dies of one kind on the target node, without links."""
    d, plan = case.design, case.plan
    silicon = d[prefix + "area_mm2"] * d[prefix + "count"]
    k = plan["realisation"]
    logic = area.class_area(
        home_area_mm2=silicon * d[prefix + "logic_fraction"], home_density=home["logic_density_mtr_mm2"],
        density=node["logic_density_mtr_mm2"], realisation=k,
    )  # fmt: skip
    sram = area.class_area(
        home_area_mm2=silicon * d[prefix + "sram_fraction"], home_density=home["sram_density_mb_mm2"],
        density=node["sram_density_mb_mm2"], realisation=k,
    )  # fmt: skip
    analog = area.analog_area(
        home_area_mm2=silicon * d[prefix + "analog_fraction"], home_factor=home["analog_area_factor"],
        factor=node["analog_area_factor"],
    )  # fmt: skip
    return logic * units_scale, sram * units_scale, analog


def _area(case: Case, q: dict[str, Any]) -> None:
    d, plan, node = case.design, case.plan, case.node
    units = plan.get("units", d["units"])
    inside = np.minimum(d["unit_area_fraction"] / np.maximum(d["logic_fraction"] + d["sram_fraction"], 1e-12), 1.0)
    kept = plan.get("tensor_fraction", 1.0)
    tensor_share = np.minimum(plan.get("tensor_area_share", 0.0), 0.5)  # of a unit's area
    unit_content = 1.0 - tensor_share * (1.0 - kept)
    scale = 1.0 + inside * (units / d["units"] * unit_content - 1.0)
    q.update(tensor_kept=kept, tensor_share=tensor_share, unit_content=unit_content)
    q["unit_scale"] = scale
    logic, sram, analog = _class_areas(case, case.home, node, "", scale)
    analog = analog + plan.get("phy_delta_mm2", 0.0) * node["analog_area_factor"]
    q["unit_growth"] = (logic + sram) / (
        d["area_mm2"] * d["count"] * (d["logic_fraction"] + d["sram_fraction"]) * scale
    )
    silicon = logic + sram + analog
    link = (
        case.package["d2d_bandwidth_tb_s"] * 8.0 * case.package["d2d_area_mm2_per_tbps"] * node["analog_area_factor"]
    )
    field = node["reticle_width_mm"] * node["reticle_height_mm"]
    need = area.dies_needed(silicon_mm2=silicon / d["count"], link_area_mm2=link, reticle_area_mm2=field)
    q["reticle_fields"] = need * d["count"]
    split = plan["dies"] / d["count"] if "dies" in plan else need
    links = np.where(split > 1, link * split * d["count"], 0.0)
    compute_dies = split * d["count"]
    die = (silicon + links) / compute_dies
    width, height, fits = area.die_outline(
        die_area_mm2=die, reticle_width_mm=node["reticle_width_mm"], reticle_height_mm=node["reticle_height_mm"]
    )
    q.update(split=split, compute_dies=compute_dies, compute_die_area_mm2=die, die_width_mm=width)
    q.update(die_height_mm=height, fits_reticle=fits, area_link_mm2=links, dies=compute_dies, units=units)
    q["compute_silicon"] = silicon + links
    q["leak_ref"] = power.leakage_at_reference(
        logic_area_mm2=logic, sram_area_mm2=sram, leakage_logic_w_mm2=node["leakage_logic_w_mm2"],
        leakage_sram_w_mm2=node["leakage_sram_w_mm2"],
    )  # fmt: skip
    if case.io_node is not None and case.io_home is not None:
        io = _class_areas(case, case.io_home, case.io_node, "io_", 1.0)
        io_field = case.io_node["reticle_width_mm"] * case.io_node["reticle_height_mm"]
        io_silicon = io[0] + io[1] + io[2]
        io_split = area.dies_needed(
            silicon_mm2=io_silicon / d["io_count"], link_area_mm2=link, reticle_area_mm2=io_field
        )
        io_links = np.where(io_split > 1, link * io_split * d["io_count"], 0.0)
        io_die = (io_silicon + io_links) / (io_split * d["io_count"])
        io_width, io_height, _ = area.die_outline(
            die_area_mm2=io_die, reticle_width_mm=case.io_node["reticle_width_mm"],
            reticle_height_mm=case.io_node["reticle_height_mm"],
        )  # fmt: skip
        logic, sram, analog = logic + io[0], sram + io[1], analog + io[2]
        q.update(io_dies=io_split * d["io_count"], io_die=io_die, io_width=io_width, io_height=io_height)
        q["dies"] = q["dies"] + q["io_dies"]
        q["area_link_mm2"] = q["area_link_mm2"] + io_links
        q["leak_ref"] = q["leak_ref"] + power.leakage_at_reference(
            logic_area_mm2=io[0], sram_area_mm2=io[1], leakage_logic_w_mm2=case.io_node["leakage_logic_w_mm2"],
            leakage_sram_w_mm2=case.io_node["leakage_sram_w_mm2"],
        )  # fmt: skip
    q.update(area_logic_mm2=logic, area_sram_mm2=sram, area_analog_mm2=analog)
    q["die_area_mm2"] = logic + sram + analog + q["area_link_mm2"]
    q["footprint_mm2"] = q["die_area_mm2"]
    if d["stacked"] and "io_dies" in q:
        q["footprint_mm2"] = np.maximum(q["compute_silicon"], q["io_die"] * q["io_dies"])
    q["transistor_density_mtr_mm2"] = d["transistors_mtr"] * scale / q["die_area_mm2"]


def _sellable(case: Case, die: Any, density: Any, units: tuple[Any, Any], channels: tuple[Any, Any], prefix: str) -> Any:
    d = case.design
    return yields.salvage(
        model=case.plan["yield_model"], die_area_mm2=die, defect_density_per_cm2=density, units=units[0],
        units_enabled=units[1], unit_area_fraction=d[prefix + "unit_area_fraction"], memory_channels=channels[0],
        memory_channels_enabled=channels[1], memory_area_fraction=d[prefix + "memory_area_fraction"],
        clustering_alpha=case.plan.get("clustering_alpha", case.node["clustering_alpha"]),
        critical_layers=case.plan["critical_layers"],
    )  # fmt: skip


def per_die(total: Any, needed: Any, dies: Any) -> tuple[Any, Any]:
    """Whole units on one of several dies, and how many of them must work."""
    n = np.maximum(np.rint(np.asarray(total) / dies), 1.0)
    return n, np.clip(np.ceil(np.asarray(needed) / dies - 1e-9), 1.0, n)


def _yield(case: Case, q: dict[str, Any]) -> None:
    d, plan, m = case.design, case.plan, case.model
    lines = {k: m[k] for k in ("wafer_diameter_mm", "edge_exclusion_mm", "scribe_mm")}
    density = plan["defect_density_per_cm2"] if "defect_density_per_cm2" in plan else _density(case.node, plan)
    q["defect_density_per_cm2"] = density
    q["units_enabled"] = plan.get("units_enabled", np.minimum(d["units_enabled"], q["units"]))
    units = per_die(q["units"], q["units_enabled"], q["compute_dies"])
    channels = per_die(d["memory_channels"], d["memory_channels_enabled"], q["compute_dies"])
    die = q["compute_die_area_mm2"]
    q["yield_fraction"] = yields.yield_fraction(
        die_area_mm2=die, defect_density_per_cm2=density, model=plan["yield_model"],
        clustering_alpha=plan.get("clustering_alpha", case.node["clustering_alpha"]), critical_layers=plan["critical_layers"],
    )  # fmt: skip
    q["sellable_fraction"] = _sellable(case, die, density, units, channels, "")
    q["gross_dies_per_wafer"] = wafer.gross_dies(width_mm=q["die_width_mm"], height_mm=q["die_height_mm"], **lines)
    if "io_dies" in q:
        io_density = (
            plan["defect_density_per_cm2"]
            if "defect_density_per_cm2" in plan and case.io_node is case.node
            else _density(case.io_node or {}, plan)
        )
        io_channels = per_die(d["memory_channels"], d["memory_channels_enabled"], q["io_dies"])
        q["io_sellable"] = _sellable(case, q["io_die"], io_density, (1.0, 1.0), io_channels, "io_")
        q["io_gross"] = wafer.gross_dies(width_mm=q["io_width"], height_mm=q["io_height"], **lines)


def _density(node: Numbers, plan: Numbers) -> Any:
    names = ("defect_density_mature_per_cm2", "defect_density_launch_per_cm2", "learning_quarters")
    return yields.defect_density(maturity_quarters=plan["maturity_quarters"], **{n: node[n] for n in names})


def _point(case: Case, q: dict[str, Any]) -> None:
    d, m, plan, node = case.design, case.model, case.plan, case.node
    a = anchor(case)
    wire_ns = _wire_ns(case, node, a.unit_area * q["unit_growth"] * q["unit_content"])
    gate_ns = a.gate_ns * node["gate_delay_ps"] / (case.home["gate_delay_ps"] * a.relative_delay)
    path = critical_path(
        gate_ns=gate_ns, wire_ns=wire_ns, repeater_fraction=m["repeater_fraction"], nominal_supply_v=node["supply_v"],
        threshold_v=node["threshold_v"], supply_insensitive_fraction=node["supply_insensitive_fraction"],
    )  # fmt: skip
    gate_ratio = node["switched_cap_relative"] / case.home["switched_cap_relative"]
    if case.io_node is not None and case.io_home is not None:
        share = d["io_die_power_fraction"]
        io_ratio = case.io_node["switched_cap_relative"] / case.io_home["switched_cap_relative"]
        gate_ratio = gate_ratio * (1.0 - share) + io_ratio * share
    length_ratio = np.sqrt(q["die_area_mm2"] / a.total_area)
    capacitance = power.switched_capacitance_ratio(
        gate_ratio=gate_ratio, length_ratio=length_ratio, interconnect_fraction=m["interconnect_fraction"]
    )
    q["enabled_ratio"] = q["units_enabled"] / d["units_enabled"]
    tensor_power = np.minimum(q["tensor_share"] * plan.get("tensor_power_fraction", 1.0), 0.9)
    in_units = q["enabled_ratio"] * (1.0 - tensor_power * (1.0 - q["tensor_kept"]))
    active = 1.0 + m["unit_power_fraction"] * (in_units - 1.0)
    switched = a.dynamic_w * capacitance * active / (d["supply_v"] ** 2 * d["clock_ghz"])
    loss = d["board_loss_fraction"]
    d2d = q["area_link_mm2"] / np.maximum(
        case.package["d2d_area_mm2_per_tbps"] * node["analog_area_factor"], 1e-12
    ) * case.package["d2d_energy_pj_bit"] / 2.0
    fixed_w = plan.get("memory_power_w", d["memory_power_w"]) + d["io_power_w"] + d2d
    options: dict[str, Any] = {}
    if "power_limit_w" in plan:
        options["power_limit_w"] = plan["power_limit_w"] * (1.0 - loss) - fixed_w
    if "power_w" in plan:
        options["power_w"] = plan["power_w"] * (1.0 - loss) - fixed_w
    if "clock_ghz" in plan:
        options["clock_ghz"] = plan["clock_ghz"]
    headroom = plan["supply_v"] if "supply_v" in plan else d["supply_v"] / case.home["supply_v"] * node["supply_v"]
    footprint = _home_footprint(d)
    grown = (footprint / np.maximum(q["footprint_mm2"], footprint)) ** m["sink_area_exponent"]
    resistance = thermal.thermal_resistance(
        resistance_sink_k_w=case.cooling["resistance_sink_k_w"] * grown,
        resistance_area_k_mm2_w=case.cooling["resistance_area_k_mm2_w"], die_area_mm2=q["footprint_mm2"],
    )  # fmt: skip
    point = solve(
        path=path, switched_w=switched, leakage_w=q["leak_ref"], nominal_supply_v=node["supply_v"],
        supply_min_v=node["supply_min_v"], supply_allowed_v=headroom, supply_max_v=node["supply_max_v"],
        leakage_voltage_scale_v=m["leakage_voltage_scale_v"], leakage_doubling_k=m["leakage_doubling_k"],
        coolant_c=case.cooling["coolant_c"], resistance_k_w=resistance,
        junction_max_c=plan.get("junction_max_c", d["junction_max_c"]), **options,
    )  # fmt: skip
    fits = np.broadcast_to(q["fits_reticle"] & (q["dies"] <= FIELDS["dies"].high), point.clock_ghz.shape)
    q["feasible"] = point.feasible & fits
    q["limited_by"] = np.where(fits, point.limited_by, RETICLE).astype(np.int8)
    q.update(clock_ghz=point.clock_ghz, supply_v=point.supply_v, junction_c=point.junction_c)
    q.update(power_dynamic_w=point.dynamic_w, power_leakage_w=point.leakage_w)
    q["power_memory_w"] = plan.get("memory_power_w", d["memory_power_w"])
    q["power_io_w"] = d["io_power_w"] + d2d
    q["power_w"] = (point.dynamic_w + point.leakage_w + fixed_w) / (1.0 - loss)
    q["power_board_w"] = q["power_w"] * loss
    q["heat_flux_w_mm2"] = (point.dynamic_w + point.leakage_w) / q["footprint_mm2"]
    relative = _relative_delay(node, point.supply_v)
    rho = m["repeater_fraction"]
    q["wire_share_fraction"] = wire_ns * ((1.0 - rho) + rho * relative) * point.clock_ghz
    q.update(unit_area_mm2=a.unit_area * q["unit_growth"] * q["unit_content"], path=path, gate_ns=gate_ns, wire_ns=wire_ns)
    allowed = np.clip(headroom, node["supply_min_v"], node["supply_max_v"])
    slow = _relative_delay(node, allowed)
    q.update(gate_part_ns=gate_ns * slow, wire_part_ns=wire_ns * ((1.0 - rho) + rho * slow))
    q["timing_clock_ghz"] = 1.0 / (q["gate_part_ns"] + q["wire_part_ns"])
    q.update(switched_w=switched, resistance_k_w=resistance, active_ratio=active)
    q.update(gate_capacitance=gate_ratio, length_ratio=length_ratio, allowed_supply_v=allowed)


def _cost(case: Case, q: dict[str, Any]) -> None:
    d, m, plan, node, pack = case.design, case.model, case.plan, case.node, case.package
    wafer_usd = plan.get("wafer_cost_usd", node["wafer_cost_usd"])
    q["wafer_cost_usd"] = wafer_usd
    q["die_cost_usd"] = cost.good_die_cost(
        wafer_cost_usd=wafer_usd, gross_dies=q["gross_dies_per_wafer"], sellable_fraction=q["sellable_fraction"]
    )
    silicon = q["die_cost_usd"] * q["compute_dies"]
    mask_musd = node["mask_set_musd"]
    if "io_dies" in q and case.io_node is not None:
        silicon = silicon + q["io_dies"] * cost.good_die_cost(
            wafer_cost_usd=case.io_node["wafer_cost_usd"], gross_dies=q["io_gross"], sellable_fraction=q["io_sellable"]
        )
        mask_musd = mask_musd + case.io_node["mask_set_musd"]
    stacks = plan.get("memory_stacks", d["memory_stacks"])
    on_package = stacks * d["memory_on_package"]
    q["silicon_cost_usd"] = silicon
    q["memory_cost_usd"] = plan.get("memory_gb", d["memory_gb"]) * plan["memory_cost_usd_gb"]
    q["package_cost_usd"] = cost.package_cost(
        silicon_mm2=q["footprint_mm2"], memory_site_mm2=on_package * pack["memory_site_area_mm2"],
        interposer_clustering_alpha=m["interposer_clustering_alpha"],
        **{k: pack[k] for k in ("interposer_area_factor", "interposer_cost_usd_mm2", "fixed_cost_usd",
           "interposer_defect_density_per_cm2", "substrate_area_factor", "substrate_cost_usd_mm2")},
    )  # fmt: skip
    q["test_cost_usd"] = (
        m["test_cost_usd_mm2"] * q["die_area_mm2"] + m["test_fixed_usd"] + m["assembly_cost_usd"]
        + m["memory_test_cost_usd"] * on_package
    )  # fmt: skip
    good = cost.assembly_yield(parts=q["dies"] + on_package, bond_yield_fraction=pack["bond_yield_fraction"])
    q["assembly_yield_fraction"] = good
    parts = silicon + q["memory_cost_usd"] * d["memory_on_package"] + q["package_cost_usd"]
    q["scrap_cost_usd"] = parts * m["scrap_invested_fraction"] * (1.0 / good - 1.0)
    q["board_cost_usd"] = m["board_fixed_usd"] + m["board_cost_usd_w"] * q["power_w"] + case.cooling["cost_usd"]
    q["unit_cost_usd"] = (
        silicon + q["memory_cost_usd"] + q["package_cost_usd"] + q["test_cost_usd"] + q["scrap_cost_usd"]
        + q["board_cost_usd"]
    )  # fmt: skip
    q["nre_usd_per_unit"] = cost.nre_per_unit(
        design_cost_musd=node["design_cost_musd"], design_share=plan["design_share"], mask_set_musd=mask_musd,
        mask_sets=1.0, volume=plan["volume"],
    )  # fmt: skip
    q["full_cost_usd"] = q["unit_cost_usd"] + q["nre_usd_per_unit"]


def _throughput(case: Case, q: dict[str, Any]) -> None:
    d, m, plan = case.design, case.model, case.plan
    rate = {"units_ratio": q["enabled_ratio"], "clock_ghz": q["clock_ghz"], "home_clock_ghz": d["clock_ghz"]}
    q["tensor_tflops"] = throughput.peak_tflops(home_tflops=d["tensor_tflops"], **rate) * q["tensor_kept"]
    q["vector_tflops"] = throughput.peak_tflops(home_tflops=d["vector_tflops"], **rate)
    q["memory_bw_gb_s"] = plan.get("memory_bw_gb_s", d["memory_bw_gb_s"])
    q["memory_gb"] = plan.get("memory_gb", d["memory_gb"])
    q["work_tflops"] = throughput.roofline_tflops(
        peak_tflops=q["tensor_tflops"], memory_bw_gb_s=q["memory_bw_gb_s"],
        intensity_flop_byte=plan["workload_intensity_flop_byte"],
    )  # fmt: skip
    q["seconds_per_eflop"] = 1e6 / q["work_tflops"]
    q["energy_per_eflop_j"] = q["power_w"] * q["seconds_per_eflop"]
    q["tflops_per_w"] = q["tensor_tflops"] / q["power_w"]
    if "unit_cost_usd" in q:
        q["usd_per_tflops"] = q["unit_cost_usd"] / q["tensor_tflops"]
    q["die_crossing_cycles"] = throughput.crossing_cycles(
        distance_mm=q["die_width_mm"] + q["die_height_mm"], wire_delay_ps_mm=m["global_wire_delay_ps_mm"],
        clock_ghz=q["clock_ghz"],
    )  # fmt: skip
    q["l2_latency_cycles"] = throughput.l2_latency_cycles(
        crossing_cycles=q["die_crossing_cycles"], fixed_cycles=m["l2_fixed_cycles"]
    )


_RUN = {"area": _area, "yield": _yield, "point": _point, "cost": _cost, "throughput": _throughput}

OUTPUT_STAGE: dict[str, str] = {
    **dict.fromkeys(
        ("die_area_mm2", "dies", "die_width_mm", "die_height_mm", "fits_reticle", "reticle_fields",
         "transistor_density_mtr_mm2", "area_logic_mm2", "area_sram_mm2", "area_analog_mm2", "area_link_mm2",
         "compute_die_area_mm2"), "area"),
    **dict.fromkeys(
        ("gross_dies_per_wafer", "defect_density_per_cm2", "yield_fraction", "sellable_fraction", "units_enabled"),
        "yield"),
    **dict.fromkeys(
        ("clock_ghz", "supply_v", "junction_c", "power_w", "power_dynamic_w", "power_leakage_w", "power_memory_w",
         "power_io_w", "power_board_w", "heat_flux_w_mm2", "wire_share_fraction", "unit_area_mm2", "feasible",
         "limited_by"), "point"),
    **dict.fromkeys(
        ("wafer_cost_usd", "die_cost_usd", "silicon_cost_usd", "memory_cost_usd", "package_cost_usd", "test_cost_usd",
         "scrap_cost_usd", "board_cost_usd", "assembly_yield_fraction", "unit_cost_usd", "nre_usd_per_unit",
         "full_cost_usd"), "cost"),
    **dict.fromkeys(
        ("tensor_tflops", "vector_tflops", "memory_bw_gb_s", "memory_gb", "work_tflops", "seconds_per_eflop",
         "energy_per_eflop_j", "tflops_per_w", "usd_per_tflops", "die_crossing_cycles", "l2_latency_cycles"),
        "throughput"),
}  # fmt: skip
"""Every output of the chain and the stage that makes it."""

_NEEDS = {
    "area": {"area"},
    "yield": {"area", "yield"},
    "point": {"area", "yield", "point"},
    "cost": {"area", "yield", "point", "cost"},
    "throughput": {"area", "yield", "point", "throughput"},
}


@trusted()
def run(case: Case, outputs: tuple[str, ...] | None = None) -> dict[str, Any]:
    """Evaluate a case: all outputs, or only the stages that the named outputs need.

    Returns a dict of arrays that broadcast together, with the intermediate quantities that causes and figures read.
    Infeasible points are NaN in every output that depends on the operating point.
    """
    wanted = set(STAGES)
    if outputs is not None:
        wanted = set().union(*(_NEEDS[OUTPUT_STAGE[o]] for o in outputs)) if outputs else {"area"}
        if "usd_per_tflops" in outputs:
            wanted.add("cost")
    q: dict[str, Any] = {}
    for stage in STAGES:
        if stage in wanted:
            _RUN[stage](case, q)
    return q

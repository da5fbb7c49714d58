"""The chain: composes area, yield, operating point, cost and throughput on arrays; it holds no formula of its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from estimator.model.home import Anchor, Case, Numbers, anchor, home_footprint, relative_delay, unit_wire_ns
from estimator.physics import area, cost, heat, power, throughput, timing, wafer, yields
from estimator.physics.operating_point import RETICLE, critical_path, solve
from estimator.quantities import FIELDS

STAGES = ("area", "yield", "point", "cost", "throughput")


def _class_areas(case: Case, home: Numbers, node: Numbers, prefix: str, units_scale: Any) -> tuple[Any, Any, Any]:
    """Logic, SRAM and analog area (mm2) of all dies of one kind on the target node, without links."""
    d, plan = case.design, case.plan
    silicon = d[prefix + "area_mm2"] * d[prefix + "count"]
    k = plan["realisation"]
    logic = area.class_area(
        home_area_mm2=silicon * d[prefix + "logic_fraction"],
        home_density=home["logic_density_mtr_mm2"],
        density=node["logic_density_mtr_mm2"],
        realisation=k,
    )
    sram = area.class_area(
        home_area_mm2=silicon * d[prefix + "sram_fraction"],
        home_density=home["sram_density_mb_mm2"],
        density=node["sram_density_mb_mm2"],
        realisation=k,
    )
    analog = area.analog_area(
        home_area_mm2=silicon * d[prefix + "analog_fraction"],
        home_factor=home["analog_area_factor"],
        factor=node["analog_area_factor"],
    )
    return logic * units_scale, sram * units_scale, analog


def _area(case: Case, q: dict[str, Any]) -> None:
    """Areas of the compute dies, and of all dies together."""
    d, plan, node = case.design, case.plan, case.node
    units = plan.get("units", d["units"])
    kept = plan.get("tensor_fraction", 1.0)
    tensor_share = np.minimum(
        plan.get("tensor_area_fraction", 0.0), 0.5
    )  # of a unit's area: the rest must hold something
    content = area.unit_content(tensor_area_fraction=tensor_share, tensor_fraction=kept)
    scale = area.units_scale(
        units_ratio=units / d["units"],
        unit_content=content,
        **{k: d[k] for k in ("unit_area_fraction", "logic_fraction", "sram_fraction")},
    )
    q.update(tensor_kept=kept, tensor_share=tensor_share, unit_content=content, unit_scale=scale, units=units)
    logic, sram, analog = _class_areas(case, case.home, node, "", scale)
    analog = analog + plan.get("phy_delta_mm2", 0.0) * node["analog_area_factor"]
    q["unit_growth"] = (logic + sram) / (
        d["area_mm2"] * d["count"] * (d["logic_fraction"] + d["sram_fraction"]) * scale
    )
    dies = _dies(case, node, "", (logic, sram, analog), plan.get("dies"))
    q.update(split=dies["split"], compute_dies=dies["dies"], compute_die_area_mm2=dies["die"], dies=dies["dies"])
    q.update(die_width_mm=dies["width"], die_height_mm=dies["height"], fits_reticle=dies["fits"])
    q.update(
        reticle_fields=dies["fields"], area_link_mm2=dies["links"], leak_ref=dies["leak"], linked_dies=dies["linked"]
    )
    q["compute_silicon"] = logic + sram + analog + dies["links"]
    if case.io_node is not None and case.io_home is not None:
        io_logic, io_sram, io_analog = _class_areas(case, case.io_home, case.io_node, "io_", 1.0)
        io = _dies(case, case.io_node, "io_", (io_logic, io_sram, io_analog), None)
        q.update(io_dies=io["dies"], io_die=io["die"], io_width=io["width"], io_height=io["height"])
        logic, sram, analog = logic + io_logic, sram + io_sram, analog + io_analog
        for total, part in (
            ("dies", "dies"),
            ("linked_dies", "linked"),
            ("area_link_mm2", "links"),
            ("leak_ref", "leak"),
        ):
            q[total] = q[total] + io[part]
    q.update(area_logic_mm2=logic, area_sram_mm2=sram, area_analog_mm2=analog)
    q["die_area_mm2"] = logic + sram + analog + q["area_link_mm2"]
    q["footprint_mm2"] = q["die_area_mm2"]
    if d["stacked"] and "io_dies" in q:
        q["footprint_mm2"] = np.maximum(q["compute_silicon"], q["io_die"] * q["io_dies"])
    q["transistor_density_mtr_mm2"] = d["transistors_mtr"] * scale / q["die_area_mm2"]


def _dies(case: Case, node: Numbers, prefix: str, areas: tuple[Any, Any, Any], wanted: Any) -> dict[str, Any]:
    """Dies of one kind that hold class areas: as many as wanted, else the fewest that fit; outline, links, leakage."""
    logic, sram, analog = areas
    count, silicon = case.design[prefix + "count"], logic + sram + analog
    link = area.link_area(
        d2d_bandwidth_tb_s=case.package["d2d_bandwidth_tb_s"],
        analog_area_factor=node["analog_area_factor"],
        d2d_area_mm2_per_tbps=case.package["d2d_area_mm2_per_tbps"],
    )
    field = node["reticle_width_mm"] * node["reticle_height_mm"]
    need = area.dies_needed(silicon_mm2=silicon / count, link_area_mm2=link, reticle_area_mm2=field)
    split = need if wanted is None else wanted / count
    linked = np.where(split > 1, split * count, 0.0)
    links = link * linked
    die = (silicon + links) / (split * count)
    width, height, fits = area.die_outline(
        die_area_mm2=die, reticle_width_mm=node["reticle_width_mm"], reticle_height_mm=node["reticle_height_mm"]
    )
    leak = power.leakage_at_reference(
        logic_area_mm2=logic,
        sram_area_mm2=sram,
        leakage_logic_w_mm2=node["leakage_logic_w_mm2"],
        leakage_sram_w_mm2=node["leakage_sram_w_mm2"],
    )
    return {
        "split": split,
        "dies": split * count,
        "die": die,
        "width": width,
        "height": height,
        "fits": fits,
        "fields": need * count,
        "linked": linked,
        "links": links,
        "leak": leak,
    }


def _sellable(
    case: Case, die: Any, density: Any, units: tuple[Any, Any], channels: tuple[Any, Any], prefix: str
) -> Any:
    d = case.design
    return yields.salvage(
        model=case.plan["yield_model"],
        die_area_mm2=die,
        defect_density_per_cm2=density,
        units=units[0],
        units_enabled=units[1],
        unit_area_fraction=d[prefix + "unit_area_fraction"],
        memory_channels=channels[0],
        memory_channels_enabled=channels[1],
        memory_area_fraction=d[prefix + "memory_area_fraction"],
        clustering_alpha=case.plan.get("clustering_alpha", case.node["clustering_alpha"]),
        critical_layers=case.plan["critical_layers"],
    )


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
        die_area_mm2=die,
        defect_density_per_cm2=density,
        model=plan["yield_model"],
        clustering_alpha=plan.get("clustering_alpha", case.node["clustering_alpha"]),
        critical_layers=plan["critical_layers"],
    )
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
    """Supply, clock, power and temperature: path and capacitance of the clone, its limits, and the solution."""
    a = anchor(case)
    _path(case, q, a)
    _capacitance(case, q, a)
    options, fixed_w = _limits(case, q)
    d, m, plan, node = case.design, case.model, case.plan, case.node
    headroom = plan["supply_v"] if "supply_v" in plan else d["supply_v"] / case.home["supply_v"] * node["supply_v"]
    point = solve(
        path=q["path"],
        switched_w=q["switched_w"],
        leakage_w=q["leak_ref"],
        nominal_supply_v=node["supply_v"],
        supply_min_v=node["supply_min_v"],
        supply_allowed_v=headroom,
        supply_max_v=node["supply_max_v"],
        leakage_voltage_scale_v=m["leakage_voltage_scale_v"],
        leakage_doubling_k=m["leakage_doubling_k"],
        coolant_c=case.cooling["coolant_c"],
        resistance_k_w=q["resistance_k_w"],
        junction_max_c=plan.get("junction_max_c", d["junction_max_c"]),
        **options,
    )
    fits = np.broadcast_to(q["fits_reticle"] & (q["dies"] <= FIELDS["dies"].high), point.clock_ghz.shape)
    q["feasible"] = point.feasible & fits
    q["limited_by"] = np.where(fits, point.limited_by, RETICLE).astype(np.int8)
    q.update(clock_ghz=point.clock_ghz, supply_v=point.supply_v, junction_c=point.junction_c)
    q.update(power_dynamic_w=point.dynamic_w, power_leakage_w=point.leakage_w)
    loss = d["board_loss_fraction"]
    q["power_w"] = (point.dynamic_w + point.leakage_w + fixed_w) / (1.0 - loss)
    q["power_board_w"] = q["power_w"] * loss
    q["heat_flux_w_mm2"] = (point.dynamic_w + point.leakage_w) / q["footprint_mm2"]
    rho = m["repeater_fraction"]
    at_point = timing.relative_wire_delay(
        relative_gate_delay=relative_delay(node, point.supply_v), repeater_fraction=rho
    )
    q["wire_share_fraction"] = q["wire_ns"] * at_point * point.clock_ghz
    q["allowed_supply_v"] = np.clip(headroom, node["supply_min_v"], node["supply_max_v"])
    slow = relative_delay(node, q["allowed_supply_v"])
    q["gate_part_ns"] = q["gate_ns"] * slow
    q["wire_part_ns"] = q["wire_ns"] * timing.relative_wire_delay(relative_gate_delay=slow, repeater_fraction=rho)
    q["timing_clock_ghz"] = 1.0 / (q["gate_part_ns"] + q["wire_part_ns"])


def _path(case: Case, q: dict[str, Any], a: Anchor) -> None:
    """Critical path of a compute unit on the clone's process."""
    node = case.node
    q["unit_area_mm2"] = a.unit_area * q["unit_growth"] * q["unit_content"]
    q["wire_ns"] = unit_wire_ns(case, node, q["unit_area_mm2"])
    q["gate_ns"] = a.gate_ns * node["gate_delay_ps"] / (case.home["gate_delay_ps"] * a.relative_delay)
    q["path"] = critical_path(
        gate_ns=q["gate_ns"],
        wire_ns=q["wire_ns"],
        repeater_fraction=case.model["repeater_fraction"],
        nominal_supply_v=node["supply_v"],
        threshold_v=node["threshold_v"],
        supply_insensitive_fraction=node["supply_insensitive_fraction"],
    )


def _capacitance(case: Case, q: dict[str, Any], a: Anchor) -> None:
    """What the clone switches per clock, W per V^2 and GHz."""
    d, m = case.design, case.model
    gate_ratio = case.node["switched_cap_relative"] / case.home["switched_cap_relative"]
    if case.io_node is not None and case.io_home is not None:
        share = d["io_die_power_fraction"]
        io_ratio = case.io_node["switched_cap_relative"] / case.io_home["switched_cap_relative"]
        gate_ratio = gate_ratio * (1.0 - share) + io_ratio * share
    length_ratio = np.sqrt(q["die_area_mm2"] / a.total_area)
    capacitance = power.switched_capacitance_ratio(
        gate_ratio=gate_ratio, length_ratio=length_ratio, interconnect_fraction=m["interconnect_fraction"]
    )
    q["enabled_ratio"] = q["units_enabled"] / d["units_enabled"]
    tensor_power = q["tensor_share"] * case.plan.get("tensor_power_fraction", 1.0)
    active = power.active_share(
        units_ratio=q["enabled_ratio"],
        tensor_power_share=np.minimum(tensor_power, 0.9),  # the rest of a unit draws some
        tensor_fraction=q["tensor_kept"],
        unit_power_fraction=m["unit_power_fraction"],
    )
    q["switched_w"] = a.dynamic_w * capacitance * active / (d["supply_v"] ** 2 * d["clock_ghz"])
    q.update(active_ratio=active, gate_capacitance=gate_ratio, length_ratio=length_ratio)


def _limits(case: Case, q: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """What the plan asks of the die (its power and clock), and the power that does not scale with it; its cooling."""
    d, plan, pack = case.design, case.plan, case.package
    q["power_memory_w"] = plan.get("memory_power_w", d["memory_power_w"])
    q["power_io_w"] = d["io_power_w"] + power.link_power(
        linked_dies=q["linked_dies"],
        d2d_bandwidth_tb_s=pack["d2d_bandwidth_tb_s"],
        d2d_energy_pj_bit=pack["d2d_energy_pj_bit"],
    )
    fixed_w = q["power_memory_w"] + q["power_io_w"]
    options = {
        k: plan[k] * (1.0 - d["board_loss_fraction"]) - fixed_w for k in ("power_limit_w", "power_w") if k in plan
    }
    if "clock_ghz" in plan:
        options["clock_ghz"] = plan["clock_ghz"]
    sink = heat.sink_resistance(
        resistance_sink_k_w=case.cooling["resistance_sink_k_w"],
        footprint_mm2=q["footprint_mm2"],
        home_footprint_mm2=home_footprint(d),
        sink_area_exponent=case.model["sink_area_exponent"],
    )
    q["resistance_k_w"] = heat.thermal_resistance(
        resistance_sink_k_w=sink,
        resistance_area_k_mm2_w=case.cooling["resistance_area_k_mm2_w"],
        footprint_mm2=q["footprint_mm2"],
    )
    return options, fixed_w


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
        silicon_mm2=q["footprint_mm2"],
        memory_site_mm2=on_package * pack["memory_site_area_mm2"],
        interposer_clustering_alpha=m["interposer_clustering_alpha"],
        **{
            k: pack[k]
            for k in (
                "interposer_area_factor",
                "interposer_cost_usd_mm2",
                "fixed_cost_usd",
                "interposer_defect_density_per_cm2",
                "substrate_area_factor",
                "substrate_cost_usd_mm2",
            )
        },
    )
    q["test_cost_usd"] = cost.test_cost(
        die_area_mm2=q["die_area_mm2"],
        memory_stacks=on_package,
        **{k: m[k] for k in ("test_cost_usd_mm2", "test_fixed_usd", "assembly_cost_usd", "memory_test_cost_usd")},
    )
    good = cost.assembly_yield(parts=q["dies"] + on_package, bond_yield_fraction=pack["bond_yield_fraction"])
    q["assembly_yield_fraction"] = good
    parts = silicon + q["memory_cost_usd"] * d["memory_on_package"] + q["package_cost_usd"]
    q["scrap_cost_usd"] = cost.scrap_cost(
        parts_usd=parts, assembly_yield_fraction=good, scrap_invested_fraction=m["scrap_invested_fraction"]
    )
    q["board_cost_usd"] = cost.board_cost(
        power_w=q["power_w"],
        board_fixed_usd=m["board_fixed_usd"],
        board_cost_usd_w=m["board_cost_usd_w"],
        cooling_cost_usd=case.cooling["cost_usd"],
    )
    q["unit_cost_usd"] = (
        silicon
        + q["memory_cost_usd"]
        + q["package_cost_usd"]
        + q["test_cost_usd"]
        + q["scrap_cost_usd"]
        + q["board_cost_usd"]
    )
    q["nre_musd"] = cost.nre_cost(
        design_cost_musd=node["design_cost_musd"], design_share=plan["design_share"], mask_set_musd=mask_musd
    )
    q["nre_usd_per_unit"] = cost.nre_per_unit(nre_musd=q["nre_musd"], volume=plan["volume"])
    q["full_cost_usd"] = q["unit_cost_usd"] + q["nre_usd_per_unit"]


def _throughput(case: Case, q: dict[str, Any]) -> None:
    d, m, plan = case.design, case.model, case.plan
    rate = {"units_ratio": q["enabled_ratio"], "clock_ghz": q["clock_ghz"], "home_clock_ghz": d["clock_ghz"]}
    q["tensor_tflops"] = throughput.peak_tflops(home_tflops=d["tensor_tflops"], **rate) * q["tensor_kept"]
    q["vector_tflops"] = throughput.peak_tflops(home_tflops=d["vector_tflops"], **rate)
    q["memory_bw_gb_s"] = plan.get("memory_bw_gb_s", d["memory_bw_gb_s"])
    q["memory_gb"] = plan.get("memory_gb", d["memory_gb"])
    q["work_tflops"] = throughput.roofline_tflops(
        peak_tflops=q["tensor_tflops"],
        memory_bw_gb_s=q["memory_bw_gb_s"],
        workload_intensity_flop_byte=plan["workload_intensity_flop_byte"],
    )
    q["seconds_per_eflop"] = 1e6 / q["work_tflops"]
    q["energy_per_eflop_j"] = q["power_w"] * q["seconds_per_eflop"]
    q["tflops_per_w"] = q["tensor_tflops"] / q["power_w"]
    if "unit_cost_usd" in q:
        q["usd_per_tflops"] = q["unit_cost_usd"] / q["tensor_tflops"]
    q["die_crossing_cycles"] = throughput.crossing_cycles(
        distance_mm=q["die_width_mm"] + q["die_height_mm"],
        wire_delay_ps_mm=m["global_wire_delay_ps_mm"],
        clock_ghz=q["clock_ghz"],
    )
    q["l2_latency_cycles"] = throughput.l2_latency_cycles(
        crossing_cycles=q["die_crossing_cycles"], fixed_cycles=m["l2_fixed_cycles"]
    )


_RUN = {"area": _area, "yield": _yield, "point": _point, "cost": _cost, "throughput": _throughput}

OUTPUT_STAGE: dict[str, str] = {
    **dict.fromkeys(
        (
            "die_area_mm2",
            "dies",
            "die_width_mm",
            "die_height_mm",
            "fits_reticle",
            "reticle_fields",
            "transistor_density_mtr_mm2",
            "area_logic_mm2",
            "area_sram_mm2",
            "area_analog_mm2",
            "area_link_mm2",
            "compute_die_area_mm2",
        ),
        "area",
    ),
    **dict.fromkeys(
        ("gross_dies_per_wafer", "defect_density_per_cm2", "yield_fraction", "sellable_fraction", "units_enabled"),
        "yield",
    ),
    **dict.fromkeys(
        (
            "clock_ghz",
            "supply_v",
            "junction_c",
            "power_w",
            "power_dynamic_w",
            "power_leakage_w",
            "power_memory_w",
            "power_io_w",
            "power_board_w",
            "heat_flux_w_mm2",
            "wire_share_fraction",
            "unit_area_mm2",
            "feasible",
            "limited_by",
        ),
        "point",
    ),
    **dict.fromkeys(
        (
            "wafer_cost_usd",
            "die_cost_usd",
            "silicon_cost_usd",
            "memory_cost_usd",
            "package_cost_usd",
            "test_cost_usd",
            "scrap_cost_usd",
            "board_cost_usd",
            "assembly_yield_fraction",
            "unit_cost_usd",
            "nre_usd_per_unit",
            "full_cost_usd",
        ),
        "cost",
    ),
    **dict.fromkeys(
        (
            "tensor_tflops",
            "vector_tflops",
            "memory_bw_gb_s",
            "memory_gb",
            "work_tflops",
            "seconds_per_eflop",
            "energy_per_eflop_j",
            "tflops_per_w",
            "usd_per_tflops",
            "die_crossing_cycles",
            "l2_latency_cycles",
        ),
        "throughput",
    ),
}
"""Every output of the chain and the stage that makes it."""

_NEEDS = {
    "area": {"area"},
    "yield": {"area", "yield"},
    "point": {"area", "yield", "point"},
    "cost": {"area", "yield", "point", "cost"},
    "throughput": {"area", "yield", "point", "throughput"},
}


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

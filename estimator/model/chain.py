"""The chain: geometry, yields, operation, bill and work of a build, one function each; it holds no formula of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from estimator.arrays import Num
from estimator.model.home import (
    JUNCTION_ROUNDING_K,
    Home,
    footprint,
    relative_delay,
    sum_of,
    supply_floor,
    take_apart,
    unit_wire_ns,
)
from estimator.model.inputs import DieKind, Inputs, Process
from estimator.model.load import load_of, solve_under_load
from estimator.model.results import (
    OUTPUT_STAGE,
    Bill,
    BuiltDie,
    DieYield,
    Geometry,
    Operation,
    Result,
    Work,
    Yields,
)
from estimator.physics import area, cost, heat, power, throughput, timing, wafer, yields
from estimator.physics.operating_point import RETICLE, Path, critical_path
from estimator.quantities import FIELDS

MOST_TENSOR_SHARE = 0.5  # of a unit's area: the rest must hold something
MOST_TENSOR_POWER = 0.9  # the rest of a unit draws some


def run(x: Inputs, outputs: Iterable[str] | None = None, *, home: Home | None = None) -> Result:
    """Evaluate a build: every stage, or those that the named outputs need.

    `home` is the design taken apart, if that was done before. Returns arrays that broadcast together. Infeasible points are
    NaN in every output that depends on the operating point.
    """
    wanted = {OUTPUT_STAGE[o] for o in outputs} if outputs is not None else set(OUTPUT_STAGE.values())
    if outputs is not None and "usd_per_tflops" in outputs:
        wanted.add("bill")
    home = take_apart(x) if home is None else home
    made = geometry(x)
    good = die_yields(x, made)
    point = operation(x, home, made, good)
    billed = bill(x, made, good, point) if "bill" in wanted else None
    done = work(x, made, good, point, billed) if "work" in wanted else None
    return Result(made, good, point, billed, done)


def _either(chosen: Num | None, otherwise: Num) -> Num:
    """What the plan says, or else the design."""
    return otherwise if chosen is None else chosen


def geometry(x: Inputs) -> Geometry:
    """Areas and outlines of all dies on the processes that they are built on."""
    d, plan, compute = x.design, x.plan, x.dies[0]
    units = _either(plan.units, d.units)
    kept = _either(plan.tensor_fraction, 1.0)
    tensor_share = np.minimum(_either(plan.tensor_area_fraction, 0.0), MOST_TENSOR_SHARE)
    content = area.unit_content(tensor_area_fraction=tensor_share, tensor_fraction=kept)
    scale = area.units_scale(
        units_ratio=units / d.units,
        unit_content=content,
        unit_area_fraction=compute.numbers.unit_area_fraction,
        logic_fraction=compute.numbers.logic_fraction,
        sram_fraction=compute.numbers.sram_fraction,
    )
    logic, sram, analog = _class_areas(compute, scale, plan.realisation)
    analog = analog + _either(plan.phy_delta_mm2, 0.0) * compute.node.analog_area_factor
    first = _built(x, compute, (logic, sram, analog), plan.dies)
    at_home = compute.numbers.area_mm2 * compute.numbers.count
    growth = (logic + sram) / (at_home * (compute.numbers.logic_fraction + compute.numbers.sram_fraction) * scale)
    kinds = (first, *(_built(x, k, _class_areas(k, 1.0, plan.realisation), None) for k in x.dies[1:]))
    logic, sram, analog, links = (
        sum_of(getattr(k, name) for k in kinds) for name in ("logic_mm2", "sram_mm2", "analog_mm2", "links_mm2")
    )
    silicon = logic + sram + analog + links
    return Geometry(
        kinds=kinds,
        die_area_mm2=silicon,
        dies=sum_of(k.dies for k in kinds),
        die_width_mm=first.width_mm,
        die_height_mm=first.height_mm,
        fits_reticle=first.fits_reticle,
        reticle_fields=first.fields,
        transistor_density_mtr_mm2=d.transistors_mtr * scale / silicon,
        area_logic_mm2=logic,
        area_sram_mm2=sram,
        area_analog_mm2=analog,
        area_link_mm2=links,
        compute_die_area_mm2=first.die_area_mm2,
        units=units,
        unit_scale=scale,
        unit_content=content,
        unit_growth=growth,
        tensor_kept=kept,
        tensor_share=tensor_share,
        footprint_mm2=_footprint(x, kinds, silicon),
        linked_dies=sum_of(k.linked for k in kinds),
        leakage_w=sum_of(k.leakage_w for k in kinds),
    )


def _footprint(x: Inputs, kinds: tuple[BuiltDie, ...], silicon: Num) -> Num:
    if x.stacked and len(kinds) > 1:
        return np.maximum(kinds[0].silicon_mm2, kinds[1].die_area_mm2 * kinds[1].dies)
    return silicon


def _class_areas(kind: DieKind, units_scale: Num, realisation: Num) -> tuple[Num, Num, Num]:
    """Logic, SRAM and analog area (mm2) of all dies of one kind on the target process, without links."""
    die, home, node = kind.numbers, kind.home, kind.node
    silicon = die.area_mm2 * die.count
    logic = area.class_area(
        home_area_mm2=silicon * die.logic_fraction,
        home_density=home.logic_density_mtr_mm2,
        density=node.logic_density_mtr_mm2,
        realisation=realisation,
    )
    sram = area.class_area(
        home_area_mm2=silicon * die.sram_fraction,
        home_density=home.sram_density_mb_mm2,
        density=node.sram_density_mb_mm2,
        realisation=realisation,
    )
    analog = area.analog_area(
        home_area_mm2=silicon * die.analog_fraction,
        home_factor=home.analog_area_factor,
        factor=node.analog_area_factor,
    )
    return logic * units_scale, sram * units_scale, analog


def _built(x: Inputs, kind: DieKind, areas: tuple[Num, Num, Num], wanted: Num | None) -> BuiltDie:
    """Dies of one kind that hold class areas: as many as wanted, else the fewest that fit; outline, links, leakage."""
    logic, sram, analog = areas
    node, count, silicon = kind.node, kind.numbers.count, logic + sram + analog
    link = area.link_area(
        d2d_bandwidth_tb_s=x.package.d2d_bandwidth_tb_s,
        analog_area_factor=node.analog_area_factor,
        d2d_area_mm2_per_tbps=x.package.d2d_area_mm2_per_tbps,
    )
    field = node.reticle_width_mm * node.reticle_height_mm
    made = _made_beyond_field(x, kind)  # what was made once can be made again
    field = field if made is None else np.maximum(field, made)
    need = area.dies_needed(silicon_mm2=silicon / count, link_area_mm2=link, reticle_area_mm2=field)
    split = need if wanted is None else wanted / count
    linked = np.where(split > 1, split * count, 0.0)
    links = link * linked
    die = (silicon + links) / (split * count)
    width, height, fits = area.die_outline(
        die_area_mm2=die, reticle_width_mm=node.reticle_width_mm, reticle_height_mm=node.reticle_height_mm
    )
    if made is not None:
        again = ~fits & (die <= made * (1 + 1e-9))
        width, height, fits = np.where(again, np.sqrt(die), width), np.where(again, np.sqrt(die), height), fits | again
    leakage = power.leakage_at_reference(
        logic_area_mm2=logic,
        sram_area_mm2=sram,
        leakage_logic_w_mm2=node.leakage_logic_w_mm2,
        leakage_sram_w_mm2=node.leakage_sram_w_mm2,
    )
    return BuiltDie(
        role=kind.role,
        dies=split * count,
        split=split,
        fields=need * count,
        linked=linked,
        die_area_mm2=die,
        width_mm=width,
        height_mm=height,
        fits_reticle=fits,
        logic_mm2=logic,
        sram_mm2=sram,
        analog_mm2=analog,
        links_mm2=links,
        leakage_w=leakage,
    )


def _made_beyond_field(x: Inputs, kind: DieKind) -> Num | None:
    """Area of a published die that exceeds the field of its own process (mm2), on that process; None where none does.

    A square of it must still lie on a wafer; what is larger is the area of several dies.
    """
    area_mm2, home, m = kind.numbers.area_mm2, kind.home, x.model
    beyond = area_mm2 > home.reticle_width_mm * home.reticle_height_mm * (1 + 1e-12)
    beyond = beyond & (2.0 * area_mm2 < (m.wafer_diameter_mm - 2.0 * m.edge_exclusion_mm) ** 2)
    return np.where(beyond, area_mm2, 0.0) if x.at_home_process and np.any(beyond) else None


def per_die(total: Num, needed: Num, dies: Num) -> tuple[Num, Num]:
    """Whole units on one of several dies, and how many of them must work."""
    n = np.maximum(np.rint(np.asarray(total) / dies), 1.0)
    return n, np.clip(np.ceil(np.asarray(needed) / dies - 1e-9), 1.0, n)


def die_yields(x: Inputs, made: Geometry) -> Yields:
    """Dies per wafer and what share of them can be sold, by kind of die."""
    d, plan = x.design, x.plan
    density = _defect_density(x, x.node)
    enabled = _either(plan.units_enabled, np.minimum(d.units_enabled, made.units))
    kinds = []
    for i, (kind, die) in enumerate(zip(x.dies, made.kinds, strict=True)):
        units = (1.0, 1.0) if i else per_die(made.units, enabled, die.dies)
        own = defect_density_of(kind.node, plan.maturity_quarters) if i and not x.one_process else density
        kinds.append(_die_yield(x, kind, die, own, units))
    return Yields(
        kinds=tuple(kinds),
        gross_dies_per_wafer=kinds[0].gross_dies_per_wafer,
        defect_density_per_cm2=density,
        yield_fraction=yields.yield_fraction(
            die_area_mm2=made.compute_die_area_mm2,
            defect_density_per_cm2=density,
            model=plan.yield_model,
            clustering_alpha=_either(plan.clustering_alpha, x.node.clustering_alpha),
            critical_layers=plan.critical_layers,
        ),
        sellable_fraction=kinds[0].sellable_fraction,
        units_enabled=enabled,
    )


def _die_yield(x: Inputs, kind: DieKind, die: BuiltDie, density: Num, units: tuple[Num, Num]) -> DieYield:
    d, plan, m = x.design, x.plan, x.model
    channels = per_die(d.memory_channels, d.memory_channels_enabled, die.dies)
    sellable = yields.salvage(
        model=plan.yield_model,
        die_area_mm2=die.die_area_mm2,
        defect_density_per_cm2=density,
        units=units[0],
        units_enabled=units[1],
        unit_area_fraction=kind.numbers.unit_area_fraction,
        memory_channels=channels[0],
        memory_channels_enabled=channels[1],
        memory_area_fraction=kind.numbers.memory_area_fraction,
        clustering_alpha=_either(plan.clustering_alpha, x.node.clustering_alpha),
        critical_layers=plan.critical_layers,
    )
    gross = wafer.gross_dies(
        width_mm=die.width_mm,
        height_mm=die.height_mm,
        wafer_diameter_mm=m.wafer_diameter_mm,
        edge_exclusion_mm=m.edge_exclusion_mm,
        scribe_mm=m.scribe_mm,
    )
    return DieYield(gross_dies_per_wafer=gross, sellable_fraction=sellable)


def _defect_density(x: Inputs, node: Process) -> Num:
    chosen = x.plan.defect_density_per_cm2
    return defect_density_of(node, x.plan.maturity_quarters) if chosen is None else chosen


def defect_density_of(node: Process, maturity_quarters: Num) -> Num:
    """Defect density of a process at an age, per cm2."""
    return yields.defect_density(
        maturity_quarters=maturity_quarters,
        defect_density_mature_per_cm2=node.defect_density_mature_per_cm2,
        defect_density_launch_per_cm2=node.defect_density_launch_per_cm2,
        learning_quarters=node.learning_quarters,
    )


def operation(x: Inputs, home: Home, made: Geometry, good: Yields) -> Operation:
    """Supply, clock, power and temperature: path and capacitance of the clone, its limits, and the solution."""
    d, m, plan, node, loss = x.design, x.model, x.plan, x.node, x.design.board_loss_fraction
    unit_area, wire_ns, gate_ns, path = _path(x, home, made)
    switched_w, gate_ratio, length_ratio, active, enabled_ratio = _switching(x, home, made, good)
    io_w = d.io_power_w + power.link_power(
        linked_dies=made.linked_dies,
        d2d_bandwidth_tb_s=x.package.d2d_bandwidth_tb_s,
        d2d_energy_pj_bit=x.package.d2d_energy_pj_bit,
    )
    resistance = _resistance(x, made)
    floor, headroom, top = supply_range(x, home, path)
    die: dict[str, Any] = {
        "path": path,
        "switched_w": switched_w,
        "leakage_w": made.leakage_w * home.leakage_scale,
        "nominal_supply_v": node.supply_v,
        "supply_min_v": floor,
        "supply_allowed_v": headroom,
        "supply_max_v": top,
        "supply_kept": 1.0 if x.at_home_process or plan.supply_v is not None else m.port_supply_kept,
        "leakage_voltage_scale_v": m.leakage_voltage_scale_v,
        "leakage_doubling_k": m.leakage_doubling_k,
        "coolant_c": x.cooling.coolant_c,
        "resistance_k_w": resistance,
        "junction_max_c": junction_limit(x, home),
    }
    load = load_of(x, made, enabled_ratio=enabled_ratio, fixed_w=io_w)
    point = solve_under_load(die, load, plan)
    done = load.performance(point.clock_ghz)
    memory_w = load.memory_w(done)
    fixed_w = memory_w + io_w
    fits = np.broadcast_to(made.fits_reticle & (made.dies <= FIELDS["dies"].high), point.clock_ghz.shape)
    power_w = (point.dynamic_w + point.leakage_w + fixed_w) / (1.0 - loss)
    at_point = timing.relative_wire_delay(
        relative_gate_delay=relative_delay(node, point.timing_supply_v), repeater_fraction=m.repeater_fraction
    )
    allowed = np.clip(headroom, floor, top)
    slow = relative_delay(node, allowed)
    gate_part = gate_ns * slow
    wire_part = wire_ns * timing.relative_wire_delay(relative_gate_delay=slow, repeater_fraction=m.repeater_fraction)
    return Operation(
        clock_ghz=point.clock_ghz,
        relative_performance=done,
        supply_v=point.supply_v,
        junction_c=point.junction_c,
        power_w=power_w,
        power_dynamic_w=point.dynamic_w,
        power_leakage_w=point.leakage_w,
        power_memory_w=memory_w,
        power_io_w=io_w,
        power_board_w=power_w * loss,
        heat_flux_w_mm2=(point.dynamic_w + point.leakage_w) / made.footprint_mm2,
        wire_share_fraction=wire_ns * at_point * point.clock_ghz,
        unit_area_mm2=unit_area,
        feasible=point.feasible & fits,
        limited_by=np.where(fits, point.limited_by, RETICLE).astype(np.int8),
        path=path,
        gate_ns=gate_ns,
        wire_ns=wire_ns,
        gate_part_ns=gate_part,
        wire_part_ns=wire_part,
        home_supply_v=home.supply_v,
        lowest_supply_v=floor,
        allowed_supply_v=allowed,
        timing_clock_ghz=1.0 / (gate_part + wire_part),
        resistance_k_w=resistance,
        switched_w=switched_w,
        gate_capacitance=gate_ratio,
        length_ratio=length_ratio,
        active_ratio=active,
        enabled_ratio=enabled_ratio,
    )


def _path(x: Inputs, home: Home, made: Geometry) -> tuple[Num, Num, Num, Path]:
    """Critical path of a compute unit on the clone's process: the unit's area, its wires, its gates, and both as a path."""
    node = x.node
    unit_area = home.unit_area_mm2 * made.unit_growth * made.unit_content
    wire_ns = unit_wire_ns(x, node, unit_area) * home.wire_scale
    gate_ns = home.gate_ns * node.gate_delay_ps / (x.home.gate_delay_ps * home.relative_delay)
    path = critical_path(
        gate_ns=gate_ns,
        wire_ns=wire_ns,
        repeater_fraction=x.model.repeater_fraction,
        nominal_supply_v=node.supply_v,
        threshold_v=node.threshold_v,
        supply_insensitive_fraction=node.supply_insensitive_fraction,
    )
    return unit_area, wire_ns, gate_ns, path


def _switching(x: Inputs, home: Home, made: Geometry, good: Yields) -> tuple[Num, Num, Num, Num, Num]:
    """What the clone switches per clock, W per V^2 and GHz; and its capacitance, lengths, activity and units over home."""
    d, m, plan = x.design, x.model, x.plan
    gate_ratio = x.node.switched_cap_relative / x.home.switched_cap_relative
    for kind in x.dies[1:]:
        share = d.io_die_power_fraction
        other = kind.node.switched_cap_relative / kind.home.switched_cap_relative
        gate_ratio = gate_ratio * (1.0 - share) + other * share
    length_ratio = np.sqrt(made.die_area_mm2 / home.silicon_mm2)
    capacitance = power.switched_capacitance_ratio(
        gate_ratio=gate_ratio, length_ratio=length_ratio, interconnect_fraction=m.interconnect_fraction
    )
    enabled_ratio = good.units_enabled / d.units_enabled
    tensor_power = made.tensor_share * _either(plan.tensor_power_fraction, 1.0)
    active = power.active_share(
        units_ratio=enabled_ratio,
        tensor_power_share=np.minimum(tensor_power, MOST_TENSOR_POWER),
        tensor_fraction=made.tensor_kept,
        unit_power_fraction=m.unit_power_fraction,
    )
    busy = x.work.activity / d.activity  # of the workload asked about over that of the published power
    switched_w = home.dynamic_w * capacitance * active * busy / (home.supply_v**2 * d.clock_rated_ghz)
    return switched_w, gate_ratio, length_ratio, active, enabled_ratio


def supply_range(x: Inputs, home: Home, path: Path) -> tuple[Num, Num, Num]:
    """Lowest supply of the clone under load, what the plan allows, and the highest, V.

    The plan allows what the original takes at its published point, over nominal supply, unless it says otherwise. On the process
    of its home that also widens the range, as does the maker's highest clock, for such a product exists.
    """
    node = x.node
    allowed = home.supply_v / x.home.supply_v * node.supply_v if x.plan.supply_v is None else x.plan.supply_v
    floor = np.maximum(np.minimum(supply_floor(x, node), allowed), node.threshold_v + 10.0 * timing.LEAST_OVERDRIVE_V)
    top = node.supply_max_v
    if x.at_home_process:
        fastest = path.supply_v(x.design.clock_max_ghz)
        top = np.maximum(np.maximum(top, home.supply_v), np.where(np.isfinite(fastest), fastest, 0.0))
    return floor, allowed, top


def junction_limit(x: Inputs, home: Home) -> Num:
    """Highest junction temperature, C: at least that of the published point, unless the plan sets it."""
    if x.plan.junction_max_c is not None:
        return x.plan.junction_max_c
    limit: Num = np.maximum(x.design.junction_max_c, home.junction_c + JUNCTION_ROUNDING_K)
    return limit


def _resistance(x: Inputs, made: Geometry) -> Num:
    """Thermal resistance from the clone's junction to its coolant, K/W."""
    sink = heat.sink_resistance(
        resistance_sink_k_w=x.cooling.resistance_sink_k_w,
        footprint_mm2=made.footprint_mm2,
        home_footprint_mm2=footprint(x),
        sink_area_exponent=x.model.sink_area_exponent,
    )
    return heat.thermal_resistance(
        resistance_sink_k_w=sink,
        resistance_area_k_mm2_w=x.cooling.resistance_area_k_mm2_w,
        footprint_mm2=made.footprint_mm2,
    )


def bill(x: Inputs, made: Geometry, good: Yields, point: Operation) -> Bill:
    """What one GPU costs to make."""
    d, m, plan, node, pack = x.design, x.model, x.plan, x.node, x.package
    wafer_usd = _either(plan.wafer_cost_usd, node.wafer_cost_usd)
    prices = [wafer_usd, *(kind.node.wafer_cost_usd for kind in x.dies[1:])]
    each = [
        cost.good_die_cost(wafer_cost_usd=usd, gross_dies=y.gross_dies_per_wafer, sellable_fraction=y.sellable_fraction)
        for usd, y in zip(prices, good.kinds, strict=True)
    ]
    silicon = sum_of(usd * die.dies for usd, die in zip(each, made.kinds, strict=True))
    on_package = _either(plan.memory_stacks, d.memory_stacks) * d.memory_on_package
    memory = _either(plan.memory_gb, d.memory_gb) * plan.memory_cost_usd_gb
    package = cost.package_cost(
        silicon_mm2=made.footprint_mm2,
        memory_site_mm2=on_package * pack.memory_site_area_mm2,
        interposer_clustering_alpha=m.interposer_clustering_alpha,
        interposer_area_factor=pack.interposer_area_factor,
        interposer_cost_usd_mm2=pack.interposer_cost_usd_mm2,
        fixed_cost_usd=pack.fixed_cost_usd,
        interposer_defect_density_per_cm2=pack.interposer_defect_density_per_cm2,
        substrate_area_factor=pack.substrate_area_factor,
        substrate_cost_usd_mm2=pack.substrate_cost_usd_mm2,
    )
    test = cost.test_cost(
        die_area_mm2=made.die_area_mm2,
        memory_stacks=on_package,
        test_cost_usd_mm2=m.test_cost_usd_mm2,
        test_fixed_usd=m.test_fixed_usd,
        assembly_cost_usd=m.assembly_cost_usd,
        memory_test_cost_usd=m.memory_test_cost_usd,
    )
    assembled = cost.assembly_yield(parts=made.dies + on_package, bond_yield_fraction=pack.bond_yield_fraction)
    scrap = cost.scrap_cost(
        parts_usd=silicon + memory * d.memory_on_package + package,
        assembly_yield_fraction=assembled,
        scrap_invested_fraction=m.scrap_invested_fraction,
    )
    board = cost.board_cost(
        power_w=point.power_w,
        board_fixed_usd=m.board_fixed_usd,
        board_cost_usd_w=m.board_cost_usd_w,
        cooling_cost_usd=x.cooling.cost_usd,
    )
    unit = silicon + memory + package + test + scrap + board
    nre_musd = cost.nre_cost(
        design_cost_musd=node.design_cost_musd,
        design_share=plan.design_share,
        mask_set_musd=sum_of(kind.node.mask_set_musd for kind in x.dies),
    )
    nre_usd = cost.nre_per_unit(nre_musd=nre_musd, volume=plan.volume)
    return Bill(
        wafer_cost_usd=wafer_usd,
        die_cost_usd=each[0],
        silicon_cost_usd=silicon,
        memory_cost_usd=memory,
        package_cost_usd=package,
        test_cost_usd=test,
        scrap_cost_usd=scrap,
        board_cost_usd=board,
        assembly_yield_fraction=assembled,
        unit_cost_usd=unit,
        nre_usd_per_unit=nre_usd,
        full_cost_usd=unit + nre_usd,
        nre_musd=nre_musd,
    )


def work(x: Inputs, made: Geometry, good: Yields, point: Operation, billed: Bill | None) -> Work:
    """What one GPU does: peak rates, the roofline, and the way across the die."""
    d, m, plan = x.design, x.model, x.plan
    rate = {"units_ratio": point.enabled_ratio, "clock_ghz": point.clock_ghz, "home_clock_ghz": d.clock_ghz}
    tensor = throughput.peak_tflops(home_tflops=d.tensor_tflops, **rate) * made.tensor_kept
    bandwidth = _either(plan.memory_bw_gb_s, d.memory_bw_gb_s)
    attained = throughput.roofline_tflops(
        peak_tflops=tensor,
        memory_bw_gb_s=bandwidth,
        workload_intensity_flop_byte=plan.workload_intensity_flop_byte,
    )
    seconds = 1e6 / attained
    crossing = throughput.crossing_cycles(
        distance_mm=made.die_width_mm + made.die_height_mm,
        wire_delay_ps_mm=m.global_wire_delay_ps_mm,
        clock_ghz=point.clock_ghz,
    )
    return Work(
        tensor_tflops=tensor,
        vector_tflops=throughput.peak_tflops(home_tflops=d.vector_tflops, **rate),
        memory_bw_gb_s=bandwidth,
        memory_gb=_either(plan.memory_gb, d.memory_gb),
        work_tflops=attained,
        seconds_per_eflop=seconds,
        energy_per_eflop_j=point.power_w * seconds,
        tflops_per_w=tensor / point.power_w,
        usd_per_tflops=None if billed is None else billed.unit_cost_usd / tensor,
        die_crossing_cycles=crossing,
        l2_latency_cycles=throughput.l2_latency_cycles(crossing_cycles=crossing, fixed_cycles=m.l2_fixed_cycles),
    )

"""The chain: geometry, yields, operation, bill, work and emissions of a build, a function each; it holds no formula of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from estimator.arrays import Num, Values
from estimator.model.emissions import emissions
from estimator.model.home import (
    JUNCTION_ROUNDING_K,
    Home,
    buried_resistance,
    footprint,
    leakage_scale_v,
    power_shares,
    relative_delay,
    sum_of,
    supply_floor,
    take_apart,
    unit_wire_ns,
)
from estimator.model.inputs import Constants, DieKind, Inputs, PackageNumbers, Process
from estimator.model.load import Load, load_of, slowest_work, solve_under_load, undivided_work, usable_bandwidth
from estimator.model.packing import field_needed, largest_field, last_made, package_of, same_links, stacks_on_package
from estimator.model.results import (
    OUTPUT_STAGE,
    Bill,
    BuiltDie,
    DieCost,
    DieYield,
    Geometry,
    Operation,
    Result,
    Work,
    Yields,
)
from estimator.physics import (
    area,
    cost,
    design_effort,
    heat,
    interfaces,
    packaging,
    pipeline,
    power,
    repair,
    throughput,
    timing,
    wafer,
    yields,
)
from estimator.physics.operating_point import COOLING, PACKAGE, POWER, RETICLE, OperatingPoint, Path, critical_path
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
    if "carbon" in wanted:
        wanted |= {"bill", "work"}
    home = take_apart(x) if home is None else home
    made = geometry(x)
    good = die_yields(x, made)
    point = operation(x, home, made, good)
    billed = bill(x, made, good, point) if "bill" in wanted else None
    done = work(x, made, good, point, billed) if "work" in wanted else None
    emitted = None
    if billed is not None and done is not None and "carbon" in wanted:
        emitted = emissions(x, made, good, point, billed, done)
    return Result(made, good, point, billed, done, emitted)


def _either(chosen: Num | None, otherwise: Num) -> Num:
    """What the plan says, or else the design."""
    return otherwise if chosen is None else chosen


def geometry(x: Inputs) -> Geometry:
    """Areas and outlines of all dies on the processes that they are built on, and the first package that carries them."""
    made = _dies(x, x.packages[0])
    index = _first_that_carries(x, made)
    if np.any(index) and not same_links(x):
        made = _dies(x, package_of(x, index))
    package = package_of(x, index)
    needed, most = field_needed(x, package, made.footprint_mm2), largest_field(x, package)
    return replace(
        made,
        interposer_mm2=needed,
        package_field_mm2=most,
        package_index=index,
        fits_package=np.asarray(needed <= most * (1 + 1e-9)) | x.published,
    )


def _first_that_carries(x: Inputs, made: Geometry) -> Num:
    """Index of the first package that carries the dies, or of the last that is made by then, where none does."""
    index = last_made(x)
    alike = same_links(x)
    for k, package in reversed(list(enumerate(x.packages[:-1]))):
        own = made if k == 0 or alike else _dies(x, package)
        carries = field_needed(x, package, own.footprint_mm2) <= largest_field(x, package) * (1 + 1e-9)
        index = np.where(carries, k, index) if np.ndim(carries) else k if carries else index
    return index


def _dies(x: Inputs, package: PackageNumbers) -> Geometry:
    """Areas and outlines of all dies with the links of one package."""
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
    registers = _register_growth(x)
    with_registers = _with_registers(x, registers, x.model.register_area_fraction)
    logic = logic * with_registers
    analog = analog + _either(plan.phy_delta_mm2, 0.0) * compute.node.analog_area_factor
    first = _built(x, package, compute, (logic, sram, analog), plan.dies)
    at_home = compute.numbers.area_mm2 * compute.numbers.count
    growth = (logic + sram) / (at_home * (compute.numbers.logic_fraction + compute.numbers.sram_fraction) * scale)
    kinds = (first, *(_built(x, package, k, _class_areas(k, 1.0, plan.realisation), None) for k in x.dies[1:]))
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
        register_growth=registers,
        register_area=with_registers,
        tensor_kept=kept,
        tensor_share=tensor_share,
        footprint_mm2=heat.stack_footprint(areas_mm2=[k.silicon_mm2 for k in kinds], on=[k.on for k in x.dies]),
        interposer_mm2=silicon,
        package_field_mm2=package.interposer_max_area_mm2,
        package_index=0,
        fits_package=np.asarray(True),
        leakage_w=sum_of(k.leakage_w for k in kinds),
    )


def _register_growth(x: Inputs) -> Num:
    """Pipeline registers over those at home: as many, unless logic is cut anew."""
    if x.plan.repipelined_clock_gain is None:
        return 1.0
    return pipeline.register_growth(
        clock_gain=x.plan.repipelined_clock_gain,
        register_delay_fraction=x.model.register_delay_fraction,
        register_growth_exponent=x.model.register_growth_exponent,
    )


def _with_registers(x: Inputs, growth: Num, share: Num) -> Num:
    """Area or power of logic with its registers, of which it is a share, over that at home."""
    if x.plan.repipelined_clock_gain is None:
        return 1.0
    return pipeline.with_registers(register_growth=growth, register_share=share)


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


def _built(
    x: Inputs, package: PackageNumbers, kind: DieKind, areas: tuple[Num, Num, Num], wanted: Num | None
) -> BuiltDie:
    """Dies of one kind that hold class areas: as many as wanted, else the fewest that fit; outline, links, leakage."""
    logic, sram, analog = areas
    node, count, silicon = kind.node, kind.numbers.count, logic + sram + analog
    link = area.link_area(
        d2d_bandwidth_tb_s=package.d2d_bandwidth_tb_s,
        analog_area_factor=node.analog_area_factor,
        d2d_area_mm2_per_tbps=package.d2d_area_mm2_per_tbps,
    )
    field = node.reticle_width_mm * node.reticle_height_mm
    made = _made_beyond_field(x, kind)  # what was made once can be made again
    field = field if made is None else np.maximum(field, made)
    need = area.dies_needed(silicon_mm2=silicon / count, link_area_mm2=link, reticle_area_mm2=field)
    split = area.laid_out_dies(dies_needed=need) if wanted is None else wanted / count
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

    A square of it must still lie on a wafer; what is larger is the area of several dies. A part that is a whole wafer is not cut
    at the reticle on any process, and has the wafer's corners.
    """
    area_mm2, home, m = kind.numbers.area_mm2, kind.home, x.model
    if kind.wafer_scale:
        return area_mm2
    beyond = area_mm2 > home.reticle_width_mm * home.reticle_height_mm * (1 + 1e-12)
    beyond = beyond & (2.0 * area_mm2 < (m.wafer_diameter_mm - 2.0 * m.edge_exclusion_mm) ** 2)
    return np.where(beyond, area_mm2, 0.0) if x.at_home_process and np.any(beyond) else None


def per_die(total: Num, needed: Num, dies: Num) -> tuple[Num, Num]:
    """Whole units on one of several dies, and how many of them must work."""
    n = np.maximum(np.rint(np.asarray(total) / dies), 1.0)
    return n, np.clip(np.ceil(np.asarray(needed) / dies - 1e-9), 1.0, n)


def die_yields(x: Inputs, made: Geometry) -> Yields:
    """Dies per wafer and what share of them can be sold, by kind of die."""
    plan = x.plan
    density = _defect_density(x, made)
    enabled = _either(plan.units_enabled, _enabled(x, made.units))
    kinds = []
    for kind, die in zip(x.dies, made.kinds, strict=True):
        units = per_die(made.units, enabled, die.dies) if kind is x.dies[0] else (1.0, 1.0)
        own = density if kind.node is x.node else defect_density_of(kind.node, age_of(x, kind.node))
        kinds.append(_die_yield(x, kind, die, own, units))
    if plan.sellable_fraction is not None:
        kinds[0] = replace(kinds[0], sellable_fraction=plan.sellable_fraction)
    if plan.yield_fraction is not None:
        kinds[0] = replace(kinds[0], yield_fraction=plan.yield_fraction)
    return Yields(
        kinds=tuple(kinds),
        gross_dies_per_wafer=kinds[0].gross_dies_per_wafer,
        maturity_quarters=age_of(x, x.node),
        defect_density_per_cm2=density,
        exposed_fraction=kinds[0].exposed_fraction,
        yield_fraction=kinds[0].yield_fraction,
        sellable_fraction=kinds[0].sellable_fraction,
        units_enabled=enabled,
    )


def _enabled(x: Inputs, units: Num) -> Num:
    """Compute units enabled where the plan does not say: the share of the design's own."""
    if x.plan.units is None:
        return x.design.units_enabled
    enabled: Num = np.maximum(np.floor(units * x.design.units_enabled / x.design.units + 1e-9), 1.0)
    return enabled


def exposed_shares(x: Inputs, kind: DieKind) -> repair.Exposed:
    """What of the dies of a kind a defect harms, and the shares of units and memory channels in it."""
    m, n = x.model, kind.numbers
    return repair.exposed_shares(
        logic_fraction=n.logic_fraction,
        sram_fraction=n.sram_fraction,
        analog_fraction=n.analog_fraction,
        unit_area_fraction=n.unit_area_fraction,
        memory_area_fraction=n.memory_area_fraction,
        unit_sram_share=m.unit_sram_share,
        slice_sram_share=m.slice_sram_share,
        sram_defect_weight=m.sram_defect_weight,
        analog_defect_weight=m.analog_defect_weight,
    )


def _die_yield(x: Inputs, kind: DieKind, die: BuiltDie, density: Num, units: tuple[Num, Num]) -> DieYield:
    d, plan, m = x.design, x.plan, x.model
    exposed = exposed_shares(x, kind)
    channels = per_die(d.memory_channels, d.memory_channels_enabled, die.dies)
    sellable = yields.salvage(
        model=plan.yield_model,
        die_area_mm2=die.die_area_mm2 * exposed.exposed_fraction,
        defect_density_per_cm2=density,
        units=units[0],
        units_enabled=units[1],
        unit_area_fraction=exposed.unit_share,
        memory_channels=channels[0],
        memory_channels_enabled=channels[1],
        memory_area_fraction=exposed.memory_share,
        clustering_alpha=_either(plan.clustering_alpha, kind.node.clustering_alpha),
        critical_layers=plan.critical_layers,
    )
    gross = wafer.gross_dies(
        width_mm=die.width_mm,
        height_mm=die.height_mm,
        wafer_diameter_mm=m.wafer_diameter_mm,
        edge_exclusion_mm=m.edge_exclusion_mm,
        scribe_mm=m.scribe_mm,
        notch_mm=m.notch_mm,
    )
    if kind.wafer_scale:
        gross = np.maximum(gross, 1.0)
    whole = yields.yield_fraction(
        die_area_mm2=die.die_area_mm2,
        defect_density_per_cm2=density,
        model=plan.yield_model,
        clustering_alpha=_either(plan.clustering_alpha, kind.node.clustering_alpha),
        critical_layers=plan.critical_layers,
    )
    return DieYield(
        gross_dies_per_wafer=gross,
        defect_density_per_cm2=density,
        yield_fraction=whole,
        sellable_fraction=sellable,
        exposed_fraction=exposed.exposed_fraction,
    )


def _defect_density(x: Inputs, made: Geometry) -> Num:
    """Defect density of the compute dies: what the plan says, or what its yield means, or that of the process at its age."""
    plan, node = x.plan, x.node
    if plan.yield_fraction is not None:
        return yields.defect_density_at_yield(
            yield_fraction=plan.yield_fraction,
            die_area_mm2=made.compute_die_area_mm2,
            model=plan.yield_model,
            clustering_alpha=_either(plan.clustering_alpha, node.clustering_alpha),
            critical_layers=plan.critical_layers,
        )
    chosen = plan.defect_density_per_cm2
    return defect_density_of(node, age_of(x, node)) if chosen is None else chosen


def age_of(x: Inputs, node: Process) -> Num:
    """Quarters of volume production of a process: what the plan says, or by the calendar, where its first year is known."""
    if x.plan.maturity_quarters is not None:
        return x.plan.maturity_quarters
    age = yields.quarters_in_production(date=x.plan.date, volume_year=node.volume_year)
    unknown = np.isnan(node.volume_year)
    return np.where(unknown, x.model.maturity_quarters, age) if np.any(unknown) else age


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
    m, plan, node, loss = x.model, x.plan, x.node, x.design.board_loss_fraction
    unit_area, wire_ns, gate_ns, path = _path(x, home, made)
    switched_w, gate_ratio, length_ratio, active, enabled_ratio = _switching(x, home, made, good)
    registers_w = _with_registers(x, made.register_growth, m.register_power_fraction)
    switched_w = switched_w * registers_w
    io_w = _io_power(x)
    link_w = sum_of(_link_power(x, made, kind, die) for kind, die in zip(x.dies, made.kinds, strict=True))
    sink = _sink(x, made)
    resistance = heat.thermal_resistance(
        resistance_sink_k_w=sink,
        resistance_area_k_mm2_w=x.cooling.resistance_area_k_mm2_w,
        footprint_mm2=made.footprint_mm2,
    ) + buried_resistance(x, [die.silicon_mm2 for die in made.kinds])
    floor, headroom, top = supply_range(x, home, path)
    die: Values = {
        "path": path,
        "switched_w": switched_w,
        "leakage_w": made.leakage_w * home.leakage_scale,
        "nominal_supply_v": node.supply_v,
        "supply_min_v": floor,
        "supply_allowed_v": headroom,
        "supply_max_v": top,
        "supply_kept": 1.0 if x.at_home_process or plan.supply_v is not None else m.port_supply_kept,
        "leakage_voltage_scale_v": leakage_scale_v(x, node),
        "leakage_doubling_k": m.leakage_doubling_k,
        "coolant_c": x.cooling.coolant_c,
        "resistance_k_w": resistance,
        "junction_max_c": junction_limit(x, home),
    }
    load = load_of(x, made, enabled_ratio=enabled_ratio, fixed_w=io_w + link_w)
    point = _operating_point(x, die, load, io_w + link_w)
    done = load.performance(point.clock_ghz)
    memory_w = load.memory_w(done)
    fixed_w = memory_w + io_w + link_w
    packed = np.asarray(made.fits_package)
    fits = np.asarray(made.fits_reticle & (made.dies <= FIELDS["dies"].high))
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
        power_link_w=link_w,
        power_board_w=power_w * loss,
        heat_flux_w_mm2=(point.dynamic_w + point.leakage_w) / made.footprint_mm2,
        wire_share_fraction=wire_ns * at_point * point.clock_ghz,
        unit_area_mm2=unit_area,
        feasible=point.feasible & fits & packed,
        limited_by=np.where(fits, np.where(packed, point.limited_by, PACKAGE), RETICLE).astype(np.int8),
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
        sink_resistance_k_w=sink,
        switched_w=switched_w,
        pipeline_gain=pipeline_gain(x),
        register_power=registers_w,
        gate_capacitance=gate_ratio,
        length_ratio=length_ratio,
        active_ratio=active,
        enabled_ratio=enabled_ratio,
    )


def _io_power(x: Inputs) -> Num:
    """Power that follows nothing, W: the design's own, and in it the links by which other dies bring memory to the compute dies."""
    d, compute, host = x.design, x.dies[0], x.dies[x.memory_host]
    if host is compute:
        return d.io_power_w
    homes, nodes = ([k.home for k in (compute, host)], [k.node for k in (compute, host)])
    areas = [k.numbers.memory_area_fraction * k.numbers.area_mm2 * k.numbers.count for k in (compute, host)]
    crossing = np.where(areas[1] > 0, areas[1] / np.maximum(sum_of(areas), 1e-12), 1.0)
    energy_home, energy = (sum_of(p.d2d_energy_relative for p in each) / 2.0 for each in (homes, nodes))
    return power.io_power(
        io_power_w=d.io_power_w,
        d2d_bandwidth_tb_s=crossing * d.memory_bw_gb_s / 1000.0,
        d2d_energy_pj_bit=x.packages[0].d2d_energy_pj_bit * energy_home,
        energy_ratio=energy / energy_home,
    )


def _link_power(x: Inputs, made: Geometry, kind: DieKind, die: BuiltDie) -> Num:
    """Power of the die-to-die links that the original does not have, W, at the rate and energy of the dies' process."""
    if not np.any(die.linked):
        return 0.0 * die.linked
    package, node, home = package_of(x, made.package_index), kind.node, kind.home
    return power.link_power(
        linked_dies=die.linked,
        d2d_bandwidth_tb_s=package.d2d_bandwidth_tb_s * (node.d2d_rate_relative / home.d2d_rate_relative),
        d2d_energy_pj_bit=package.d2d_energy_pj_bit * (node.d2d_energy_relative / home.d2d_energy_relative),
    )


def _path(x: Inputs, home: Home, made: Geometry) -> tuple[Num, Num, Num, Path]:
    """Critical path of a compute unit on the clone's process: the unit's area, its wires, its gates, and both as a path."""
    node = x.node
    unit_area = home.unit_area_mm2 * made.unit_growth * made.unit_content
    gain = pipeline_gain(x)
    wire_ns = unit_wire_ns(x, node, unit_area) * (home.wire_scale / gain)
    gate_ns = home.gate_ns * node.gate_delay_ps / (x.home.gate_delay_ps * home.relative_delay * gain)
    path = critical_path(
        gate_ns=gate_ns,
        wire_ns=wire_ns,
        repeater_fraction=x.model.repeater_fraction,
        nominal_supply_v=node.supply_v,
        threshold_v=node.threshold_v,
        supply_insensitive_fraction=node.supply_insensitive_fraction,
    )
    return unit_area, wire_ns, gate_ns, path


def pipeline_gain(x: Inputs) -> Num:
    """Clock by logic that is cut for the clone's gates, over that of the original's pipeline."""
    return _either(x.plan.repipelined_clock_gain, 1.0)


def _switching(x: Inputs, home: Home, made: Geometry, good: Yields) -> tuple[Num, Num, Num, Num, Num]:
    """What the clone switches per clock, W per V^2 and GHz; and its capacitance, lengths, activity and units over home."""
    d, m, plan = x.design, x.model, x.plan
    gate_ratio = x.node.switched_cap_relative / x.home.switched_cap_relative
    if len(x.dies) > 1:
        gate_ratio = sum_of(
            kind.node.switched_cap_relative / kind.home.switched_cap_relative * share
            for kind, share in zip(x.dies, power_shares(x), strict=True)
        )
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

    The plan allows what the original takes at its published point, over the supply of the high-performance library (one flavour
    on all processes, for nominal supplies mix several), unless it says otherwise. On the process of its home that also widens the
    range, as does the maker's highest clock, for such a product exists.
    """
    node = x.node
    allowed = home.supply_v / x.home.supply_hp_v * node.supply_hp_v if x.plan.supply_v is None else x.plan.supply_v
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


def _sink(x: Inputs, made: Geometry) -> Num:
    """Thermal resistance of the clone's cooler, K/W: grown with the silicon, and no lower than its air flow allows."""
    floor = heat.air_flow_floor(air_flow_m3_s=x.cooling.air_flow_m3_s, air_heat_j_m3_k=x.model.air_heat_j_m3_k)
    return heat.sink_resistance(
        resistance_sink_k_w=x.cooling.resistance_sink_k_w,
        footprint_mm2=made.footprint_mm2,
        home_footprint_mm2=footprint(x),
        sink_area_exponent=x.model.sink_area_exponent,
        least_resistance_k_w=floor,
    )


def cooler_limit_w(x: Inputs) -> Num:
    """Most module power that a cooler of the clone's class takes, W; the design's own takes at least what it ships with."""
    most = x.cooling.module_power_max_w
    return np.maximum(most, x.design.power_w) if x.own_cooling else most


def _operating_point(x: Inputs, die: Values, load: Load, io_w: Num) -> OperatingPoint:
    """The operating point, held to what a cooler of its class takes: a forced one beyond is impossible."""
    most, plan = cooler_limit_w(x), x.plan
    if np.all(np.isinf(most)):
        return solve_under_load(die, load, plan)
    if plan.power_limit_w is not None:  # two ceilings, of which the lower one holds
        point = solve_under_load(die, load, replace(plan, power_limit_w=np.minimum(plan.power_limit_w, most)))
        cooler = (point.limited_by == POWER) & np.asarray(most < plan.power_limit_w)
        return point._replace(limited_by=np.where(cooler, COOLING, point.limited_by).astype(np.int8))
    point = solve_under_load(die, load, plan)
    memory_w = load.memory_w(load.performance(point.clock_ghz))
    module_w = (point.dynamic_w + point.leakage_w + memory_w + io_w) / (1.0 - x.design.board_loss_fraction)
    beyond = np.asarray(point.feasible & (module_w > most * (1.0 + 1e-9)))
    if not np.any(beyond):
        return point
    again = solve_under_load(die, load, replace(plan, power_limit_w=most, power_w=None))
    parts: list[Any] = [np.where(beyond, np.asarray(b), np.asarray(a)) for a, b in zip(point[:], again[:], strict=True)]
    held = OperatingPoint(*parts)
    forced = plan.power_w is not None or plan.clock_ghz is not None
    return held._replace(
        feasible=np.asarray(held.feasible & ~beyond if forced else held.feasible, bool),
        limited_by=np.where(beyond & ((held.limited_by == POWER) | forced), COOLING, held.limited_by).astype(np.int8),
    )


def bill(x: Inputs, made: Geometry, good: Yields, point: Operation) -> Bill:
    """What one GPU costs to make."""
    d, m, plan, pack, sold = x.design, x.model, x.plan, package_of(x, made.package_index), x.product
    prices = _wafer_prices(x)
    each = [
        cost.good_die_cost(wafer_cost_usd=usd, gross_dies=y.gross_dies_per_wafer, sellable_fraction=y.sellable_fraction)
        for usd, y in zip(prices, good.kinds, strict=True)
    ]
    silicon = sum_of(usd * die.dies for usd, die in zip(each, made.kinds, strict=True))
    on_package = stacks_on_package(x)
    memory = _either(plan.memory_bought_gb, d.memory_bought_gb) * plan.memory_cost_usd_gb
    per_wafer = packaging.packages_per_wafer(
        interposer_mm2=made.interposer_mm2,
        wafer_diameter_mm=m.wafer_diameter_mm,
        interposer_edge_exclusion_mm=m.interposer_edge_exclusion_mm,
        scribe_mm=m.scribe_mm,
    )
    good_interposers = cost.interposer_yield(
        area_mm2=made.interposer_mm2,
        defect_density_per_cm2=pack.interposer_defect_density_per_cm2,
        interposer_clustering_alpha=m.interposer_clustering_alpha,
    )
    interposer_wafer = cost.wafer_price(wafer_cost_usd=pack.interposer_wafer_usd, **_wafer_sizes(m))
    interposer = packaging.interposer_cost(
        interposer_wafer_usd=interposer_wafer,
        packages_per_interposer_wafer=per_wafer,
        interposer_yield_fraction=good_interposers,
    )
    package = cost.package_cost(
        carried_mm2=made.footprint_mm2 + on_package * pack.memory_site_area_mm2,
        interposer_cost_usd=interposer,
        fixed_cost_usd=pack.fixed_cost_usd * sold.package_fixed_share,
        substrate_area_factor=pack.substrate_area_factor,
        substrate_cost_usd_mm2=pack.substrate_cost_usd_mm2,
    )
    test = cost.test_cost(
        die_area_mm2=made.die_area_mm2,
        memory_stacks=on_package,
        test_cost_usd_mm2=sold.test_cost_usd_mm2,
        test_fixed_usd=sold.test_fixed_usd,
        assembly_cost_usd=sold.assembly_cost_usd,
        memory_test_cost_usd=m.memory_test_cost_usd,
    )
    assembled = cost.assembly_yield(parts=made.dies + on_package, bond_yield_fraction=pack.bond_yield_fraction)
    scrap = cost.scrap_cost(
        parts_usd=silicon + memory * d.memory_on_package + package,
        assembly_yield_fraction=assembled,
        scrap_invested_fraction=m.scrap_invested_fraction,
    )
    board = cost.board_cost(
        power_w=point.power_w, board_fixed_usd=sold.board_fixed_usd, board_cost_usd_w=sold.board_cost_usd_w
    )
    cooler = cost.cooler_cost(
        power_w=point.power_w,
        cooler_cost_usd_w=sold.cooler_cost_usd_w,
        cost_usd=x.cooling.cost_usd,
        cooler_cost_share=sold.cooler_cost_share,
        resistance_sink_k_w=x.cooling.resistance_sink_k_w,
        grown_resistance_k_w=point.sink_resistance_k_w,
    )
    unit = silicon + memory + package + test + scrap + board + cooler
    wafers = cost.wafers_per_gpu(
        gross_dies=good.gross_dies_per_wafer,
        sellable_fraction=good.sellable_fraction,
        dies=made.compute.dies,
        assembly_yield_fraction=assembled,
    )
    per_field, shots = _exposures(x, made)
    efforts = effort_parts(x, made)
    nre_musd = cost.nre_cost(**efforts)
    nre = {name: cost.nre_per_unit(nre_musd=musd, volume=plan.volume) for name, musd in efforts.items()}
    nre_usd = cost.nre_per_unit(nre_musd=nre_musd, volume=plan.volume)
    return Bill(
        kinds=tuple(DieCost(wafer_cost_usd=w, die_cost_usd=c) for w, c in zip(prices, each, strict=True)),
        wafer_cost_usd=prices[0],
        die_cost_usd=each[0],
        silicon_cost_usd=silicon,
        memory_cost_usd=memory,
        package_cost_usd=package,
        interposer_cost_usd=interposer,
        packages_per_interposer_wafer=per_wafer,
        test_cost_usd=test,
        scrap_cost_usd=scrap,
        board_cost_usd=board,
        cooler_cost_usd=cooler,
        assembly_yield_fraction=assembled,
        unit_cost_usd=unit,
        nre_usd_per_unit=nre_usd,
        nre_logic_usd=nre["logic_musd"],
        nre_physical_usd=nre["physical_musd"],
        nre_mask_usd=nre["masks_musd"],
        nre_package_usd=nre["package_musd"],
        full_cost_usd=unit + nre_usd,
        gpus_per_wafer=cost.gpus_per_wafer(wafers_per_gpu=wafers),
        wafers_per_gpu=wafers,
        dies_per_field=per_field,
        fields_per_wafer=shots,
        nre_musd=nre_musd,
        interposer_wafer_usd=interposer_wafer,
        interposer_yield_fraction=good_interposers,
    )


def _exposures(x: Inputs, made: Geometry) -> tuple[Num, Num]:
    """Compute dies in one exposure field, and the fields that expose a wafer of them."""
    first, m, field = made.compute, x.model, x.node
    fields = wafer.exposure_field(
        width_mm=first.width_mm,
        height_mm=first.height_mm,
        reticle_width_mm=field.reticle_width_mm,
        reticle_height_mm=field.reticle_height_mm,
        scribe_mm=m.scribe_mm,
    )
    shots = wafer.fields_per_wafer(
        field_width_mm=fields[1],
        field_height_mm=fields[2],
        wafer_diameter_mm=m.wafer_diameter_mm,
        edge_exclusion_mm=m.edge_exclusion_mm,
    )
    return fields[0], shots


def _wafer_prices(x: Inputs) -> list[Num]:
    """Price of a wafer for each kind of die, USD: that of its process by the wafer's size, or what the plan says."""
    size = _wafer_sizes(x.model)
    own: list[Num] = [cost.wafer_price(wafer_cost_usd=kind.node.wafer_cost_usd, **size) for kind in x.dies]
    chosen = x.plan.wafer_cost_usd
    if chosen is None:
        return own
    return [chosen if kind.node is x.node else usd for kind, usd in zip(x.dies, own, strict=True)]


def _wafer_sizes(m: Constants) -> dict[str, Num]:
    """Diameter of the wafers, and of those that prices are stated for, mm."""
    return {"wafer_diameter_mm": m.wafer_diameter_mm, "wafer_price_diameter_mm": m.wafer_price_diameter_mm}


def effort_parts(x: Inputs, made: Geometry) -> dict[str, Num]:
    """Design effort by part, M USD: the arguments of `cost.nre_cost`."""
    m, plan, pack = x.model, x.plan, package_of(x, made.package_index)
    return {
        "logic_musd": design_effort.logic_effort(
            logic_design_musd=m.logic_design_musd,
            transistors_mtr=x.design.transistors_mtr * made.unit_scale,
            complexity_reference_mtr=m.complexity_reference_mtr,
            complexity_exponent=m.complexity_exponent,
            logic_share=plan.logic_share,
        ),
        "physical_musd": design_effort.physical_effort(
            design_cost_musd=x.node.design_cost_musd,
            physical_design_share=m.physical_design_share,
            physical_share=plan.physical_share,
        ),
        "masks_musd": design_effort.mask_cost(
            mask_set_musd=sum_of(kind.node.mask_set_musd for kind in x.dies), respins=m.respins
        ),
        "package_musd": design_effort.package_effort(
            package_nre_musd=pack.package_nre_musd,
            package_nre_musd_mm2=pack.package_nre_musd_mm2,
            field_mm2=made.interposer_mm2,
        ),
    }


def work(x: Inputs, made: Geometry, good: Yields, point: Operation, billed: Bill | None) -> Work:
    """What one GPU does: peak rates, the roofline, and the way across the die.

    A design that states no rate has none: its outputs are NaN, and only ratios of work remain. Without memory no roof of
    bandwidth bounds the work.
    """
    d, m, plan = x.design, x.model, x.plan
    rate = {"units_ratio": point.enabled_ratio, "clock_ghz": point.clock_ghz, "home_clock_ghz": d.clock_ghz}
    peak = throughput.peak_tflops(home_tflops=d.tensor_tflops, **rate) * made.tensor_kept
    undivided, slowest = undivided_work(x, made), slowest_work(x, made)
    bandwidth: Num = 0.0
    attained = unbounded = peak * undivided * slowest
    if x.given.memory or plan.memory_bw_gb_s is not None:
        bandwidth = usable_bandwidth(x, made)
        attained, unbounded = (
            throughput.roofline_tflops(
                peak_tflops=peak * slowest,
                memory_bw_gb_s=each,
                workload_intensity_flop_byte=plan.workload_intensity_flop_byte,
            )
            * undivided
            for each in (bandwidth, _either(plan.memory_bw_gb_s, d.memory_bw_gb_s))
        )
    links = (
        1.0
        if x.own_links
        else interfaces.link_rate_share(
            link_lane_gb_s=d.link_lane_gb_s, serdes_rate_max_gb_s=x.dies[x.link_host].node.serdes_rate_max_gb_s
        )
    )
    split, clock = made.compute.split, point.clock_ghz
    there = (
        throughput.crossing_cycles(
            distance_mm=interfaces.arrangement_side(
                split=split, width_mm=made.die_width_mm, height_mm=made.die_height_mm
            ),
            wire_delay_ps_mm=m.global_wire_delay_ps_mm,
            clock_ghz=clock,
        )
        + interfaces.package_hops(split=split) * m.d2d_latency_ns * clock
    )
    known = 1.0 if x.given.rates else np.nan
    seconds = 1e6 / attained * known
    crossing = throughput.crossing_cycles(
        distance_mm=made.die_width_mm + made.die_height_mm,
        wire_delay_ps_mm=m.global_wire_delay_ps_mm,
        clock_ghz=point.clock_ghz,
    )
    return Work(
        tensor_tflops=peak * known,
        vector_tflops=throughput.peak_tflops(home_tflops=d.vector_tflops, **rate)
        * (known if x.given.vector else np.nan),
        memory_bw_gb_s=bandwidth,
        memory_gb=_either(plan.memory_gb, d.memory_gb),
        split_efficiency=undivided,
        slowest=slowest,
        link_rate_share=links,
        work_tflops=attained * known,
        seconds_per_eflop=seconds,
        energy_per_eflop_j=point.power_w * seconds,
        tflops_per_w=peak * known / point.power_w,
        usd_per_tflops=None if billed is None else billed.unit_cost_usd / (peak * known),
        die_crossing_cycles=crossing,
        l2_latency_cycles=throughput.l2_latency_cycles(crossing_cycles=there, fixed_cycles=m.l2_fixed_cycles),
        peak=peak,
        attained=attained,
        unbounded=unbounded,
    )

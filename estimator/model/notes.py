"""Notes: sentences on what an estimate assumes, infers or holds back, and on where the model leaves its range."""

from __future__ import annotations

from typing import Any

import numpy as np

from estimator.arrays import Num
from estimator.model.build import DEFAULT_WORK, RATES, Build, pin_rate, port_distance
from estimator.model.causes import ROLE_WORDS
from estimator.model.chain import cooler_limit_w
from estimator.model.evaluate import Evaluated
from estimator.model.fab import class_note
from estimator.model.home import Home
from estimator.model.limits import LIMIT_WORDS
from estimator.model.load import driven_bandwidth
from estimator.model.options import numbers_in
from estimator.model.packing import largest_field, stacks_on_package
from estimator.model.prices import asked_date, price_of
from estimator.parameters import library
from estimator.parameters.schema import COMPOSITION, Design, Entity, Package, Parameter
from estimator.physics.operating_point import COOLING
from estimator.quantities import describe, number

HELD_BELOW = 0.8  # of the leakage by area, from which it is worth a sentence
KEPT_IN_MIND = ("memory_power_w", "io_power_w", "board_loss_fraction")


def collect_notes(made: Evaluated) -> list[str]:
    """Sentences on where the model leaves its range, rests on coarse values or assumes what a design does not say."""
    return [
        *_of_plan(made),
        *_of_bill(made),
        *_of_prices(made),
        *_of_assumed(made.build),
        *_of_published(made.build, made.home),
    ]


def _of_plan(made: Evaluated) -> list[str]:
    """On the clone's process, package and I/O dies."""
    build = made.build
    things = build.entities
    node = things.node
    notes = []
    if node.coarse:
        notes.append(f"{node.label or node.name}: parameters are coarse (a process before the GPUs of this library)")
    notes += [*_of_package(made), *of_memory(made), *_of_date(made)]
    notes += [note for note in [class_note(node)] if note]
    notes += _of_dies(build)
    if port_distance(things.design, node) == "new" and build.options.get("layout") == "port":
        notes.append("a layout port between these processes has no precedent: their design rules differ")
    own = things.design.workload or DEFAULT_WORK
    asked = build.options.get("workload", own)
    if asked != own:
        notes.append(
            f"the published power is that of {own}: that of {asked} follows from how much each switches, an estimate"
        )
    return notes


def _of_dies(build: Build) -> list[str]:
    """On the processes of the dies without compute units that are not built on the process of the compute dies."""
    notes, processes = [], build.entities.processes
    for kind in build.choices.kinds[1:]:
        own, built = (processes[o] for o in kind.owners[1:])
        if built.name != build.node.name:
            stay = "stay" if built.name == own.name else "are built"
            notes.append(f"the {ROLE_WORDS[kind.role]} dies {stay} on {_label(built)}")
    return notes


def _of_bill(made: Evaluated) -> list[str]:
    """On what the cooler, the wafer and a chip without memory or rates make of the result."""
    x, things = made.build.inputs, made.build.entities
    notes = []
    if np.any(np.asarray(made.result.operation.limited_by) == COOLING):
        most = cooler_limit_w(x)
        notes.append(
            f"{things.cooling.label or things.cooling.name}: a cooler of this class takes {_range(most)} W; what exceeds it "
            "needs another cooling"
        )
    stated = x.model.wafer_price_diameter_mm
    if x.plan.wafer_cost_usd is None and np.any(np.asarray(x.model.wafer_diameter_mm) != stated):
        notes.append(
            f"prices are those of {_range(stated)} mm wafers; on {_range(x.model.wafer_diameter_mm)} mm the price follows the "
            "wafer's area; wafer_cost_usd says otherwise"
        )
    good = made.result.yields
    if x.plan.yield_fraction is not None:
        notes.append(
            f"yield_fraction as given is taken for a defect density of {_range(good.defect_density_per_cm2)} per cm2; with spare "
            f"units {_range(good.sellable_fraction)} of the dies are sold: sellable_fraction gives that share itself"
        )
    if not x.given.rates:
        notes.append(
            f"the design states no rate of work, and is {_no_gpu(things.design)}: it has none, and only ratios of work "
            "are given; tensor_tflops or vector_tflops of the design state one"
        )
    if not x.given.memory and x.plan.memory_bw_gb_s is None:
        notes.append("the design has no memory: no bandwidth bounds its work")
    return notes


def _of_prices(made: Evaluated) -> list[str]:
    """On prices that are not known at the date asked for."""
    build, date = made.build, asked_date(numbers_in(made.build.options))
    if date is None:
        return []
    ends = sorted({float(np.min(date)), float(np.max(date))})
    notes = []
    for owner, price in build.prices.items():
        if float(price.stated) == 0.0 or (owner.startswith("package_") and price is build.prices.get("package")):
            continue
        thing = _label(build.entities.packages[0] if owner == "package" else build.entities.owner_of(owner))
        said = f"{describe(str(price_of(owner))).long_name} ({thing})"
        if price.series is None:
            if ends != [price.year]:
                notes.append(
                    f"{said}: that of {price.year:g} stands for {_range(date, whole=True)}; no other year is known"
                )
        elif not all(price.known(d) for d in ends):
            first, last = price.series.years[0], price.series.years[-1]
            notes.append(
                f"{said}: known from {first:g} to {last:g}; the nearest of these years stands for {_range(date, whole=True)}"
            )
    return notes


def _of_package(made: Evaluated) -> list[str]:
    """On the package: which of those on offer carries the clone, and whether the process offers it at all."""
    build, things, x, geometry = made.build, made.build.entities, made.build.inputs, made.result.geometry
    chosen = [things.packages[int(i)] for i in np.unique(np.asarray(geometry.package_index))]
    needed, most = np.max(geometry.interposer_mm2), np.min(geometry.package_field_mm2)
    notes = []
    if build.at_home and np.any(geometry.interposer_mm2 > geometry.package_field_mm2):
        notes.append(
            f"{_label(chosen[0])}: the silicon and memory of {needed:,.0f} mm2 exceed the largest field of {most:,.0f} mm2 made in "
            "volume"
        )
    if len(chosen) == 1 and len(things.packages) > 1 and chosen[0] is not things.packages[0]:
        first = largest_field(x, x.packages[0])
        last = (
            "only the largest package that this process can get"
            if chosen[0] is things.packages[-1]
            else "only a larger package"
        )
        notes.append(
            f"{last} carries it: {_label(chosen[0])}, {needed:,.0f} of {most:,.0f} mm2, which few can make; "
            f"{_label(things.packages[0])} ends at {np.min(first):,.0f} mm2"
        )
    asked, offered = build.options.get("package"), things.node.packages_available
    if isinstance(asked, Package) and asked.supports_hbm and offered and asked.name not in offered:
        notes.append(
            f"{_label(asked)} is not among the packages that customers of {_label(things.node)} can get: {', '.join(offered)}"
        )
    if np.any(np.asarray(stacks_on_package(x)) > 0):
        notes += [
            f"{_label(package)}: carries no memory stacks, which this design has on its package"
            for package in chosen
            if not package.supports_hbm
        ]
    return notes


def of_memory(made: Evaluated) -> list[str]:
    """On memory and links that the process does not drive at the original's rate."""
    build, things, x, work = made.build, made.build.entities, made.build.inputs, made.result.rates
    own, now = things.home_memory, things.memory
    host = things.processes[build.choices.kinds[build.choices.memory_host].owners[2]]
    limit = host.memory_pin_rate_max_gb_s if own.unit_kind == "stack" else host.gddr_pin_rate_max_gb_s
    notes = []
    if now is not own and "memory" not in build.options:
        gb = np.max(work.memory_gb)
        notes.append(
            f"memory: {_label(now)} ({pin_rate(now):.3g} Gb/s a pin, {gb:,.0f} GB) instead of {_label(own)}, for interfaces on "
            f"{_label(host)} have shipped no faster than {float(limit or 0):.3g} Gb/s a pin"
        )
    elif x.process_memory and np.any(
        driven_bandwidth(x) < (x.design.memory_bw_gb_s if x.plan.memory_bw_gb_s is None else x.plan.memory_bw_gb_s)
    ):
        notes.append(
            f"memory: the process drives {np.min(driven_bandwidth(x)):,.0f} GB/s of it, at its fastest pin rate"
        )
    elif "memory" in build.options and limit is not None and pin_rate(now) > limit and now.unit_kind == own.unit_kind:
        notes.append(
            f"memory: {_label(now)} runs {pin_rate(now):.3g} Gb/s a pin, as asked; interfaces on {_label(host)} have shipped no "
            f"faster than {float(limit):.3g}"
        )
    lanes = things.processes[build.choices.kinds[build.choices.link_host].owners[2]]
    if np.any(np.asarray(work.link_rate_share) < 1):
        notes.append(
            f"links between GPUs: {np.min(work.link_rate_share):.2g} of the original's rate, for serial lanes on {_label(lanes)} "
            f"reach {float(lanes.serdes_rate_max_gb_s or 0):.3g} Gb/s"
        )
    return notes


def _of_date(made: Evaluated) -> list[str]:
    """On a date before the process was in volume production."""
    node, plan = made.build.entities.node, made.build.inputs.plan
    if (
        node.volume_year is not None
        and plan.maturity_quarters is None
        and np.any(np.asarray(plan.date) < node.volume_year)
    ):
        return [
            f"{_label(node)} is not in volume production at {_range(plan.date, whole=True)}: it begins in {node.volume_year:g}"
        ]
    return []


def _no_gpu(design: Design) -> str:
    """Why a design is not taken for a GPU."""
    return "too small to be taken for a GPU" if design.style in ("", "gpu") else f"of style {design.style}"


def _label(thing: Entity) -> str:
    return thing.label or thing.name


def _of_assumed(build: Build) -> list[str]:
    """One sentence with everything that was assumed because the design does not say it."""
    _things, design = build.entities, build.entities.design
    given = {*design.parameters}
    for die in design.die_kinds:
        given.update(die.parameters)
    parts = [] if design.cooling and design.package and design.memory else _parts(build)
    words = [f"{kind} {name}" for kind, name in parts if not getattr(design, kind)]
    d = build.numbers["design"]
    words += [f"{n} {float(d[n]):.3g}" for n in KEPT_IN_MIND if n not in given]
    given_stacks = {"memory_stacks"} if not build.choices.given.memory else set()
    words += [f"{n} {float(d[n]):g}" for n in ("units", "memory_stacks") if n not in given | given_stacks]
    if build.choices.given.rates:
        unsaid = [n for n in RATES if n not in given and (n != "vector_tflops" or build.choices.given.vector)]
        words += ["the rates of work of a usual GPU"] if len(unsaid) > 1 else [f"{n} {float(d[n]):.3g}" for n in unsaid]
    if not given & {"logic_fraction", "sram_fraction", "analog_fraction"}:
        words.append(f"the usual shares of {', '.join(n.removesuffix('_fraction') for n in COMPOSITION[:3])} area")
    if not words:
        return []
    return [f"assumed, as the design does not give it: {', '.join(words)}"]


def _parts(build: Build) -> list[tuple[str, str]]:
    things = build.entities
    package = library.part_of(things.design, "package")
    parts = [("cooling", things.home_cooling.name), ("package", package.name)]
    return [*parts, ("memory", things.home_memory.name)] if build.choices.given.memory else parts


def _of_published(build: Build, home: Home) -> list[str]:
    """On what was inferred or held back so that the published point is reproduced."""
    x, things = build.inputs, build.entities
    notes = []
    if not x.given.supply:
        how = (
            "as other parts with stacked memory"
            if x.stacked_memory
            else f"inferred from its clock against shipped parts of {things.home.label or things.home.name}"
        )
        notes.append(
            f"supply at the published point: {_range(home.supply_v)} V, {how}; supply_v of the design says otherwise"
        )
    elif np.any(x.design.supply_v > x.home.supply_max_v) or np.any(x.design.supply_v < x.home.supply_min_v):
        notes.append(
            f"supply_v = {_range(x.design.supply_v)} V lies outside the {float(np.min(x.home.supply_min_v)):g} to "
            f"{float(np.max(x.home.supply_max_v)):g} V of {things.home.label or things.home.name}; taken as published"
        )
    if np.any(home.junction_c > np.asarray(x.design.junction_max_c) + 1e-6):
        notes.append(
            f"no cooling of the library holds the published point: its junction of {_range(home.junction_c)} C is allowed, "
            f"above the usual {float(np.min(x.design.junction_max_c)):g} C"
        )
    if np.any(home.leakage_scale < HELD_BELOW):
        notes.append(
            f"leakage of this process and area would take more of the published power than is plausible; it is held at "
            f"{_range(home.leakage_w)} W, {_range(home.leakage_scale)} of it"
        )
    if np.any(home.wire_scale < 1.0):
        notes.append(
            f"wires of the assumed compute units would not allow the published clock; taken {_range(home.wire_scale)} as long"
        )
    usable_mm = x.model.wafer_diameter_mm - 2.0 * x.model.edge_exclusion_mm
    for kind in x.dies:
        area, own = kind.numbers.area_mm2, kind.home
        field = own.reticle_width_mm * own.reticle_height_mm
        if kind.wafer_scale:
            continue
        if np.any(area > field * (1 + 1e-12)):
            whole = bool(np.all(2.0 * area < usable_mm**2))
            end = "taken as published there" if whole else "and no wafer holds it: taken as several dies"
            notes.append(
                f"a die of {_range(area)} mm2 exceeds the field of {float(np.max(field)):g} mm2 of its own process; {end}"
            )
    return notes


def _range(value: Num | Parameter, *, whole: bool = False) -> str:
    low, high = (f"{float(v):.6g}" if whole else number(v) for v in (np.min(value), np.max(value)))
    return low if low == high else f"{low} to {high}"


def reason_of(side: Evaluated) -> Any:
    """Why there is no result: the rule that is broken, or the wall; empty text where there is one. Of arrays, one an entry."""
    limits, feasible = np.asarray(side.outputs["limited_by"]), np.asarray(side.outputs["feasible"])
    out = np.where(feasible, "", np.vectorize(_wall, otypes=[object])(limits)).astype(object)
    for rule in reversed(side.faults):
        out = np.where(np.broadcast_to(rule.broken, out.shape), rule.text, out)
    return out if out.ndim else str(out)


def _wall(limit: str) -> str:
    return LIMIT_WORDS[limit].wall if limit in LIMIT_WORDS else ""

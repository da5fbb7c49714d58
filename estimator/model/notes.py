"""Notes: sentences on what an estimate assumes, infers or holds back, and on where the model leaves its range."""

from __future__ import annotations

import numpy as np

from estimator.arrays import Num
from estimator.model.build import DEFAULT_WORK, RATES, Build, port_distance
from estimator.model.chain import cooler_limit_w
from estimator.model.evaluate import Evaluated
from estimator.model.home import Home
from estimator.parameters import library
from estimator.parameters.schema import COMPOSITION, Parameter
from estimator.physics.operating_point import COOLING
from estimator.quantities import number

HELD_BELOW = 0.8  # of the leakage by area, from which it is worth a sentence
KEPT_IN_MIND = ("memory_power_w", "io_power_w", "board_loss_fraction")


def collect_notes(made: Evaluated) -> list[str]:
    """Sentences on where the model leaves its range, rests on coarse values or assumes what a design does not say."""
    return [*_of_plan(made), *_of_bill(made), *_of_assumed(made.build), *_of_published(made.build, made.home)]


def _of_plan(made: Evaluated) -> list[str]:
    """On the clone's process, package and I/O dies."""
    build, result = made.build, made.result
    things, d, pack = build.entities, build.inputs.design, build.inputs.package
    node, package = things.node, things.package
    notes = []
    if node.coarse:
        notes.append(f"{node.label or node.name}: parameters are coarse (a process before the GPUs of this library)")
    chosen = build.inputs.plan.memory_stacks
    stacks = np.asarray(d.memory_stacks if chosen is None else chosen, float) * d.memory_on_package
    carried = result.geometry.footprint_mm2 + stacks * np.asarray(pack.memory_site_area_mm2, float)
    most = np.asarray(pack.interposer_max_area_mm2, float)
    if np.any(carried > most):
        notes.append(
            f"{package.label or package.name}: the silicon and memory of {np.max(carried):,.0f} mm2 exceed the largest field of "
            f"{np.min(most):,.0f} mm2 made in volume"
        )
    if np.any(stacks > 0) and not package.supports_hbm:
        notes.append(f"{package.label or package.name}: carries no memory stacks, which this design has on its package")
    if things.io_node is not None and things.io_node.name != node.name:
        notes.append(f"the I/O dies stay on {things.io_node.label or things.io_node.name}")
    if port_distance(things.design, node) == "new" and build.options.get("layout") == "port":
        notes.append("a layout port between these processes has no precedent: their design rules differ")
    own = things.design.workload or DEFAULT_WORK
    asked = build.options.get("workload", own)
    if asked != own:
        notes.append(
            f"the published power is that of {own}: that of {asked} follows from how much each switches, an estimate"
        )
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
    if not x.given.rates:
        notes.append(
            "the design states no rate of work, and is too small to be taken for a GPU: it has none, and only ratios of work "
            "are given; tensor_tflops or vector_tflops of the design state one"
        )
    if not x.given.memory and x.plan.memory_bw_gb_s is None:
        notes.append("the design has no memory: no bandwidth bounds its work")
    return notes


def _of_assumed(build: Build) -> list[str]:
    """One sentence with everything that was assumed because the design does not say it."""
    _things, design = build.entities, build.entities.design
    given = {*design.parameters}
    for die in design.die_kinds:
        given.update(die.parameters)
    words = [f"{kind} {name}" for kind, name in _parts(build) if not getattr(design, kind)]
    d = build.numbers["design"]
    words += [f"{n} {float(d[n]):.3g}" for n in KEPT_IN_MIND if n not in given]
    given_stacks = {"memory_stacks"} if not build.choices.given.memory else set()
    words += [f"{n} {float(d[n]):g}" for n in ("units", "memory_stacks") if n not in given | given_stacks]
    if build.choices.given.rates and not given & {*RATES}:
        words.append("the rates of work of a usual GPU")
    if not given & {"logic_fraction", "sram_fraction", "analog_fraction"}:
        words.append(f"the usual shares of {', '.join(n.removesuffix('_fraction') for n in COMPOSITION[:3])} area")
    if not words:
        return []
    return [f"assumed, as the design does not give it: {', '.join(words)}"]


def _parts(build: Build) -> list[tuple[str, str]]:
    things = build.entities
    package = library.part_of(things.design, "package")
    return [("cooling", things.home_cooling.name), ("package", package.name), ("memory", things.home_memory.name)]


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
    for kind in x.dies:
        area, own = kind.numbers.area_mm2, kind.home
        if np.any(area > own.reticle_width_mm * own.reticle_height_mm * (1 + 1e-12)):
            notes.append(
                f"a die of {_range(area)} mm2 exceeds the field of "
                f"{float(np.max(own.reticle_width_mm * own.reticle_height_mm)):g} mm2 of its own process; taken as published there"
            )
    return notes


def _range(value: Num | Parameter) -> str:
    low, high = number(np.min(value)), number(np.max(value))
    return low if low == high else f"{low} to {high}"

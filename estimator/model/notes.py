"""Notes: sentences on what an estimate assumes, infers or holds back, and on where the model leaves its range."""

from __future__ import annotations

from typing import Any

import numpy as np

from estimator.arrays import Num
from estimator.model.build import DEFAULT_WORK, Build, port_distance
from estimator.model.evaluate import Evaluated
from estimator.model.home import Home
from estimator.model.limits import LIMIT_WORDS
from estimator.parameters import library
from estimator.parameters.schema import COMPOSITION, Parameter
from estimator.quantities import number

HELD_BELOW = 0.8  # of the leakage by area, from which it is worth a sentence
KEPT_IN_MIND = ("memory_power_w", "io_power_w", "board_loss_fraction")


def collect_notes(made: Evaluated) -> list[str]:
    """Sentences on where the model leaves its range, rests on coarse values or assumes what a design does not say."""
    return [*_of_plan(made), *_of_assumed(made.build), *_of_published(made.build, made.home)]


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
    words += [f"{n} {float(d[n]):g}" for n in ("units", "memory_stacks") if n not in given]
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
    usable_mm = x.model.wafer_diameter_mm - 2.0 * x.model.edge_exclusion_mm
    for kind in x.dies:
        area, own = kind.numbers.area_mm2, kind.home
        field = own.reticle_width_mm * own.reticle_height_mm
        if np.any(area > field * (1 + 1e-12)):
            whole = bool(np.all(2.0 * area < usable_mm**2))
            end = "taken as published there" if whole else "and no wafer holds it: taken as several dies"
            notes.append(
                f"a die of {_range(area)} mm2 exceeds the field of {float(np.max(field)):g} mm2 of its own process; {end}"
            )
    return notes


def _range(value: Num | Parameter) -> str:
    low, high = number(np.min(value)), number(np.max(value))
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

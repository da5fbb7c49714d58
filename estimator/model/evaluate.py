"""One side of an estimate: a build held to the rules, run through the chain, and its outputs as everyone reads them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from estimator.model import chain, validity
from estimator.model.build import Build, port_distance, resolve
from estimator.model.home import take_apart
from estimator.model.options import Option, Options, home_options
from estimator.model.results import FLAGS, OUTPUT_STAGE, Result
from estimator.parameters import library
from estimator.parameters.schema import Design, Node
from estimator.physics.operating_point import LIMITS

OUTPUTS = tuple(OUTPUT_STAGE)
_LIMITS = np.asarray(LIMITS)


@dataclass(frozen=True)
class Evaluated:
    """A build, and what the chain made of it."""

    build: Build
    result: Result

    @cached_property
    def outputs(self) -> dict[str, Any]:
        """The public outputs (`publish`)."""
        return publish(self.result)


def evaluate(design: Design, node: Node, options: Options, *, at_home: bool = False) -> Evaluated:
    """One design on one node under checked options.

    Raises
    ------
    InputError, InfeasibleError
        For numbers that do not go together, or a published point that contradicts itself.
    """
    build = resolve(design, node, options, at_home=at_home)
    x = build.inputs
    validity.refuse([*validity.of_numbers(x), *validity.of_memory(x)], build)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        home = take_apart(x)
        validity.refuse(validity.of_published(x, home, design.name), build)
        validity.refuse([*validity.of_plan(x, design.name), *validity.of_timing(home)], build)
        result = chain.run(x, home=home)
    validity.refuse(validity.of_result(result), build)
    return Evaluated(build, result)


def at_home(design: Design, options: Options) -> Evaluated:
    """The published point of a design under those of checked options that act on it; kept for designs of the library."""
    given = home_options(options)
    if not (library.holds(design) and all(isinstance(v, str | float) for v in given.values())):
        return evaluate(design, library.load_node(design.node), given, at_home=True)
    return _kept_at_home(design.name, tuple(sorted(given.items())))


@lru_cache(maxsize=64)
def _kept_at_home(design: str, options: tuple[tuple[str, Option], ...]) -> Evaluated:
    made = library.load_design(design)
    return evaluate(made, library.load_node(made.node), dict(options), at_home=True)


def publish(result: Result) -> dict[str, Any]:
    """Outputs of one shape: NaN exactly where infeasible, limit names as text, single numbers as floats."""
    found = dict(result.outputs())
    if all(not isinstance(v, np.ndarray) or v.ndim == 0 for v in found.values()):
        return {name: _single(name, value) for name, value in found.items()}
    shape = np.broadcast_shapes(*(np.shape(v) for v in found.values()))
    feasible = np.broadcast_to(np.asarray(result.operation.feasible), shape)
    out: dict[str, Any] = {}
    for name, value in found.items():
        wide = np.broadcast_to(np.asarray(value), shape)
        if name == "limited_by":
            out[name] = _LIMITS[wide]
        elif name in FLAGS:
            out[name] = wide.astype(bool)
        else:
            out[name] = np.where(feasible, wide, np.nan)
    return out


def _single(name: str, value: Any) -> Any:
    if name == "limited_by":
        return LIMITS[int(value)]
    return bool(value) if name in FLAGS else float(value)


def collect_notes(made: Evaluated) -> list[str]:
    """Sentences on where the model leaves its range or rests on coarse values."""
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
    return notes

"""One side of an estimate: a build held to the rules, run through the chain, and its outputs as everyone reads them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from estimator.arrays import Flags, Values
from estimator.model import chain, validity
from estimator.model.build import Build, resolve
from estimator.model.home import Home, take_apart
from estimator.model.options import Option, Options, home_options
from estimator.model.results import FLAGS, OUTPUT_STAGE, Result
from estimator.model.validity import Rule, Rules
from estimator.parameters import library
from estimator.parameters.active import kept
from estimator.parameters.schema import Design, Node
from estimator.physics.operating_point import LIMITS

OUTPUTS = tuple(OUTPUT_STAGE)
_LIMITS = np.asarray(LIMITS)
INVALID = "invalid"
"""What stands in ``limited_by`` for an entry of an array that breaks a rule; ``reason`` says which."""


@dataclass(frozen=True)
class Evaluated:
    """A build, and what the chain made of it."""

    build: Build
    result: Result
    home: Home
    faults: Rules = field(default_factory=list)  # rules that some entries of arrays break, and not all

    @cached_property
    def outputs(self) -> Values:
        """The public outputs (`publish`)."""
        return publish(self.result, self.invalid)

    @cached_property
    def invalid(self) -> Flags:
        """Which entries break a rule."""
        bad: Flags = False
        for rule in self.faults:
            bad = bad | np.asarray(rule.broken)
        return bad


def evaluate(
    design: Design, node: Node, options: Options, *, at_home: bool = False, faults: Iterable[Rule] = ()
) -> Evaluated:
    """One design on one node under checked options; `faults` are those of single entries that are known already.

    Raises
    ------
    InputError, InfeasibleError
        For numbers that do not go together, or a published point that contradicts itself.
    """
    build = resolve(design, node, options, at_home=at_home)
    x = build.inputs
    found = [*faults, *validity.refuse([*validity.of_numbers(x), *validity.of_memory(x)], build)]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        home = take_apart(x)
        found += validity.refuse(validity.of_published(x, home, design.name), build)
        found += validity.refuse([*validity.of_plan(x, design.name), *validity.of_timing(home)], build)
        result = chain.run(x, home=home)
    found += validity.refuse(validity.of_result(result), build)
    return Evaluated(build, result, home, found)


def at_home(design: Design, options: Options) -> Evaluated:
    """The published point of a design under those of checked options that act on it; kept for designs of the library."""
    given = home_options(options)
    if not (library.holds(design) and all(isinstance(v, str | float) for v in given.values())):
        return evaluate(design, library.load_node(design.node), given, at_home=True)
    return _kept_at_home(design.name, tuple(sorted(given.items())))


@kept(most=64)
def _kept_at_home(design: str, options: tuple[tuple[str, Option], ...]) -> Evaluated:
    made = library.load_design(design)
    return evaluate(made, library.load_node(made.node), dict(options), at_home=True)


def publish(result: Result, invalid: Flags = False) -> Values:
    """Outputs of one shape: NaN exactly where infeasible or invalid, limit names as text, single numbers as floats."""
    found = dict(result.outputs())
    if np.ndim(invalid) == 0 and all(not isinstance(v, np.ndarray) or v.ndim == 0 for v in found.values()):
        return {name: _single(name, value) for name, value in found.items()}
    shape = np.broadcast_shapes(np.shape(invalid), *(np.shape(v) for v in found.values()))
    good = np.broadcast_to(~np.asarray(invalid), shape)
    feasible = np.broadcast_to(np.asarray(result.operation.feasible), shape) & good
    out: Values = {}
    for name, value in found.items():
        wide = np.broadcast_to(np.asarray(value), shape)
        if name == "limited_by":
            out[name] = _LIMITS[wide] if good.all() else np.where(good, _LIMITS[wide], INVALID)
        elif name in FLAGS:
            out[name] = wide.astype(bool) & good
        else:
            out[name] = np.where(feasible, wide, np.nan)
    return out


def _single(name: str, value: Any) -> Any:
    if name == "limited_by":
        return LIMITS[int(value)]
    return bool(value) if name in FLAGS else float(value)

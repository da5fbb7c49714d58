"""Sampling: which assumptions an estimate rests on, how each is distributed, and correlated draws of all of them.

Choices, each in one place:

* ``low`` and ``high`` of a parameter are its 10 % and 90 % quantiles and ``central`` its median: the same 80 % that the
  results report, and what the fits write (``low = central exp(-1.2816 fit_error)``).
* Shape: split normal; split lognormal for positive scales with ``high / low`` over 1.5, where a normal would reach
  zero. Draws beyond three standard deviations are held there, and all within the field's allowed range.
* Correlation: a Gaussian copula. Errors of one node's logic and SRAM density, of its two defect densities and of its two
  leakage densities are alike; errors of nodes of one process family or foundry line are partly shared, because they rest
  on the same sources and on steps from one to the next. How much is in params/model.toml (``*_correlation``).
* Whole numbers (units, channels, stacks) are counted, not estimated: they are never sampled. Nor is what the user fixed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from estimator.arrays import Array
from estimator.model import chain
from estimator.model.build import DEFAULT_WORK, PACKAGES, Build, assemble
from estimator.model.inputs import View, make_plan, plain
from estimator.parameters.library import constants
from estimator.parameters.schema import Node, Parameter
from estimator.quantities import NORMAL_90, describe

TAIL = 3.0  # standard deviations at which draws are held: nothing is known of a tail beyond
LOGNORMAL_ABOVE = 1.5  # ratio of high to low from which a normal shape would reach zero within the tail
DENSITIES = ("logic_density_mtr_mm2", "sram_density_mb_mm2")
ALIKE = (
    DENSITIES,
    ("defect_density_mature_per_cm2", "defect_density_launch_per_cm2"),
    ("leakage_logic_w_mm2", "leakage_sram_w_mm2"),
)
_KINDS = {
    "home_cooling": "cooling",
    **dict.fromkeys(PACKAGES, "package"),
}
"""Kind of thing that an owner of numbers is, where it has another name."""
_FIRST = ("home_cooling", "cooling", *PACKAGES, "product", "model", "work")
"""Owners whose numbers are listed after those of the processes, and before those of the design: what a design borrows from them is
theirs."""


class Assumption(NamedTuple):
    """One uncertain number; equal (kind, owner, field) means the same draw, wherever and however often it is used."""

    kind: str
    owner: str
    field: str


class Place(NamedTuple):
    """Where an assumption enters a build: the owner of the number, and its name."""

    owner: str
    field: str
    assumption: Assumption
    parameter: Parameter


def quantile(parameter: Parameter, z: ArrayLike) -> Array:
    """Value of a parameter at standard normal scores: its median at 0, low and high at -1.2816 and 1.2816.

    Parameters
    ----------
    parameter : Parameter
        Number with low, central and high.
    z : array_like
        Standard normal scores; beyond 3 they are held at 3.

    Returns
    -------
    ndarray
        Values in the parameter's unit, within its field's allowed range.

    Examples
    --------
    >>> p = Parameter(0.8, low=0.7, high=1.0, unit="V")
    >>> [round(float(v), 3) for v in quantile(p, [-1.28155, 0.0, 1.28155])]
    [0.7, 0.8, 1.0]
    """
    return np.asarray(_quantiles([parameter], np.asarray(z, float)[np.newaxis])[0])


def is_lognormal(parameter: Parameter) -> bool:
    """Whether a parameter is drawn as split lognormal: positive, a scale (no temperature, no year), and wide."""
    scale = parameter.unit not in ("C", "year")
    return scale and parameter.low > 0 and parameter.high > LOGNORMAL_ABOVE * parameter.low


def draw(parameters: Sequence[Parameter], fields: Sequence[str], z: ArrayLike) -> Array:
    """`quantile` of many parameters at once, one per row of `z`, each held in the allowed range of its field."""
    value = _quantiles(parameters, np.asarray(z, float))
    known = [describe(f) for f in fields]
    return np.clip(value, _column((k.low for k in known), value), _column((k.high for k in known), value), out=value)


def _quantiles(parameters: Sequence[Parameter], z: Array) -> Array:
    steps = np.clip(z, -TAIL, TAIL)
    steps /= NORMAL_90
    central = _column((float(p) for p in parameters), z)
    low, high = _column((p.low for p in parameters), z), _column((p.high for p in parameters), z)
    rows = np.array([is_lognormal(p) for p in parameters])
    wide = _column(rows, z)
    with np.errstate(divide="ignore", invalid="ignore"):  # of the shape that a row does not have
        up, down = (
            np.where(wide, np.log(high / central), high - central),
            np.where(wide, np.log(central / low), central - low),
        )
    steps *= np.where(steps > 0, up, down)
    value: Array = central + steps
    value[rows] = central[rows] * np.exp(steps[rows])
    return value


def _column(values: Iterable[Any], z: Array) -> Array:
    """One value per row of z, in a shape that broadcasts with it."""
    return np.array(list(values)).reshape(-1, *[1] * (z.ndim - 1))


class _Recorder(View):
    """Numbers that remember which of them were read."""

    def __init__(self, numbers: Mapping[str, Any]) -> None:
        super().__init__(numbers, plain)
        self._read: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        value = super().__getattr__(name)
        self._read.add(name)
        return value


def _fields_used(build: Build) -> dict[str, set[str]]:
    """Which numbers of which owner the chain reads for this build, by running it once on numbers that remember."""
    views = {owner: _Recorder(own) for owner, own in build.numbers.items() if owner != "plan"}
    plan = make_plan(build.choices.yield_model, build.numbers["plan"])
    with np.errstate(all="ignore"):
        chain.run(assemble(views, plan, build.choices))
    used = {owner: view._read for owner, view in views.items()}
    read = {owner for kind in build.choices.kinds for owner in kind.owners}
    for owner in set(build.entities.die_processes) - read:  # built on the very process of the compute dies
        used[owner] = used["node"]
    for owner in PACKAGES[1:]:
        if owner in used:  # where the first does not carry a draw
            used[owner] = used["package"]
    return {**used, "plan": set(build.numbers["plan"])}


def places(build: Build) -> list[Place]:
    """Every place of a build that reads a number with a range; plain numbers are fixed."""
    used = _fields_used(build)
    owners: dict[Any, Assumption] = {}  # one parameter that stands in two places is one assumption
    found: list[Place] = []
    first = [(o, n) for o in (*build.entities.processes, *_FIRST) for n in build.numbers.get(o, ())]
    for owner, name in (*first, *build.listed, *(("plan", n) for n in build.numbers["plan"])):
        value = build.numbers[owner][name]
        if not isinstance(value, Parameter) or not value.low < value.high:
            continue
        key = owners.setdefault(value.key or (owner, name), _assumption(build, owner, name))
        if name in used[owner] and not describe(name).integer and not name.endswith("logic_fraction"):
            found.append(Place(owner, name, key, value))
    return found


def _assumption(build: Build, owner: str, name: str) -> Assumption:
    """What a number is called: whose it is, and which."""
    things = build.entities
    if owner in ("design", "die"):
        return Assumption("design", things.design.name, name)
    if owner.endswith("_die"):
        return Assumption(owner.replace("_", " "), things.design.name, name)
    if owner == "plan":
        return Assumption("memory", things.memory.name, name)
    if owner == "work":
        word = str(build.options.get("workload", things.design.workload or DEFAULT_WORK))
        return Assumption("workload", word, name)
    if owner == "model":
        return Assumption("model", "model", name)
    kind = "node" if owner in things.processes else _KINDS.get(owner, owner)
    return Assumption(kind, things.owner_of(owner).name, name)


def correlation(
    assumptions: Iterable[Assumption], nodes: Mapping[str, Node], model: Mapping[str, Any] | None = None
) -> Array:
    """Correlation matrix of the normal scores; a product of valid kernels of node and field, so always positive.

    Between nodes: 1 for the same, else ``family_correlation`` for one process family plus ``line_correlation
    exp(-years apart / line_correlation_years)`` for one foundry line. Densities of any two nodes share ``density_correlation``
    besides: they come from one population of dies, whose composition cancels where a design is carried over. Between fields of
    a node: ``pair_correlation`` within the pairs of `ALIKE`, else 0. All else is independent. The numbers are those of
    params/model.toml.

    Parameters
    ----------
    assumptions : iterable of Assumption
    nodes : mapping
        The nodes that own some of them, by name.
    model : mapping, optional
        Constants of the model, if some are overridden.

    Returns
    -------
    ndarray
        Matrix of shape (assumptions, assumptions).

    Examples
    --------
    >>> a = [Assumption("node", "n", "logic_density_mtr_mm2"), Assumption("node", "n", "sram_density_mb_mm2")]
    >>> from estimator.parameters.library import load_node
    >>> float(correlation(a, {"n": load_node("12nm")})[0, 1])
    0.6
    """
    keys = list(assumptions)
    group = {field: i for i, pair in enumerate(ALIKE) for field in pair}
    m = constants() if model is None else model
    pair, density = float(m["pair_correlation"]), float(m["density_correlation"])
    matrix = np.eye(len(keys))
    members = [(i, a) for i, a in enumerate(keys) if a.kind == "node"]
    for i, a in members:
        for j, b in members:
            same_field = a.field == b.field
            if i != j and (same_field or (a.field in group and group[a.field] == group.get(b.field))):
                alike = _between(nodes, a.owner, b.owner, m)
                if a.field in DENSITIES:
                    alike = density + (1.0 - density) * alike
                matrix[i, j] = alike * (1.0 if same_field else pair)
    return matrix


def _between(nodes: Mapping[str, Node], first: str, second: str, m: Mapping[str, Any]) -> float:
    if first == second:
        return 1.0
    a, b = nodes[first], nodes[second]
    shared = float(m["family_correlation"]) if a.process_family and a.process_family == b.process_family else 0.0
    if a.line == b.line != "other":
        years = abs(float(a.volume_year or 0.0) - float(b.volume_year or 0.0))
        shared += float(m["line_correlation"]) * math.exp(-years / float(m["line_correlation_years"]))
    return shared


@lru_cache(maxsize=16)
def _scores(dimensions: int, count: int, seed: int) -> Array:
    points = sobol_points(dimensions, seed).random(count)
    return _normal(points)


def sobol_points(dimensions: int, seed: int, bits: int | None = None) -> Any:
    """Scrambled Sobol sequence of scipy.stats.qmc with a fixed seed."""
    from scipy.stats import qmc

    return qmc.Sobol(dimensions, scramble=True, bits=bits, rng=np.random.default_rng(seed))


@lru_cache(maxsize=32)
def uniform_points(dimensions: int, count: int, seed: int) -> Array:
    """Scrambled Sobol points in 0..1 of shape (dimensions, count), to be read only; scrambling takes longer than many a use."""
    points: Array = np.ascontiguousarray(sobol_points(dimensions, seed, bits=64).random(count).T)
    points.flags.writeable = False
    return points


def _normal(points: Array) -> Array:
    from scipy.special import ndtri

    scores: Array = ndtri(np.clip(np.ascontiguousarray(points.T), 1e-9, 1.0 - 1e-9))
    scores.flags.writeable = False
    return scores


def score_blocks(dimensions: int, count: int, seed: int, block: int) -> Iterable[Array]:
    """Independent standard normal scores of shape (dimensions, at most `block`), `count` points in all.

    Points are drawn in full powers of two, which keeps the sequence balanced, and cut to `count`.
    """
    if count <= block:
        yield _scores(max(dimensions, 1), 1 << max(count - 1, 1).bit_length(), seed)[:, :count]
        return
    sequence = sobol_points(max(dimensions, 1), seed)
    for start in range(0, count, block):
        yield _normal(sequence.random(block))[:, : min(block, count - start)]

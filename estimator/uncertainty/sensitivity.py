"""Sensitivity: which assumption matters most, by Sobol indices of each headline's ratio.

Screening by squared rank correlation keeps the most influential assumptions; `scipy.stats.sobol_indices` then splits
the variance of the logarithm of each headline ratio over these, all others at their central value. For this split the
assumptions are drawn independently, because first-order and total indices are defined for independent inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from estimator.arrays import Array
from estimator.checks import MOST_SEED, check_estimate, check_whole
from estimator.errors import InputError
from estimator.model.causes import HEADLINE_FIELD
from estimator.quantities import NORMAL_90, describe
from estimator.uncertainty import assumptions, draws
from estimator.uncertainty.assumptions import Assumption
from estimator.uncertainty.draws import Problem

SCREENING_POINTS = 1024


@dataclass(frozen=True)
class Influence:
    """How much one assumption moves one headline.

    Attributes
    ----------
    assumption, headline : str
        In words; one of `estimator.model.causes.HEADLINE_FIELD`.
    first_order, total : float
        Share of the variance of the log ratio due to it alone, and with its interactions.
    first_order_interval, total_interval : tuple of float
        80 % intervals of the two indices, from the standard errors of their estimators.
    ratio, ratio_at_low, ratio_at_high : float
        The headline's ratio with all at central, and with this one at its low or high.
    kind, source : str, tuple of str
        What the value rests on.
    key : Assumption
        Its identity.
    """

    assumption: str
    headline: str
    first_order: float
    total: float
    first_order_interval: tuple[float, float]
    total_interval: tuple[float, float]
    ratio: float
    ratio_at_low: float
    ratio_at_high: float
    kind: str
    source: tuple[str, ...]
    key: Assumption

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self) | {"key": ".".join(self.key)}


class SobolIndices(NamedTuple):
    """First-order and total indices and their standard errors, each of shape (outputs, inputs)."""

    first: Array
    total: Array
    first_error: Array
    total_error: Array


def sobol(function: Callable[[Array], Array], dimensions: int, *, points: int = 1024, seed: int = 0) -> SobolIndices:
    """Sobol indices of a vectorised function of independent standard uniform inputs.

    Parameters
    ----------
    function : callable
        Maps an array of shape (dimensions, n) of numbers in 0..1 to outputs of shape (outputs, n).
    dimensions : int
        Number of inputs, at least 2.
    points : int
        Base sample size, a power of two; the function sees ``points (dimensions + 2)`` points.
    seed : int
        Seed of the scrambled Sobol points.

    Returns
    -------
    SobolIndices
        Zero where an output does not vary.

    References
    ----------
    Saltelli et al., "Variance based sensitivity analysis of model output", Comput. Phys. Commun. 181 (2010), the
    estimators of its table 2; their standard errors are those of the means they are made of.

    Examples
    --------
    >>> indices = sobol(lambda u: 3 * u[:1] + u[1:], 2)
    >>> [round(float(v), 2) for v in indices.total[0]]
    [0.9, 0.1]
    """
    from scipy.stats import sobol_indices

    dimensions = check_whole("dimensions", dimensions, 2, 1000)
    _check_points(points, 2)
    seed = check_whole("seed", seed, 0, MOST_SEED)

    found: list[SobolIndices] = []

    def saltelli(f_A: Array, f_B: Array, f_AB: Array) -> tuple[Array, Array]:
        variance = np.var(np.concatenate([f_A, f_B], axis=-1), axis=-1)
        scale = np.where(variance > 1e-24, variance, np.inf)
        terms = (f_B * (f_AB - f_A) / scale[:, None], 0.5 * (f_AB - f_A) ** 2 / scale[:, None])
        means = [t.mean(axis=-1).T for t in terms]
        errors = [t.std(axis=-1).T / np.sqrt(t.shape[-1]) for t in terms]
        found.append(SobolIndices(means[0], means[1], errors[0], errors[1]))
        return means[0], means[1]

    sobol_indices(func=_at_saltelli_points(function, dimensions, points, seed), n=points, method=saltelli)
    return found[0]


def _at_saltelli_points(
    function: Callable[[Array], Array], dimensions: int, points: int, seed: int
) -> dict[str, Array]:
    """The function at two independent sets of points, and at the first with each input in turn from the second."""
    a, b = assumptions.uniform_points(2 * dimensions, points, seed).reshape(2, dimensions, points)
    pages = np.repeat(a[:, np.newaxis], dimensions, axis=1)  # (input, page, point)
    each = np.arange(dimensions)
    pages[each, each] = b
    f = np.atleast_2d(function(np.concatenate([a, b, pages.reshape(dimensions, -1)], axis=1)))
    f_ab = f[:, 2 * points :].reshape(len(f), dimensions, points).swapaxes(0, 1)
    return {"f_A": f[:, :points], "f_B": f[:, points : 2 * points], "f_AB": f_ab}


def _check_points(points: Any, low: int) -> None:
    number = check_whole("points", points, low, 1 << 20)
    if number & (number - 1):
        raise InputError(f"points = {number} is out of range: it must be a power of two from {low}")


def sensitivity(est: Any, *, points: int = 1024, count: int = 12, seed: int = 0) -> list[Influence]:
    """Rank the assumptions behind the ratios of a scalar estimate.

    Parameters
    ----------
    est : Estimate
        A scalar, feasible estimate.
    points : int
        Base sample size of the Sobol indices, a power of two from 64.
    count : int
        Assumptions kept per headline by the screening, at least 2.
    seed : int
        The same seed gives the same digits.

    Returns
    -------
    list of Influence
        For every headline its `count` most influential assumptions, by falling total index; infeasible points count
        as the median. Empty where nothing varies (a design on its own node).

    Raises
    ------
    InputError
        For an estimate over arrays, or numbers out of range.
    """
    check_estimate(est)
    _check_points(points, 64)
    count = check_whole("count", count, 2, 1000)
    seed = check_whole("seed", seed, 0, MOST_SEED)
    problem = draws.build(est)
    keys = list(problem.assumptions)
    (scores,) = assumptions.score_blocks(len(keys), SCREENING_POINTS, seed, draws.BLOCK)
    strength = _rank_correlation(scores, _log_ratios(problem, keys, scores)) ** 2  # (headline, assumption)
    kept = [[int(i) for i in np.argsort(-row)[:count] if row[i] > 0] for row in strength]
    union = sorted({i for row in kept for i in row})
    if len(union) < 2:
        return []
    chosen = [keys[i] for i in union]

    def function(uniform: Array) -> Array:
        from scipy.special import ndtri

        z = ndtri(np.clip(uniform, 1e-9, 1.0 - 1e-9))
        blocks = [z[:, i : i + draws.BLOCK] for i in range(0, z.shape[1], draws.BLOCK)]
        return np.concatenate([_log_ratios(problem, chosen, b) for b in blocks], axis=1)

    indices = sobol(function, len(chosen), points=points, seed=seed)
    ends = np.concatenate([np.eye(len(chosen)) * -NORMAL_90, np.eye(len(chosen)) * NORMAL_90], axis=1)
    tornado = np.exp(_log_ratios(problem, chosen, ends)).reshape(len(HEADLINE_FIELD), 2, len(chosen))
    rows = []
    for h, headline in enumerate(HEADLINE_FIELD):
        for j, i in enumerate(union):
            if i in kept[h]:
                half = NORMAL_90 * np.array([indices.first_error[h, j], indices.total_error[h, j]])
                first, total = float(indices.first[h, j]), float(indices.total[h, j])
                parameter = problem.parameters[keys[i]]
                rows.append(
                    Influence(
                        describe_assumption(keys[i], problem),
                        headline,
                        first,
                        total,
                        (first - float(half[0]), first + float(half[0])),
                        (total - float(half[1]), total + float(half[1])),
                        float(est.ratio[HEADLINE_FIELD[headline]]),
                        float(tornado[h, 0, j]),
                        float(tornado[h, 1, j]),
                        parameter.kind,
                        parameter.source,
                        keys[i],
                    )
                )
    return sorted(rows, key=lambda r: -r.total)


def describe_assumption(assumption: Assumption, problem: Problem) -> str:
    """An assumption in words: whose number, and which."""
    kind, owner, field = assumption
    if kind == "error":
        return f"model error of {field}" + (f" on {owner}" if field in ("cost", "sellable") else "")
    words = describe(field).long_name
    if kind == "model":
        return words
    entities = [e for s in (problem.clone, problem.reference) for e in s.build.entities.all]
    label = next((e.label for e in entities if e.name == owner and e.label), owner)
    return f"{label}: {words}"


def _log_ratios(problem: Problem, keys: Sequence[Assumption], scores: Array) -> Array:
    """Logarithm of every headline's ratio, shape (headlines, points); infeasible points take the median."""
    clone, reference, consistent = draws.run(problem, dict(zip(keys, scores, strict=True)))
    good = np.broadcast_to(consistent & clone["feasible"], scores.shape[1:])
    rows = []
    with np.errstate(all="ignore"):
        for name in HEADLINE_FIELD.values():
            value = np.broadcast_to(np.log(clone[name] / reference[name]), good.shape)
            middle = float(np.median(value[good])) if good.any() else 0.0
            rows.append(np.where(good, value, middle))
    return np.array(rows)


def _rank_correlation(inputs: Array, outputs: Array) -> Array:
    """Spearman's correlation of every output with every input, shape (outputs, inputs); 0 where constant."""

    def standard(values: Array) -> Array:
        rank = np.argsort(np.argsort(values, axis=1), axis=1).astype(float)
        rank[np.ptp(values, axis=1) < 1e-12] = 0.0
        rank -= rank.mean(axis=1, keepdims=True)
        return np.asarray(rank / np.maximum(np.linalg.norm(rank, axis=1, keepdims=True), 1e-300))

    return np.asarray(standard(outputs) @ standard(inputs).T)

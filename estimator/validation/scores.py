"""How well a group of rows is predicted: errors, coverage and score of the intervals, each product family counted once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from estimator.arrays import Array
from estimator.validation.rows import Row

LEVEL = 0.8
"""Share of the values that an interval is to hold."""
MISS = 2.0 / (1.0 - LEVEL)
"""What a miss costs in the interval score, per unit of distance (Winkler 1972; Gneiting and Raftery 2007)."""


def weights(rows: Sequence[Row]) -> Array:
    """Weight of each row such that every product family counts once; they add up to one."""
    names = [row.family for row in rows]
    counts = {name: names.count(name) for name in set(names)}
    return np.array([1.0 / (counts[name] * len(counts)) for name in names])


def quantile(values: Array, weight: Array, share: float) -> float:
    """Smallest value that holds a share of the weight.

    Examples
    --------
    >>> quantile(np.array([3.0, 1.0, 2.0]), np.array([0.25, 0.5, 0.25]), 0.5)
    1.0
    """
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order]) / weight.sum()
    return float(values[order][min(int(np.searchsorted(reached, share - 1e-12)), len(values) - 1)])


class Intervals(NamedTuple):
    """How good the intervals of some rows are.

    Attributes
    ----------
    rows, families : int
        Rows with an interval or without an answer, and their families.
    inside : float
        Share inside, families counted once; a row without an answer is outside.
    width : float
        Median of high over low less one.
    score : float
        Mean interval score in logarithms, families counted once: the width, and ten times the distance of each miss.
    constant : float
        The same of the best constant width about the same predictions, chosen with these rows in view.
    """

    rows: int
    families: int
    inside: float
    width: float
    score: float
    constant: float


def intervals(rows: Sequence[Row]) -> Intervals | None:
    """Coverage, width and interval score of the rows that have an interval; None where none has."""
    judged = [row for row in rows if row.judged]
    scored = [row for row in judged if row.answered]
    if not scored:
        return None
    weight = weights(judged)
    inside = float(weight @ np.array([row.inside for row in judged], float))
    low, high, real, central = (
        np.log(np.maximum([getattr(row, name) for row in scored], 1e-9))
        for name in ("low", "high", "real", "predicted")
    )
    own = weights(scored)
    missed = np.maximum(low - real, 0.0) + np.maximum(real - high, 0.0)
    score = float(own @ (high - low + MISS * missed))
    off = np.abs(real - central)
    constant = min(float(own @ (2.0 * half + MISS * np.maximum(off - half, 0.0))) for half in off)
    width = float(np.median(np.exp(high - low) - 1.0))
    return Intervals(len(judged), len({r.family for r in judged}), inside, width, score, constant)


class Errors(NamedTuple):
    """Errors of some rows, relative; median and 90th percentile with each family counted once, and by rows."""

    rows: int
    families: int
    unanswered: int
    median: float
    p90: float
    worst: float
    worst_case: str
    median_rows: float
    p90_rows: float


def errors(rows: Sequence[Row]) -> Errors:
    """Absolute relative errors; a call without an answer is off by all."""
    size: NDArray[np.float64] = np.abs([row.error for row in rows])
    weight = weights(rows)
    worst = int(size.argmax())
    return Errors(
        len(rows),
        len({row.family for row in rows}),
        sum(not row.answered for row in rows),
        quantile(size, weight, 0.5),
        quantile(size, weight, 0.9),
        float(size[worst]),
        rows[worst].case,
        float(np.median(size)),
        float(np.quantile(size, 0.9)),
    )


def rules(rows: Sequence[Row]) -> dict[str, Errors]:
    """Errors of each simpler rule on the rows it can answer."""
    found = {}
    for rule in dict.fromkeys(name for row in rows for name in row.baselines):
        known = [row for row in rows if np.isfinite(row.baselines.get(rule, np.nan))]
        if known:
            found[rule] = errors([_by_rule(row, rule) for row in known])
    return found


def _by_rule(row: Row, rule: str) -> Row:
    nothing = float("nan")
    return Row(
        row.case, row.group, row.family, row.real, row.baselines[rule], nothing, nothing, row.source, row.removed
    )

"""A claim's result as its figures show it: stretches of the assumption with one verdict, and measured over needed."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from estimator.claims.verdicts import VERDICTS, Result, Test, test_verdict


class Band(NamedTuple):
    """Values of the assumption from `low` to `high` (in its unit) with one verdict."""

    low: float
    high: float
    verdict: str


class Measured(NamedTuple):
    """A measured quantity and its 80 % interval over what it must be (1 is the threshold), with its own verdict."""

    test: Test
    value: float
    low: float
    high: float
    verdict: str


def verdict_bands(result: Result) -> list[Band]:
    """Stretches of one verdict over the assumption's range, from its lowest value on; they meet where the verdict flips.

    Examples
    --------
    >>> from estimator.claims import assess
    >>> result = assess("more-memory", samples=0)
    >>> len(verdict_bands(result)) == 1 + len(result.flips)
    True
    """
    x, levels = result.scan["assumed"], result.scan["verdict"].astype(int)
    flips = sorted(f.value for f in result.flips)
    starts = [0, *(np.flatnonzero(np.diff(levels)) + 1).tolist()]
    edges = [next((f for f in flips if x[i - 1] <= f <= x[i]), float(x[i])) for i in starts[1:]]
    ends = pairwise([float(x[0]), *edges, float(x[-1])])
    return [Band(low, high, VERDICTS[levels[i]]) for i, (low, high) in zip(starts, ends, strict=True)]


def measured_over_needed(result: Result) -> list[Measured]:
    """Every measured quantity of a claim over its threshold."""
    out = []
    for test in result.claim.tests:
        scale, value = test.threshold or 1.0, result.values[test.measure]
        low, high = result.intervals.get(test.measure, (value, value))
        out.append(Measured(test, value / scale, low / scale, high / scale, test_verdict(result, test)))
    return out

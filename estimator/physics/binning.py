"""Binning: dies of one mask differ in speed, those that share work wait for the slowest, and some share of parts reaches a clock.

Speeds of dies, over that of the mean one at the same supply, are taken as normal: the sum of many small differences of the process.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from estimator.arrays import Array, Num
from estimator.checks import formula
from estimator.quantities import FIELDS

_REACH, _STEP = (
    9.0,
    0.1,
)  # of the trapezoid rule in standard deviations: beyond lies 1e-19, and the rule is exact to rounding


@cache
def _largest_normals() -> Array:
    """Expected largest of n standard normal numbers, by n from 0 (where it is 0) to the most dies of a GPU."""
    x = np.arange(-_REACH, _REACH + _STEP / 2.0, _STEP)
    below = np.array([0.5 * math.erfc(-v / math.sqrt(2.0)) for v in x])
    density = np.exp(-x * x / 2.0) / math.sqrt(2.0 * math.pi)
    n = np.arange(FIELDS["dies"].high + 1.0)[:, np.newaxis]
    largest: Array = (n * below ** np.maximum(n - 1.0, 0.0) * (x * density * _STEP)).sum(axis=1)
    largest[:2] = 0.0  # of none and of one, without rounding
    return largest


@formula()
def slowest_die(*, dies: Num, die_speed_sd: Num) -> Array:
    """Mean speed of the slowest of n dies over that of one die, 0..1: ``1 - s m_n``.

    Dies that share the work, step by step, wait for the slowest. m_n is the expected largest of n standard normal numbers, the
    integral of ``x n phi(x) Phi(x)**(n-1)``; the smallest is its mirror image. More dies than a package takes count as so many.

    References
    ----------
    H. A. David and H. N. Nagaraja, Order Statistics, 3rd edition, Wiley 2003, section 3.1.

    Examples
    --------
    >>> slowest_die(dies=[1.0, 2.0, 4.0, 7.0], die_speed_sd=0.03).round(4).tolist()
    [1.0, 0.9831, 0.9691, 0.9594]
    """
    largest = _largest_normals()
    n = np.fmin(np.fmax(np.rint(np.asarray(dies, float)), 0.0), len(largest) - 1.0).astype(int)
    return np.asarray(1.0 - np.asarray(die_speed_sd, float) * largest[n])


@formula()
def reaching_fraction(
    *, clock_over_rated: Num, dies: Num, home_dies: Num, die_speed_sd: Num, speed_bin_fraction: Num
) -> Array:
    """Share of parts of n dies whose slowest reaches a clock, 0..1: ``Phi((1 - r c) / s)**n``.

    `clock_over_rated` c is the clock over that of a die as slow as the original's rating allows; of the original's parts, each of k
    dies, the share q reaches it, so that this die has ``r = 1 - s Phi^-1(q**(1/k))`` times the mean speed.

    Examples
    --------
    >>> share = {"home_dies": 1, "die_speed_sd": 0.03, "speed_bin_fraction": 0.95}
    >>> [round(float(reaching_fraction(clock_over_rated=1.0, dies=n, **share)), 3) for n in (1, 4)]
    [0.95, 0.815]
    """
    from scipy.special import ndtr, ndtri

    sd, n = np.asarray(die_speed_sd, float), np.asarray(dies, float)
    rated = 1.0 - sd * ndtri(np.asarray(speed_bin_fraction, float) ** (1.0 / np.asarray(home_dies, float)))
    spare = 1.0 - rated * np.asarray(clock_over_rated, float)
    return np.asarray(ndtr(spare / sd) ** n)

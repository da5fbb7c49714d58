"""Salvage series: the chance that randomly thrown defects spare enough units, summed over their gamma-mixed number."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from estimator.arrays import Array

Pairs = list[tuple[int, int]]  # how many there are, how many must work
MOST_SPARE_CHANNELS = 8  # the terms alternate in sign: with more of them their rounding would show
_CHECK_EVERY = 4
_NEGLIGIBLE = 1e-17  # of the sum so far


@lru_cache(maxsize=4096)
def survivable(units: int, spare: int) -> Array:
    """Probability that ``m`` defects thrown on ``units`` equal units hit at most ``spare`` of them, m = 0, 1, ...

    The occupancy distribution, by its exact recursion over m; cut where the rest is below 1e-18.

    Examples
    --------
    >>> survivable(4, 1)[:3].tolist()
    [1.0, 1.0, 0.25]
    """
    hit = np.zeros(spare + 2)  # hit[j]: probability that j units are hit; the last cell absorbs "too many"
    hit[0] = 1.0
    j = np.arange(spare + 1)
    stay, move = j / units, (units - j) / units
    out = [1.0]
    while out[-1] > 1e-18 and len(out) < 20_000:
        moved = hit[:-1] * move
        hit[:-1] *= stay
        hit[1:] += moved
        out.append(float(hit[: spare + 1].sum()))
    found = np.asarray(out[:-1])
    found.flags.writeable = False
    return found


def channel_terms(channels: int, spare: int) -> list[tuple[float, int]]:
    """Inclusion-exclusion of "at least channels - spare survive": weights and how many channels must survive."""
    need = channels - spare
    return [
        ((-1) ** (m - need) * math.comb(m - 1, need - 1) * math.comb(channels, m), m) for m in range(need, channels + 1)
    ]


def whole_pair(total: object, needed: object) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Two whole numbers or arrays of them, broadcast together."""
    a, b = np.broadcast_arrays(np.asarray(total), np.asarray(needed))
    return np.rint(a).astype(np.int64), np.rint(b).astype(np.int64)


def distinct_pairs(total: NDArray[np.int64], needed: NDArray[np.int64]) -> tuple[Pairs, NDArray[np.intp] | None]:
    """The distinct pairs in two arrays, and for each element the index of its own (None where there is only one)."""
    if total.size == 0 or (bool((total == total.flat[0]).all()) and bool((needed == needed.flat[0]).all())):
        return [(int(total.flat[0]), int(needed.flat[0]))] if total.size else [(1, 1)], None
    low = int(needed.min())
    width = int(needed.max()) - low + 1
    code = (total - total.min()) * width + (needed - low)
    bound = int(code.max()) + 1
    if bound > 200_000:
        codes, index = np.unique(code, return_inverse=True)
    else:
        codes = np.flatnonzero(np.bincount(code.ravel(), minlength=bound))
        place = np.zeros(bound, np.intp)
        place[codes] = np.arange(len(codes))
        index = place[code]
    base = int(total.min())
    return [(int(c // width) + base, int(c % width) + low) for c in codes], index.reshape(code.shape)


def mixed_series(
    *, log_clear: Array, share: Array, alpha: Array, pairs: Pairs, index: NDArray[np.intp] | None
) -> Array:
    """Sum over m of ``(alpha)_m / m! z**m c_m (1 - beta)**alpha``: salvage yield under a gamma-mixed density.

    The terms are positive; the sum ends where a geometric bound on all further terms is below 1e-17 of it, at every
    point, so that the points evaluated together do not change each other's digits.

    Parameters
    ----------
    log_clear, share : ndarray
        ``log(1 - beta)``, and z: beta times the share of the units in the area that counts, < 1; one shape.
    alpha : ndarray
        Shape of the gamma distribution; broadcasts against `share`.
    pairs, index
        Units and how many must work, from `distinct_pairs`; the index broadcasts against `share`.
    """
    series = [survivable(n, n - k) for n, k in pairs]
    length = max(map(len, series))
    table = np.zeros((length, len(series)))
    for i, one in enumerate(series):
        table[: len(one), i] = one
    sure = int((table == 1.0).all(axis=1).argmin()) if not (table == 1.0).all() else length  # c_m = 1 before this m
    term = np.asarray(np.exp(alpha * log_clear))
    total, work = term.copy(), np.empty_like(term)
    scaled = share * (alpha - 1.0)
    for m in range(1, length):
        np.multiply(scaled, 1.0 / m, out=work)
        work += share  # z (alpha + m - 1) / m: the ratio of successive terms, falling or rising towards z < 1
        term *= work
        largest = 1.0
        if m < sure:
            total += term
        else:
            c = table[m, 0] if index is None else table[m].take(index)
            largest = float(table[m].max())
            np.multiply(term, c, out=work if m % _CHECK_EVERY else (product := np.empty_like(term)))
            total += work if m % _CHECK_EVERY else product
        if m % _CHECK_EVERY == 0:
            ratio = max(float(work.max(initial=0.0)), float(share.max(initial=0.0)))
            if ratio < 0.999 and bool((term * (largest / (1.0 - ratio)) <= _NEGLIGIBLE * total).all()):
                break
    return np.asarray(total)

"""Salvage: the chance that randomly thrown defects spare enough units, summed over their gamma-mixed number."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.arrays import Array, Num

Pairs = list[tuple[int, int]]  # how many there are, how many must work
MOST_SPARE_CHANNELS = 8  # the terms alternate in sign: with more of them their rounding would show
_MOST_DEFECTS = 20_000  # on one die, beyond which the sum over them is cut
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
    if spare >= _MOST_DEFECTS:  # more spares than any die has defects: all that hit no more units than these survive
        return _all_survive(spare)
    hit = np.zeros(spare + 2)  # hit[j]: probability that j units are hit; the last cell absorbs "too many"
    hit[0] = 1.0
    j = np.arange(spare + 1)
    stay, move = j / units, (units - j) / units
    out = [1.0]
    while out[-1] > 1e-18 and len(out) < _MOST_DEFECTS:
        moved = hit[:-1] * move
        hit[:-1] *= stay
        hit[1:] += moved
        out.append(float(hit[: spare + 1].sum()))
    found = np.asarray(out[:-1])
    found.flags.writeable = False
    return found


def _all_survive(spare: int) -> Array:
    """Certain survival of up to as many defects as there are spares."""
    found = np.ones(spare + 1)
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


def gamma_mixed_fraction(
    *,
    mean: Array,
    alpha: Num,
    units: tuple[Num, Num],
    unit_share: Num,
    channels: tuple[Num, Num],
    memory_share: Num,
) -> Array:
    """Share of dies that can be sold where defect density varies over dies as a gamma distribution.

    Given ``m`` defects on the repairable units, they fall uniformly, so the chance that they hit few enough distinct
    units is the occupancy distribution and does not depend on the density; summed with the negative binomial weights
    of ``m`` this is exact, a short positive series. Memory channels have few spares and enter by inclusion-exclusion.

    Parameters
    ----------
    mean : ndarray
        Mean defects per die.
    alpha : array_like
        Shape of the gamma distribution, finite.
    units, channels : pair of array_like of int
        Compute units and memory channels on the die, and how many of each must work.
    unit_share, memory_share : array_like
        Their shares of the die area, 0..1.

    Examples
    --------
    >>> round(float(gamma_mixed_fraction(mean=np.asarray(0.814), alpha=2.0, units=(144, 132), unit_share=0.58,
    ...                                  channels=(1, 1), memory_share=0.0)), 3)
    0.729
    """
    alpha = np.asarray(alpha, float)
    unit_share = np.asarray(unit_share, float)
    memory_share = np.asarray(memory_share, float)
    n, k = whole_pair(*units)
    cn, ck = whole_pair(*channels)
    shape = np.broadcast_shapes(mean.shape, alpha.shape, unit_share.shape, memory_share.shape, n.shape, cn.shape)
    none_spare = cn == ck  # then their number does not matter
    channel_pairs, channel_index = distinct_pairs(np.where(none_spare, 1, cn), np.where(none_spare, 1, ck))
    if channel_index is None:
        return _salvaged(mean, unit_share, memory_share, alpha, (n, k), channel_pairs[0], shape)
    total = np.zeros(int(np.prod(shape)))
    where = np.broadcast_to(channel_index, shape).reshape(-1)
    columns: list[Any] = [
        a if a.ndim == 0 else np.broadcast_to(a, shape).reshape(-1)
        for a in (mean, unit_share, memory_share, alpha, n, k)
    ]
    for c, pair in enumerate(channel_pairs):  # points of one number of channels at a time
        chosen = np.flatnonzero(where == c)
        m, u, w, a, *counts = (a if a.ndim == 0 else a.take(chosen) for a in columns)
        total[chosen] = _salvaged(m, u, w, a, (counts[0], counts[1]), pair, chosen.shape)
    return total.reshape(shape)


def _salvaged(
    mean: Array,
    unit_share: Array,
    memory_share: Array,
    alpha: Array,
    units: tuple[Any, Any],
    channels: tuple[int, int],
    shape: tuple[int, ...],
) -> Array:
    """Salvage yield where all dies have the same memory channels: every term of their inclusion-exclusion at once.

    A term is the yield of a die of which only the area share `counted` matters, with salvage of units.
    """
    terms = channel_terms(channels[0], channels[0] - channels[1])
    rows = (len(terms),) + (1,) * len(shape)
    weight = np.asarray([w for w, _ in terms], float).reshape(rows)
    lost = np.asarray([(channels[0] - survive) / channels[0] for _, survive in terms]).reshape(rows)
    per_shape = mean / alpha
    rate = np.broadcast_to(per_shape * (1.0 - memory_share * lost), (len(terms), *shape))  # 1 - beta = 1 / (1 + rate)
    share = np.broadcast_to(per_shape * unit_share, shape) / (1.0 + rate)
    pairs, index = distinct_pairs(*units)
    parts = mixed_series(log_clear=-np.log1p(rate), share=share, alpha=alpha, pairs=pairs, index=index)
    return np.asarray(np.clip((weight * parts).sum(axis=0), 0.0, 1.0))

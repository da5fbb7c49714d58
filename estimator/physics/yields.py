"""Yield of a die: six defect models, defect-density learning, and salvage of dies with disabled units."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from estimator.arrays import Array, Num
from estimator.checks import check_choice, checked
from estimator.errors import InputError
from estimator.physics.occupancy import MOST_SPARE_CHANNELS, channel_terms, distinct_pairs, mixed_series, whole_pair

_POISSON_FROM = 1e9  # clustering beyond which the negative binomial law is Poisson's to the last digits
MM2_PER_CM2 = 100.0  # a unit conversion, not a parameter: defect densities are per cm2, areas in mm2
_DIE = {"die_area_mm2": "any_area_mm2", "defect_density_per_cm2": "any_defects_per_cm2"}  # beyond what is ever built


@checked(**_DIE)
def mean_defects(*, die_area_mm2: Num, defect_density_per_cm2: Num) -> Array:
    """Mean number of killer defects on one die (area in mm2, density per cm2: hence the factor 100).

    Examples
    --------
    >>> float(mean_defects(die_area_mm2=814, defect_density_per_cm2=0.1))
    0.8140000000000001
    """
    return np.asarray(np.asarray(die_area_mm2, float) * np.asarray(defect_density_per_cm2, float) / MM2_PER_CM2)


@checked()
def poisson(mean: Num) -> Array:
    """Poisson yield ``exp(-m)``, 0..1, for ``m`` mean defects per die (independent, uniform; Murphy, Proc. IEEE 52, 1964).

    Examples
    --------
    >>> round(float(poisson(0.5)), 4)
    0.6065
    """
    return np.asarray(np.exp(-np.asarray(mean, float)))


@checked()
def murphy(mean: Num) -> Array:
    """Murphy's yield ``((1 - exp(-m)) / m)**2``, 0..1 (triangular spread of density; Murphy, Proc. IEEE 52, 1964).

    Examples
    --------
    >>> round(float(murphy(0.5)), 4)
    0.6193
    """
    m = np.asarray(mean, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(m > 1e-12, -np.expm1(-m) / np.where(m > 0, m, 1.0), 1.0 - m / 2)
    return np.asarray(ratio * ratio)


@checked()
def seeds(mean: Num) -> Array:
    """Seeds' yield ``1 / (1 + m)``, 0..1 (exponential spread of density; Seeds, IEDM 1967).

    Examples
    --------
    >>> float(seeds(1.0))
    0.5
    """
    return np.asarray(1.0 / (1.0 + np.asarray(mean, float)))


@checked()
def moore(mean: Num) -> Array:
    """Moore's yield ``exp(-sqrt(m))``, 0..1 (Moore, Electronics 43, 1970).

    Examples
    --------
    >>> round(float(moore(0.25)), 4)
    0.6065
    """
    return np.asarray(np.exp(-np.sqrt(np.asarray(mean, float))))


@checked(clustering_alpha="any_alpha")
def negative_binomial(mean: Num, clustering_alpha: Num = 2.0) -> Array:
    """Negative binomial yield ``(1 + m / alpha)**-alpha``, 0..1 (Stapper, IBM J. Res. Dev. 27, 1983).

    ``clustering_alpha`` is the shape of the gamma-distributed density: small means clustered, infinite is Poisson.

    Examples
    --------
    >>> round(float(negative_binomial(0.5, 2.0)), 4)
    0.64
    """
    alpha = np.minimum(np.asarray(clustering_alpha, float), _POISSON_FROM)
    return np.asarray(np.exp(-alpha * np.log1p(np.asarray(mean, float) / alpha)))


@checked()
def bose_einstein(mean: Num, critical_layers: Num = 10.0) -> Array:
    """Bose-Einstein yield ``(1 + m / n)**-n``, 0..1, over ``n`` critical layers (Price, Proc. IEEE 58, 1970).

    ``m`` counts the defects of all ``n`` layers together, so that all models take the same defect density; the
    form ``(1 + A d)**-n`` with a density ``d`` per layer is this one at a total density of ``n d``.

    Examples
    --------
    >>> round(float(bose_einstein(0.5, 10.0)), 4)
    0.6139
    """
    return negative_binomial(mean, critical_layers)


YIELD_MODELS: dict[str, str] = {
    "poisson": "exp(-m)",
    "murphy": "((1 - exp(-m)) / m)^2",
    "seeds": "1 / (1 + m)",
    "bose-einstein": "(1 + m / n)^-n",
    "moore": "exp(-sqrt(m))",
    "negative-binomial": "(1 + m / alpha)^-alpha",
}
DEFAULT_MODEL = "negative-binomial"


@checked(**_DIE, clustering_alpha="any_alpha", model=None)
def yield_fraction(
    *,
    die_area_mm2: Num,
    defect_density_per_cm2: Num,
    model: str = DEFAULT_MODEL,
    clustering_alpha: Num = 2.0,
    critical_layers: Num = 10.0,
) -> Array:
    """Share of dies without any killer defect.

    Parameters
    ----------
    die_area_mm2 : array_like
        Area of one die in mm2, > 0.
    defect_density_per_cm2 : array_like
        Killer defects per cm2 (0 to 10), summed over all layers.
    model : str
        One of `YIELD_MODELS`.
    clustering_alpha : array_like
        Clustering of the negative binomial model, > 0.
    critical_layers : array_like
        Layers of the Bose-Einstein model, >= 1.

    Returns
    -------
    ndarray
        Yield in 0..1, the broadcast shape of the inputs.

    Raises
    ------
    UnknownNameError
        If the model does not exist.

    Examples
    --------
    >>> round(float(yield_fraction(die_area_mm2=814, defect_density_per_cm2=0.1, model="murphy")), 4)
    0.4681
    """
    mean = mean_defects(die_area_mm2=die_area_mm2, defect_density_per_cm2=defect_density_per_cm2)
    one_argument: dict[str, Callable[[Num], Array]] = {
        "poisson": poisson,
        "murphy": murphy,
        "seeds": seeds,
        "moore": moore,
    }
    check_choice("yield model", model, YIELD_MODELS)
    if model == "negative-binomial":
        return negative_binomial(mean, clustering_alpha)
    if model == "bose-einstein":
        return bose_einstein(mean, critical_layers)
    return one_argument[model](mean)


@checked()
def defect_density(
    *,
    defect_density_mature_per_cm2: Num,
    defect_density_launch_per_cm2: Num,
    learning_quarters: Num,
    maturity_quarters: Num,
) -> Array:
    """Defect density after some quarters of volume production.

    Exponential learning from the launch to the mature value, ``D = Dm + (Dl - Dm) exp(-q / tau)``, the shape of
    the defect-density curves that foundries show (e.g. TSMC Technology Symposium 2020).

    Parameters
    ----------
    defect_density_mature_per_cm2, defect_density_launch_per_cm2 : array_like
        Defects per cm2 in the long run and at the start of volume production.
    learning_quarters : array_like
        Time constant in quarters, > 0.
    maturity_quarters : array_like
        Quarters since volume production began, >= 0.

    Examples
    --------
    >>> float(defect_density(defect_density_mature_per_cm2=0.1, defect_density_launch_per_cm2=0.3,
    ...                      learning_quarters=4, maturity_quarters=0))
    0.3
    """
    mature = np.asarray(defect_density_mature_per_cm2, float)
    excess = np.asarray(defect_density_launch_per_cm2, float) - mature
    age = np.asarray(maturity_quarters, float) / np.asarray(learning_quarters, float)
    return np.asarray(mature + excess * np.exp(-age))


def check_harvest(given: Mapping[str, Any]) -> None:
    """Refuse counts and area shares that contradict each other."""
    for few, many in (("units_enabled", "units"), ("memory_channels_enabled", "memory_channels")):
        if few in given and np.any(np.asarray(given[few]) > given[many]):
            raise InputError(
                f"{few} = {float(np.max(given[few])):g} is out of range: it must be at most {many} = "
                f"{float(np.min(given[many])):g}"
            )
    if "memory_channels" in given:
        spare = np.subtract(given["memory_channels"], given["memory_channels_enabled"])
        if np.any(spare > MOST_SPARE_CHANNELS):
            raise InputError(
                f"memory_channels_enabled: {float(np.max(spare)):g} spare channels are out of range: at most "
                f"{MOST_SPARE_CHANNELS} may be disabled"
            )
        parts = np.add(given["unit_area_fraction"], given["memory_area_fraction"])
        if np.any(parts > 1 + 1e-9):
            raise InputError(
                f"unit_area_fraction and memory_area_fraction add up to {float(np.max(parts)):g}: it must be at most 1"
            )


@checked(check_harvest, **_DIE, clustering_alpha="any_alpha")
def sellable_fraction(
    *,
    die_area_mm2: Num,
    defect_density_per_cm2: Num,
    units: Num,
    units_enabled: Num,
    unit_area_fraction: Num,
    memory_channels: Num = 1,
    memory_channels_enabled: Num = 1,
    memory_area_fraction: Num = 0.0,
    clustering_alpha: Num = 2.0,
) -> Array:
    """Share of dies that can be sold when a die may have some compute units and memory channels disabled.

    A die is sellable when at least `units_enabled` of `units` compute units, at least `memory_channels_enabled` of
    `memory_channels` channels and all of the remaining area are free of killer defects. Defect density varies over
    dies as a gamma distribution of shape `clustering_alpha` (the negative binomial model), and the units of one die
    share it: they are *not* independent.

    Given ``m`` defects on the repairable units, they fall uniformly, so the chance that they hit few enough distinct
    units is the occupancy distribution and does not depend on the density; summed with the negative binomial weights
    of ``m`` this is exact, a short positive series. Memory channels have few spares and enter by inclusion-exclusion.

    Parameters
    ----------
    die_area_mm2, defect_density_per_cm2, clustering_alpha : array_like
        As in `yield_fraction`; `clustering_alpha` may be ``inf`` (Poisson).
    units, units_enabled : array_like of int
        Compute units on the die, and how many must work; 1 <= units_enabled <= units <= 20000.
    unit_area_fraction : array_like
        Share of the die area in compute units, 0..1.
    memory_channels, memory_channels_enabled : array_like of int
        Memory channels on the die, and how many must work; at most 8 spare.
    memory_area_fraction : array_like
        Share of the die area in memory channels (PHY and controller), 0..1.

    Returns
    -------
    ndarray
        Sellable fraction in 0..1; equals `yield_fraction` when nothing is spare.

    References
    ----------
    Stapper, "Modeling of integrated circuit defect sensitivities", IBM J. Res. Dev. 27 (1983); Feller, "An
    Introduction to Probability Theory", vol. 1 (occupancy); Koren and Koren, Proc. IEEE 86 (1998) 1819.

    Examples
    --------
    >>> round(float(sellable_fraction(die_area_mm2=814, defect_density_per_cm2=0.1, units=144, units_enabled=132,
    ...                               unit_area_fraction=0.58)), 3)
    0.729
    """
    mean = mean_defects(die_area_mm2=die_area_mm2, defect_density_per_cm2=defect_density_per_cm2)
    alpha = np.minimum(np.asarray(clustering_alpha, float), _POISSON_FROM)
    unit_share = np.asarray(unit_area_fraction, float)
    memory_share = np.asarray(memory_area_fraction, float)
    n, k = whole_pair(units, units_enabled)
    cn, ck = whole_pair(memory_channels, memory_channels_enabled)
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


def _spread(model: str) -> tuple[Array, Array]:
    """Relative densities and weights of a model's spread: Murphy's triangle, Moore's stable law of index 1/2."""
    x, w = np.polynomial.legendre.leggauss(48)
    u, w = (x + 1) / 2, w / 2
    if model == "murphy":  # triangle on 0..2 by its quantile function
        return np.where(u < 0.5, np.sqrt(2 * u), 2 - np.sqrt(2 * (1 - u))), w
    from scipy.special import ndtri

    return 1.0 / (2.0 * ndtri((1 + u) / 2) ** 2), w  # E[exp(-m t)] = exp(-sqrt(m)) for t = 1 / (2 z^2), z normal


@checked(check_harvest, **_DIE, clustering_alpha="any_alpha", model=None)
def salvage(
    *,
    model: str = DEFAULT_MODEL,
    die_area_mm2: Num,
    defect_density_per_cm2: Num,
    clustering_alpha: Num = 2.0,
    critical_layers: Num = 10.0,
    units: Num,
    units_enabled: Num,
    unit_area_fraction: Num,
    memory_channels: Num = 1,
    memory_channels_enabled: Num = 1,
    memory_area_fraction: Num = 0.0,
) -> Array:
    """Sellable fraction under any of the yield models (`sellable_fraction` is the gamma-mixed one).

    Poisson, Seeds and Bose-Einstein are gamma spreads of shape infinite, 1 and n. Murphy's and Moore's spreads are
    mixed numerically and scaled so that without spares the closed form of `yield_fraction` is met exactly.

    Examples
    --------
    >>> round(float(salvage(model="murphy", die_area_mm2=814, defect_density_per_cm2=0.1, units=144, units_enabled=132,
    ...                     unit_area_fraction=0.58)), 3)
    0.717
    """
    check_choice("yield model", model, YIELD_MODELS)
    common = {"die_area_mm2": die_area_mm2, "defect_density_per_cm2": defect_density_per_cm2}
    harvest = {
        "units": units,
        "units_enabled": units_enabled,
        "unit_area_fraction": unit_area_fraction,
        "memory_channels": memory_channels,
        "memory_channels_enabled": memory_channels_enabled,
        "memory_area_fraction": memory_area_fraction,
    }
    shapes: dict[str, Num] = {
        "negative-binomial": clustering_alpha,
        "poisson": np.inf,
        "seeds": 1.0,
        "bose-einstein": critical_layers,
    }
    if model in shapes:
        return sellable_fraction(**common, clustering_alpha=shapes[model], **harvest)
    plain = yield_fraction(**common, model=model)
    mean = mean_defects(**common)
    total: Array | float = 0.0
    unsalvaged: Array | float = 0.0
    for density, weight in zip(*_spread(model), strict=True):
        total = total + weight * sellable_fraction(
            die_area_mm2=die_area_mm2,
            defect_density_per_cm2=np.asarray(defect_density_per_cm2, float) * density,
            clustering_alpha=np.inf,
            **harvest,
        )
        unsalvaged = unsalvaged + weight * np.exp(-mean * density)
    gain = total / np.where(np.asarray(unsalvaged) > 0, unsalvaged, np.inf)  # none where next to no die is left whole
    return np.asarray(np.clip(plain * gain, plain, 1.0))

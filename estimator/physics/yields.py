"""Yield of a die: the registry of yield models, defect-density learning, and dies sold with disabled units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from estimator.arrays import Array, Num
from estimator.checks import Arguments, check_choice, formula
from estimator.errors import InputError
from estimator.physics.occupancy import MOST_SPARE_CHANNELS, gamma_mixed_fraction

_POISSON_FROM = 1e9  # clustering beyond which the negative binomial law is Poisson's to the last digits
MM2_PER_CM2 = 100.0  # a unit conversion, not a parameter: defect densities are per cm2, areas in mm2
_DIE = {"die_area_mm2": "any_area_mm2", "defect_density_per_cm2": "any_defects_per_cm2"}  # beyond what is ever built


@formula(**_DIE)
def mean_defects(*, die_area_mm2: Num, defect_density_per_cm2: Num) -> Array:
    """Mean number of killer defects on one die (area in mm2, density per cm2: hence the factor 100).

    Examples
    --------
    >>> float(mean_defects(die_area_mm2=814, defect_density_per_cm2=0.1))
    0.8140000000000001
    """
    return np.asarray(np.asarray(die_area_mm2, float) * np.asarray(defect_density_per_cm2, float) / MM2_PER_CM2)


@formula()
def poisson(mean: Num) -> Array:
    """Poisson yield ``exp(-m)``, 0..1, for ``m`` mean defects per die (independent, uniform; Murphy, Proc. IEEE 52, 1964).

    Examples
    --------
    >>> round(float(poisson(0.5)), 4)
    0.6065
    """
    return np.asarray(np.exp(-np.asarray(mean, float)))


@formula()
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


@formula()
def seeds(mean: Num) -> Array:
    """Seeds' yield ``1 / (1 + m)``, 0..1 (exponential spread of density; Seeds, IEDM 1967).

    Examples
    --------
    >>> float(seeds(1.0))
    0.5
    """
    return np.asarray(1.0 / (1.0 + np.asarray(mean, float)))


@formula()
def moore(mean: Num) -> Array:
    """Moore's yield ``exp(-sqrt(m))``, 0..1 (Moore, Electronics 43, 1970).

    Examples
    --------
    >>> round(float(moore(0.25)), 4)
    0.6065
    """
    return np.asarray(np.exp(-np.sqrt(np.asarray(mean, float))))


@formula(clustering_alpha="any_alpha")
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


@formula()
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


def _triangle(share: Array) -> Array:
    """Relative density below which a share of the dies lie, in Murphy's spread: a triangle on 0..2."""
    return np.where(share < 0.5, np.sqrt(2 * share), 2 - np.sqrt(2 * (1 - share)))


def _stable(share: Array) -> Array:
    """Relative density below which a share of the dies lie, in Moore's spread: the stable law of index 1/2.

    ``E[exp(-m t)] = exp(-sqrt(m))`` for ``t = 1 / (2 z**2)``, z normal.
    """
    from scipy.special import ndtri

    return np.asarray(1.0 / (2.0 * ndtri(1.0 - share / 2.0) ** 2))


@cache
def _weighted(spread: Callable[[Array], Array]) -> tuple[Array, Array]:
    """Relative densities of a model's spread, and their weights."""
    u, w = _nodes()
    return spread(u), w


def _nodes() -> tuple[Array, Array]:
    """Gauss-Legendre nodes and weights on 0..1."""
    x, w = np.polynomial.legendre.leggauss(48)
    return (x + 1) / 2, w / 2


@dataclass(frozen=True)
class YieldModel:
    """One model of yield: everything that tells it from the others.

    Attributes
    ----------
    function : callable
        Yield from mean defects per die, and from the arguments named in `takes`, in that order.
    equation, holds_for, source : str
        The law in words; how it takes defect density to vary over dies; where it was published.
    spread : float, str or callable
        How defect density varies over dies, for dies with spares: the shape of a gamma distribution (a number, or the
        argument that gives it), or a function that gives the relative density below which a share of the dies lie.
    takes : tuple of str
        Arguments of `yield_fraction` that the function takes after the mean.
    """

    function: Callable[..., Array]
    equation: str
    holds_for: str
    source: str
    spread: float | str | Callable[[Array], Array]
    takes: tuple[str, ...] = ()


YIELD_MODELS: dict[str, YieldModel] = {
    "poisson": YieldModel(
        poisson, "exp(-m)", "defects independent of each other", "Murphy, Proc. IEEE 52 (1964)", spread=np.inf
    ),
    "murphy": YieldModel(
        murphy,
        "((1 - exp(-m)) / m)^2",
        "a density spread as a triangle from zero to twice its mean",
        "Murphy, Proc. IEEE 52 (1964)",
        spread=_triangle,
    ),
    "seeds": YieldModel(seeds, "1 / (1 + m)", "a density spread exponentially", "Seeds, IEDM (1967)", spread=1.0),
    "bose-einstein": YieldModel(
        bose_einstein,
        "(1 + m / n)^-n",
        "n critical layers, the density of each spread exponentially",
        "Price, Proc. IEEE 58 (1970)",
        spread="critical_layers",
        takes=("critical_layers",),
    ),
    "moore": YieldModel(
        moore, "exp(-sqrt(m))", "a density with a long tail", "Moore, Electronics 43 (1970)", spread=_stable
    ),
    "negative-binomial": YieldModel(
        negative_binomial,
        "(1 + m / alpha)^-alpha",
        "a density spread as a gamma distribution of shape alpha",
        "Stapper, IBM J. Res. Dev. 27 (1983)",
        spread="clustering_alpha",
        takes=("clustering_alpha",),
    ),
}
"""The yield models by name. One entry adds one everywhere: to the functions below, and to the options of `estimate`."""
DEFAULT_MODEL = "negative-binomial"


def yield_model(name: str) -> YieldModel:
    """Yield model of a name; an unknown one raises `UnknownNameError`.

    Examples
    --------
    >>> yield_model("murphy").equation
    '((1 - exp(-m)) / m)^2'
    """
    check_choice("yield model", name, YIELD_MODELS)
    return YIELD_MODELS[name]


def relative_density(
    share: Array, *, model: str = DEFAULT_MODEL, clustering_alpha: float = 2.0, critical_layers: float = 10.0
) -> Array:
    """Defect density below which a share of the dies lie, over the density of the law: how a yield model spreads it over dies.

    Examples
    --------
    >>> half = np.array([0.5])
    >>> [round(float(relative_density(half, model=m)[0]), 3) for m in ("poisson", "murphy", "seeds", "moore")]
    [1.0, 1.0, 0.693, 1.099]
    """
    law = yield_model(model)
    if callable(law.spread):
        return law.spread(share)
    given = {"clustering_alpha": clustering_alpha, "critical_layers": critical_layers}
    shape = given[law.spread] if isinstance(law.spread, str) else law.spread
    if not np.isfinite(shape):
        return np.ones(np.shape(share))
    from scipy.special import gammaincinv

    return np.asarray(gammaincinv(shape, share) / shape)


@formula(**_DIE, clustering_alpha="any_alpha", model=None)
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
    law = yield_model(model)
    mean = mean_defects(die_area_mm2=die_area_mm2, defect_density_per_cm2=defect_density_per_cm2)
    given = {"clustering_alpha": clustering_alpha, "critical_layers": critical_layers}
    return law.function(mean, *(given[n] for n in law.takes))


@formula(die_area_mm2="one_die_mm2", clustering_alpha="any_alpha", model=None)
def defect_density_at_yield(
    *,
    yield_fraction: Num,
    die_area_mm2: Num,
    model: str = DEFAULT_MODEL,
    clustering_alpha: Num = 2.0,
    critical_layers: Num = 10.0,
) -> Array:
    """Defect density that gives a known yield of a die (1/cm2): `yield_fraction` solved for it by halving, to 12 digits.

    At most 1,000,000 defects a die, where next to none is good in any model.

    Examples
    --------
    >>> round(float(defect_density_at_yield(yield_fraction=0.4681, die_area_mm2=814, model="murphy")), 4)
    0.1
    """
    law = yield_model(model)
    given = {"clustering_alpha": clustering_alpha, "critical_layers": critical_layers}
    extra = [given[n] for n in law.takes]
    wanted = np.asarray(yield_fraction, float)
    shape = np.broadcast_shapes(np.shape(wanted), *(np.shape(e) for e in extra))
    low, high = np.full(shape, -30.0), np.full(shape, np.log(1e6))  # logarithm of the mean defects of a die
    for _ in range(60):
        middle = 0.5 * (low + high)
        many = law.function(np.exp(middle), *extra) < wanted
        low, high = np.where(many, low, middle), np.where(many, middle, high)
    mean = np.where(wanted >= 1.0, 0.0, np.exp(0.5 * (low + high)))
    return np.asarray(mean * MM2_PER_CM2 / np.asarray(die_area_mm2, float))


@formula()
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


@formula()
def quarters_in_production(*, date: Num, volume_year: Num) -> Array:
    """Quarters of volume production of a process at a date, not below zero.

    Examples
    --------
    >>> quarters_in_production(date=2026.9, volume_year=[2025.9, 2023.4, 2028.0]).round(1).tolist()
    [4.0, 14.0, 0.0]
    """
    return np.maximum(4.0 * (np.asarray(date, float) - volume_year), 0.0)


def check_harvest(given: Arguments) -> None:
    """Raise the sentence where counts and area shares contradict each other."""
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


@formula(check_harvest, **_DIE, clustering_alpha="any_alpha", model=None)
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
    model: str = DEFAULT_MODEL,
    clustering_alpha: Num = 2.0,
    critical_layers: Num = 10.0,
) -> Array:
    """Share of dies that can be sold when a die may have some compute units and memory channels disabled.

    A die is sellable when at least `units_enabled` of `units` compute units, at least `memory_channels_enabled` of
    `memory_channels` channels and all of the remaining area are free of killer defects. Defect density varies over
    dies as the yield model says, and the units of one die share it: they are *not* independent.

    For a gamma spread (negative binomial, Poisson, Seeds and Bose-Einstein: of shape alpha, infinite, 1 and n) the sum
    is exact, see `estimator.physics.occupancy.gamma_mixed_fraction`. Murphy's and Moore's spreads are mixed numerically
    and scaled so that without spares the closed form of `yield_fraction` is met exactly.

    Parameters
    ----------
    die_area_mm2, defect_density_per_cm2, clustering_alpha, critical_layers : array_like
        As in `yield_fraction`; `clustering_alpha` may be ``inf`` (Poisson).
    model : str
        One of `YIELD_MODELS`.
    units, units_enabled : array_like of int
        Compute units on the die, and how many must work; 1 <= units_enabled <= units <= 1,000,000.
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
    >>> die = {"die_area_mm2": 814, "defect_density_per_cm2": 0.1, "units": 144, "units_enabled": 132,
    ...        "unit_area_fraction": 0.58}
    >>> round(float(sellable_fraction(**die)), 3), round(float(sellable_fraction(**die, model="murphy")), 3)
    (0.729, 0.717)
    """
    law = yield_model(model)
    given = {"clustering_alpha": clustering_alpha, "critical_layers": critical_layers}

    def mixed(density_per_cm2: Num, alpha: Num) -> Array:
        return gamma_mixed_fraction(
            mean=mean_defects(die_area_mm2=die_area_mm2, defect_density_per_cm2=density_per_cm2),
            alpha=np.minimum(np.asarray(alpha, float), _POISSON_FROM),
            units=(units, units_enabled),
            unit_share=unit_area_fraction,
            channels=(memory_channels, memory_channels_enabled),
            memory_share=memory_area_fraction,
        )

    if not callable(law.spread):
        return mixed(defect_density_per_cm2, given[law.spread] if isinstance(law.spread, str) else law.spread)
    mean = mean_defects(die_area_mm2=die_area_mm2, defect_density_per_cm2=defect_density_per_cm2)
    plain = law.function(mean, *(given[n] for n in law.takes))
    total: Array | float = 0.0
    unsalvaged: Array | float = 0.0
    for density, weight in zip(*_weighted(law.spread), strict=True):
        total = total + weight * mixed(np.asarray(defect_density_per_cm2, float) * density, np.inf)
        unsalvaged = unsalvaged + weight * poisson(mean * density)
    gain = total / np.where(np.asarray(unsalvaged) > 0, unsalvaged, np.inf)  # none where next to no die is left whole
    return np.asarray(np.clip(plain * gain, plain, 1.0))


salvage = sellable_fraction
"""The name that `sellable_fraction` had in version 0.1 where it took a yield model."""

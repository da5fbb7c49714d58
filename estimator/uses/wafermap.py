"""One wafer, die by die: where dies lie, which defects hit them, and which can be sold whole, salvaged or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.arrays import Array
from estimator.checks import MOST_SEED, check_choice, check_scalars, check_whole, checked
from estimator.errors import InputError
from estimator.physics.wafer import Placement, place_dies
from estimator.physics.yields import DEFAULT_MODEL, check_harvest, mean_defects, relative_density

DEAD, SALVAGED, GOOD = 0, 1, 2
TRIED = 3
"""Wafers that are drawn for a typical one."""
_MOST_DEFECTS = 1000.0  # per die: drawn one by one, more would only take long
_MOST_CORRELATED = 1200  # more dies than this are drawn without neighbours sharing their fate


@dataclass(frozen=True)
class WaferMap:
    """A sampled wafer.

    Attributes
    ----------
    placement : Placement
        Sites of the dies in mm, relative to the wafer's centre.
    state : ndarray of int
        `GOOD`, `SALVAGED` or `DEAD` for each whole die (in the order of the whole sites).
    defects : ndarray of int
        Killer defects on each whole die.
    x_mm, y_mm : ndarray
        Where defects lie on the wafer (drawn uniformly over the die that each of them hits).
    wafer_diameter_mm, edge_exclusion_mm : float
        Wafer and its unusable rim.
    """

    placement: Placement
    state: NDArray[np.int64]
    defects: NDArray[np.int64]
    x_mm: Array
    y_mm: Array
    wafer_diameter_mm: float
    edge_exclusion_mm: float

    @property
    def counts(self) -> dict[str, int]:
        """How many dies are good, salvaged, dead, and cut by the edge."""
        return {
            "good": int((self.state == GOOD).sum()),
            "salvaged": int((self.state == SALVAGED).sum()),
            "dead": int((self.state == DEAD).sum()),
            "edge": int((~self.placement.whole).sum()),
        }


def _shares(x: Array, y: Array, length_mm: float, rng: np.random.Generator) -> Array:
    """Where each die lies among all by its defect density, 0..1: uniform, and alike among neighbours (Gaussian copula)."""
    if x.size > _MOST_CORRELATED:
        return np.asarray(rng.random(x.size))
    from scipy.special import ndtr

    distance = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
    covariance = np.exp(-distance / length_mm) + 1e-9 * np.eye(x.size)
    return np.asarray(ndtr(np.linalg.cholesky(covariance) @ rng.standard_normal(x.size)))


@lru_cache(maxsize=64)
def _placed(width: float, height: float, diameter: float, edge: float, scribe: float, notch: float) -> Placement:
    """Sites of the dies, mm: sought once for all wafers that are drawn of a die."""
    found = place_dies(
        width_mm=width,
        height_mm=height,
        wafer_diameter_mm=diameter,
        edge_exclusion_mm=edge,
        scribe_mm=scribe,
        notch_mm=notch,
    )
    for sites in (found.x_mm, found.y_mm, found.whole):
        sites.flags.writeable = False
    return found


def _mean_defects(width_mm: float, height_mm: float, density_per_cm2: float) -> float:
    return float(mean_defects(die_area_mm2=width_mm * height_mm, defect_density_per_cm2=density_per_cm2))


def _check_wafer(given: Mapping[str, Any]) -> None:
    check_scalars(given)
    check_harvest(given)
    if _mean_defects(given["width_mm"], given["height_mm"], given["defect_density_per_cm2"]) > _MOST_DEFECTS:
        raise InputError(
            f"defect_density_per_cm2 = {given['defect_density_per_cm2']:g} is out of range: a die would have more than "
            f"{_MOST_DEFECTS:g} defects on average"
        )


@checked(_check_wafer, width_mm="side_mm", height_mm="side_mm", clustering_alpha="any_alpha", model=None, seed=None)
def sample_wafer(
    *,
    width_mm: float,
    height_mm: float,
    defect_density_per_cm2: float,
    model: str = DEFAULT_MODEL,
    clustering_alpha: float = 2.0,
    critical_layers: float = 10.0,
    defect_cluster_length_mm: float = 40.0,
    units: int = 1,
    units_enabled: int = 1,
    unit_area_fraction: float = 0.0,
    memory_channels: int = 1,
    memory_channels_enabled: int = 1,
    memory_area_fraction: float = 0.0,
    exposed_fraction: float = 1.0,
    wafer_diameter_mm: float = 300.0,
    edge_exclusion_mm: float = 3.0,
    scribe_mm: float = 0.1,
    notch_mm: float = 0.0,
    seed: int = 0,
) -> WaferMap:
    """Draw one wafer with clustered defects; its averages are `yield_fraction` and `sellable_fraction` of its yield model.

    Parameters
    ----------
    width_mm, height_mm : float
        Die size in mm.
    defect_density_per_cm2 : float
        Mean density of killer defects.
    model : str
        One of `estimator.physics.yields.YIELD_MODELS`: how defect density varies over dies.
    clustering_alpha, critical_layers : float
        Clustering of the negative binomial model, infinite for independent defects; layers of the Bose-Einstein model.
    defect_cluster_length_mm : float
        Distance over which neighbouring dies share their fate, mm.
    units, units_enabled, memory_channels, memory_channels_enabled : int
        What is on the die and how many must work.
    unit_area_fraction, memory_area_fraction : float
        Their shares of the die area that a defect harms; one anywhere else in it kills the die.
    exposed_fraction : float
        Share of the defects that do harm; the rest is repaired, or hits nothing that works.
    wafer_diameter_mm, edge_exclusion_mm, scribe_mm : float
        Wafer, rim and scribe lane in mm.
    notch_mm : float
        Height kept free at the notch, mm.
    seed : int
        Another seed, another wafer; the same seed gives the same wafer.

    Returns
    -------
    WaferMap

    Notes
    -----
    Each die has a relative density drawn as the yield model spreads it (`relative_density`; for the negative binomial law a
    gamma distribution of shape `clustering_alpha` and mean 1), correlated over `defect_cluster_length_mm` by a Gaussian copula:
    single dies follow the law exactly, and neighbours are alike, as on real wafers.

    Examples
    --------
    >>> sample_wafer(width_mm=26, height_mm=31, defect_density_per_cm2=0.0).counts["dead"]
    0
    """
    seed = check_whole("seed", seed, 0, MOST_SEED)
    placement = _placed(width_mm, height_mm, wafer_diameter_mm, edge_exclusion_mm, scribe_mm, notch_mm)
    rng = np.random.default_rng(seed)
    x, y = placement.x_mm[placement.whole], placement.y_mm[placement.whole]
    mean = _mean_defects(width_mm, height_mm, defect_density_per_cm2)
    shares = _shares(x, y, defect_cluster_length_mm, rng)
    density = relative_density(shares, model=model, clustering_alpha=clustering_alpha, critical_layers=critical_layers)
    expected = np.minimum(mean * density, _MOST_DEFECTS)  # a die of so many is dead as it is
    hits = rng.poisson(expected).astype(np.int64)
    owner = np.repeat(np.arange(x.size), hits)
    where = rng.random(owner.size)
    in_unit = where < unit_area_fraction
    in_channel = ~in_unit & (where < unit_area_fraction + memory_area_fraction)
    elsewhere = ~in_unit & ~in_channel
    if exposed_fraction < 1.0:
        harmful = rng.random(owner.size) < exposed_fraction
        in_unit, in_channel, elsewhere = in_unit & harmful, in_channel & harmful, elsewhere & harmful
    units_lost = _distinct(owner[in_unit], rng.integers(0, max(units, 1), int(in_unit.sum())), x.size)
    channels_lost = _distinct(
        owner[in_channel], rng.integers(0, max(memory_channels, 1), int(in_channel.sum())), x.size
    )
    killed = np.bincount(owner[elsewhere], minlength=x.size) > 0
    sellable = (
        ~killed & (units_lost <= units - units_enabled) & (channels_lost <= memory_channels - memory_channels_enabled)
    )
    state = np.where(hits == 0, GOOD, np.where(sellable, SALVAGED, DEAD)).astype(np.int64)
    return WaferMap(
        placement,
        state,
        hits,
        x[owner] + rng.random(owner.size) * width_mm,
        y[owner] + rng.random(owner.size) * height_mm,
        wafer_diameter_mm,
        edge_exclusion_mm,
    )


def _distinct(owner: NDArray[np.int64], part: NDArray[np.int64], dies: int) -> NDArray[np.int64]:
    """How many different parts of each die were hit."""
    pairs = np.unique(np.stack([owner, part]), axis=1)
    return np.bincount(pairs[0], minlength=dies)


@checked(side=None, seed=None)
def wafer_of(est: Any, side: str = "clone", *, seed: int = 0) -> WaferMap:
    """A sampled wafer of an estimate's compute dies, for ``side`` ``"clone"`` or ``"reference"``.

    Examples
    --------
    >>> from estimator import estimate
    >>> wafer_of(estimate("h100-sxm", "5nm")).state.size > 40
    True
    """
    from estimator.model.chain import exposed_shares, per_die

    check_choice("side", side, ("clone", "reference"))
    for name in ("options", "clone"):
        arrays = [k for k, v in getattr(est, name).items() if np.ndim(v)]
        if arrays:
            raise InputError(f"{arrays[0]} is an array: a wafer is that of one point; give a single number")
    values, made, x = getattr(est, side), est.sides[side].result, est.sides[side].build.inputs
    design, m, alpha, exposed = x.design, x.model, x.plan.clustering_alpha, exposed_shares(x, x.dies[0])
    dies = float(made.geometry.compute.dies)
    units, enabled = per_die(made.geometry.units, made.yields.units_enabled, dies)
    channels, channels_enabled = per_die(design.memory_channels, design.memory_channels_enabled, dies)
    return sample_wafer.plain(
        width_mm=float(values.die_width_mm),
        height_mm=float(values.die_height_mm),
        defect_density_per_cm2=float(values.defect_density_per_cm2),
        model=x.plan.yield_model,
        clustering_alpha=float(x.node.clustering_alpha if alpha is None else alpha),
        critical_layers=float(x.plan.critical_layers),
        units=int(units),
        units_enabled=int(enabled),
        unit_area_fraction=float(exposed.unit_share),
        memory_channels=int(channels),
        memory_channels_enabled=int(channels_enabled),
        memory_area_fraction=float(exposed.memory_share),
        exposed_fraction=float(exposed.exposed_fraction),
        wafer_diameter_mm=float(m.wafer_diameter_mm),
        edge_exclusion_mm=float(m.edge_exclusion_mm),
        scribe_mm=float(m.scribe_mm),
        notch_mm=float(m.notch_mm),
        defect_cluster_length_mm=float(m.defect_cluster_length_mm),
        seed=seed,
    )


def typical_wafer(est: Any, side: str = "clone", *, first: int = 0) -> WaferMap:
    """Of a few wafers drawn in a row, the one whose share of sellable dies is nearest to the mean; `first` draws others.

    Examples
    --------
    >>> from estimator import estimate
    >>> est = estimate("h100-sxm", "12nm")
    >>> bool(abs((typical_wafer(est).state != DEAD).mean() - est.sellable_fraction) < 0.1)
    True
    """
    mean = float(getattr(est, side).sellable_fraction)
    drawn = [wafer_of.plain(est, side, seed=first * TRIED + k) for k in range(TRIED)]
    return min(drawn, key=lambda wafer: abs(float((wafer.state != DEAD).mean()) - mean) if wafer.state.size else 0.0)


def gpu_groups(wafer: WaferMap, dies_per_gpu: int) -> NDArray[np.int64]:
    """Which GPU each whole die goes into, -1 for none: sellable dies in the order of a path through the rows.

    Examples
    --------
    >>> wafer = sample_wafer(width_mm=26, height_mm=31, defect_density_per_cm2=0.0)
    >>> int(gpu_groups(wafer, 4).max()) + 1 == wafer.state.size // 4
    True
    """
    whole = wafer.placement.whole
    x, y = wafer.placement.x_mm[whole], wafer.placement.y_mm[whole]
    row = np.unique(np.round(y, 3), return_inverse=True)[1]
    path = np.lexsort((np.where(row % 2, -x, x), row))
    path = path[wafer.state[path] != DEAD]
    group = np.full(wafer.state.size, -1, np.int64)
    whole_gpus = path.size // dies_per_gpu
    group[path[: whole_gpus * dies_per_gpu]] = np.repeat(np.arange(whole_gpus), dies_per_gpu)
    return group

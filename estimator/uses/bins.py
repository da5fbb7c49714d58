"""Bins: which products the dies of a wafer can be sold as, by working units, memory channels and clock, and what that brings."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from estimator.arrays import Array, Num
from estimator.checks import check_estimate, check_numbers, check_scalars, checked
from estimator.errors import InputError, shown
from estimator.model.chain import exposed_shares, per_die
from estimator.parameters import library
from estimator.parameters.sets import load_set
from estimator.physics import yields
from estimator.physics.occupancy import MOST_SPARE_CHANNELS
from estimator.quantities import ARGUMENTS

if TYPE_CHECKING:
    from estimator.estimation import Estimate

MOST_PRODUCTS = 10  # overlaps of all of them are summed


class Sku(NamedTuple):
    """A product that a die can be sold as: what of it must work, at which clock, and what it sells for."""

    name: str
    units: float
    clock_ghz: float
    price_usd: float
    memory_channels: float = 0.0


@dataclass(frozen=True)
class Bins:
    """What the dies of a wafer are sold as, each as the dearest product that it is good for.

    Attributes
    ----------
    skus : tuple of Sku
        The price list, dearest first.
    eligible : tuple of float
        Share of the dies that are good for each product.
    shares : tuple of float
        Share of the dies that is sold as each.
    scrap_fraction : float
        Share that is good for none.
    revenue_usd_per_die, revenue_usd_per_wafer : float
        Mean over all dies; of all gross dies of a wafer.
    revenue_usd : tuple of float
        Revenue of a wafer by product.
    alone_usd_per_wafer : tuple of float
        Revenue of a wafer if only that product were sold.
    """

    skus: tuple[Sku, ...]
    eligible: tuple[float, ...]
    shares: tuple[float, ...]
    scrap_fraction: float
    revenue_usd_per_die: float
    revenue_usd_per_wafer: float
    revenue_usd: tuple[float, ...]
    alone_usd_per_wafer: tuple[float, ...]


@checked(clock_ghz="any_clock_ghz", full_clock_ghz="any_clock_ghz")
def clock_share(*, clock_ghz: Num, full_clock_ghz: Num, clock_spread: Num, clock_reached: Num) -> Array:
    """Share of working dies that reach a clock, 0..1: lognormal, with `clock_reached` of them at the clock of the full product.

    Examples
    --------
    >>> float(clock_share(clock_ghz=2.0, full_clock_ghz=2.0, clock_spread=0.02, clock_reached=0.9).round(6))
    0.9
    """
    from scipy.special import ndtr, ndtri

    away = np.log(np.asarray(full_clock_ghz, float) / clock_ghz) / np.maximum(clock_spread, 1e-12)
    return np.asarray(ndtr(ndtri(np.asarray(clock_reached, float)) + away))


def sku_of(design: Any) -> Sku:
    """A product of the library as an entry of a price list: its enabled units and channels, clock and price.

    Examples
    --------
    >>> sku_of("h20").units
    78.0
    """
    from estimator.model.build import numbers_of

    made = library.load_design(design)
    if made.price_usd is None:
        raise InputError(f"price_usd of {made.name} is missing: give the product as a Sku with a price")
    d = numbers_of(made)
    units, clock, channels = (float(d[n]) for n in ("units_enabled", "clock_ghz", "memory_channels_enabled"))
    return Sku(made.name, units, clock, float(made.price_usd), channels)


def _check_single(given: Mapping[str, Any]) -> None:
    if check_estimate(given["est"]):
        raise InputError("est is an estimate of arrays: bins are those of one estimate")
    check_scalars({n: v for n, v in given.items() if n not in ("est", "skus", "original")})


@checked(_check_single, skus=None, full_clock_ghz="any_clock_ghz", original="flag")
def bins(
    est: Estimate,
    skus: Sequence[Any],
    *,
    clock_spread: float | None = None,
    clock_reached: float | None = None,
    full_clock_ghz: float | None = None,
    original: bool = False,
) -> Bins:
    """Best split of the dies of a wafer over a price list: each die is sold as the dearest product that it is good for.

    Working units and channels follow the exact distribution of survivors (`yields.sellable_fraction`); the clock of a die is
    independent of them. Demand has no limit: with one, the split is another.

    Parameters
    ----------
    est : Estimate
        Of single numbers.
    skus : sequence of str or Sku
        Designs of the library that are sold from this die, or products with what they need. A GPU of several dies is counted a
        die: its units, channels and price by their number.
    clock_spread, clock_reached : float, optional
        Standard deviation of the logarithm of the clock, and share of the working dies that reach that of the full product; by
        default those of params/work/bins.toml.
    full_clock_ghz : float, optional
        Clock of the full product; by default that of the estimate.
    original : bool
        Use the reference.

    Raises
    ------
    InputError
        For products that need more units or channels than the die has, or no price list.

    Examples
    --------
    >>> from estimator import estimate
    >>> split = bins(estimate("h100-sxm", "tsmc-4n"), ["h100-sxm", "h100-pcie", "h20"], original=True)
    >>> [s.name for s in split.skus], round(sum(split.shares) + split.scrap_fraction, 9)
    (['h100-sxm', 'h100-pcie', 'h20'], 1.0)
    """
    p = load_set("work", "bins").values()
    given = {"clock_spread": clock_spread, "clock_reached": clock_reached}
    law = {n: p[n] if v is None else float(v) for n, v in given.items()}
    products = _price_list(skus)
    side = est.sides["reference" if original else "clone"]
    full = float(side.outputs["clock_ghz"] if full_clock_ghz is None else full_clock_ghz)
    chance = _Chance(side, law, full)
    chance.check(products)
    eligible = [chance.of([s]) for s in products]
    sold = [chance.of_any(products[: i + 1]) for i in range(len(products))]
    shares = [max(b - a, 0.0) for a, b in zip([0.0, *sold[:-1]], sold, strict=True)]
    gross, dies = float(side.outputs["gross_dies_per_wafer"]), chance.dies
    revenue = [gross * share * s.price_usd / dies for share, s in zip(shares, products, strict=True)]
    return Bins(
        skus=products,
        eligible=tuple(eligible),
        shares=tuple(shares),
        scrap_fraction=1.0 - sold[-1],
        revenue_usd_per_die=sum(revenue) / gross,
        revenue_usd_per_wafer=sum(revenue),
        revenue_usd=tuple(revenue),
        alone_usd_per_wafer=tuple(gross * e * s.price_usd / dies for e, s in zip(eligible, products, strict=True)),
    )


@checked(_check_single, original="flag")
def unit_shares(est: Estimate, *, original: bool = False) -> Array:
    """Share of the compute dies with at least k working units (and the channels of the design), k = 1 ... all: the bins by count.

    Examples
    --------
    >>> from estimator import estimate
    >>> shares = unit_shares(estimate("h100-sxm", "tsmc-4n"), original=True)
    >>> shares.size, bool(shares[0] > shares[131] > shares[143])
    (144, True)
    """
    side = est.sides["reference" if original else "clone"]
    chance = _Chance(side, {}, 1.0)
    return chance.working(np.arange(1.0, chance.units + 1.0), chance.own_channels)


def _price_list(skus: Sequence[Any]) -> tuple[Sku, ...]:
    if not isinstance(skus, (list, tuple)) or isinstance(skus, Sku) or not 0 < len(skus) <= MOST_PRODUCTS:
        raise InputError(f"skus = {shown(skus)} must be a list of 1 to {MOST_PRODUCTS} products")
    products = [s if isinstance(s, Sku) else sku_of(s) for s in skus]
    for s in products:
        check_numbers(f"price_usd of {s.name}", s.price_usd, ARGUMENTS["price_usd"])
        check_numbers(f"clock_ghz of {s.name}", s.clock_ghz, ARGUMENTS["any_clock_ghz"])
    return tuple(sorted(products, key=lambda s: -s.price_usd))


class _Chance:
    """Chances of one die of a side to be good for products."""

    def __init__(self, side: Any, law: dict[str, float], full_clock_ghz: float) -> None:
        self._law, self._full = law, full_clock_ghz
        x, made, good = side.build.inputs, side.result.geometry, side.result.yields
        self.dies = float(made.compute.dies)
        exposed = exposed_shares(x, x.dies[0])
        d, plan = x.design, x.plan
        units, _ = per_die(made.units, 1.0, self.dies)
        channels, own = per_die(d.memory_channels, d.memory_channels_enabled, self.dies)
        self.units, self.channels, self.own_channels = float(units), float(channels), float(own)
        self._die = {
            "die_area_mm2": float(made.compute.die_area_mm2) * float(exposed.exposed_fraction),
            "defect_density_per_cm2": float(good.defect_density_per_cm2),
            "unit_area_fraction": float(exposed.unit_share),
            "memory_area_fraction": float(exposed.memory_share),
            "clustering_alpha": float(
                x.node.clustering_alpha if plan.clustering_alpha is None else plan.clustering_alpha
            ),
            "critical_layers": float(plan.critical_layers),
        }
        self._model = plan.yield_model

    def check(self, products: Sequence[Sku]) -> None:
        """Refuse products that a whole die is too small for."""
        for s in products:
            for name, need, have in (
                ("units", s.units, self.units),
                ("memory_channels", s.memory_channels, self.channels),
            ):
                per = math.ceil(need / self.dies - 1e-9)
                if not math.isfinite(need) or per > have or (name == "units" and per < 1):
                    raise InputError(
                        f"{name} = {need:g} of {s.name} is out of range: it must be at most {have * self.dies:g}, which the "
                        "GPU has"
                    )

    def working(self, units: Num, channels: Num) -> Array:
        """Chance that at least so many units and channels of a die work."""
        fewest = max(self.channels - MOST_SPARE_CHANNELS, 1.0)
        return yields.sellable_fraction(
            **self._die,
            model=self._model,
            units=self.units,
            units_enabled=units,
            memory_channels=self.channels,
            memory_channels_enabled=np.maximum(np.asarray(channels, float), fewest),
        )

    def of(self, products: Sequence[Sku]) -> float:
        """Chance that a die is good for all of some products."""
        need = [
            max(math.ceil(getattr(s, n) / self.dies - 1e-9) for s in products) for n in ("units", "memory_channels")
        ]
        fast = clock_share.plain(clock_ghz=max(s.clock_ghz for s in products), full_clock_ghz=self._full, **self._law)
        return float(self.working(need[0], need[1]) * fast)

    def of_any(self, products: Sequence[Sku]) -> float:
        """Chance that a die is good for at least one of some products, by inclusion and exclusion."""
        return sum(
            (-1.0) ** (k + 1) * self.of(some) for k in range(1, len(products) + 1) for some in combinations(products, k)
        )

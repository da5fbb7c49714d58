"""What a GPU costs on one basis for both sides: to make it, with design and masks, or to buy it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from estimator.arrays import unwrap
from estimator.checks import check_choice, checked
from estimator.model.views import parts_of
from estimator.quantities import describe
from estimator.uncertainty.intervals import Interval
from estimator.uses.ownership import street_price

if TYPE_CHECKING:
    from estimator.estimation import Estimate
    from estimator.model.views import parts_of
from estimator.uncertainty.intervals import Samples

COST_BASES = {
    "recurring": "recurring cost",
    "all-in": "cost with design and masks",
    "price": "price at the original's markup",
}
"""Basis of a cost -> its words."""


class CostOn(NamedTuple):
    """Cost of one clone, of one original, and of the clones that do one original's work, USD; one basis for all."""

    clone_usd: Any
    original_usd: Any
    same_work_usd: Any


@checked(basis=None)
def cost_on(est: Estimate, basis: str) -> CostOn:
    """Costs of both sides on one basis, USD.

    Parameters
    ----------
    est : Estimate
    basis : str
        One of `COST_BASES`. ``price`` is what a buyer pays if both are sold at the markup of the original: its reference price
        over its all-in cost, or 1 where no price is known.

    Examples
    --------
    >>> from estimator import estimate
    >>> est = estimate("h100-sxm", "12nm")
    >>> made, sold = cost_on(est, "all-in"), cost_on(est, "price")
    >>> bool(np.isclose(sold.clone_usd / sold.original_usd, made.clone_usd / made.original_usd)), sold.original_usd > 20_000
    (True, True)
    """
    check_choice("basis", basis, tuple(COST_BASES))
    field = "unit_cost_usd" if basis == "recurring" else "full_cost_usd"
    clone, original = (np.asarray(side[field], float) for side in (est.clone, est.reference))
    markup = street_price.plain(est) / original if basis == "price" else 1.0
    clones = np.asarray(est.same_work.clones_for_same_work, float)
    return CostOn(unwrap(clone * markup), unwrap(original * markup), unwrap(clones * clone * markup))


def same_work_ratio_interval(samples: Samples, basis: str, level: float = 0.8) -> Interval:
    """Interval of what one original's work costs on the clone over what it costs on the original, with the median.

    Sample by sample the ratio of the costs times that of the times: more clones do the work of one original.

    Examples
    --------
    >>> from estimator import estimate
    >>> drawn = estimate("h100-sxm", "12nm", samples=64).samples
    >>> low, median, high = same_work_ratio_interval(drawn, "recurring")
    >>> bool(1 < low < median < high)
    True
    """
    check_choice("basis", basis, tuple(COST_BASES))
    ratio = samples.ratio
    drawn = ratio["unit_cost_usd" if basis == "recurring" else "full_cost_usd"] * ratio["seconds_per_eflop"]
    return Interval(*(float(v) for v in np.quantile(drawn, [(1 - level) / 2, 0.5, (1 + level) / 2])))


class CostPart(NamedTuple):
    """One part of a cost in words, of one original and of one clone, USD."""

    words: str
    original_usd: float
    clone_usd: float


def cost_parts_on(est: Estimate, basis: str) -> list[CostPart]:
    """Parts that add up to the cost of one GPU on a basis (scalar estimates only).

    Examples
    --------
    >>> from estimator import estimate
    >>> est = estimate("h100-sxm", "12nm")
    >>> parts = cost_parts_on(est, "price")
    >>> bool(np.isclose(sum(p.clone_usd for p in parts), cost_on(est, "price").clone_usd)), parts[-1].words
    (True, 'markup')
    """
    money = cost_on(est, basis)
    parts = [
        CostPart(describe(p.name).long_name.removeprefix("cost of "), p.reference, p.clone)
        for p in parts_of(est, "unit_cost_usd")
    ]
    if basis != "recurring":
        own, was = (float(s.nre_usd_per_unit) for s in (est.clone, est.reference))
        parts.append(CostPart("design and masks", was, own))
    if basis == "price":
        own, was = (float(s.full_cost_usd) for s in (est.clone, est.reference))
        parts.append(CostPart("markup", float(money.original_usd) - was, float(money.clone_usd) - own))
    return parts

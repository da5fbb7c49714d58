"""Supply: wafers and wafer starts for a number of GPUs, months against a fab's capacity, lead time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from estimator.arrays import Array, Num, unwrap
from estimator.checks import checked
from estimator.parameters.schema import ends
from estimator.parameters.sets import load_set

if TYPE_CHECKING:
    from estimator.estimation import Estimate

WEEKS_PER_MONTH = 365.25 / 12.0 / 7.0


@checked(
    gross_dies_per_wafer="gross_dies",
    sellable_fraction="sold_fraction",
    assembly_yield_fraction="sold_fraction",
    gpus="cluster_gpus",
)
def wafers_needed(
    *, gpus: Num, dies_per_gpu: Num, gross_dies_per_wafer: Num, sellable_fraction: Num, assembly_yield_fraction: Num
) -> Array:
    """Wafers to start for a number of good GPUs, losses in assembly included (not rounded).

    Examples
    --------
    >>> float(wafers_needed(gpus=10000, dies_per_gpu=4, gross_dies_per_wafer=50, sellable_fraction=0.8,
    ...     assembly_yield_fraction=1.0))
    1000.0
    """
    dies = np.asarray(gpus, float) * dies_per_gpu / assembly_yield_fraction
    return np.asarray(dies / (np.asarray(gross_dies_per_wafer, float) * sellable_fraction))


@checked(wafers="some_wafers", wafer_capacity_per_month="capacity")
def months_of_capacity(*, wafers: Num, wafer_capacity_per_month: Num, fab_share_fraction: Num) -> Array:
    """Months of wafer starts that an order takes at a share of a node's capacity.

    Examples
    --------
    >>> float(months_of_capacity(wafers=50000, wafer_capacity_per_month=100000, fab_share_fraction=0.25))
    2.0
    """
    return np.asarray(np.asarray(wafers, float) / (np.asarray(wafer_capacity_per_month, float) * fab_share_fraction))


@checked()
def lead_time_months(*, cycle_weeks: Num, packaging_weeks: Num) -> Array:
    """Months from the first wafer start to the first packaged GPU.

    Examples
    --------
    >>> round(float(lead_time_months(cycle_weeks=20, packaging_weeks=6)), 2)
    5.98
    """
    return np.asarray((np.asarray(cycle_weeks, float) + packaging_weeks) / WEEKS_PER_MONTH)


@dataclass(frozen=True)
class Supply:
    """What a number of clones takes from a fab.

    Attributes
    ----------
    gpus, wafers, io_wafers : float or array
        Good GPUs; wafers of the clone's node; wafers of the I/O dies (on their own node, not counted in the months).
    capacity_per_month : tuple of float
        Low, central and high capacity of the node, wafers a month (all customers); NaN where unknown.
    fab_share_fraction : float or array
        Share of it that the programme gets.
    months, months_low, months_high : float or array
        Months of starts at central, high and low capacity; NaN where the capacity is unknown.
    lead_months, delivery_months : float or array
        First start to first GPU; first start to the last GPU.
    capacity_share_for_a_year : float or array
        Share of the node's whole central capacity that starts them all within a year.
    gpus_per_year, gpus_per_year_low, gpus_per_year_high : float or array
        GPUs that the share of central, low and high capacity gives in a year.
    note : str
        What is missing.
    """

    gpus: Any
    wafers: Any
    io_wafers: Any
    capacity_per_month: tuple[float, float, float]
    fab_share_fraction: Any
    months: Any
    months_low: Any
    months_high: Any
    lead_months: Any
    delivery_months: Any
    capacity_share_for_a_year: Any
    gpus_per_year: Any
    gpus_per_year_low: Any
    gpus_per_year_high: Any
    note: str


@checked(gpus="cluster_gpus")
def supply(est: Estimate, *, gpus: Any, fab_share_fraction: Any = None) -> Supply:
    """Wafers, months of capacity and lead time for a cluster (or a year's volume) of the clone.

    Parameters
    ----------
    est : Estimate
    gpus : float or array
        Good GPUs wanted, more than 0.
    fab_share_fraction : float or array, optional
        Share of the node's capacity, above 0 to 1; by default that of ``params/work/supply.toml``.

    Examples
    --------
    >>> from estimator import estimate
    >>> s = supply(estimate("h100-sxm", "12nm"), gpus=100_000)
    >>> bool(s.months_low < s.months < s.months_high)
    True
    """
    p = load_set("work", "supply").values()
    share = p["fab_share_fraction"] if fab_share_fraction is None else fab_share_fraction
    count = np.asarray(gpus, float)
    result, node = est.sides["clone"].result, est.sides["clone"].build.numbers["node"]
    kinds = list(zip(result.geometry.kinds, result.yields.kinds, strict=True))
    wafers, *others = (
        wafers_needed.plain(
            gpus=count,
            dies_per_gpu=die.dies,
            gross_dies_per_wafer=good.gross_dies_per_wafer,
            sellable_fraction=good.sellable_fraction if i else result.yields.sellable_fraction,
            assembly_yield_fraction=result.costs.assembly_yield_fraction,
        )
        for i, (die, good) in enumerate(kinds)
    )
    io: Any = sum(others) if others else 0.0
    capacity, cycle = node.get("wafer_capacity_per_month"), node.get("cycle_weeks")
    bounds = (np.nan,) * 3 if capacity is None else ends(capacity)
    low, central, high = (
        months_of_capacity.plain(
            wafers=wafers, wafer_capacity_per_month=np.where(c, c, np.nan), fab_share_fraction=share
        )
        for c in bounds
    )
    lead = lead_time_months.plain(cycle_weeks=np.nan if cycle is None else cycle, packaging_weeks=p["packaging_weeks"])
    each = wafers / count
    missing = [n for n, v in (("capacity", capacity), ("cycle time", cycle)) if v is None]
    a_year = [12.0 * np.asarray(b) * share / each for b in bounds]
    return Supply(
        gpus=unwrap(count),
        wafers=unwrap(wafers),
        io_wafers=unwrap(io),
        capacity_per_month=bounds,
        fab_share_fraction=unwrap(share),
        months=unwrap(central),
        months_low=unwrap(high),
        months_high=unwrap(low),
        lead_months=unwrap(lead),
        delivery_months=unwrap(lead + central),
        capacity_share_for_a_year=unwrap(wafers / (12.0 * bounds[1])),
        gpus_per_year=unwrap(a_year[1]),
        gpus_per_year_low=unwrap(a_year[0]),
        gpus_per_year_high=unwrap(a_year[2]),
        note=f"{est.node.label or est.node.name}: {' and '.join(missing)} unknown" if missing else "",
    )

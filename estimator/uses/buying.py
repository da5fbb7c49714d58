"""Buying: what a sum buys at a street price or rents abroad, beside what a foundry makes in a year, in the same units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from estimator.arrays import Array, Num, unwrap
from estimator.checks import checked
from estimator.model.options import shared_options
from estimator.parameters import library
from estimator.parameters.sets import load_set
from estimator.uses.ownership import HOURS_PER_YEAR, street_price
from estimator.uses.supply import supply
from estimator.uses.training import train

if TYPE_CHECKING:
    from estimator.estimation import Estimate

YARDSTICK = "h100-sxm"
RUN = "deepseek-v3"


@dataclass(frozen=True)
class Fleet:
    """GPUs of a year and what they are worth.

    Attributes
    ----------
    gpus : float or array
        GPUs bought or made in a year, or rented for all of it.
    h100_equivalents : float or array
        H100 that do as much work under the roofline of the estimate.
    run : str
        The training run that they are counted in.
    runs_per_year : float or array
        How often a year they could repeat it, in clusters of its own size.
    usd_per_gpu : float or array
        What one of them costs: its price with server, or its rent for a year; NaN for what is made.
    """

    gpus: Any
    h100_equivalents: Any
    run: str
    runs_per_year: Any
    usd_per_gpu: Any


@checked(gpus="any_count", gpu_hours="gpu_hours")
def runs_per_year(*, gpus: Num, gpu_hours: Num, utilisation: Num) -> Array:
    """How often a year a number of GPUs repeats a run of so many GPU-hours.

    Examples
    --------
    >>> round(float(runs_per_year(gpus=2048, gpu_hours=2.788e6, utilisation=1.0)), 2)
    6.44
    """
    return np.asarray(np.asarray(gpus, float) * HOURS_PER_YEAR * utilisation / np.asarray(gpu_hours, float))


@checked(sum_usd="any_usd", price_usd="paid_usd", smuggled="flag", run=None)
def bought(est: Estimate, sum_usd: Any, *, price_usd: Any = None, smuggled: bool = False, run: str = RUN) -> Fleet:
    """Originals in servers that a sum buys.

    Parameters
    ----------
    est : Estimate
        Its reference is bought.
    sum_usd : float or array
        The sum, USD.
    price_usd : float or array, optional
        Price of one GPU without its share of the server; by default its reference (street) price.
    smuggled : bool
        Multiply the price by the premium seen on smuggled parts.
    run : str
        One of `estimator.uses.training.run_names`.

    Examples
    --------
    >>> from estimator import estimate
    >>> fleet = bought(estimate("h100-sxm", "12nm"), 2.5e9)
    >>> 50_000 < fleet.gpus < 90_000, round(fleet.h100_equivalents / fleet.gpus, 9)
    (True, 1.0)
    """
    price = np.asarray(street_price.plain(est) if price_usd is None else price_usd, float)
    if smuggled:
        price = price * float(load_set("work", "ownership")["smuggled_premium"])
    each = price + est.sides["clone"].build.inputs.product.host_cost_usd
    return _fleet(est, np.asarray(sum_usd, float) / each, each, run, original=True)


@checked(sum_usd="any_usd", rent_usd_gpu_hour="paid_usd", run=None)
def rented(est: Estimate, sum_usd: Any, *, rent_usd_gpu_hour: Any = None, run: str = RUN) -> Fleet:
    """Originals that a sum rents abroad for a year.

    Parameters
    ----------
    est : Estimate
        Its reference is rented.
    sum_usd : float or array
        The sum, USD.
    rent_usd_gpu_hour : float or array, optional
        Rent of one GPU; by default that of an H100 in params/work/buying.toml.
    run : str
        One of `estimator.uses.training.run_names`.

    Examples
    --------
    >>> from estimator import estimate
    >>> est = estimate("h100-sxm", "12nm")
    >>> rented(est, 1e9).gpus > bought(est, 1e9).gpus
    True
    """
    rent = load_set("work", "buying").values()["rent_usd_gpu_hour"] if rent_usd_gpu_hour is None else rent_usd_gpu_hour
    year = np.asarray(rent, float) * HOURS_PER_YEAR
    return _fleet(est, np.asarray(sum_usd, float) / year, year, run, original=True)


@checked(run=None)
def made(est: Estimate, *, run: str = RUN, **capacity: Any) -> Fleet:
    """Clones that a foundry makes in a year, as far as wafers, interposers and memory stacks allow.

    Parameters
    ----------
    est : Estimate
        Its clone is made.
    run : str
        One of `estimator.uses.training.run_names`.
    **capacity
        Shares and capacities as in `estimator.uses.supply.supply`.

    Examples
    --------
    >>> from estimator import estimate
    >>> fleet = made(estimate("ascend-910c", "smic-n+2"))
    >>> bool(fleet.h100_equivalents < fleet.gpus)
    True
    """
    count = np.asarray(supply(est, **capacity).gpus_per_year, float)
    return _fleet(est, count, np.full(np.shape(count), np.nan), run, original=False)


def _fleet(est: Estimate, gpus: Array, usd_per_gpu: Any, run: str, *, original: bool) -> Fleet:
    from estimator.estimation import estimate

    side = est.reference if original else est.clone
    yardstick = library.load_design(YARDSTICK)
    shared: dict[str, Any] = shared_options(est.options)
    h100 = estimate(yardstick, yardstick.node, **shared).reference
    hours = train.plain(est, run, original=original).gpu_hours
    utilisation = est.sides["clone"].build.inputs.model.utilisation
    return Fleet(
        gpus=unwrap(gpus),
        h100_equivalents=unwrap(gpus * np.asarray(side.work_tflops, float) / np.asarray(h100.work_tflops, float)),
        run=run,
        runs_per_year=unwrap(runs_per_year.plain(gpus=gpus, gpu_hours=hours, utilisation=utilisation)),
        usd_per_gpu=unwrap(np.asarray(usd_per_gpu, float)),
    )

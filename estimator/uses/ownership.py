"""Total cost of ownership: price, server, facility, upkeep and electricity over life; per work; break-even; crossover."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from estimator.arrays import Array, Num, unwrap
from estimator.checks import check_choice, check_numbers, check_shapes, checked
from estimator.errors import InputError
from estimator.parameters.sets import load_set
from estimator.quantities import ARGUMENTS
from estimator.uses.power import workload_power_w

if TYPE_CHECKING:
    from estimator.estimation import Estimate

BASES = ("full", "unit")  # cost to make with or without design and masks
LEAST_SAVING_USD = 1e-9  # a year: less is the same price
HOURS_PER_YEAR = 8766.0


@checked()
def working_hours(*, life_years: Num, utilisation: Num) -> Array:
    """Hours of useful work over a life, h.

    Examples
    --------
    >>> float(working_hours(life_years=4, utilisation=0.5))
    17532.0
    """
    return np.asarray(np.asarray(life_years, float) * HOURS_PER_YEAR * utilisation)


@checked()
def electricity_cost(*, power_w: Num, pue: Num, electricity_usd_kwh: Num, hours: Num) -> Array:
    """Cost of electricity with cooling and distribution, USD.

    Examples
    --------
    >>> round(float(electricity_cost(power_w=1000, pue=1.5, electricity_usd_kwh=0.1, hours=1000)), 6)
    150.0
    """
    return np.asarray(np.asarray(power_w, float) / 1000.0 * pue * electricity_usd_kwh * hours)


@checked(price_usd="any_usd")
def ownership_cost(
    *,
    price_usd: Num,
    host_cost_usd: Num,
    power_w: Num,
    host_power_w: Num,
    facility_cost_usd_w: Num,
    facility_life_years: Num,
    upkeep_fraction_year: Num,
    pue: Num,
    electricity_usd_kwh: Num,
    life_years: Num,
    utilisation: Num,
    idle_power_w: Num = 0.0,
) -> Array:
    """Cost of owning one GPU over its life, USD.

    Parameters
    ----------
    price_usd, host_cost_usd : float or array
        GPU, and its share of server, network and storage, USD; written off over `life_years`.
    power_w, host_power_w : float or array
        Power of the GPU and of its share of the server at work, W.
    facility_cost_usd_w, facility_life_years : float or array
        Building and plant per watt of IT power, and the life it is written off over (the GPU pays for its years).
    upkeep_fraction_year : float or array
        Upkeep and staff per year over the price of GPU and server, 0..1.
    pue, electricity_usd_kwh, life_years, utilisation : float or array
        Power usage effectiveness (1 or more), price of electricity, service life, share of hours at work.
    idle_power_w : float or array
        Power of the GPU in the hours without work, W.

    Notes
    -----
    Straight-line, without interest: at 8 % a year over four years, equipment would count about a sixth more.

    Examples
    --------
    >>> float(ownership_cost(price_usd=10000, host_cost_usd=5000, power_w=600, host_power_w=400, facility_cost_usd_w=14,
    ...     facility_life_years=14, upkeep_fraction_year=0.0, pue=1.0, electricity_usd_kwh=0.1, life_years=4,
    ...     utilisation=1.0).round(1))
    22506.4
    """
    return np.asarray(
        sum(
            _parts(
                price_usd=price_usd,
                host_cost_usd=host_cost_usd,
                power_w=power_w,
                host_power_w=host_power_w,
                facility_cost_usd_w=facility_cost_usd_w,
                facility_life_years=facility_life_years,
                upkeep_fraction_year=upkeep_fraction_year,
                pue=pue,
                electricity_usd_kwh=electricity_usd_kwh,
                life_years=life_years,
                utilisation=utilisation,
                idle_power_w=idle_power_w,
            ).values()
        )
    )


def _parts(
    *,
    price_usd: Num,
    host_cost_usd: Num,
    power_w: Num,
    host_power_w: Num,
    facility_cost_usd_w: Num,
    facility_life_years: Num,
    upkeep_fraction_year: Num,
    pue: Num,
    electricity_usd_kwh: Num,
    life_years: Num,
    utilisation: Num,
    idle_power_w: Num = 0.0,
) -> dict[str, Array]:
    """What is paid for over life, USD; the arguments are those of `ownership_cost`, which is their sum."""
    it_w = np.asarray(power_w, float) + host_power_w
    price, host = np.asarray(price_usd, float), np.asarray(host_cost_usd, float)
    hours = working_hours.plain(life_years=life_years, utilisation=utilisation)
    idle = working_hours.plain(life_years=life_years, utilisation=1.0) - hours
    energy = {"pue": pue, "electricity_usd_kwh": electricity_usd_kwh}
    return {
        "GPU": price,
        "server and network": host,
        "facility": np.asarray(facility_cost_usd_w * it_w * (np.asarray(life_years, float) / facility_life_years)),
        "upkeep": (price + host) * _upkeep_over_life(upkeep_fraction_year, life_years),
        "electricity": electricity_cost.plain(power_w=it_w, hours=hours, **energy)
        + electricity_cost.plain(power_w=idle_power_w, hours=idle, **energy),
    }


def _upkeep_over_life(upkeep_fraction_year: Num, life_years: Num) -> Array:
    """Upkeep over life for each dollar of price, USD."""
    return np.asarray(np.asarray(upkeep_fraction_year, float) * life_years)


@checked(total_cost_usd="any_usd", work_tflops="rate_tflops")
def cost_per_eflop(*, total_cost_usd: Num, hours: Num, work_tflops: Num) -> Array:
    """Cost of 1e18 floating-point operations at the attainable rate, USD.

    Examples
    --------
    >>> round(float(cost_per_eflop(total_cost_usd=36000, hours=20000, work_tflops=500)), 9)
    1.0
    """
    return np.asarray(np.asarray(total_cost_usd, float) / (np.asarray(hours, float) * 3600.0 * work_tflops) * 1e6)


@checked(
    clone_total_usd="any_usd",
    clone_tflops="rate_tflops",
    original_total_usd="any_usd",
    original_tflops="rate_tflops",
    original_price_usd="any_usd",
)
def break_even_price(
    *,
    clone_total_usd: Num,
    clone_tflops: Num,
    original_total_usd: Num,
    original_tflops: Num,
    original_price_usd: Num,
    upkeep_fraction_year: Num,
    life_years: Num,
) -> Array:
    """Price of the original at which work costs the same on both, USD; above it the clone is cheaper.

    Negative where the original is cheaper even as a gift.

    Examples
    --------
    >>> float(break_even_price(clone_total_usd=20000, clone_tflops=500, original_total_usd=45000, original_tflops=1000,
    ...     original_price_usd=30000, upkeep_fraction_year=0.0, life_years=4))
    25000.0
    """
    wanted = np.asarray(clone_total_usd, float) * (np.asarray(original_tflops, float) / clone_tflops)
    per_price = 1.0 + _upkeep_over_life(upkeep_fraction_year, life_years)
    return np.asarray(original_price_usd + (wanted - original_total_usd) / per_price)


@checked(nre_usd="any_usd", saving_usd_per_unit="signed_usd")
def break_even_volume(*, nre_usd: Num, saving_usd_per_unit: Num) -> Array:
    """Units after which design and masks are paid back; infinite where a unit saves nothing.

    Examples
    --------
    >>> float(break_even_volume(nre_usd=1e8, saving_usd_per_unit=1000)), float(break_even_volume(nre_usd=1, saving_usd_per_unit=0))
    (100000.0, inf)
    """
    saving = np.asarray(saving_usd_per_unit, float)
    with np.errstate(over="ignore"):  # a saving too small for a finite number of units never pays back
        return np.asarray(np.where(saving > 0, nre_usd / np.where(saving > 0, saving, 1.0), np.inf))


@checked(price_a_usd="any_usd", yearly_a_usd="any_usd", price_b_usd="any_usd", yearly_b_usd="any_usd")
def crossover_years(*, price_a_usd: Num, yearly_a_usd: Num, price_b_usd: Num, yearly_b_usd: Num) -> Array:
    """Years after which the chip that is dearer to buy has cost less in all; 0 if one is cheaper in both, NaN if equal.

    Examples
    --------
    >>> float(crossover_years(price_a_usd=577, yearly_a_usd=622, price_b_usd=426, yearly_b_usd=194))
    0.0
    >>> round(float(crossover_years(price_a_usd=421, yearly_a_usd=242, price_b_usd=426, yearly_b_usd=194)), 2)
    0.1
    """
    rise = np.asarray(price_b_usd, float) - price_a_usd
    saving = np.asarray(yearly_a_usd, float) - yearly_b_usd
    same = np.abs(saving) < LEAST_SAVING_USD
    safe = np.where(same, 1.0, saving)
    years = np.where(same, np.where(rise == 0, np.nan, 0.0), rise / safe)
    return np.asarray(np.where(years < 0, 0.0, years))


def _check_options(given: Mapping[str, Any]) -> None:
    years = check_numbers("years", given["years"], ARGUMENTS["years"])
    check_shapes(
        {
            "price_usd": np.shape(given["price_usd"]),
            "yearly_usd": np.shape(given["yearly_usd"]),
            "years, with an axis for the options": (*years.shape, 1),
        }
    )
    if not np.ndim(given["price_usd"]) and not np.ndim(given["yearly_usd"]):
        raise InputError("price_usd and yearly_usd must list the options to choose from")


@checked(_check_options, price_usd="any_usd", yearly_usd="any_usd", years=None)
def cheapest_after(*, price_usd: Num, yearly_usd: Num, years: Num) -> Array:
    """Index (last axis of the first two) of the option with the least price and running cost after some years.

    Examples
    --------
    >>> int(cheapest_after(price_usd=[100, 200], yearly_usd=[60, 20], years=2.0))
    0
    >>> int(cheapest_after(price_usd=[100, 200], yearly_usd=[60, 20], years=3.0))
    1
    """
    total = np.asarray(price_usd, float) + np.asarray(yearly_usd, float) * np.asarray(years, float)[..., None]
    return np.asarray(np.argmin(total, axis=-1))


@dataclass(frozen=True)
class Side:
    """Owning the original or the clone: price, cost over life, cost per hour at work and per 1e18 operations.

    ``parts`` maps what is paid for (GPU, server and network, facility, upkeep, electricity) to USD over life.
    """

    price_usd: Any
    total_cost_usd: Any
    usd_per_gpu_hour: Any
    usd_per_eflop: Any
    parts: dict[str, Any]


@dataclass(frozen=True)
class Ownership:
    """Original against clone over life.

    Attributes
    ----------
    original, clone : Side
    original_price_usd : float or array
        Price the original is bought at (street, or street times the smuggler's premium).
    break_even_price_usd : float or array
        Price of the original above which work is cheaper on the clone at this volume.
    break_even_volume : float or array
        Clones after which design and masks are paid back against buying the original; infinite if never.
    clones_per_original : float or array
        Clones that do one original's work.
    """

    original: Side
    clone: Side
    original_price_usd: Any
    break_even_price_usd: Any
    break_even_volume: Any
    clones_per_original: Any


@checked()
def street_price(est: Estimate) -> float:
    """Reference price of the original, USD; without one its full cost to make.

    Examples
    --------
    >>> from estimator import estimate
    >>> street_price(estimate("h100-sxm", "12nm")) > 10_000
    True
    """
    price = est.design.price_usd
    return float(price) if price is not None else float(np.max(est.reference.full_cost_usd))


def _numbers(est: Estimate, over: dict[str, Any]) -> dict[str, Any]:
    m = est.sides["clone"].build.inputs.model
    p: dict[str, Any] = {k: getattr(m, k) for k in ("pue", "electricity_usd_kwh", "life_years", "utilisation")}
    product = est.sides["clone"].build.inputs.product  # of both: a host is paid for by system, not by die
    p |= {k: getattr(product, k) for k in ("host_cost_usd", "host_power_w")}
    p.update(load_set("work", "ownership").values())
    p.pop("smuggled_premium")
    p.update({k: v for k, v in over.items() if v is not None})
    return p


def _side(price: Any, side: Any, idle_w: Any, p: dict[str, Any]) -> Side:
    parts = _parts(price_usd=price, power_w=np.asarray(side.power_w, float), idle_power_w=idle_w, **p)
    total = np.asarray(sum(parts.values()))
    hours = working_hours.plain(life_years=p["life_years"], utilisation=p["utilisation"])
    return Side(
        price_usd=unwrap(price),
        total_cost_usd=unwrap(total),
        usd_per_gpu_hour=unwrap(total / hours),
        usd_per_eflop=unwrap(cost_per_eflop.plain(total_cost_usd=total, hours=hours, work_tflops=side.work_tflops)),
        parts={k: unwrap(v) for k, v in parts.items()},
    )


@checked(price_usd="any_usd", original_price_usd="any_usd", smuggled="flag")
def own(
    est: Estimate,
    *,
    price_usd: Any = None,
    original_price_usd: Any = None,
    smuggled: bool = False,
    pue: Any = None,
    electricity_usd_kwh: Any = None,
    life_years: Any = None,
    utilisation: Any = None,
    host_cost_usd: Any = None,
    host_power_w: Any = None,
    facility_cost_usd_w: Any = None,
) -> Ownership:
    """Total cost of owning the clone against the original, and where they break even.

    Parameters
    ----------
    est : Estimate
    price_usd : float or array, optional
        Price of the clone, USD; by default its full cost to make (with design and masks at its volume).
    original_price_usd : float or array, optional
        Price of the original, USD; by default its reference (street) price.
    smuggled : bool
        Multiply the original's price by the premium seen on smuggled parts (``params/work/ownership.toml``).
    pue, electricity_usd_kwh, life_years, utilisation, host_cost_usd, host_power_w, facility_cost_usd_w : optional
        In place of the values of ``params`` (of hosts those of the class of product); numbers or arrays.

    Examples
    --------
    >>> from estimator import estimate
    >>> both = own(estimate("h100-sxm", "12nm"))
    >>> bool(both.clone.usd_per_gpu_hour > 0 and both.clones_per_original > 1)
    True
    """
    p = _numbers(
        est,
        {
            "pue": pue,
            "electricity_usd_kwh": electricity_usd_kwh,
            "life_years": life_years,
            "utilisation": utilisation,
            "host_cost_usd": host_cost_usd,
            "host_power_w": host_power_w,
            "facility_cost_usd_w": facility_cost_usd_w,
        },
    )
    bought = np.asarray(street_price.plain(est) if original_price_usd is None else original_price_usd, float)
    if smuggled:
        bought = bought * float(load_set("work", "ownership")["smuggled_premium"])
    made = np.asarray(est.full_cost_usd if price_usd is None else price_usd, float)
    idle_w = [workload_power_w.plain(est, "idle", original=original) for original in (True, False)]
    first, second = _side(bought, est.reference, idle_w[0], p), _side(made, est.clone, idle_w[1], p)
    work = {
        "clone_tflops": np.asarray(est.work_tflops, float),
        "original_tflops": np.asarray(est.reference.work_tflops),
    }
    needed = work["original_tflops"] / work["clone_tflops"]
    upkeep = {k: p[k] for k in ("upkeep_fraction_year", "life_years")}
    price = break_even_price.plain(
        clone_total_usd=second.total_cost_usd,
        original_total_usd=first.total_cost_usd,
        original_price_usd=bought,
        **work,
        **upkeep,
    )
    recurring = ownership_cost.plain(
        price_usd=est.unit_cost_usd, power_w=np.asarray(est.power_w, float), idle_power_w=idle_w[1], **p
    )
    per_price = 1.0 + _upkeep_over_life(**upkeep)  # what a dollar of price costs over life
    saving = (first.total_cost_usd / needed - recurring) / per_price
    volume = break_even_volume.plain(nre_usd=nre_total_usd.plain(est), saving_usd_per_unit=saving)
    return Ownership(
        original=first,
        clone=second,
        original_price_usd=unwrap(bought),
        break_even_price_usd=unwrap(price),
        break_even_volume=unwrap(volume),
        clones_per_original=unwrap(needed),
    )


@checked()
def nre_total_usd(est: Estimate) -> Array:
    """Design and masks of the whole programme, USD.

    Examples
    --------
    >>> from estimator import estimate
    >>> bool(nre_total_usd(estimate("h100-sxm", "12nm", volume=1e5)) > 1e7)
    True
    """
    return np.asarray(est.sides["clone"].result.costs.nre_musd, float) * 1e6


@checked(original="flag", price_usd="any_usd", basis=None)
def gpu_hour(est: Estimate, *, original: bool = False, price_usd: Any = None, basis: str = "full") -> Any:
    """Cost of one hour of one GPU at work, USD/h: everything of `ownership_cost` over its working hours.

    Examples
    --------
    >>> from estimator import estimate
    >>> est = estimate("h100-sxm", "12nm")
    >>> 0.5 < gpu_hour(est, original=True) < 5
    True
    """
    check_choice("basis", basis, BASES)
    side = est.reference if original else est.clone
    if price_usd is None:
        made = est.full_cost_usd if basis == "full" else est.unit_cost_usd
        price_usd = street_price.plain(est) if original else made
    idle_w = workload_power_w.plain(est, "idle", original=original)
    return _side(price_usd, side, idle_w, _numbers(est, {})).usd_per_gpu_hour


@checked(original="flag", at_equal_work="flag")
def running_cost_per_year(est: Estimate, *, original: bool = False, at_equal_work: bool = True) -> Any:
    """Electricity per year of the GPU itself, working or idle, USD; of as many clones as do one original's work if `at_equal_work`.

    Examples
    --------
    >>> from estimator import estimate
    >>> est = estimate("h100-sxm", "12nm")
    >>> running_cost_per_year(est) > running_cost_per_year(est, original=True)
    True
    """
    p = _numbers(est, {})
    side = est.reference if original else est.clone
    factor = (
        1.0 if original or not at_equal_work else np.asarray(est.reference.work_tflops) / np.asarray(est.work_tflops)
    )
    hours = working_hours.plain(life_years=1.0, utilisation=p["utilisation"])
    idle_w = workload_power_w.plain(est, "idle", original=original)
    energy = {"pue": p["pue"], "electricity_usd_kwh": p["electricity_usd_kwh"]}
    at_work = electricity_cost.plain(power_w=side.power_w, hours=hours, **energy)
    at_rest = electricity_cost.plain(power_w=idle_w, hours=HOURS_PER_YEAR - hours, **energy)
    return unwrap(factor * (at_work + at_rest))

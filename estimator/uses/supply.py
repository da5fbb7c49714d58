"""Supply: wafers, interposer wafers and memory stacks for a number of GPUs, what capacity gives in a year, and what binds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from estimator.arrays import Array, Num, unwrap
from estimator.checks import checked
from estimator.model.packing import stacks_on_package
from estimator.model.prices import names_of, range_at
from estimator.parameters import library
from estimator.parameters.schema import Entity, Parameter, ends
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
class Stream:
    """One thing that a programme takes its share of: wafers of logic, wafers of interposers, or stacks of memory.

    Attributes
    ----------
    name : str
        What it is.
    each : float or array
        Of it in one good GPU, losses included; 0 where a GPU takes none.
    needed : float or array
        Of it for all GPUs.
    capacity_per_year : tuple
        Low, central and high capacity of all customers; NaN where it is not known.
    share_fraction : float or array
        Share of it that the programme gets.
    gpus_per_year, months : tuple
        GPUs that the share gives in a year, and months that it takes for all of them, at low, central and high capacity; NaN where
        the capacity is not known, infinite and 0 where the GPU takes none of it.
    """

    name: str
    each: Any
    needed: Any
    capacity_per_year: tuple[Any, Any, Any]
    share_fraction: Any
    gpus_per_year: tuple[Any, Any, Any]
    months: tuple[Any, Any, Any]


@dataclass(frozen=True)
class Supply:
    """What a number of clones takes of logic wafers, interposer wafers and memory stacks.

    Attributes
    ----------
    gpus : float or array
        Good GPUs; those of a year where no number was asked for. All numbers are NaN for what is not possible.
    wafers, io_wafers : float or array
        Wafers of the clone's process; wafers of the I/O dies (on their own process, not counted in the months).
    interposer_wafers, stacks : float or array
        Wafers of interposers, and stacks of memory on packages.
    capacity_per_month : tuple of float
        Low, central and high capacity of the process, wafers a month (all customers); NaN where unknown.
    fab_share_fraction : float or array
        Share of it that the programme gets.
    streams : tuple of Stream
        Logic wafers, interposer wafers and memory stacks by themselves.
    binds : str or array
        Name of the stream that gives the fewest GPUs; empty where no capacity is known.
    months, months_low, months_high : float or array
        Months of what binds at central, high and low capacity; NaN where no capacity is known.
    lead_months, delivery_months : float or array
        First start to first GPU; first start to the last GPU.
    capacity_share_for_a_year : float or array
        Share of the process's whole central capacity that starts them all within a year.
    gpus_per_year, gpus_per_year_low, gpus_per_year_high : float or array
        GPUs that the shares of central, low and high capacity give in a year.
    originals_per_year : float or array
        Originals whose work these do, at central capacity.
    unit_cost_usd, full_cost_usd : float or array
        Cost of one, without and with design and masks, USD of the estimate's date.
    note : str
        What is missing.
    """

    gpus: Any
    wafers: Any
    io_wafers: Any
    interposer_wafers: Any
    stacks: Any
    capacity_per_month: tuple[Any, Any, Any]
    fab_share_fraction: Any
    streams: tuple[Stream, ...]
    binds: Any
    months: Any
    months_low: Any
    months_high: Any
    lead_months: Any
    delivery_months: Any
    capacity_share_for_a_year: Any
    gpus_per_year: Any
    gpus_per_year_low: Any
    gpus_per_year_high: Any
    originals_per_year: Any
    unit_cost_usd: Any
    full_cost_usd: Any
    note: str


@checked(gpus="cluster_gpus", wafer_capacity_per_month="capacity", interposer_capacity_per_month="capacity")
def supply(
    est: Estimate,
    *,
    gpus: Any = None,
    fab_share_fraction: Any = None,
    interposer_share_fraction: Any = None,
    stack_share_fraction: Any = None,
    wafer_capacity_per_month: Any = None,
    interposer_capacity_per_month: Any = None,
    stack_capacity_per_year: Any = None,
) -> Supply:
    """Wafers, interposers and memory stacks for a number of clones, what their capacities give in a year, and which binds.

    Capacities are those of the estimate's date (``params/series``, else of the process), of all customers together.

    Parameters
    ----------
    est : Estimate
    gpus : float or array, optional
        Good GPUs wanted, more than 0; by default those of a year.
    fab_share_fraction : float or array, optional
        Share of the capacity of the process, above 0 to 1; by default that of ``params/work/supply.toml``.
    interposer_share_fraction, stack_share_fraction : float or array, optional
        Share of the interposer wafers and of the memory stacks; by default the same share.
    wafer_capacity_per_month, interposer_capacity_per_month, stack_capacity_per_year : float or array, optional
        Capacities in place of those known.

    Examples
    --------
    >>> from estimator import estimate
    >>> s = supply(estimate("h100-sxm", "12nm"), gpus=100_000)
    >>> bool(s.months_low < s.months < s.months_high), s.binds
    (True, 'interposer wafers')
    """
    p = load_set("work", "supply").values()
    share = p["fab_share_fraction"] if fab_share_fraction is None else fab_share_fraction
    side, node = est.sides["clone"], est.sides["clone"].build.numbers["node"]
    possible = np.where(np.asarray(side.result.operation.feasible) & ~np.asarray(side.invalid), 1.0, np.nan)
    logic, others, interposers, stacks = (possible * n for n in _each(est))
    notes: list[str] = []
    sold = (
        _Sold("logic wafers", logic, "wafer_capacity_per_month", (est.node,), node.get("wafer_capacity_per_month")),
        _Sold("interposer wafers", interposers, "interposer_capacity_per_month", side.build.entities.packages),
        _Sold("memory stacks", stacks, "stack_capacity_per_year", (est.node,)),
    )
    given = (wafer_capacity_per_month, interposer_capacity_per_month, stack_capacity_per_year)
    capacities = [_capacity(est, s, notes) if g is None else (g, g, g) for s, g in zip(sold, given, strict=True)]
    per_year = [tuple(np.multiply(times, c)) for times, c in zip((12.0, 12.0, 1.0), capacities, strict=True)]
    shares = [share, *(share if s is None else s for s in (interposer_share_fraction, stack_share_fraction))]
    made = [_a_year(s.each, c, part) for s, c, part in zip(sold, per_year, shares, strict=True)]
    least = [_least([gpus_of[k] for gpus_of in made]) for k in range(3)]
    count = least[1] if gpus is None else np.asarray(gpus, float) * possible
    cycle = node.get("cycle_weeks")
    if cycle is None:
        notes.append(f"{est.node.label or est.node.name}: cycle time unknown")
    lead = lead_time_months.plain(cycle_weeks=np.nan if cycle is None else cycle, packaging_weeks=p["packaging_weeks"])
    months = [12.0 * count / n for n in least]
    return Supply(
        gpus=unwrap(count),
        wafers=unwrap(count * logic),
        io_wafers=unwrap(count * others),
        interposer_wafers=unwrap(count * interposers),
        stacks=unwrap(count * stacks),
        capacity_per_month=capacities[0],
        fab_share_fraction=unwrap(share),
        streams=tuple(
            _stream(s, capacity, part, a_year, count)
            for s, capacity, part, a_year in zip(sold, per_year, shares, made, strict=True)
        ),
        binds=_binding([gpus_of[1] for gpus_of in made], [s.name for s in sold]),
        months=unwrap(months[1]),
        months_low=unwrap(months[2]),
        months_high=unwrap(months[0]),
        lead_months=unwrap(lead * possible),
        delivery_months=unwrap(lead + months[1]),
        capacity_share_for_a_year=unwrap(count * logic / per_year[0][1]),
        gpus_per_year=unwrap(least[1]),
        gpus_per_year_low=unwrap(least[0]),
        gpus_per_year_high=unwrap(least[2]),
        originals_per_year=unwrap(least[1] * side.result.rates.attained / est.sides["reference"].result.rates.attained),
        unit_cost_usd=est.clone["unit_cost_usd"],
        full_cost_usd=est.clone["full_cost_usd"],
        note="; ".join(notes),
    )


class _Sold(NamedTuple):
    """What is sold to a programme: how much of it each good GPU takes, and whose capacity it is."""

    name: str
    each: Any
    quantity: str
    things: tuple[Entity, ...]
    own: Any = None


def _each(est: Estimate) -> tuple[Any, Any, Any, Any]:
    """Logic wafers, wafers of I/O dies, interposer wafers and memory stacks of one good GPU, losses included."""
    side = est.sides["clone"]
    result, billed = side.result, side.result.costs
    assembled = billed.assembly_yield_fraction
    logic, *others = (
        wafers_needed.plain(
            gpus=1.0,
            dies_per_gpu=die.dies,
            gross_dies_per_wafer=good.gross_dies_per_wafer,
            sellable_fraction=good.sellable_fraction if i else result.yields.sellable_fraction,
            assembly_yield_fraction=assembled,
        )
        for i, (die, good) in enumerate(zip(result.geometry.kinds, result.yields.kinds, strict=True))
    )
    good_interposers = np.asarray(billed.packages_per_interposer_wafer, float) * billed.interposer_yield_fraction
    carried = np.asarray(billed.interposer_wafer_usd) > 0  # else the package has no interposer
    interposers = np.where(carried, 1.0 / np.where(carried, good_interposers * assembled, 1.0), 0.0)
    stacks = np.asarray(stacks_on_package(side.build.inputs), float) / assembled
    return logic, sum(others) if others else 0.0, interposers, stacks


def _capacity(est: Estimate, sold: _Sold, notes: list[str]) -> tuple[Any, Any, Any]:
    """Low, central and high capacity of all customers at the date of an estimate; what is missing goes to the notes."""
    if not np.any(np.nan_to_num(sold.each)):
        return (np.nan,) * 3
    index = (
        np.asarray(est.sides["clone"].result.geometry.package_index, int) if len(sold.things) > 1 else np.zeros((), int)
    )
    taken = {int(i) for i in np.unique(index)}
    found = [_known(est, sold, t, notes) if i in taken else (np.nan,) * 3 for i, t in enumerate(sold.things)]
    low, central, high = (np.choose(index, [np.asarray(f[k], float) for f in found]) for k in range(3))
    return unwrap(low), unwrap(central), unwrap(high)


def _known(est: Estimate, sold: _Sold, thing: Entity, notes: list[str]) -> tuple[Any, Any, Any]:
    """Capacity of one thing at a date: what a caller gave, else a series, else what the thing states."""
    series = library.series_of(sold.quantity, *names_of(thing))
    if sold.own is not None and (series is None or not isinstance(sold.own, Parameter) or sold.own.kind == "given"):
        return ends(sold.own)
    if series is None:
        notes.append(f"{thing.label or thing.name}: capacity in {sold.name} unknown")
        return (np.nan,) * 3
    first, last = series.years[0], series.years[-1]
    date = np.asarray(est.sides["clone"].build.inputs.plan.date, float)
    if np.any(date < first) or np.any(date > last):
        notes.append(f"{series.label}: known from {first:g} to {last:g}; the nearest of these years stands")
    return range_at(series, date)


def _a_year(each: Any, capacity: tuple[Any, Any, Any], share: Any) -> list[Any]:
    """GPUs that a share of a capacity gives in a year; no bound where a GPU takes none of it."""
    some = np.asarray(each) != 0
    return [np.where(some, np.asarray(c) * share / np.where(some, each, 1.0), np.inf) for c in capacity]


def _least(of: list[Any]) -> Any:
    """The least of the known ones; NaN where none is known."""
    wide = np.stack(np.broadcast_arrays(*of))
    known = np.where(np.isnan(wide), np.inf, wide).min(axis=0)
    return np.where(np.isfinite(known), known, np.nan)


def _binding(of: list[Any], names: list[str]) -> Any:
    """Name of the least of the known ones; empty where none is known."""
    wide = np.stack(np.broadcast_arrays(*of))
    bound = np.where(np.isnan(wide), np.inf, wide)
    found = np.where(np.isfinite(bound.min(axis=0)), np.asarray(names)[bound.argmin(axis=0)], "")
    return found if found.ndim else str(found)


def _stream(sold: _Sold, capacity: Any, share: Any, a_year: list[Any], count: Any) -> Stream:
    """One stream as it is told."""
    months = [unwrap(12.0 * count / n) for n in a_year]
    return Stream(
        name=sold.name,
        each=unwrap(sold.each),
        needed=unwrap(count * sold.each),
        capacity_per_year=(unwrap(capacity[0]), unwrap(capacity[1]), unwrap(capacity[2])),
        share_fraction=unwrap(share),
        gpus_per_year=(unwrap(a_year[0]), unwrap(a_year[1]), unwrap(a_year[2])),
        months=(months[2], months[1], months[0]),
    )

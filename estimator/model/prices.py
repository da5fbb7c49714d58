"""Prices by date: what a wafer, a gigabyte and an interposer cost in the year that an estimate is made in.

A price is stated for one year (``wafer_cost_year``, ``price_year``). Where a series of ``params/series`` follows it through the
years, it moves as the series does; what a caller gives stays as it is given. Prices are in dollars of the date.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from estimator.arrays import Array, Num, Numbers
from estimator.parameters import library
from estimator.parameters.schema import Entity, MemoryType, Node, Package, Parameter, Series
from estimator.physics.cost import at_date

PRICES = {"memory": "cost_usd_gb"} | dict.fromkeys(("package", "package_2", "package_3"), "interposer_wafer_usd")
"""Owners of prices that the chain reads -> the price; beside them the processes of the clone have one (`price_of`)."""


def price_of(owner: str) -> str | None:
    """Name of the price that the chain reads of an owner of numbers, None where it reads none.

    Examples
    --------
    >>> price_of("cache_node"), price_of("memory"), price_of("home")
    ('wafer_cost_usd', 'cost_usd_gb', None)
    """
    return "wafer_cost_usd" if owner == "node" or owner.endswith("_node") else PRICES.get(owner)


class Dated(NamedTuple):
    """A price, the year it is stated for, and the series that it moves with; None where no other year is known."""

    stated: Parameter
    year: float
    series: Series | None

    def at(self, date: Num) -> Array:
        """The price at a date, in its own unit: an array of dates gives an array."""
        if self.series is None:
            return np.broadcast_to(np.asarray(float(self.stated)), np.shape(date))
        known = {"years": self.series.years, "values": self.series.values_by_year}
        then, stated = at_date(date=date, **known), at_date(date=self.year, **known)
        return np.asarray(float(self.stated) * (then / stated))

    def parameter(self, date: float) -> Parameter:
        """The price at a date with its range: the wider one of the stated price and of the series at that date."""
        if self.series is None:
            return self.stated
        central = float(self.at(date))
        low, middle, high = (float(v) for v in range_at(self.series, date))
        moved = Parameter(
            central,
            low=central * min(self.stated.low / self.stated, low / middle),
            high=central * max(self.stated.high / self.stated, high / middle),
            unit=self.stated.unit,
            kind=self.stated.kind,
            source=tuple(
                dict.fromkeys((*self.stated.source, *(s for p in self.series.values_by_year for s in p.source)))
            ),
            note=f"{self.stated.note}; {float(self.stated):g} of {self.year:g}, moved to {date:g} as: {self.series.label}",
        )
        moved.key = self.stated.key
        return moved

    def known(self, date: float) -> bool:
        """Whether the price is known at a date, or held from the nearest year."""
        return self.series is not None and self.series.years[0] <= date <= self.series.years[-1]


def range_at(series: Series, date: Num) -> tuple[Array, Array, Array]:
    """Low, central and high value of a series at a date: between its years, or that of the nearest one."""
    low, central, high = zip(*((p.low, float(p), p.high) for p in series.values_by_year), strict=True)
    years = series.years
    return (
        at_date(date=date, years=years, values=low),
        at_date(date=date, years=years, values=central),
        at_date(date=date, years=years, values=high),
    )


def dated_prices(things: Mapping[str, Entity | None]) -> dict[str, Dated]:
    """The price of each owner that states one of a year: owner -> price. What a caller gave is no price of a year."""
    out = {}
    for owner, thing in things.items():
        name = price_of(owner)
        if name is None:
            continue
        stated = None if thing is None else thing.parameters[name]
        year = price_year(thing)
        if stated is not None and year is not None and stated.kind != "given":
            out[owner] = Dated(stated, year, library.series_of(name, *names_of(thing)))
    return out


def price_year(thing: Entity | None) -> float | None:
    """Year that the price of a process, package or memory is of; None where it names none."""
    if isinstance(thing, Node):
        return None if thing.wafer_cost_year is None else float(thing.wafer_cost_year)
    return thing.price_year if isinstance(thing, MemoryType | Package) else None


def names_of(thing: Entity | None) -> tuple[str, ...]:
    """Names under which a series may be of a thing: its own, and of a process its family and its foundry's line."""
    if isinstance(thing, Node):
        return (thing.name, thing.process_family, thing.line)
    return () if thing is None else (thing.name,)


def at(prices: Mapping[str, Dated], date: Num) -> dict[str, Num]:
    """Every price at a date: with its range at a single one, an array at many."""
    return {owner: p.at(date) if np.ndim(date) else p.parameter(float(date)) for owner, p in prices.items()}


def asked_date(given: Mapping[str, Num]) -> Num | None:
    """The date that options ask for; None where it is that of the data."""
    return given.get("date", given.get("model.data_date"))


def laid(numbers: Mapping[str, Numbers], prices: Mapping[str, Dated], date: Num) -> dict[str, Numbers]:
    """The owners of prices with their prices at a date."""
    return {owner: {**numbers[owner], str(price_of(owner)): price} for owner, price in at(prices, date).items()}

"""Fits made without a family, put in place of the shipped ones: a parameter set laid over params/fit (`estimator.overlay`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from estimator.calibration.area_data import dies
from estimator.calibration.area_densities import area_tables
from estimator.calibration.area_fit import AreaFit, fit_area
from estimator.calibration.area_write import die_area_tables
from estimator.calibration.electrical_data import FamilyRow, usable
from estimator.calibration.electrical_fit import ElectricalFit, fit_electrical
from estimator.calibration.electrical_write import electrical_tables
from estimator.calibration.port_fit import family_dies, fit_ports, port_shapes, port_tables
from estimator.calibration.voltage_fit import fit_voltage
from estimator.parameters import library
from estimator.parameters.overlay import overlay
from estimator.parameters.silicon import read_silicon
from estimator.parameters.silicon_electrical import (
    ClockPairRow,
    LinkRow,
    PortPowerRow,
    PowerPointRow,
    VoltagePointRow,
)

Tables = Mapping[str, Mapping[str, Mapping[str, Any]]]


def related_families(family: str, known: Iterable[str]) -> tuple[str, ...]:
    """Families which share a product line with one: ``Maxwell-Pascal`` and ``Pascal-Turing`` do.

    Examples
    --------
    >>> related_families("Maxwell-Pascal", ["Pascal-Turing", "Vega", "Maxwell-Pascal"])
    ('Maxwell-Pascal', 'Pascal-Turing')
    """
    parts = set(family.split("-"))
    return tuple(sorted(other for other in set(known) if parts & set(other.split("-"))))


@cache
def product_families() -> tuple[str, ...]:
    """All families of products in the calibration rows (foundry statements and class links are not products)."""
    every: list[FamilyRow] = [*read_silicon(PortPowerRow), *read_silicon(ClockPairRow), *read_silicon(LinkRow)]
    return tuple(sorted({r.family for r in usable(every, ()) if not r.family.startswith(("link ", "die "))}))


@cache
def voltage_families() -> frozenset[str]:
    """Families of dies on which the voltage law is fitted."""
    power = {r.family for r in read_silicon(PowerPointRow) if r.fitted}
    return frozenset(power | {r.family for r in read_silicon(VoltagePointRow) if r.fitted})


@cache
def voltage_without(family: str) -> Tables:
    """Voltage law of every node without one family of dies; nothing to lay over where no fit uses it."""
    return fit_voltage(exclude=(family,)) if family in voltage_families() else {}


@cache
def _whole() -> ElectricalFit:
    return fit_electrical()


@cache
def electrical_without(families: tuple[str, ...]) -> Tables:
    """Gate delay and capacitance of every node without some families of products."""
    return electrical_tables(fit_electrical(families, start=_whole())) if families else {}


@cache
def _area_fit(chips: tuple[str, ...]) -> AreaFit:
    return fit_area(exclude=chips)


@cache
def densities_without(chips: tuple[str, ...]) -> Tables:
    """Densities of every node, and what `estimator.die_area` reads, without some dies; nothing where none is named."""
    if not chips:
        return {}
    fit = _area_fit(chips)
    return {**area_tables(fit), **die_area_tables(fit)}


@cache
def ports_without(family: str) -> Tables:
    """Share of a density step that a port keeps, without a family of ports, and densities without its dies."""
    gone = family_dies([family])
    shapes = port_shapes(_area_fit(gone))
    return {**densities_without(gone), **port_tables(fit_ports(exclude_families=[family], shapes=shapes))}


def generation_dies(maker: str, style: str) -> tuple[str, ...]:
    """Chips of one maker's one generation."""
    return tuple(d.chip for d in dies() if (d.vendor, d.style) == (maker, style))


@contextmanager
def laid(tables: Tables) -> Iterator[None]:
    """Lay fits over the shipped ones; every call of the block reads them."""
    if not tables:
        yield
        return
    nodes = library.names("node")  # a fit may know a process that the library does not ship
    plain = {
        owner: {field: _known(row) for field, row in fields.items()}
        for owner, fields in tables.items()
        if owner in nodes or owner == "model" or owner.startswith("die-area")
    }
    with overlay(plain):
        yield


def _known(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "low": float(row["low"]), "central": float(row["central"]), "high": float(row["high"])}

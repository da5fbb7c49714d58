"""Packaging: the field that silicon and memory take, the largest one made at a date, and interposers bought by the wafer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from estimator.arrays import Array, Num
from estimator.checks import formula
from estimator.physics.wafer import gross_dies

SQUARES = np.asarray(
    [
        *(0.7071, 0.44721, 0.35355, 0.35355, 0.31622, 0.27734, 0.26311, 0.24253, 0.2357, 0.2236, 0.2236, 0.2236),
        *(0.1979, 0.19402, 0.18569, 0.18569, 0.17888, 0.17149, 0.17149, 0.17149, 0.17149, 0.15811, 0.15811, 0.15811),
        *(0.14907, 0.14907, 0.14594, 0.14491, 0.14142, 0.13867, 0.13867, 0.13867, 0.13389, 0.1313, 0.1313, 0.1313),
        *(0.1313, 0.12403, 0.12403, 0.12403, 0.12146, 0.12033, 0.11785, 0.11785, 0.11652, 0.11534, 0.11427, 0.11396),
        *(0.1118, 0.1118, 0.1118, 0.1118, 0.10739, 0.10735, 0.10599, 0.10599, 0.1054, 0.10425, 0.10289, 0.10153),
        *(0.10107, 0.10092, 0.09965, 0.0988),
    ]
)
"""Largest side over the diameter of a circle at which 1, 2, 3, ... equal squares of one grid still fit it (geometry; a test places
them with `estimator.physics.wafer.place_dies`)."""


@formula(silicon_mm2="any_area_mm2", memory_site_mm2="any_area_mm2")
def interposer_area(*, silicon_mm2: Num, memory_site_mm2: Num, interposer_area_factor: Num) -> Array:
    """Field of an interposer (or body of a package without one) that carries silicon and memory, mm2.

    Examples
    --------
    >>> round(float(interposer_area(silicon_mm2=3184, memory_site_mm2=550, interposer_area_factor=1.1)), 1)
    4107.4
    """
    return np.asarray((np.asarray(silicon_mm2, float) + memory_site_mm2) * interposer_area_factor)


def field_area(*, years: Sequence[Num], areas_mm2: Sequence[Num], date: Num) -> Array:
    """Largest field made in volume at a date, mm2: the largest of a roadmap's entries whose year has come, 0 before the first.

    Examples
    --------
    >>> field_area(years=[2020.2, 2021.8, 2023.5], areas_mm2=[1700, 2574, 2700], date=[2019, 2021, 2023.5]).tolist()
    [0.0, 1700.0, 2700.0]
    """
    most: Array = np.zeros(())
    for year, area in zip(years, areas_mm2, strict=True):
        most = np.where(np.asarray(date, float) >= year, np.maximum(most, area), most)
    return most


@formula(interposer_mm2="any_area_mm2")
def packages_per_wafer(
    *,
    interposer_mm2: Num,
    wafer_diameter_mm: Num = 300.0,
    interposer_edge_exclusion_mm: Num = 5.0,
    scribe_mm: Num = 0.1,
) -> Array:
    """Whole square interposers on a wafer: placed exactly while at most 64 fit, by de Vries's formula rounded down beyond.

    The formula (`estimator.physics.wafer.gross_dies`) is an average, off by one to three where only a few fit.

    Examples
    --------
    >>> packages_per_wafer(interposer_mm2=[1500.0, 4107.0, 6673.0]).tolist()
    [33.0, 12.0, 5.0]
    """
    side = np.sqrt(np.asarray(interposer_mm2, float))
    usable = np.asarray(wafer_diameter_mm, float) - 2.0 * np.asarray(interposer_edge_exclusion_mm, float)
    pitch = (side + scribe_mm) / (usable + scribe_mm)  # the last one of a row needs no street
    exact = np.asarray(np.searchsorted(-SQUARES, -pitch, side="right"), float)
    if np.all(exact < len(SQUARES)):
        return exact
    many = gross_dies(
        width_mm=side,
        height_mm=side,
        wafer_diameter_mm=wafer_diameter_mm,
        edge_exclusion_mm=interposer_edge_exclusion_mm,
        scribe_mm=scribe_mm,
    )
    return np.where(exact < len(SQUARES), exact, np.maximum(np.floor(many), len(SQUARES)))


@formula(interposer_yield_fraction="sold_fraction")
def interposer_cost(
    *, interposer_wafer_usd: Num, packages_per_interposer_wafer: Num, interposer_yield_fraction: Num
) -> Array:
    """Interposer with chip-on-wafer work of one package, USD: the wafer over the good ones on it; infinite where none fits.

    Examples
    --------
    >>> round(float(interposer_cost(interposer_wafer_usd=12000, packages_per_interposer_wafer=30,
    ...                             interposer_yield_fraction=0.8)), 6)
    500.0
    """
    good = np.asarray(packages_per_interposer_wafer, float) * interposer_yield_fraction
    price = np.asarray(interposer_wafer_usd, float)
    return np.where(good > 0, price / np.where(good > 0, good, 1.0), np.where(price > 0, np.inf, 0.0))

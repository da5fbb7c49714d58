"""Packing: which of the packages that a process offers carries the dies and memory of a clone, and what it is made in."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from estimator.arrays import Num
from estimator.model.home import footprint
from estimator.model.inputs import Inputs, PackageNumbers
from estimator.parameters.schema import MOST_STEPS
from estimator.physics import packaging

LINKS = ("d2d_bandwidth_tb_s", "d2d_area_mm2_per_tbps")


class Packed:
    """Numbers of packages of which each point has its own: a number is chosen when it is first asked for."""

    def __init__(self, packages: tuple[PackageNumbers, ...], index: Num) -> None:
        self._packages, self._index = packages, np.asarray(index)

    def __getattr__(self, name: str) -> Any:
        if name[0] == "_":
            raise AttributeError(name)
        value = mixed([getattr(p, name) for p in self._packages], self._index)
        self.__dict__[name] = value
        return value


def mixed(values: list[Num], index: Any) -> Num:
    """The value of each point's own choice."""
    first = values[0]
    if all(v is first or (not np.ndim(v) and not np.ndim(first) and v == first) for v in values):
        return first
    each: Num = np.choose(index, [np.asarray(v, float) for v in values])
    return each


def package_of(x: Inputs, index: Num) -> PackageNumbers:
    """Numbers of the package that was chosen: an index into those of the build, or one for each point."""
    if isinstance(index, int):
        return x.packages[index]
    first = int(np.asarray(index).flat[0])
    if np.all(np.asarray(index) == first):
        return x.packages[first]
    return cast(PackageNumbers, Packed(x.packages, index))


def stacks_on_package(x: Inputs) -> Num:
    """Memory stacks that stand on the package."""
    stacks = x.design.memory_stacks if x.plan.memory_stacks is None else x.plan.memory_stacks
    return stacks * x.design.memory_on_package


def field_needed(x: Inputs, package: PackageNumbers, footprint_mm2: Num) -> Num:
    """Field of the package that silicon and memory take, mm2."""
    return packaging.interposer_area(
        silicon_mm2=footprint_mm2,
        memory_site_mm2=stacks_on_package(x) * package.memory_site_area_mm2,
        interposer_area_factor=package.interposer_area_factor,
    )


def largest_field(x: Inputs, package: PackageNumbers) -> Num:
    """Largest field that a package is made in at the plan's date, mm2: that of the data, moved along the roadmap.

    A design's own package is made at least as large as the design needs from the year on in which it shipped, whatever is known
    of it in general.
    """
    most, date, data = package.interposer_max_area_mm2, x.plan.date, x.model.data_date
    if np.ndim(date) or np.ndim(data) or date != data:
        years = [getattr(package, f"field_year_{i}") for i in range(MOST_STEPS)]
        areas = [getattr(package, f"field_area_{i}") for i in range(MOST_STEPS)]
        now, then = (packaging.field_area(years=years, areas_mm2=areas, date=when) for when in (date, data))
        most = most * now / np.where(then > 0, then, 1.0)
    if x.own_package and package is x.packages[0]:
        shipped = np.asarray(date) >= np.minimum(x.shipped_year, data)
        most = np.where(shipped, np.maximum(most, _published_field(x, package)), most)[()]
    return most


def last_made(x: Inputs) -> Num:
    """Index of the last package of those of the build that is made at the plan's date; of the first, where none is yet."""
    index: Num = 0
    for k, package in enumerate(x.packages):
        made = largest_field(x, package) > 0
        index = np.where(made, k, index) if np.ndim(made) else k if made else index
    return index


def _published_field(x: Inputs, package: PackageNumbers) -> Num:
    """Field that the published design takes of its own package, mm2."""
    return packaging.interposer_area(
        silicon_mm2=footprint(x),
        memory_site_mm2=x.design.memory_stacks * x.design.memory_on_package * package.memory_site_area_mm2,
        interposer_area_factor=package.interposer_area_factor,
    )


def same_links(x: Inputs) -> bool:
    """Whether links between dies are alike in all packages, so that the dies do not change with the package."""
    first = x.packages[0]
    return all(
        a is b or np.array_equal(a, b)
        for name in LINKS
        for a, b in ((getattr(first, name), getattr(p, name)) for p in x.packages[1:])
    )

"""Area: how logic, SRAM and analog/PHY of a design scale apart between nodes, reticle fields and die outline."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from estimator.arrays import Array, Num
from estimator.checks import checked

TRANSISTORS_PER_BIT = 6.0  # of a static memory cell
BITS_PER_MBIT = 2.0**20  # densities and sizes of memory count in powers of two


@checked(home_density="home_density", density="density", realisation="port_realisation")
def class_area(
    *, home_area_mm2: Num, home_density: Num, density: Num, realisation: Num = 1.0
) -> Array:
    """Area of one class of circuits (logic or SRAM) on the target node, mm2.

    ``A (d_home / d)**k``: the two densities are effective product densities of the same class in the same unit, and
    ``k`` is the share of the density step that the layout realises on a log scale: 1 for a redesign, less for a port.

    Examples
    --------
    >>> float(class_area(home_area_mm2=500, home_density=100, density=25))
    2000.0
    """
    ratio = np.asarray(home_density, float) / np.asarray(density, float)
    k = np.asarray(realisation, float)
    if k.ndim == 0 and float(k) == 1.0:
        return np.asarray(home_area_mm2 * ratio)
    return np.asarray(home_area_mm2 * np.exp(k * np.log(ratio)))


@checked()
def analog_area(*, home_area_mm2: Num, home_factor: Num, factor: Num) -> Array:
    """Area of analog, PHY and pads on the target node, mm2: it follows the factor of each node (N7 = 1).

    Examples
    --------
    >>> float(analog_area(home_area_mm2=100, home_factor=1.0, factor=1.2))
    120.0
    """
    return np.asarray(home_area_mm2 * (np.asarray(factor, float) / home_factor))


@checked(silicon_mm2="any_area_mm2", link_area_mm2="any_area_mm2")
def dies_needed(
    *, silicon_mm2: Num, link_area_mm2: Num, reticle_area_mm2: Num
) -> Array:
    """Fewest equal dies which hold an area when no die may exceed the reticle field.

    More than one die costs `link_area_mm2` of die-to-die interface on each.

    Examples
    --------
    >>> float(dies_needed(silicon_mm2=3000, link_area_mm2=20, reticle_area_mm2=858))
    4.0
    """
    silicon = np.asarray(silicon_mm2, float)
    field = np.asarray(reticle_area_mm2, float)
    room = np.maximum(field - link_area_mm2, 1e-9)
    many = np.maximum(np.ceil(silicon / room * (1 - 1e-12)), 2.0)
    return np.where(silicon <= field * (1 + 1e-12), 1.0, many)


@checked(die_area_mm2="one_die_mm2")
def die_outline(
    *, die_area_mm2: Num, reticle_width_mm: Num, reticle_height_mm: Num
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Width, height (mm) of a die and whether it fits the reticle: square until as wide as the field, then taller.

    Examples
    --------
    >>> w, h, fits = die_outline(die_area_mm2=813.8, reticle_width_mm=26, reticle_height_mm=33)
    >>> round(float(w), 2), round(float(h), 2), bool(fits)
    (26.0, 31.3, True)
    """
    area = np.asarray(die_area_mm2, float)
    width = np.minimum(np.sqrt(area), reticle_width_mm)
    height = area / width
    return width, height, np.asarray(height <= np.asarray(reticle_height_mm, float) * (1 + 1e-9))

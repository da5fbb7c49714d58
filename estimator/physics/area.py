"""Area: how logic, SRAM and analog/PHY of a design scale apart between nodes, reticle fields and die outline."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from estimator.arrays import Array, Num
from estimator.checks import formula

TRANSISTORS_PER_BIT = 6.0  # of a static memory cell
BITS_PER_MBIT = 1e6  # densities of memory count in powers of ten


@formula(home_density="home_density", density="density", realisation="port_realisation")
def class_area(*, home_area_mm2: Num, home_density: Num, density: Num, realisation: Num = 1.0) -> Array:
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


@formula()
def analog_area(*, home_area_mm2: Num, home_factor: Num, factor: Num) -> Array:
    """Area of analog, PHY and pads on the target node, mm2: it follows the factor of each node (N7 = 1).

    Examples
    --------
    >>> float(analog_area(home_area_mm2=100, home_factor=1.0, factor=1.2))
    120.0
    """
    return np.asarray(home_area_mm2 * (np.asarray(factor, float) / home_factor))


@formula()
def link_area(*, d2d_bandwidth_tb_s: Num, d2d_area_mm2_per_tbps: Num, analog_area_factor: Num) -> Array:
    """Area of the die-to-die interface on one die of a split chip, mm2: bandwidth (TB/s) times area per Tbps at N7.

    Examples
    --------
    >>> float(link_area(d2d_bandwidth_tb_s=2.0, d2d_area_mm2_per_tbps=1.5, analog_area_factor=1.0))
    24.0
    """
    return np.asarray(d2d_bandwidth_tb_s * 8.0 * d2d_area_mm2_per_tbps * analog_area_factor)


@formula()
def unit_content(*, tensor_area_fraction: Num, tensor_fraction: Num) -> Array:
    """Share of a compute unit's circuits that is left when only a fraction of its tensor units stays, 0..1.

    Examples
    --------
    >>> float(unit_content(tensor_area_fraction=0.2, tensor_fraction=0.25))
    0.85
    """
    return np.asarray(1.0 - tensor_area_fraction * (1.0 - np.asarray(tensor_fraction, float)))


@formula(units_ratio="ratio", unit_content="share")
def units_scale(
    *, units_ratio: Num, unit_content: Num, unit_area_fraction: Num, logic_fraction: Num, sram_fraction: Num
) -> Array:
    """Logic and SRAM of a clone over the original's when it builds another number of units or leaves parts of them out.

    Only the compute units, `unit_area_fraction` of the die, grow with their number; caches, crossbar and control stay.

    Examples
    --------
    >>> round(float(units_scale(units_ratio=2.0, unit_content=1.0, unit_area_fraction=0.4, logic_fraction=0.7,
    ...                         sram_fraction=0.1)), 6)
    1.5
    """
    inside = np.minimum(unit_area_fraction / np.maximum(np.asarray(logic_fraction, float) + sram_fraction, 1e-12), 1.0)
    return np.asarray(1.0 + inside * (units_ratio * np.asarray(unit_content, float) - 1.0))


@formula(silicon_mm2="any_area_mm2", link_area_mm2="any_area_mm2")
def dies_needed(*, silicon_mm2: Num, link_area_mm2: Num, reticle_area_mm2: Num) -> Array:
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


@formula(dies_needed="dies_per_gpu")
def laid_out_dies(*, dies_needed: Num) -> Array:
    """Dies of a split chip in an arrangement that tiles a package: 1, 2, then the next even number (two rows).

    Examples
    --------
    >>> laid_out_dies(dies_needed=[1, 2, 3, 4, 5, 7]).tolist()
    [1.0, 2.0, 4.0, 4.0, 6.0, 8.0]
    """
    n = np.asarray(dies_needed, float)
    return np.where(n > 1.0, 2.0 * np.ceil(n / 2.0), 1.0)


@formula(die_area_mm2="one_die_mm2")
def die_outline(
    *, die_area_mm2: Num, reticle_width_mm: Num, reticle_height_mm: Num
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Width, height (mm) of a die and whether it fits the reticle: square until it meets a side of the field, then longer.

    Examples
    --------
    >>> w, h, fits = die_outline(die_area_mm2=813.8, reticle_width_mm=26, reticle_height_mm=33)
    >>> round(float(w), 2), round(float(h), 2), bool(fits)
    (26.0, 31.3, True)
    >>> w, h, fits = die_outline(die_area_mm2=400, reticle_width_mm=26, reticle_height_mm=16.5)  # half a field, high-NA EUV
    >>> round(float(w), 2), round(float(h), 2), bool(fits)
    (24.24, 16.5, True)
    """
    area = np.asarray(die_area_mm2, float)
    widest, highest = np.asarray(reticle_width_mm, float), np.asarray(reticle_height_mm, float)
    width = np.minimum(np.maximum(np.sqrt(area), area / highest), widest)
    height = area / width
    return width, height, np.asarray(height <= highest * (1 + 1e-9))

"""Simpler published models of area, run on the same rows as ours."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import numpy as np

from estimator.calibration.area_data import Port, ShippedDie, dies
from estimator.parameters.silicon import read_silicon
from estimator.parameters.silicon_dies import StillmakerBaasRow

ACCELERATOR_WALL = (22.33031902, 0.87650569)
"""ln(count) = a + b ln(area / nm^2), area in mm2, from the tool published with the paper (4.99e9 D^0.877)."""


def accelerator_wall_area(*, transistors_mtr: float, nm: float) -> float:
    """Area (mm2) at which the transistor count law of "The Accelerator Wall" gives a count.

    Notes
    -----
    ``count = 4.99e9 (area / nm^2)^0.877``: Fuchs and Wentzlaff, HPCA 2019, over thousands of processors. For a port of
    one design it says the same as (nm ratio)^2.

    Examples
    --------
    >>> round(accelerator_wall_area(transistors_mtr=4986, nm=1.0), 2)
    1.0
    """
    a, b = ACCELERATOR_WALL
    return float(nm**2 * np.exp((np.log(transistors_mtr * 1e6) - a) / b))


def stillmaker_baas_factor(*, from_nm: float, to_nm: float) -> float:
    """Area factor of Stillmaker and Baas (2017) between two nodes; log interpolation between their nodes.

    Notes
    -----
    The table runs from 180 to 7 nm; NaN outside it: their equations are not to be extrapolated.

    Examples
    --------
    >>> round(stillmaker_baas_factor(from_nm=90, to_nm=65), 2)
    0.53
    """
    known = sorted((r.to_nm, r.area_factor) for r in read_silicon(StillmakerBaasRow) if r.from_nm == 180.0)
    nm = np.log([n for n, _ in known])
    factor = np.log([f for _, f in known])
    if min(from_nm, to_nm) < known[0][0] or max(from_nm, to_nm) > known[-1][0]:
        return float("nan")
    at = np.interp(np.log([from_nm, to_nm]), nm, factor)
    return float(np.exp(at[1] - at[0]))


def _parent(die: ShippedDie, others: Sequence[ShippedDie]) -> ShippedDie | None:
    """The die which a scaling rule would start from: same maker, next older node, closest in count."""
    older = [o for o in others if o.vendor == die.vendor and o.nm > die.nm]
    if not older:
        return None
    step = min(o.nm for o in older)
    return min((o for o in older if o.nm == step), key=lambda o: abs(np.log(o.transistors_mtr / die.transistors_mtr)))


def die_baselines(die: ShippedDie, population: Sequence[ShippedDie]) -> dict[str, float]:
    """Area of a die (mm2) by each baseline, the die itself not used.

    Notes
    -----
    ``node median``: count over the median whole-chip density of the other dies on the node. ``(nm ratio)^2`` and
    ``Stillmaker-Baas``: density of the maker's die of the next older node nearest in count, scaled.
    """
    others = [d for d in population if d.chip != die.chip]
    out = {"Accelerator Wall": accelerator_wall_area(transistors_mtr=die.transistors_mtr, nm=die.nm)}
    same = [d.transistors_mtr / d.area_mm2 for d in others if d.node == die.node]
    if same:
        out["node median density"] = die.transistors_mtr / median(same)
    parent = _parent(die, others)
    if parent is not None:
        plain = parent.area_mm2 * die.transistors_mtr / parent.transistors_mtr
        out["(nm ratio)^2"] = plain * (die.nm / parent.nm) ** 2
        factor = stillmaker_baas_factor(from_nm=parent.nm, to_nm=die.nm)
        if not np.isnan(factor):
            out["Stillmaker-Baas"] = plain * factor
    return out


def port_baselines(port: Port) -> dict[str, float]:
    """Area ratio of a port by each baseline, its own family's dies not used for densities.

    Notes
    -----
    All are multiplied by the growth of the transistor count where both counts are known. ``node median density`` has
    an answer only where GPUs were made on both nodes.
    """
    growth = port.transistors_b_mtr / port.transistors_a_mtr
    growth = 1.0 if np.isnan(growth) else growth
    square = growth * (port.nm_b / port.nm_a) ** 2
    out = {"(nm ratio)^2": square, "Accelerator Wall": growth ** (1 / ACCELERATOR_WALL[1]) * square / growth}
    factor = stillmaker_baas_factor(from_nm=port.nm_a, to_nm=port.nm_b)
    if not np.isnan(factor):
        out["Stillmaker-Baas"] = growth * factor
    density = []
    for node in (port.node_a, port.node_b):
        rows = [d for d in dies() if d.node == node and d.chip not in port.dies]
        density.append(median(d.transistors_mtr / d.area_mm2 for d in rows) if rows else float("nan"))
    if not np.isnan(density).any():
        out["node median density"] = growth * density[0] / density[1]
    return out

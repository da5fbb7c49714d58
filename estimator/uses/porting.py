"""Port distance: what a copy, a port and a new design cost in money and months, and at which volume each pays back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from estimator.arrays import unwrap
from estimator.checks import checked
from estimator.model.build import port_distance
from estimator.parameters.schema import ends
from estimator.parameters.sets import load_set
from estimator.physics.cost import nre_cost
from estimator.uses.ownership import break_even_volume, own

if TYPE_CHECKING:
    from estimator.estimation import Estimate

DISTANCES = ("copy", "port", "new")
LABELS = {
    "copy": "same process: a copy",
    "port": "compatible process: a port",
    "new": "different process: back to RTL",
}


@dataclass(frozen=True)
class PortCost:
    """One distance.

    Attributes
    ----------
    distance, label : str
        ``copy``, ``port`` or ``new``, and in words.
    applies : bool
        Whether this is the distance between the design's process and this node.
    design_musd, mask_musd, total_musd : float or array
        Central cost, masks of I/O dies included, M USD.
    total_low_musd, total_high_musd : float or array
        With design cost, share and masks all at their low or high value.
    months, months_low, months_high : float
        To first silicon.
    payback_volume : float
        Clones after which it is paid back against buying the original; infinite if a clone saves nothing.
    """

    distance: str
    label: str
    applies: bool
    design_musd: Any
    mask_musd: Any
    total_musd: Any
    total_low_musd: Any
    total_high_musd: Any
    months: float
    months_low: float
    months_high: float
    payback_volume: Any


@checked()
def actual_distance(est: Estimate) -> str:
    """Distance between the design's process and the clone's: ``copy``, ``port`` or ``new``.

    Examples
    --------
    >>> from estimator import estimate
    >>> actual_distance(estimate("h100-sxm", "12nm"))
    'new'
    """
    found = port_distance(est.design, est.node)
    return "copy" if found == "same" else found


@checked(original_price_usd="any_usd", smuggled="flag")
def port_costs(est: Estimate, *, original_price_usd: Any = None, smuggled: bool = False) -> tuple[PortCost, ...]:
    """Cost, months and payback volume of each distance at this node's prices, nearest first.

    Parameters
    ----------
    est : Estimate
    original_price_usd, smuggled
        As in `estimator.uses.ownership.own`: what buying the original would cost.

    Notes
    -----
    The payback compares a clone with the share of an original that does the same work, both over their life; only the
    distance that ``applies`` can be chosen, the others show what a nearer process would save.

    Examples
    --------
    >>> from estimator import estimate
    >>> costs = port_costs(estimate("h100-sxm", "12nm"))
    >>> [c.distance for c in costs if c.applies], costs[0].total_musd < costs[1].total_musd < costs[2].total_musd
    (['new'], True)
    """
    build, months = est.sides["clone"].build, load_set("work", "porting")
    numbers, m = build.numbers, build.numbers["model"]
    others = [] if "io_die" not in numbers else ["node" if build.choices.one_process else "io_node"]
    processes = ("node", *others)
    design = ends(numbers["node"]["design_cost_musd"])
    mask = [sum(each) for each in zip(*(ends(numbers[p]["mask_set_musd"]) for p in processes), strict=True)]
    both = own.plain(est, original_price_usd=original_price_usd, smuggled=smuggled, price_usd=est.unit_cost_usd)
    per_price = 1.0 + float(load_set("work", "ownership")["upkeep_fraction_year"]) * m["life_years"]
    saving = (
        np.asarray(both.original.total_cost_usd) / both.clones_per_original - both.clone.total_cost_usd
    ) / per_price
    here = actual_distance.plain(est)
    out = []
    for name in DISTANCES:
        share, time = m[f"design_share_{name}"], months[f"port_months_{name}"]
        low, total, high = (
            nre_cost(design_cost_musd=d, design_share=s, mask_set_musd=k)
            for d, s, k in zip(design, ends(share), mask, strict=True)
        )
        volume = break_even_volume.plain(nre_usd=total * 1e6, saving_usd_per_unit=saving)
        out.append(
            PortCost(
                distance=name,
                label=LABELS[name],
                applies=name == here,
                design_musd=unwrap(design[1] * share),
                mask_musd=unwrap(mask[1]),
                total_musd=unwrap(total),
                total_low_musd=unwrap(low),
                total_high_musd=unwrap(high),
                months=float(time),
                months_low=time.low,
                months_high=time.high,
                payback_volume=unwrap(volume),
            )
        )
    return tuple(out)

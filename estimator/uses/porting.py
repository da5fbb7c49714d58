"""Port distance: what a copy, a port and a new design cost in money and months, and at which volume each pays back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from estimator.arrays import unwrap
from estimator.checks import checked
from estimator.model.build import PACKAGES, port_distance
from estimator.parameters.schema import ends
from estimator.parameters.sets import load_set
from estimator.physics import cost, design_effort
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
        Central cost of logic and physical design, of masks (I/O dies and respins included), and of all with the package, M USD.
    total_low_musd, total_high_musd : float or array
        With efforts, shares, masks, respins and package all at their low or high value.
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
    processes = [kind.owners[2] for kind in build.choices.kinds]
    mask = [sum(each) for each in zip(*(ends(numbers[p]["mask_set_musd"]) for p in processes), strict=True)]
    both = own.plain(est, original_price_usd=original_price_usd, smuggled=smuggled, price_usd=est.unit_cost_usd)
    per_price = 1.0 + float(load_set("work", "ownership")["upkeep_fraction_year"]) * m["life_years"]
    saving = (
        np.asarray(both.original.total_cost_usd) / both.clones_per_original - both.clone.total_cost_usd
    ) / per_price
    here = actual_distance.plain(est)
    out = []
    for name in DISTANCES:
        time = months[f"port_months_{name}"]
        low, middle, high = (_efforts(est, name, mask[i], i) for i in range(3))
        total = cost.nre_cost(**middle)
        volume = break_even_volume.plain(nre_usd=total * 1e6, saving_usd_per_unit=saving)
        out.append(
            PortCost(
                distance=name,
                label=LABELS[name],
                applies=name == here,
                design_musd=unwrap(middle["logic_musd"] + middle["physical_musd"]),
                mask_musd=unwrap(middle["masks_musd"]),
                total_musd=unwrap(total),
                total_low_musd=unwrap(cost.nre_cost(**low)),
                total_high_musd=unwrap(cost.nre_cost(**high)),
                months=float(time),
                months_low=time.low,
                months_high=time.high,
                payback_volume=unwrap(volume),
            )
        )
    return tuple(out)


def _efforts(est: Estimate, distance: str, mask_set_musd: Any, end: int) -> dict[str, Any]:
    """Efforts of a distance with all numbers at their low (0), central (1) or high (2) value: arguments of `nre_cost`."""
    made = est.sides["clone"]
    numbers, result = made.build.numbers, made.result
    m, pack = numbers["model"], numbers[PACKAGES[int(result.geometry.package_index)]]
    return {
        "logic_musd": design_effort.logic_effort(
            logic_design_musd=ends(m["logic_design_musd"])[end],
            transistors_mtr=made.build.inputs.design.transistors_mtr * result.geometry.unit_scale,
            complexity_reference_mtr=m["complexity_reference_mtr"],
            complexity_exponent=m["complexity_exponent"],
            logic_share=ends(m[f"logic_share_{distance}"])[end],
        ),
        "physical_musd": design_effort.physical_effort(
            design_cost_musd=ends(numbers["node"]["design_cost_musd"])[end],
            physical_design_share=ends(m["physical_design_share"])[end],
            physical_share=ends(m[f"physical_share_{distance}"])[end],
        ),
        "masks_musd": design_effort.mask_cost(mask_set_musd=mask_set_musd, respins=ends(m["respins"])[end]),
        "package_musd": design_effort.package_effort(
            package_nre_musd=ends(pack["package_nre_musd"])[end],
            package_nre_musd_mm2=ends(pack["package_nre_musd_mm2"])[end],
            field_mm2=result.geometry.interposer_mm2,
        ),
    }

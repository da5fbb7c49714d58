"""Plans of a cloner: what to do with a design that grows, as options of `estimator.estimate`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from estimator.checks import check_choice
from estimator.errors import InfeasibleError, InputError
from estimator.model.build import numbers_of
from estimator.model.options import arrays_in, check_option, check_options, shared_options
from estimator.parameters import library
from estimator.parameters.sets import load_set
from estimator.quantities import FIELDS

PLANS: dict[str, str] = {
    "same-units": "Same units, fewest dies",
    "dies": "Same units, chosen dies",
    "one-reticle": "Fewer units, dies as at home",
    "equal-throughput": "Units for equal throughput",
    "fewer-tensor-units": "Same units, fewer tensor units",
    "best": "Best possible: least USD per TFLOPS",
}
MOST_UNITS_FACTOR = (
    16  # how far `equal-throughput` searches (a bound of the search, not of the model): times the units at home
)


def _units(design: Any) -> tuple[int, float]:
    """Units on the dies at home, and the share of them that is enabled."""
    numbers = numbers_of(design)
    return round(float(numbers["units"])), float(numbers["units_enabled"]) / float(numbers["units"])


def plan_options(design: Any, node: Any, plan: str, *, dies: int | None = None, **options: Any) -> dict[str, Any]:
    """Options (``units, units_enabled, dies``) which carry out a plan under the other options.

    Parameters
    ----------
    design, node
        Names or objects, as for `estimator.estimate`.
    plan : str
        One of `PLANS`.
    dies : int, optional
        Number of dies of the plan ``dies``.
    **options
        The other options of the call; they decide how fast the units run.

    Raises
    ------
    InfeasibleError
        If no number of units carries the plan out.

    Examples
    --------
    >>> plan_options("rtx-4090", "12nm", "one-reticle")["dies"]
    1.0
    """
    from estimator.estimation import estimate

    design_, node_ = library.load_design(design), library.load_node(node)
    check_choice("plan", plan, PLANS)
    arrays = arrays_in(check_options(options))
    if arrays:
        raise InputError(f"{arrays[0]} is an array: a plan is laid out for one point; give a single number")
    if plan == "same-units":
        return {}
    if plan == "dies":
        return {} if dies is None else {"dies": check_option("dies", dies)}
    if plan == "fewer-tensor-units":
        return (
            {}
            if "tensor_fraction" in options
            else {"tensor_fraction": float(load_set("work", "units")["tensor_fraction"])}
        )
    if plan == "best":
        return _best(design_, node_, options)
    home, share = _units(design_)
    count = float(sum(d.count for d in design_.die_kinds if d.role == "compute"))
    if plan == "one-reticle":
        units = np.arange(1, home + 1)
        enabled = np.maximum(np.floor(units * share), 1)
        est = estimate(design_, node_, **{**options, "units": units, "units_enabled": enabled, "dies": count})
        fits = np.flatnonzero(~np.isin(np.asarray(est.limited_by), ("reticle", "package")))
        if fits.size == 0:
            raise InfeasibleError(
                f"{design_.name} on {node_.name}: even with a single compute unit, the rest of the chip (caches, crossbar, memory "
                f"interfaces) is larger than {count:g} reticle field{'s' if count > 1 else ''} (reticle)",
                limited_by="reticle",
            )
        return {"units": float(units[fits[-1]]), "units_enabled": float(enabled[fits[-1]]), "dies": count}
    units = np.arange(1, min(home * MOST_UNITS_FACTOR, int(FIELDS["units"].high)) + 1)
    enabled = np.maximum(np.floor(units * share), 1)
    goal = float(estimate(design_, design_.node, **shared_options(options)).tensor_tflops)
    est = estimate(design_, node_, **{**options, "units": units, "units_enabled": enabled})
    rate = np.asarray(est.tensor_tflops)
    enough = np.flatnonzero(np.nan_to_num(rate) >= goal * (1 - 1e-9))
    if enough.size == 0:
        best = float(np.nanmax(rate)) if np.isfinite(rate).any() else 0.0
        wall = "package" if "package" in np.asarray(est.limited_by) else "power"
        raise InfeasibleError(
            f"{design_.name} on {node_.name}: no number of units up to {units[-1]:g} reaches {goal:.0f} TFLOPS; "
            f"the most is {best:.0f} TFLOPS ({wall})",
            limited_by=wall,
            nearest={"tensor_tflops": best},
        )
    return {"units": float(units[enough[0]]), "units_enabled": float(enabled[enough[0]])}


def _best(design: Any, node: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """Supply and number of dies with the least recurring cost per tensor rate, under the other options."""
    from estimator.estimation import estimate
    from estimator.sweeps.optimize import best

    fewest = (
        int(np.max(estimate(design, node, **{**options, "clock_ghz": [0.1]}).dies)) if "clock_ghz" in options else 0
    )
    free = {k: v for k, v in options.items() if k not in ("clock_ghz", "power_w")}
    if not fewest:
        fewest = int(np.max(np.nan_to_num(estimate(design, node, **{**free, "supply_v": [float(node.supply_v)]}).dies)))
    count = sum(d.count for d in design.die_kinds if d.role == "compute")
    over: dict[str, Any] = {}
    if not {"clock_ghz", "power_w", "supply_v"} & set(options):
        over["supply_v"] = (float(node.supply_min_v), float(node.supply_max_v))
    if count == 1 and len(design.die_kinds) == 1 and fewest:
        over["dies"] = (fewest, 2 * fewest + 2)
    if not over:
        return {}
    return dict(best(design, node, objective="usd_per_tflops", over=over, **options).point)

"""Checks of points: where their numbers or combinations are not a valid plan, each with its sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.errors import InputError, unknown_name
from estimator.model import chain, validity
from estimator.model.build import KIND_OPTIONS, NAME_OPTIONS, NUMBER_OPTIONS, SCOPES, check_options
from estimator.model.home import Case, home_leakage
from estimator.quantities import describe

NAME_COLUMNS = ("design", "node", *KIND_OPTIONS, *NAME_OPTIONS)
_UNITS, _DIES, _SUPPLY, _POWER, _HEAT, _LEAK, COMBINATION = (
    "units_enabled must be at most the units on the dies",
    "dies must be a multiple of the design's compute dies",
    "supply_v must lie between the node's lowest and highest supply",
    "the design's power_w leaves no power for the die after memory, I/O and board losses",
    "the design cannot be cooled at its own published point",
    "the design's leakage exceeds its die power",
    "this design or node does not have one of the fields",
)
FAULTS = (_UNITS, _DIES, _SUPPLY, _POWER, _HEAT, _LEAK, *validity.BEFORE, *validity.AFTER, COMBINATION)


def in_range(name: str, column: Any) -> NDArray[np.bool_]:
    """Where values of a numeric option or field are finite and in its range."""
    return describe(name).allows(column)


def check_columns(names: Mapping[str, Any], numbers: Sequence[str], outputs: Sequence[str]) -> None:
    """Refuse unknown outputs and columns, missing ones, and options that exclude each other."""
    for output in outputs:
        if output not in chain.OUTPUT_STAGE:
            raise unknown_name("output", output, chain.OUTPUT_STAGE)
    for name in ("design", "node"):
        if name not in names:
            raise InputError(f"every point needs a {name}")
    for name in names:
        if name not in NAME_COLUMNS:
            raise unknown_name("option", name, (*NAME_COLUMNS, *NUMBER_OPTIONS, *(f"{s}.<field>" for s in SCOPES)))
    check_options({n: max(1.0, describe(n).low) if describe(n).high > 1 else describe(n).high for n in numbers})


def faults(case: Case, *, dotted: bool, own_point: bool) -> validity.Found:
    """Where a combination of valid numbers is not a valid plan, with the sentence (as `estimate` refuses one point).

    `dotted` says that numbers of parameter files vary, `own_point` that the design's published point does.
    """
    plan, d, out = case.plan, case.design, validity.of_plan(case)
    if dotted:
        out += validity.of_numbers(case)
    if "units_enabled" in plan:
        out.append((plan["units_enabled"] > plan.get("units", d["units"]), _UNITS))
    if "dies" in plan:
        out.append((plan["dies"] % d["count"] != 0, _DIES))
    if "supply_v" in plan:
        beyond = (plan["supply_v"] < case.node["supply_min_v"]) | (plan["supply_v"] > case.node["supply_max_v"])
        out.append((beyond, _SUPPLY))
    return out + published(case) if own_point else out


def published(case: Case) -> validity.Found:
    """Where a design's own published point contradicts itself."""
    die_w, junction, leak = home_leakage(case)
    hot = junction > case.design["junction_max_c"]
    return [(die_w <= 0, _POWER), (hot, _HEAT), (leak >= die_w, _LEAK), *validity.of_home(case)]

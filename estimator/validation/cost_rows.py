"""Validation of cost: bills of materials, and CSET's 2020 table of chip prices as a scenario of its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from estimator.estimation import estimate
from estimator.parameters import library
from estimator.parameters.silicon import read_silicon
from estimator.uses.cset import scenario
from estimator.validation.rows import Case

BOM_GROUP = "bill of materials"
CSET_GROUP = "chip price under CSET's 2020 assumptions"


def bill_of_materials_cases(samples: int = 1024) -> list[Case]:
    """Recurring cost of a package against published bills of materials; no cost parameter was taken from them."""
    cases = []
    for row in read_silicon("bill_of_materials"):
        design = library.load_design(row["design"])
        est = estimate(design, design.node, samples=samples)
        low, _, high = est.samples.interval("unit_cost_usd")
        kinds = [k for k in design.die_kinds if k.role == "compute"]
        silicon = sum(float(k.area_mm2) * k.count for k in kinds)
        naive = float(library.load_node(design.node).wafer_cost_usd) / (np.pi * 150**2) * silicon  # bare wafer area
        cases.append(
            Case(
                case=row["design"],
                group=BOM_GROUP,
                family=row["design"],
                real=float(row["usd"]),
                predicted=float(est.reference.unit_cost_usd),
                low=low,
                high=high,
                baselines={"bare wafer area": naive},
                source=row["source"],
                unit="USD",
                removed=("cost parameters come from component sources only",),
            )
        )
    return cases


def cset_cases() -> list[Case]:
    """Wafer price to chip price at CSET's densities, with its die-size independent good area per wafer."""
    cases = []
    table = scenario()
    for row, chip_mm2, price in zip(
        read_silicon("cset_2020"), table.chip_mm2.tolist(), table.foundry_usd.tolist(), strict=True
    ):
        cases.append(
            Case(
                case=row["label"],
                group=CSET_GROUP,
                family=row["label"],
                real=float(row["chip_usd"]),
                predicted=price,
                low=price * 0.97,
                high=price * 1.03,
                source=row["source"],
                unit="USD",
                baselines={"whole wafer area": float(row["wafer_usd"]) / (np.pi * 150**2 / chip_mm2)},
                removed=("the report's own assumptions",),
            )
        )
    return cases


def temperature_cases(samples: int = 1024) -> list[Case]:
    """Junction temperature above the coolant against measured GPUs under load (middle of the measured range)."""
    cases: list[Case] = []
    for row in read_silicon("temperatures"):
        if row["used"] != "yes":
            continue
        design = library.load_design(row["design"])
        options: dict[str, Any] = {
            "cooling": row["cooling"],
            "cooling.coolant_c": float(row["coolant_c"]),
            "power_limit_w": float(row["power_w"]),
        }
        est = estimate(design, design.node, samples=samples, **options)
        ambient = float(row["coolant_c"])
        low, _, high = est.samples.interval("junction_c")
        middle = 0.5 * (float(row["low_c"]) + float(row["high_c"]))
        cases.append(
            Case(
                case=row["case"],
                group="temperature rise over the coolant",
                family=row["design"],
                real=middle - ambient,
                predicted=float(est.junction_c) - ambient,
                low=low - ambient,
                high=high - ambient,
                baselines={"0.08 K/W": 0.08 * float(row["power_w"])},
                source=row["source"],
                unit="K",
                removed=("not used by any fit",),
            )
        )
    return cases


def unused_rows() -> list[tuple[str, str, str]]:
    """Temperature rows that are listed but say nothing about the cooler: table, row, reason."""
    rows = read_silicon("temperatures")
    return [("temperatures", r["case"], r["reason"]) for r in rows if r["used"] != "yes"]

"""Validation of cost: bills of materials, and CSET's 2020 table of chip prices as a scenario of its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from estimator.estimation import estimate
from estimator.parameters import library
from estimator.parameters.silicon import read_silicon
from estimator.parameters.silicon_dies import BillRow, CsetRow
from estimator.parameters.silicon_electrical import TemperatureRow
from estimator.uses.cset import scenario
from estimator.validation.rows import Row

BOM_GROUP = "bill of materials"
CSET_GROUP = "chip price under CSET's 2020 assumptions"


def bill_of_materials_rows(samples: int = 1024) -> list[Row]:
    """Recurring cost of a package against published bills of materials; no cost parameter was taken from them."""
    rows = []
    for row in read_silicon(BillRow):
        design = library.load_design(row.design)
        est = estimate(design, design.node, samples=samples)
        low, _, high = est.samples.interval("unit_cost_usd")
        kinds = [k for k in design.die_kinds if k.role == "compute"]
        silicon = sum(float(k.area_mm2) * k.count for k in kinds)
        naive = float(library.load_node(design.node).wafer_cost_usd) / (np.pi * 150**2) * silicon  # bare wafer area
        rows.append(
            Row(
                case=row.design,
                group=BOM_GROUP,
                family=row.design,
                real=row.usd,
                predicted=float(est.reference.unit_cost_usd),
                low=low,
                high=high,
                baselines={"bare wafer area": naive},
                source=row.source,
                unit="USD",
                removed=("cost parameters come from component sources only",),
            )
        )
    return rows


def cset_rows() -> list[Row]:
    """Wafer price to chip price at CSET's densities, with its die-size independent good area per wafer."""
    rows = []
    table = scenario()
    for row, chip_mm2, price in zip(
        read_silicon(CsetRow), table.chip_mm2.tolist(), table.foundry_usd.tolist(), strict=True
    ):
        rows.append(
            Row(
                case=row.label,
                group=CSET_GROUP,
                family=row.label,
                real=row.chip_usd,
                predicted=price,
                low=price * 0.97,
                high=price * 1.03,
                source=row.source,
                unit="USD",
                baselines={"whole wafer area": row.wafer_usd / (np.pi * 150**2 / chip_mm2)},
                removed=("the report's own assumptions",),
            )
        )
    return rows


def temperature_rows(samples: int = 1024) -> list[Row]:
    """Junction temperature above the coolant against measured GPUs under load (middle of the measured range)."""
    rows: list[Row] = []
    for row in read_silicon(TemperatureRow):
        if not row.used:
            continue
        design = library.load_design(row.design)
        options: dict[str, Any] = {
            "cooling": row.cooling,
            "cooling.coolant_c": row.coolant_c,
            "power_limit_w": row.power_w,
        }
        est = estimate(design, design.node, samples=samples, **options)
        ambient = row.coolant_c
        low, _, high = est.samples.interval("junction_c")
        middle = 0.5 * (row.low_c + row.high_c)
        rows.append(
            Row(
                case=row.case,
                group="temperature rise over the coolant",
                family=row.design,
                real=middle - ambient,
                predicted=float(est.junction_c) - ambient,
                low=low - ambient,
                high=high - ambient,
                baselines={"0.08 K/W": 0.08 * row.power_w},
                source=row.source,
                unit="K",
                removed=("not used by any fit",),
            )
        )
    return rows


def unused_rows() -> list[tuple[str, str, str]]:
    """Temperature rows that are listed but say nothing about the cooler: table, row, reason."""
    return [("temperatures", r.case, r.reason) for r in read_silicon(TemperatureRow) if not r.used]

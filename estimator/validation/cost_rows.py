"""Validation of cost: bills of materials, and CSET's 2020 table of chip prices as a scenario of its own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from estimator.estimation import Estimate, estimate
from estimator.parameters import library
from estimator.parameters.schema import Design, Die
from estimator.parameters.silicon import read_silicon
from estimator.parameters.silicon_dies import BillDesignRow, BillRow, CsetRow
from estimator.parameters.silicon_electrical import TemperatureRow
from estimator.uses.cset import scenario
from estimator.validation.rows import Row

BOM_GROUP = "bill of materials"
CALIBRATED_GROUP = "bill of materials, with constants chosen on it"
CSET_GROUP = "chip price under CSET's 2020 assumptions"
CHIP_PARTS = ("silicon_cost_usd", "package_cost_usd", "test_cost_usd")


def bill_design(name: str) -> Design:
    """The design of a bill: of the library, or of the table of products beside it."""
    row = next((r for r in read_silicon(BillDesignRow) if r.name == name), None)
    if row is None:
        return library.load_design(name)
    same = ("node", "clock_ghz", "power_w", "memory", "memory_gb", "package", "cooling")
    counts = ("memory_stacks", "units", "units_enabled")
    fields: dict[str, Any] = {n: getattr(row, n) for n in same} | {n: int(getattr(row, n)) for n in counts}
    if not row.io_node:
        fields["die_area_mm2"] = row.die_area_mm2
        return Design(name=name, **fields)
    compute: dict[str, Any] = {"role": "compute", "node": row.node, "area_mm2": row.die_area_mm2}
    other: dict[str, Any] = {"role": "io", "node": row.io_node, "area_mm2": row.io_area_mm2, "count": int(row.io_count)}
    return Design(name=name, dies=(Die(**compute), Die(**other)), **fields)


def bill_estimate(row: BillRow, *, samples: int | None = None) -> Estimate:
    """The product of a bill on its own process, at the prices and with the yield of the bill's date."""
    design = bill_design(row.design)
    node = library.load_node(design.node)
    options: dict[str, Any] = {"product_class": row.product_class}
    if node.volume_year is not None:
        options["maturity_quarters"] = max(4.0 * (row.year - node.volume_year), 0.0)
    if math.isfinite(row.wafer_cost_usd):
        options["wafer_cost_usd"] = row.wafer_cost_usd
    if math.isfinite(row.memory_usd_gb):
        options["memory"] = library.part_of(design, "memory").replace(cost_usd_gb=row.memory_usd_gb)
    return estimate(design, node, samples=samples, **options)


def bill_usd(row: BillRow, values: Any) -> Any:
    """What a bill's scope comes to in outputs of an estimate: the product, or the chip at its seller's price, USD."""
    if row.scope == "all":
        return values["unit_cost_usd"]
    return sum(values[part] for part in CHIP_PARTS) / (1.0 - row.seller_margin)


def bill_of_materials_rows(samples: int = 1024) -> list[Row]:
    """Recurring cost of a product, or its chip's price, against published bills of materials."""
    rows = []
    for row in read_silicon(BillRow):
        design = bill_design(row.design)
        est = bill_estimate(row, samples=samples)
        predicted = float(bill_usd(row, est.clone))
        low, high = np.quantile(bill_usd(row, est.samples.clone), (0.1, 0.9))
        kinds = [k for k in design.die_kinds if k.role == "compute"]
        silicon = sum(float(k.area_mm2) * k.count for k in kinds)
        naive = float(est.wafer_cost_usd) / (np.pi * 150**2) * silicon  # bare wafer area
        calibrated = row.split == "calibration"
        rows.append(
            Row(
                case=row.design,
                group=CALIBRATED_GROUP if calibrated else BOM_GROUP,
                family=row.design,
                real=row.usd,
                predicted=predicted,
                low=min(float(low), predicted),
                high=max(float(high), predicted),
                baselines={"bare wafer area": naive},
                source=row.source,
                unit="USD",
                note=row.note,
                removed=("nothing: constants of its class were chosen on it",)
                if calibrated
                else ("constants come from other sources and the calibration rows",),
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

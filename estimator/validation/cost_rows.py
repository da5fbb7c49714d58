"""Cost, good dies and temperature: bills of materials, yields, dies on a wafer and junctions, asked as a user would."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from estimator.estimation import Estimate, estimate
from estimator.parameters import library
from estimator.parameters.schema import Design, Die
from estimator.parameters.silicon import read_silicon
from estimator.parameters.silicon_dies import BillDesignRow, BillRow, WaferRow
from estimator.parameters.silicon_electrical import TemperatureRow
from estimator.physics.wafer import dies_per_wafer
from estimator.physics.yields import yield_fraction
from estimator.validation import asking
from estimator.validation.rows import Row

BILLS, WAFERS, TEMPERATURES = "bill of materials", "good dies of a wafer", "temperature rise over the coolant"
GROUPS = (BILLS, WAFERS, TEMPERATURES)
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
    options: dict[str, Any] = {"product_class": row.product_class, "date": row.year}
    if math.isfinite(row.wafer_cost_usd):
        options["wafer_cost_usd"] = row.wafer_cost_usd
    if math.isfinite(row.memory_usd_gb):
        options["memory.cost_usd_gb"] = row.memory_usd_gb
    return estimate(design, node, samples=samples, **options)


def bill_usd(row: BillRow, values: Any) -> Any:
    """What a bill's scope comes to in outputs of an estimate: the product, or the chip at its seller's price, USD."""
    if row.scope == "all":
        return values["unit_cost_usd"]
    return sum(values[part] for part in CHIP_PARTS) / (1.0 - row.seller_margin)


def _pick(row: BillRow) -> asking.Pick:
    return lambda clone, reference: bill_usd(row, clone)


def bill_rows() -> list[Row]:
    """Recurring cost of a product, or its chip's price, against published bills; rows that set a constant are left out."""
    rows = []
    for row in read_silicon(BillRow):
        if row.split == "calibration":
            continue
        design = bill_design(row.design)
        est = bill_estimate(row, samples=asking.SAMPLES or None)
        predicted = float(bill_usd(row, est.clone))
        low, high = asking.interval(est, _pick(row))
        kinds = [k for k in design.die_kinds if k.role == "compute"]
        silicon = sum(float(k.area_mm2) * k.count for k in kinds)
        naive = float(est.wafer_cost_usd) / (np.pi * 150**2) * silicon  # bare wafer area
        parts = "unit_cost_usd" if row.scope == "all" else " + ".join(CHIP_PARTS)
        rows.append(
            Row(
                case=row.design,
                group=BILLS,
                family=row.design,
                real=row.usd,
                predicted=predicted,
                low=low,
                high=high,
                baselines={"bare wafer area": naive},
                source=row.source,
                unit="USD",
                note=row.note,
                removed=("constants come from component sources and the calibration bills",),
                node=design.node,
                call=f'estimate({row.design}, "{design.node}", product_class="{row.product_class}"): {parts}',
            )
        )
    return rows


def wafer_rows() -> list[Row]:
    """Dies on a wafer, and good or sellable shares, as published; no defect density was taken from these rows."""
    return [_dies_row(row) if row.what == "dies" else _share_row(row) for row in read_silicon(WaferRow)]


def _dies_row(row: WaferRow) -> Row:
    count = float(dies_per_wafer(width_mm=row.width_mm, height_mm=row.height_mm))
    area = row.width_mm * row.height_mm
    return _wafer_row(
        row,
        value=count,
        ends=(math.nan, math.nan),
        rules={"wafer over die": math.pi * 150.0**2 / area},
        call=f"dies_per_wafer(width_mm={row.width_mm:g}, height_mm={row.height_mm:g})",
    )


def _share_row(row: WaferRow) -> Row:
    output = "yield_fraction" if row.what == "yield" else "sellable_fraction"
    options: dict[str, Any] = {} if math.isnan(row.quarters) else {"maturity_quarters": row.quarters}
    design: Design | str = row.design
    call = f'estimate("{row.design}", "{row.node}").{output}'
    if not row.design:
        known: dict[str, Any] = {"name": row.case, "node": row.node, "die_area_mm2": row.die_area_mm2}
        known |= {"clock_ghz": 1.0, "power_w": 0.1 * row.die_area_mm2}  # the yield depends on neither
        design, call = Design(**known), asking.shown_call(known, row.node, options) + f".{output}"
    est: Estimate = estimate(design, row.node, samples=asking.SAMPLES or None, **options)
    area = float(est.clone["compute_die_area_mm2"]) if "compute_die_area_mm2" in est.clone else row.die_area_mm2
    poisson = float(yield_fraction(die_area_mm2=area, defect_density_per_cm2=0.1, model="poisson"))
    return _wafer_row(
        row,
        value=float(est.clone[output]),
        ends=asking.interval(est, asking.picked(output)),
        rules={"Poisson at 0.1 per cm2": poisson},
        call=call,
    )


def _wafer_row(row: WaferRow, *, value: float, ends: tuple[float, float], rules: dict[str, float], call: str) -> Row:
    return Row(
        case=row.case,
        group=WAFERS,
        family=row.family,
        real=row.real,
        predicted=value,
        low=ends[0],
        high=ends[1],
        source=row.url or row.source,
        removed=("in no fit",),
        baselines=rules,
        node=row.node,
        unit="dies" if row.what == "dies" else "1",
        note=f"published {row.low:g} to {row.high:g}; {row.note}",
        call=call,
        split="validation",
    )


def temperature_rows() -> list[Row]:
    """Junction temperature above the coolant against measured GPUs under load (middle of the measured range)."""
    rows: list[Row] = []
    for row in (r for r in read_silicon(TemperatureRow) if r.used):
        design = library.load_design(row.design)
        options: dict[str, Any] = {
            "cooling": row.cooling,
            "cooling.coolant_c": row.coolant_c,
            "power_limit_w": row.power_w,
        }
        est = estimate(design, design.node, samples=asking.SAMPLES or None, **options)
        low, high = asking.interval(est, asking.picked("junction_c"))
        middle = 0.5 * (row.low_c + row.high_c)
        rows.append(
            Row(
                case=row.case,
                group=TEMPERATURES,
                family=row.design,
                real=middle - row.coolant_c,
                predicted=float(est.junction_c) - row.coolant_c,
                low=low - row.coolant_c,
                high=high - row.coolant_c,
                baselines={"0.08 K/W": 0.08 * row.power_w},
                source=row.source,
                unit="K",
                removed=("in no fit",),
                node=design.node,
                call=asking.shown_call({"name": row.design}, design.node, options).replace(
                    f'Design(name="{row.design}")', f'"{row.design}"'
                )
                + f".junction_c - {row.coolant_c:g}",
            )
        )
    return rows


def unused_rows() -> list[tuple[str, str, str]]:
    """Temperature rows that are listed but say nothing about the cooler: table, row, reason."""
    return [("temperatures", r.case, r.reason) for r in read_silicon(TemperatureRow) if not r.used]

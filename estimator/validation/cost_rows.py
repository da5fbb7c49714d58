"""Cost, good dies and temperature: bills of materials, yields, dies on a wafer and junctions, asked as a user would."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from estimator.estimation import Estimate, estimate
from estimator.parameters import library
from estimator.parameters.schema import Design
from estimator.parameters.silicon import read_silicon
from estimator.parameters.silicon_dies import BillRow, WaferRow
from estimator.parameters.silicon_electrical import TemperatureRow
from estimator.physics.wafer import dies_per_wafer
from estimator.physics.yields import yield_fraction
from estimator.validation import asking
from estimator.validation.rows import Row

BILLS, WAFERS, TEMPERATURES = "bill of materials", "good dies of a wafer", "temperature rise over the coolant"
GROUPS = (BILLS, WAFERS, TEMPERATURES)


def bill_rows() -> list[Row]:
    """Recurring cost of a package and its parts; no cost parameter was taken from these bills."""
    rows = []
    for row in read_silicon(BillRow):
        design = library.load_design(row.design)
        est = estimate(design, design.node, samples=asking.SAMPLES or None)
        pick = asking.picked(row.output)
        low, high = asking.interval(est, pick)
        kinds = [k for k in design.die_kinds if k.role == "compute"]
        silicon = sum(float(k.area_mm2) * k.count for k in kinds)
        naive = float(library.load_node(design.node).wafer_cost_usd) / (np.pi * 150**2) * silicon
        rows.append(
            Row(
                case=f"{row.design} {row.output.removesuffix('_usd').replace('_', ' ')}",
                group=BILLS,
                family=row.design,
                real=row.usd,
                predicted=float(est.clone[row.output]),
                low=low,
                high=high,
                baselines={} if row.output == "package_cost_usd" else {"bare wafer area": naive},
                source=row.source,
                unit="USD",
                removed=("cost parameters come from component sources only",),
                node=design.node,
                call=f'estimate("{row.design}", "{design.node}").{row.output}',
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

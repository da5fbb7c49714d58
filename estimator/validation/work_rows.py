"""Validation of work and ownership: one training run predicted from another, and CSET's operating costs of 2020."""

from __future__ import annotations

import math

import numpy as np

from estimator.parameters import library
from estimator.parameters.sets import load_set
from estimator.quantities import NORMAL_90
from estimator.uses import cset
from estimator.uses.training import design_attainable_tflops, predict_gpu_hours
from estimator.validation.rows import Row

TRAINING_GROUP = "training run held out"
CSET_OPERATION_GROUP = "operating cost under CSET's 2020 assumptions"
PAIRS = (
    ("llama-3.1-405b", "deepseek-v3"),
    ("deepseek-v3", "llama-3.1-405b"),
    ("pangu-ultra-moe", "deepseek-v3"),
    ("deepseek-v3", "pangu-ultra-moe"),
    ("pangu-ultra", "llama-3.1-405b"),
    ("llama-3.1-405b", "pangu-ultra"),
)
_CORRECTED = "8-bit products, mixture of experts and count are corrected for"
_NOTES = {
    "pangu-ultra": "its hours follow from the utilisation while running and an unsure rate of the chip: no downtime in them",
    "pangu-ultra-moe": "its hours follow from the tokens per second stated: no downtime in them",
}


def training_rows() -> list[Row]:
    """GPU-hours of a run predicted with the efficiency of another; its own hours are used nowhere."""
    rows = []
    for run, base in PAIRS:
        target, other = load_set("runs", run), load_set("runs", base)
        hours, sd = predict_gpu_hours(run, calibrated_on=base)
        intensity = float(library.constants()["workload_intensity_flop_byte"])
        rates = [
            float(design_attainable_tflops(library.load_design(s.texts["chip"]), intensity)) for s in (target, other)
        ]
        same_share = (
            float(other["gpu_hours"])
            * float(target["compute_flop"])
            / float(other["compute_flop"])
            * rates[1]
            / rates[0]
        )
        forty = float(target["compute_flop"]) / (0.4 * rates[0] * 3600e12)
        rows.append(
            Row(
                case=f"{target.label} from {other.label}",
                group=TRAINING_GROUP,
                family=run,
                real=float(target["gpu_hours"]),
                predicted=hours,
                low=hours * float(np.exp(-NORMAL_90 * sd)),
                high=hours * float(np.exp(NORMAL_90 * sd)),
                baselines={"same share of peak": same_share, "40 % of peak": forty},
                source=", ".join(target["gpu_hours"].source),
                removed=(f"GPU-hours of {target.label}",),
                unit="h",
                call=f'training.predict_gpu_hours("{run}", calibrated_on="{base}")',
                split="calibration",
                note="; ".join([_CORRECTED, *(_NOTES[r] for r in (run, base) if r in _NOTES)]),
            )
        )
    return rows


def cset_operation_rows() -> list[Row]:
    """Production cost, and production with three years of electricity, per node of the report."""
    table = cset.scenario()
    rows = []
    for i, row in enumerate(cset.operation_rows()):
        totals = {
            "production": (row.production_usd, table.production_usd[i]),
            "production and three years": (
                row.production_and_three_years_usd,
                table.production_usd[i] + 3.0 * table.energy_usd_year[i],
            ),
        }
        for what, (real, predicted) in totals.items():
            if not math.isnan(real):
                value = float(predicted)
                rows.append(
                    Row(
                        case=f"{row.label}, {what}",
                        group=CSET_OPERATION_GROUP,
                        family=row.label,
                        real=real,
                        predicted=value,
                        low=math.nan,
                        high=math.nan,
                        source=row.source,
                        unit="USD",
                        baselines={"foundry price alone": float(table.foundry_usd[i])},
                        removed=("the report's own assumptions",),
                    )
                )
    return rows


def unused_rows() -> list[tuple[str, str, str]]:
    """Published runs that are listed but predict nothing: table, row, reason."""
    reasons = {
        "gpt-3": "software of 2020 on V100: 20 % of peak, where its own efficiency must be used",
        "minimax-m1": "reinforcement learning whose compute is not published",
    }
    return [("training runs", run, why) for run, why in reasons.items()]

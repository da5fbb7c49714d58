"""Other tools: the same formula must give the same number, and a known unit fault must be visible."""

from __future__ import annotations

import math

from estimator.parameters.silicon import read_silicon
from estimator.parameters.silicon_dies import CsetRow
from estimator.physics.wafer import gross_dies
from estimator.physics.yields import yield_fraction
from estimator.uses.cset import scenario
from estimator.validation.rows import Row

GROUP = "formulas of other tools"
AREA_MM2, DENSITY_CM2 = 814.0, 0.1


def tool_rows() -> list[Row]:
    """Yield and gross dies of published tools, each formula written out here as the tool has it."""
    mean = AREA_MM2 * DENSITY_CM2 / 100
    rows: list[tuple[str, float, float, str]] = []
    for alpha, tool in ((2.0, "CATCH"), (3.0, "TTM-CAS"), (10.0, "ECO-CHIP and Chiplet Actuary")):
        ours = float(yield_fraction(die_area_mm2=AREA_MM2, defect_density_per_cm2=DENSITY_CM2, clustering_alpha=alpha))
        rows.append((f"negative binomial, alpha {alpha:g} ({tool})", (1 + mean / alpha) ** -alpha, ours, "tool"))
    murphy = float(yield_fraction(die_area_mm2=AREA_MM2, defect_density_per_cm2=DENSITY_CM2, model="murphy"))
    rows.append(("Murphy (chiplets-cost-model)", ((1 - math.exp(-mean)) / mean) ** 2, murphy, "tool"))
    layers, per_layer = 4, 0.02
    bose = float(
        yield_fraction(
            die_area_mm2=AREA_MM2,
            defect_density_per_cm2=layers * per_layer,
            model="bose-einstein",
            critical_layers=layers,
        )
    )
    rows.append(
        (
            "Bose-Einstein, 4 layers (chiplets-cost-model)",
            (1 / (1 + AREA_MM2 * per_layer / 100)) ** layers,
            bose,
            "tool",
        )
    )
    poisson = float(yield_fraction(die_area_mm2=AREA_MM2, defect_density_per_cm2=DENSITY_CM2, model="poisson"))
    rows.append(("Poisson", math.exp(-mean), poisson, "tool"))
    radius, site = 147.0, 26.1 * 31.4
    dies = math.pi * radius**2 / site - 0.58 * math.pi * 2 * radius / math.sqrt(site)
    rows.append(("gross dies by de Vries's formula", dies, float(gross_dies(width_mm=26, height_mm=31.3)), "tool"))
    return [
        Row(
            case=name,
            group=GROUP,
            family=name,
            real=real,
            predicted=got,
            low=math.nan,
            high=math.nan,
            source=source,
            removed=("a formula, not a fit",),
        )
        for name, real, got, source in rows
    ]


def unit_fault() -> str:
    """The sentence on a published Murphy yield that takes mm2 for cm2."""
    wrong_mean = AREA_MM2 * DENSITY_CM2  # forgets the 100 mm2 in a cm2
    wrong = ((1 - math.exp(-wrong_mean)) / wrong_mean) ** 2
    right = float(yield_fraction(die_area_mm2=AREA_MM2, defect_density_per_cm2=DENSITY_CM2, model="murphy"))
    return (
        f"SiliconCompiler's Murphy yield takes mm2 times defects per cm2 without the factor 100: {AREA_MM2:.0f} mm2 at "
        f"{DENSITY_CM2:g} per cm2 gives {100 * wrong:.3f} % there and {100 * right:.1f} % here."
    )


CSET = "chip price under CSET's 2020 assumptions"


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
                group=CSET,
                family=row.label,
                real=row.chip_usd,
                predicted=price,
                low=math.nan,
                high=math.nan,
                source=row.source,
                unit="USD",
                baselines={"whole wafer area": row.wafer_usd / (math.pi * 150**2 / chip_mm2)},
                removed=("the report's own assumptions",),
            )
        )
    return rows

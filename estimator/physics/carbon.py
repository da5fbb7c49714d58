"""Carbon: greenhouse gases of making dies, memory and package, of a year of use, and per unit of work."""

from __future__ import annotations

import math

import numpy as np

from estimator.arrays import Array, Num
from estimator.checks import formula

HOURS_PER_YEAR = 8766.0
MM2_PER_CM2 = 100.0


@formula()
def fab_carbon(
    *, fab_energy_kwh_cm2: Num, fab_grid_kgco2e_kwh: Num, fab_gas_kgco2e_cm2: Num, fab_materials_kgco2e_cm2: Num
) -> Array:
    """Greenhouse gases of processing one cm2 of wafer, kg CO2e per cm2: electricity, gases let out, materials.

    References
    ----------
    .. [1] Gupta et al., "ACT: Designing Sustainable Computer Systems with an Architectural Carbon Modeling Tool", ISCA 2022, eq. 5.

    Examples
    --------
    >>> round(float(fab_carbon(fab_energy_kwh_cm2=2.15, fab_grid_kgco2e_kwh=0.583, fab_gas_kgco2e_cm2=0.275,
    ...     fab_materials_kgco2e_cm2=0.5)), 2)
    2.03
    """
    return np.asarray(
        np.asarray(fab_energy_kwh_cm2, float) * fab_grid_kgco2e_kwh + fab_gas_kgco2e_cm2 + fab_materials_kgco2e_cm2
    )


@formula(sellable_fraction="sold_fraction")
def good_die_carbon(*, fab_kgco2e_cm2: Num, wafer_diameter_mm: Num, gross_dies: Num, sellable_fraction: Num) -> Array:
    """Greenhouse gases of one sellable die, kg CO2e: the whole wafer, edge and lost dies included, over the dies that are sold.

    Examples
    --------
    >>> round(float(good_die_carbon(fab_kgco2e_cm2=2.0, wafer_diameter_mm=300, gross_dies=60, sellable_fraction=0.75)), 2)
    31.42
    """
    wafer_cm2 = math.pi / 4.0 * np.square(np.asarray(wafer_diameter_mm, float)) / MM2_PER_CM2
    return np.asarray(wafer_cm2 * fab_kgco2e_cm2 / (np.asarray(gross_dies, float) * sellable_fraction))


@formula(carried_mm2="any_area_mm2")
def substrate_carbon(*, carried_mm2: Num, substrate_area_factor: Num, substrate_kgco2e_cm2: Num) -> Array:
    """Greenhouse gases of the package substrate under what it carries, kg CO2e.

    Examples
    --------
    >>> round(float(substrate_carbon(carried_mm2=1400, substrate_area_factor=2.5, substrate_kgco2e_cm2=0.05)), 2)
    1.75
    """
    return np.asarray(np.asarray(carried_mm2, float) * substrate_area_factor * substrate_kgco2e_cm2 / MM2_PER_CM2)


@formula(made_kgco2e="any_kgco2e", assembly_yield_fraction="sold_fraction")
def scrap_carbon(*, made_kgco2e: Num, assembly_yield_fraction: Num, scrap_invested_fraction: Num) -> Array:
    """Greenhouse gases of the parts lost in packages whose assembly fails, per package that survives, kg CO2e.

    As `estimator.physics.cost.scrap_cost`.

    Examples
    --------
    >>> round(float(scrap_carbon(made_kgco2e=95.0, assembly_yield_fraction=0.95, scrap_invested_fraction=1.0)), 6)
    5.0
    """
    lost = 1.0 / np.asarray(assembly_yield_fraction, float) - 1.0
    return np.asarray(np.asarray(made_kgco2e, float) * scrap_invested_fraction * lost)


@formula(power_w="any_power_w")
def operational_carbon(*, power_w: Num, utilisation: Num, pue: Num, grid_kgco2e_kwh: Num) -> Array:
    """Greenhouse gases of a year of use, kg CO2e: electricity of the hours at work, with what the building adds.

    Examples
    --------
    >>> round(float(operational_carbon(power_w=700, utilisation=1.0, pue=1.0, grid_kgco2e_kwh=0.5)))
    3068
    """
    kwh = np.asarray(power_w, float) / 1000.0 * HOURS_PER_YEAR * utilisation * pue
    return np.asarray(kwh * grid_kgco2e_kwh)


@formula(embodied_kgco2e="any_kgco2e", operational_kgco2e="any_kgco2e", work_tflops="rate_tflops")
def carbon_per_eflop(
    *, embodied_kgco2e: Num, operational_kgco2e: Num, life_years: Num, utilisation: Num, work_tflops: Num
) -> Array:
    """Greenhouse gases per 1e18 floating-point operations over the life of a GPU, making and use, kg CO2e.

    Examples
    --------
    >>> round(float(carbon_per_eflop(embodied_kgco2e=160, operational_kgco2e=3000, life_years=4, utilisation=1.0,
    ...     work_tflops=300)), 4)
    0.3211
    """
    eflop_a_year = np.asarray(work_tflops, float) * 1e-6 * HOURS_PER_YEAR * 3600.0 * utilisation
    return np.asarray((np.asarray(embodied_kgco2e, float) / life_years + operational_kgco2e) / eflop_a_year)

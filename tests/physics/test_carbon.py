"""Greenhouse gases: published carbon per area, ECO-CHIP's GA102, and directions."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.parameters.sets import load_set
from estimator.physics import carbon, yields

ACT = {
    28: 1.16,
    20: 1.35,
    14: 1.36,
    10: 1.55,
    8: 1.58,
    7: 2.03,
    5: 2.43,
    3: 2.77,
}  # Gupta et al. 2022, Taiwan, 97 % abated
IMEC = {28: 0.91, 20: 0.91, 14: 0.97, 10: 1.09, 7: 1.44, 5: 1.54, 3: 1.75}  # imec.netzero, in the data files of ACT
ECO_CHIP = {65: 0.8, 28: 1.414, 14: 1.684, 10: 1.949, 7: 2.613}  # Choppali Sudarshan et al. 2024
GA102 = (
    (425.01, 26.13, 0.2),
    (92.03, 19.49, 0.11),
    (58.78, 16.84, 0.09),
)  # its test case: mm2, g per mm2, defects per cm2


def _per_area(nm, grid, end="central"):
    table, at = load_set("work", "carbon"), (float if end == "central" else lambda p: getattr(p, end))
    return float(
        carbon.fab_carbon(
            fab_energy_kwh_cm2=at(table[f"{nm}nm.fab_energy_kwh_cm2"]),
            fab_grid_kgco2e_kwh=grid,
            fab_gas_kgco2e_cm2=at(table[f"{nm}nm.fab_gas_kgco2e_cm2"]),
            fab_materials_kgco2e_cm2={"low": 0.25, "central": 0.5, "high": 0.65}[end],
        )
    )


@pytest.mark.parametrize("nm", ACT)
def test_carbon_per_area_is_that_of_act_on_its_grid(nm):
    assert _per_area(nm, 0.583) == pytest.approx(ACT[nm], abs=0.006)


@pytest.mark.parametrize("nm", ECO_CHIP)
def test_other_counts_lie_within_the_range(nm):
    for kg in (ECO_CHIP[nm], IMEC.get(nm, ECO_CHIP[nm])):
        assert _per_area(nm, 0.436, "low") < kg < _per_area(nm, 0.642, "high")


def test_eco_chip_ga102():
    """Its own figure for making the three dies, without wafer edge: 25.1 + 1.99 + 1.04 kg."""
    wafer = math.pi * 150.0**2
    total = sum(
        carbon.good_die_carbon(
            fab_kgco2e_cm2=g / 10.0,
            wafer_diameter_mm=300,
            gross_dies=wafer / mm2,
            sellable_fraction=yields.yield_fraction(
                die_area_mm2=mm2, defect_density_per_cm2=d0, model="negative-binomial", clustering_alpha=10
            ),
        )
        for mm2, g, d0 in GA102
    )
    assert float(total) == pytest.approx(28.14, rel=0.01)


@settings(max_examples=25)
@given(st.floats(0.1, 5), st.floats(0.05, 1), st.floats(1.01, 3))
def test_fewer_good_dies_and_dirtier_grids_cost_more_carbon(kg, sold, more):
    one = {"fab_kgco2e_cm2": kg, "wafer_diameter_mm": 300, "gross_dies": 60}
    good = carbon.good_die_carbon(**one, sellable_fraction=sold)
    assert carbon.good_die_carbon(**one, sellable_fraction=sold / more) == pytest.approx(more * good)
    use = {"power_w": 700, "utilisation": 0.7, "pue": 1.2}
    assert carbon.operational_carbon(**use, grid_kgco2e_kwh=kg * more) > carbon.operational_carbon(
        **use, grid_kgco2e_kwh=kg
    )

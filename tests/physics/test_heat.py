"""Heat, worked by hand: a cooler that grows with the silicon, resistances in series, and the loop of leakage and temperature."""

import math

import numpy as np
import pytest

from estimator.physics.heat import (
    air_flow_floor,
    junction_temperature,
    lambert_branch,
    sink_resistance,
    thermal_resistance,
)


def test_a_cooler_grows_with_the_silicon_and_never_gets_worse():
    own = {"resistance_sink_k_w": 0.06, "home_footprint_mm2": 800}
    assert float(sink_resistance(**own, footprint_mm2=3200, sink_area_exponent=0.5)) == pytest.approx(0.03)
    assert float(sink_resistance(**own, footprint_mm2=1600, sink_area_exponent=1.0)) == pytest.approx(0.03)
    assert float(sink_resistance(**own, footprint_mm2=3200, sink_area_exponent=0.0)) == pytest.approx(0.06)
    assert float(sink_resistance(**own, footprint_mm2=400, sink_area_exponent=0.5)) == pytest.approx(0.06)


def test_resistances_in_series():
    found = thermal_resistance(resistance_sink_k_w=0.04, resistance_area_k_mm2_w=24, footprint_mm2=600)
    assert float(found) == pytest.approx(0.08)


def test_without_leakage_the_temperature_is_a_straight_line():
    """400 W through 0.1 K/W above 30 C."""
    found = junction_temperature(
        coolant_c=30, resistance_k_w=0.1, fixed_power_w=400, leakage_w=0.0, leakage_doubling_k=25
    )
    assert float(found) == pytest.approx(70)


def test_leakage_at_the_reference_temperature_itself():
    """Built backwards: at 85 C the leakage is its stated 50 W, so that 35 C + 0.1 K/W (450 + 50) W = 85 C."""
    found = junction_temperature(
        coolant_c=35, resistance_k_w=0.1, fixed_power_w=450, leakage_w=50, leakage_doubling_k=25
    )
    assert float(found) == pytest.approx(85)
    warmer = junction_temperature(  # and at 110 C it is 100 W
        coolant_c=35, resistance_k_w=0.15, fixed_power_w=400, leakage_w=50, leakage_doubling_k=25
    )
    assert float(warmer) == pytest.approx(110)


def test_lambert_branch_at_known_points():
    """y exp(-y) at y = 1 (the branch point), 0.5 and 0.1; Corless et al. 1996: W0(-1/e) = -1, W0(-ln2 / 2) = -ln2."""
    values = np.array([0.1, 0.5, math.log(2), 0.99])
    assert lambert_branch(values * np.exp(-values)).tolist() == pytest.approx(values.tolist(), abs=1e-12)
    assert float(lambert_branch(math.log(2) / 2)) == pytest.approx(math.log(2), abs=1e-14)
    assert float(lambert_branch(1 / math.e)) == pytest.approx(1.0, abs=1e-7)
    assert float(lambert_branch(0.0)) == 0.0


def test_a_cooler_grows_no_further_than_its_air_flow_allows():
    """1/(2 rho c V) at 0.035 m3/s is 0.0124 K/W: it binds where the silicon is more than ten times that at home."""
    floor = air_flow_floor(air_flow_m3_s=0.035, air_heat_j_m3_k=1150)
    assert float(floor) == pytest.approx(0.01242, rel=1e-3)
    grown = sink_resistance(
        resistance_sink_k_w=0.04,
        footprint_mm2=np.array([814.0, 3256.0, 20_000.0]),
        home_footprint_mm2=814,
        sink_area_exponent=0.5,
        least_resistance_k_w=floor,
    )
    assert grown.tolist() == pytest.approx([0.04, 0.02, float(floor)])
    own = sink_resistance(
        resistance_sink_k_w=0.004,
        footprint_mm2=814,
        home_footprint_mm2=814,
        sink_area_exponent=0.5,
        least_resistance_k_w=floor,
    )
    assert float(own) == 0.004, "a floor never makes the cooler of the published point worse"

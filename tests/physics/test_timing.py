"""The timing law: its inverse, its monotony, and what real supply curves look like."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.physics.timing import relative_gate_delay, supply_for_relative_delay, wire_delay_ps

LAW = {"nominal_supply_v": 0.75, "threshold_v": 0.55, "supply_insensitive_fraction": 0.19}
thresholds = st.floats(0.3, 0.6)
fractions = st.floats(0.0, 0.8)
overdrives = st.floats(0.03, 0.8)


@given(over=overdrives, nominal=overdrives, threshold=thresholds, fraction=fractions)
def test_supply_is_the_inverse_of_delay(over: float, nominal: float, threshold: float, fraction: float) -> None:
    law = {
        "nominal_supply_v": threshold + nominal,
        "threshold_v": threshold,
        "supply_insensitive_fraction": fraction,
    }
    delay = relative_gate_delay(supply_v=threshold + over, **law)
    assert supply_for_relative_delay(relative_delay=delay, **law) == pytest.approx(threshold + over, rel=1e-6)


@given(over=overdrives, threshold=thresholds, fraction=fractions)
def test_delay_falls_with_supply(over: float, threshold: float, fraction: float) -> None:
    law = {"nominal_supply_v": 0.8, "threshold_v": threshold, "supply_insensitive_fraction": fraction}
    slow, fast = (relative_gate_delay(supply_v=threshold + v, **law) for v in (over, over + 1e-6))
    assert fast < slow


def test_nominal_supply_has_delay_one_and_arrays_equal_scalars() -> None:
    assert relative_gate_delay(supply_v=0.75, **LAW) == pytest.approx(1.0)
    volts = np.array([0.6, 0.75, 1.0])
    delays = relative_gate_delay(supply_v=volts, **LAW)
    assert delays.tolist() == [float(relative_gate_delay(supply_v=v, **LAW)) for v in volts]


def test_outside_the_law_there_is_no_number() -> None:
    assert np.isnan(relative_gate_delay(supply_v=0.5, **LAW))
    assert supply_for_relative_delay(relative_delay=0.2, **LAW) == np.inf


def test_supply_against_clock_has_the_knee_of_real_parts() -> None:
    """dlnV/dlnf of shipped GPUs: 0.8 to 1.4 above the knee, 0.25 to 0.45 below it."""

    def steepness(v: float) -> float:
        clock = 1.0 / relative_gate_delay(supply_v=np.array([v, 1.0001 * v]), **LAW)
        return float(np.log(1.0001) / np.diff(np.log(clock))[0])

    assert 0.8 < steepness(1.0) < 1.4
    assert 0.25 < steepness(0.72) < 0.45


def test_only_the_repeaters_of_a_wire_follow_the_supply() -> None:
    assert wire_delay_ps(length_mm=3.0, wire_delay_ps_mm=100.0) == pytest.approx(300.0)
    assert wire_delay_ps(length_mm=3.0, wire_delay_ps_mm=100.0, relative_gate_delay=2.0) == pytest.approx(450.0)

"""Spread between dies: expected extremes of normal numbers against a published table, and shares of parts."""

import numpy as np
import pytest
from scipy import integrate, stats

from estimator.physics.binning import reaching_fraction, slowest_die


@pytest.mark.parametrize(("n", "largest"), [(2, 0.56419), (4, 1.02938), (7, 1.35218), (10, 1.53875), (100, 2.50759)])
def test_expected_extremes_are_those_of_the_tables(n, largest):
    """H. L. Harter, "Expected values of normal order statistics", Biometrika 48, 1961."""
    assert 1 - float(slowest_die(dies=n, die_speed_sd=0.1)) == pytest.approx(0.1 * largest, abs=1e-6)


def test_expected_extremes_hold_to_the_most_dies():
    exact, _ = integrate.quad(lambda x: x * 1024 * stats.norm.pdf(x) * stats.norm.cdf(x) ** 1023, -2, 9, epsabs=1e-12)
    assert float(slowest_die(dies=1024, die_speed_sd=0.1)) == pytest.approx(1 - 0.1 * exact, abs=1e-10)
    assert slowest_die(dies=[0.0, 1.0], die_speed_sd=0.1).tolist() == [1.0, 1.0]


def test_share_of_parts_is_a_normal_law_to_the_power_of_the_dies():
    law = {"home_dies": 1, "die_speed_sd": 0.03, "speed_bin_fraction": 0.95}
    rated = 1 - 0.03 * stats.norm.ppf(0.95)  # speed of the slowest die that is sold at the clock
    clocks = np.array([0.95, 1.0, 1.02])
    one = reaching_fraction(clock_over_rated=clocks, dies=1, **law)
    assert one == pytest.approx(stats.norm.sf(rated * clocks, 1.0, 0.03))
    assert reaching_fraction(clock_over_rated=clocks, dies=4, **law) == pytest.approx(one**4)
    pairs = {**law, "home_dies": 2}
    assert float(reaching_fraction(clock_over_rated=1.0, dies=2, **pairs)) == pytest.approx(0.95)

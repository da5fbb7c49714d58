"""Pipeline: what a faster clock costs in registers, worked by hand."""

import numpy as np
import pytest

from estimator.physics.pipeline import register_growth, with_registers


def test_registers_by_hand():
    """A register of a tenth of the period: at 1.25 the clock a stage keeps 0.7 of it for logic instead of 0.9."""
    law = {"register_delay_fraction": 0.1, "register_growth_exponent": 1.1}
    assert float(register_growth(clock_gain=1.25, **law)) == pytest.approx((0.9 / 0.7) ** 1.1)
    assert float(register_growth(clock_gain=1.0, **law)) == 1.0
    assert np.isnan(register_growth(clock_gain=10.0, **law))  # nothing of the period is left for logic
    assert (np.diff(register_growth(clock_gain=np.linspace(1, 2, 9), **law)) > 0).all()


def test_registers_are_a_share_of_logic():
    assert with_registers(register_growth=[1.0, 1.5, 2.0], register_share=0.2).tolist() == pytest.approx(
        [1.0, 1.1, 1.2]
    )

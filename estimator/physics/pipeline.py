"""Pipeline: what a faster clock by logic cut into more stages costs in registers."""

from __future__ import annotations

import numpy as np

from estimator.arrays import Array, Num
from estimator.checks import formula


@formula()
def register_growth(*, clock_gain: Num, register_delay_fraction: Num, register_growth_exponent: Num) -> Array:
    """Pipeline registers of logic that is cut for a faster clock, over those before.

    A stage is logic and a register, which takes the share o of the period. At a clock g times as fast the logic of a stage shrinks
    to ``1/g - o``, so there are ``p = (1 - o) / (1/g - o)`` times as many stages, and registers grow as ``p**n`` (n is above 1, for
    wires between stages are wider than those at their ends). NaN where the register alone takes the whole period. Source:
    Srinivasan et al., "Optimizing pipelines for power and performance", MICRO 35, 2002.

    Examples
    --------
    >>> round(float(register_growth(clock_gain=1.25, register_delay_fraction=0.1, register_growth_exponent=1.0)), 6)
    1.285714
    """
    o = np.asarray(register_delay_fraction, float)
    logic = 1.0 / np.asarray(clock_gain, float) - o
    stages = (1.0 - o) / np.where(logic > 0, logic, np.nan)
    return np.asarray(stages**register_growth_exponent)


@formula(register_share="share")
def with_registers(*, register_growth: Num, register_share: Num) -> Array:
    """Area or power of logic when its registers grow, over that before: ``1 + s (r - 1)`` with their share s.

    Examples
    --------
    >>> round(float(with_registers(register_growth=1.2, register_share=0.25)), 6)
    1.05
    """
    return np.asarray(1.0 + np.asarray(register_share, float) * (np.asarray(register_growth, float) - 1.0))

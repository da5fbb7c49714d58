"""Binning: what share of the parts of a clone reaches a clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from estimator.arrays import Num, unwrap
from estimator.checks import checked
from estimator.physics import binning

if TYPE_CHECKING:
    from estimator.estimation import Estimate


@checked(new="flag")
def parts_at_clock_fraction(*, est: Estimate, clock_ghz: Num, new: bool = False) -> Any:
    """Share of a clone's parts that reach a clock at the supply that the plan allows, 0..1.

    Power and cooling are not asked: it is the share that timing allows. By `estimator.physics.binning.reaching_fraction`, with
    ``die_speed_sd``, ``speed_bin_fraction`` and ``ageing_guard_fraction`` of the model (``model.die_speed_sd=0.02`` overrides one).

    Parameters
    ----------
    est : Estimate
        A clone; its outputs and `clock_ghz` must have one shape.
    clock_ghz : float or array
        Clocks, GHz.
    new : bool
        Parts as they leave the test, without the clock that is set aside for ageing.

    Returns
    -------
    float or ndarray
        NaN where there is no clone.

    Examples
    --------
    >>> from estimator import estimate
    >>> est = estimate("h100-sxm", "tsmc-4n")
    >>> round(parts_at_clock_fraction(est=est, clock_ghz=est.clock_ghz), 3)
    0.95
    """
    made = est.sides["clone"]
    m, operation = made.build.inputs.model, made.result.operation
    clock = np.asarray(clock_ghz, float) / (1.0 + np.asarray(m.ageing_guard_fraction, float) * new)
    share = binning.reaching_fraction(
        clock_over_rated=clock / operation.timing_clock_ghz,
        dies=made.result.geometry.compute.dies,
        home_dies=made.build.inputs.dies[0].numbers.count,
        die_speed_sd=m.die_speed_sd,
        speed_bin_fraction=m.speed_bin_fraction,
    )
    return unwrap(np.where(est.clone["feasible"], share, np.nan))

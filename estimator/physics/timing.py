"""Timing: how gate and wire delay follow the supply voltage.

The law (its parameters are fitted in ``estimator.calibration.voltage_fit``) is the alpha-power law
of Sakurai and Newton in its velocity-saturated limit, alpha = 1, plus a share of the critical path that does not
follow the logic supply::

    t(V) / t(V0) = (1 - s) * (V / (V - Vt)) * ((V0 - Vt) / V0) + s

``Vt`` is an effective threshold that has the guard band folded into it, ``s`` the share of the path which is blind to
the regulator's voltage (memory arrays on their own rail, synchronisers, and the droop that grows with current). It is
rational in V, so the clock at a voltage and the voltage at a clock are both closed forms without a power or logarithm.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from estimator.arrays import Array
from estimator.checks import Arguments, formula
from estimator.errors import InputError

LEAST_OVERDRIVE_V = 1e-6  # closer to the threshold is on it


def check_law(given: Arguments) -> None:
    """Raise the sentence where the nominal supply is not above the threshold."""
    nominal, threshold = np.asarray(given["nominal_supply_v"]), np.asarray(given["threshold_v"])
    if np.any(nominal < threshold + LEAST_OVERDRIVE_V):
        raise InputError(
            f"nominal_supply_v = {float(np.min(nominal)):g} V must be above threshold_v = {float(np.max(threshold)):g} V"
        )


@formula(check_law, supply_v="any_supply_v", threshold_v="any_threshold_v")
def relative_gate_delay(
    *,
    supply_v: ArrayLike,
    nominal_supply_v: ArrayLike,
    threshold_v: ArrayLike,
    supply_insensitive_fraction: ArrayLike,
) -> Array:
    """Gate delay at a supply voltage, relative to the delay at the nominal supply.

    Parameters
    ----------
    supply_v : array_like
        Supply voltage [V]; valid above ``threshold_v``.
    nominal_supply_v : array_like
        Supply voltage at which the result is 1 [V].
    threshold_v : array_like
        Effective threshold voltage, guard band included [V].
    supply_insensitive_fraction : array_like
        Share of the delay at the nominal supply that does not follow the supply [0 - 1).

    Returns
    -------
    float or ndarray
        Relative delay [-]: 1 at the nominal supply, falling with the supply, NaN at or below the threshold.

    Notes
    -----
    ``(1 - s) * (V / (V - Vt)) * ((V0 - Vt) / V0) + s``: the drain current of a velocity-saturated transistor grows as
    ``V - Vt`` (alpha = 1) and the charge to be moved as ``V``. Valid from about ``Vt + 0.05`` V to the highest
    voltage shipped; near-threshold conduction is not covered.

    References
    ----------
    T. Sakurai and A. R. Newton, "Alpha-power law MOSFET model and its applications to CMOS inverter delay and other
    formulas", IEEE J. Solid-State Circuits 25(2), 1990, doi:10.1109/4.52187.

    Examples
    --------
    >>> round(float(relative_gate_delay(supply_v=0.8, nominal_supply_v=1.0, threshold_v=0.5,
    ...                                 supply_insensitive_fraction=0.4)), 6)
    1.2
    """
    v = np.asarray(supply_v, dtype=float)
    v0 = np.asarray(nominal_supply_v, dtype=float)
    vt = np.asarray(threshold_v, dtype=float)
    s = np.asarray(supply_insensitive_fraction, dtype=float)
    overdrive = np.where(v > vt, v - vt, np.nan)
    result: Array = ((1.0 - s) * (v / overdrive) * ((v0 - vt) / v0) + s)[()]
    return result


@formula(check_law, threshold_v="any_threshold_v")
def supply_for_relative_delay(
    *,
    relative_delay: ArrayLike,
    nominal_supply_v: ArrayLike,
    threshold_v: ArrayLike,
    supply_insensitive_fraction: ArrayLike,
) -> Array:
    """Supply voltage at which the gate delay is a given multiple of its value at the nominal supply.

    The inverse of `relative_gate_delay`, in closed form.

    Parameters
    ----------
    relative_delay : array_like
        Wanted delay over the delay at the nominal supply [-].
    nominal_supply_v : array_like
        Supply voltage of relative delay 1 [V].
    threshold_v : array_like
        Effective threshold voltage, guard band included [V].
    supply_insensitive_fraction : array_like
        Share of the delay at the nominal supply that does not follow the supply [0 - 1).

    Returns
    -------
    float or ndarray
        Supply voltage [V]; infinite where no voltage is high enough, because the delay asked for lies at or below the
        limit ``s + (1 - s) * (1 - Vt / V0)`` which the law approaches at infinite voltage.

    Notes
    -----
    With ``y = (t - s) * V0 / ((1 - s) * (V0 - Vt))`` the law reads ``V / (V - Vt) = y``, hence ``V = Vt * y / (y - 1)``.
    The caller holds the result between the node's lowest and highest supply.

    References
    ----------
    As `relative_gate_delay`.

    Examples
    --------
    >>> round(float(supply_for_relative_delay(relative_delay=1.2, nominal_supply_v=1.0, threshold_v=0.5,
    ...                                       supply_insensitive_fraction=0.4)), 6)
    0.8
    """
    t = np.asarray(relative_delay, dtype=float)
    v0 = np.asarray(nominal_supply_v, dtype=float)
    vt = np.asarray(threshold_v, dtype=float)
    s = np.asarray(supply_insensitive_fraction, dtype=float)
    y = (t - s) * v0 / ((1.0 - s) * (v0 - vt))
    excess = np.where(y > 1.0, y - 1.0, np.nan)
    supply = np.where(y > 1.0, vt * y / excess, np.where(np.isnan(y), np.nan, np.inf))
    return supply[()]


@formula(relative_gate_delay="relative_delay")
def relative_wire_delay(*, relative_gate_delay: ArrayLike, repeater_fraction: ArrayLike) -> Array:
    """Delay of a repeatered wire over that at nominal supply: ``(1 - rho) + rho g``.

    Repeaters, a share rho of the delay at nominal supply, follow the gate delay g; the metal does not (see `wire_delay_ps`).

    Examples
    --------
    >>> round(float(relative_wire_delay(relative_gate_delay=1.2, repeater_fraction=0.5)), 6)
    1.1
    """
    rho = np.asarray(repeater_fraction, dtype=float)
    result: Array = ((1.0 - rho) + rho * np.asarray(relative_gate_delay, dtype=float))[()]
    return result


@formula(relative_gate_delay="relative_delay")
def wire_delay_ps(
    *,
    length_mm: ArrayLike,
    wire_delay_ps_mm: ArrayLike,
    relative_gate_delay: ArrayLike = 1.0,
    repeater_fraction: ArrayLike = 0.5,
) -> Array:
    """Delay of a repeatered wire, whose repeaters follow the supply and whose metal does not.

    Parameters
    ----------
    length_mm : array_like
        Wire length [mm]; for a compute unit, a fixed share of the square root of its area.
    wire_delay_ps_mm : array_like
        Delay per length of the repeatered wire at the nominal supply [ps/mm].
    relative_gate_delay : array_like, optional
        Gate delay over its value at the nominal supply, from `relative_gate_delay` [-].
    repeater_fraction : array_like, optional
        Share of the wire's delay at the nominal supply that is spent in its repeaters [0 - 1].

    Returns
    -------
    float or ndarray
        Wire delay [ps].

    Notes
    -----
    ``length * delay_per_length * ((1 - rho) + rho * g)``. For delay-optimal repeaters half of the delay is the
    repeaters' own (rho = 0.5). Valid for lengths over the distance between repeaters (about 0.2 mm and more).

    References
    ----------
    R. Ho, K. W. Mai and M. A. Horowitz, "The future of wires", Proc. IEEE 89(4), 2001, doi:10.1109/5.920580.

    Examples
    --------
    >>> float(wire_delay_ps(length_mm=2.0, wire_delay_ps_mm=150.0, relative_gate_delay=1.2, repeater_fraction=0.5))
    330.0
    """
    length = np.asarray(length_mm, dtype=float)
    per_mm = np.asarray(wire_delay_ps_mm, dtype=float)
    result: Array = (
        length
        * per_mm
        * relative_wire_delay(relative_gate_delay=relative_gate_delay, repeater_fraction=repeater_fraction)
    )
    return result

"""Inverse of the voltage law for arrays of nodes (last axis), smooth everywhere so that a fit can cross its edges."""

from __future__ import annotations

import numpy as np

from estimator.arrays import Array
from estimator.calibration.electrical_data import IntArray, NodeTable
from estimator.physics.timing import supply_for_relative_delay


def held_above(value: Array, floor: Array | float, width: Array | float = 0.01) -> Array:
    """Smooth maximum of a value and a floor: off by at most ``0.7 * width`` at the corner."""
    out: Array = floor + width * np.logaddexp(0.0, (value - floor) / width)
    return out


def supply_at_equal_delay(nodes: NodeTable, log_delay: Array, node: IntArray, delay_ps: Array) -> Array:
    """Voltage at which nodes have a given gate delay [ps] (closed form; bent before the law's pole)."""
    v0, vt, s = nodes.supply_v[node], nodes.threshold_v[node], nodes.insensitive[node]
    follows = (1.0 - s) * (v0 - vt) / v0
    relative = held_above(delay_ps / np.exp(log_delay[..., node]), s + 1.25 * follows, 0.05 * follows)
    return np.asarray(supply_for_relative_delay(relative_delay=relative, **nodes.law(node)), dtype=float)


def supply_at_equal_power(nodes: NodeTable, log_delay: Array, node: IntArray, target: Array) -> Array:
    """Voltage at which ``V**2 / delay`` equals a target: the largest root of a cubic, in closed form."""
    v0, vt, s = nodes.supply_v[node], nodes.threshold_v[node], nodes.insensitive[node]
    k = (1.0 - s) * (v0 - vt) / v0
    p = target * np.exp(log_delay[..., node])
    b, c, d = -vt, -p * (k + s), p * s * vt
    q = c - b * b / 3.0
    r = 2.0 * b**3 / 27.0 - b * c / 3.0 + d
    m = 2.0 * np.sqrt(np.maximum(-q / 3.0, 1e-12))
    angle = np.arccos(np.clip(3.0 * r / (q * m), -1.0, 1.0)) / 3.0
    out: Array = m * np.cos(angle) - b / 3.0
    return out

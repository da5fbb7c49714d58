"""Power of one die against its clock, and its clock against voltage: the law whose shared parameters `voltage_fit` learns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from estimator.arrays import Array
from estimator.calibration.priors import expected, priors
from estimator.calibration.voltage_data import PowerPoints, StockCurves
from estimator.parameters.library import constants
from estimator.physics.power import LEAKAGE_REFERENCE_C, dynamic_power, leakage_factor
from estimator.physics.timing import relative_gate_delay, supply_for_relative_delay

GF14_NODES = ("gf-14lpp", "gf-12lp", "samsung-14lpe", "samsung-14lpp")  # one process, licensed
GRID = np.linspace(0.12, 1.0, 441)  # clocks over the anchor's between which `clock_at_power` interpolates


def supply_at(clock_over_reference: Array, theta: Mapping[str, float]) -> Array:
    """Supply [V] at a clock over the clock reached at 1.05 V: the timing law, held above the floor."""
    supply = supply_for_relative_delay(
        relative_delay=1.0 / clock_over_reference,
        nominal_supply_v=expected("voltage_rules", "reference_supply_v"),
        threshold_v=theta["threshold_v"],
        supply_insensitive_fraction=theta["supply_insensitive_fraction"],
    )
    out: Array = np.clip(supply, theta["supply_min_v"], 2.0)
    return out


def class_value(points: PowerPoints, theta: Mapping[str, float], prefix: str) -> Array:
    """A parameter that depends on the workload class (``training`` stands in for classes without their own)."""
    names = {str(c): f"{prefix}_{c}" for c in np.unique(points.workload_class)}
    values = {c: theta.get(name, theta[f"{prefix}_training"]) for c, name in names.items()}
    return np.array([values[str(c)] for c in points.workload_class])


def _leakage(theta: Mapping[str, float], limit_w: Array, supply: Array, power: Array) -> Array:
    """Leakage [W]: its share of the limit at the reference supply and full power, by the law of every estimate."""
    m = constants()
    return (
        theta["leakage_share"]
        * limit_w
        * leakage_factor(
            supply_v=supply,
            nominal_supply_v=expected("voltage_rules", "reference_supply_v"),
            junction_c=LEAKAGE_REFERENCE_C + (power / limit_w - 1.0) * theta["junction_rise_k"],
            leakage_voltage_scale_v=float(m["leakage_voltage_scale_finfet_v"]),
            leakage_doubling_k=float(m["leakage_doubling_k"]),
        )
    )


def power_at_clock(points: PowerPoints, theta: Mapping[str, float], clock_ratio: Array) -> Array:
    """Board power [W] at clocks (rows: points, columns: clock over the anchor's clock).

    ``P = floor + memory traffic + leakage(V, T) + C V(f)^2 f``: the floor is a share of the board's limit by memory type,
    the traffic a class's share of bandwidth times energy per bit, the capacitance what the anchor's power leaves.
    """
    share = np.where(points.hbm, theta["floor_share_hbm"], theta["floor_share_gddr"])
    constant = share * points.limit_w + class_value(points, theta, "traffic") * points.memory_w
    constant = np.minimum(constant, expected("voltage_rules", "constant_share_max") * points.anchor_w)
    at_anchor = points.anchor_mhz / points.reference_mhz
    supply_anchor = supply_at(at_anchor, theta)
    full = _leakage(theta, points.limit_w, supply_anchor, points.anchor_w)
    held = np.minimum(full, 0.5 * (points.anchor_w - constant))
    dynamic = points.anchor_w - constant - held
    supply = supply_at(at_anchor[:, None] * clock_ratio, theta)
    switched = (dynamic / supply_anchor**2)[:, None]  # per V^2 and clock of the anchor
    known = constant[:, None] + dynamic_power(switched_w=switched, supply_v=supply, clock_ghz=clock_ratio)
    power = points.anchor_w[:, None] * clock_ratio
    for _ in range(4):  # leakage follows temperature, which follows power: a strong contraction
        power = known + (held / full)[:, None] * _leakage(theta, points.limit_w[:, None], supply, power)
    return power


def clock_at_power(points: PowerPoints, theta: Mapping[str, float]) -> Array:
    """Clock over the anchor's clock at which each point's power is drawn (inverse of `power_at_clock`)."""
    power = power_at_clock(points, theta, np.broadcast_to(GRID, (len(points), len(GRID))))
    wanted = np.minimum(points.power_w, points.anchor_w)
    return np.array([np.interp(w, p, GRID) for w, p in zip(wanted, power, strict=True)])


def predict(points: PowerPoints, theta: Mapping[str, float]) -> Array:
    """Each point's quantity over its anchor value: power, relative performance or clock, by `PowerPoints.kind`.

    Performance follows from the clock by a two-part time: ``1 / ((1 - b) / x + b)`` with a class's share b that does not
    follow the core clock.
    """
    out = np.empty(len(points))
    locked = points.kind == "locked"
    if locked.any():
        part = points.take(locked)
        ratio = (part.clock_mhz / part.anchor_mhz)[:, None]
        out[locked] = power_at_clock(part, theta, ratio)[:, 0] / part.anchor_w
    if not locked.all():
        part = points.take(~locked)
        clock = clock_at_power(part, theta)
        fixed = class_value(part, theta, "fixed_time")
        performance = 1.0 / ((1.0 - fixed) / clock + fixed)
        out[~locked] = np.where(part.kind == "clock-cap", clock, performance)
    return out


def predict_stock(curves: StockCurves, theta: Mapping[str, float]) -> Array:
    """Clock over the top clock at each point's voltage; planar chips use the law scaled to their own supply."""
    rules = priors("voltage_rules")
    reference = rules["reference_supply_v"].central
    planar_top = rules["planar_top_of_nominal"].central * rules["planar_nominal_v"].central
    scale = np.where(np.array(curves.node) == "tsmc-28hpm", planar_top / reference, 1.0)
    gf14 = np.array([node in GF14_NODES for node in curves.node])
    threshold = scale * np.where(gf14, theta["threshold_v_gf14"], theta["threshold_v"])
    at_top = np.where(gf14, theta["supply_insensitive_fraction_gf14"], theta["supply_insensitive_fraction"])
    law: dict[str, Array] = {
        "nominal_supply_v": reference * scale,
        "threshold_v": threshold,
        "supply_insensitive_fraction": at_top,
    }
    top = relative_gate_delay(supply_v=curves.top_supply_v, **law)
    supply = np.maximum(curves.supply_v, threshold + 0.02)
    return np.asarray(top / relative_gate_delay(supply_v=supply, **law), dtype=float)

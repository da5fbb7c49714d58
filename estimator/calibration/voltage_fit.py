"""Fits what all dies share in supply against clock, and writes each node's threshold and insensitive fraction.

Calibration rows are measured power-clock curves and power caps (``power_points.csv``) and stock voltage curves
(``vf_points.csv``). Stock tables carry a guard band and range-end pairings are rough, so they enter with a wide error.
The fit is a penalised least squares: every parameter has a physical prior (params/priors.toml), since five families of dies
cannot pin all of them alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import least_squares

from estimator.arrays import Array
from estimator.calibration.priors import priors
from estimator.calibration.voltage_data import PowerPoints, load_points, load_stock_curves
from estimator.calibration.voltage_law import GF14_NODES, predict, predict_stock
from estimator.parameters.library import params_data, params_names
from estimator.physics.timing import relative_gate_delay

FITTED_FAMILIES = ("tsmc-16", "tsmc-7", "samsung-10", "gf-14", "samsung-14")


@dataclass(frozen=True)
class VoltageFit:
    """Shared parameters, with what they were learnt from."""

    theta: dict[str, float]
    families: tuple[str, ...]
    rows: int
    fit_error: float
    sources: tuple[str, ...]


def _row_weights(points: PowerPoints) -> Array:
    """Each family counts once in each kind of point, however many kernels it was measured with."""
    keys = np.char.add(np.char.add(points.family, "|"), points.kind)
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    out: Array = 1.0 / np.sqrt(counts[inverse])
    return out


def fit_shared(*, exclude: Iterable[str] = ()) -> VoltageFit:
    """Shared parameters from all families except those excluded (deterministic).

    Parameters
    ----------
    exclude : iterable of str
        Families of dies (``TU102``, ...) whose rows are removed: power points, stock curves and reference clocks.

    Returns
    -------
    VoltageFit
        Parameters [V, shares, K] and the median relative error of the power rows used [-].
    """
    left_out = set(exclude)
    points = load_points(exclude=left_out)
    points = points.take(~np.isin(points.family, sorted(left_out)))
    curves = load_stock_curves()
    keep = np.array([f not in left_out for f in curves.family])
    per_chip = np.array([1.0 / np.sqrt(curves.chip.count(c)) for c in curves.chip])
    prior, rules = priors("voltage"), priors("voltage_rules")
    names = tuple(prior)
    center, spread = np.array([p.central for p in prior.values()]), np.array([p.sd for p in prior.values()])
    weights = rules["row_weight"].central * _row_weights(points)
    stock = rules["stock_weight"].central * (per_chip * keep)
    held = rules["prior_weight"].central

    def residuals(values: Array) -> Array:
        theta = dict(zip(names, (float(v) for v in values), strict=True))
        power = weights * np.log(predict(points, theta) / points.value)
        clock = stock * np.log(predict_stock(curves, theta) / curves.clock_ratio)
        return np.concatenate([power, clock, held * (values - center) / spread])

    bounds = (np.array([p.low for p in prior.values()]), np.array([p.high for p in prior.values()]))
    found = least_squares(residuals, center, bounds=bounds, loss="soft_l1", x_scale=spread)
    theta = dict(zip(names, (float(v) for v in found.x), strict=True))
    error = float(np.median(np.abs(predict(points, theta) / points.value - 1.0)))
    return VoltageFit(
        theta=theta,
        families=tuple(sorted(set(points.family.tolist()))),
        rows=len(points) + int(keep.sum()),
        fit_error=error,
        sources=tuple(sorted(set(points.source.tolist()))),
    )


def insensitive_fraction(*, supply_v: float, top_v: float, threshold_v: float, at_top: float) -> float:
    """Share of the delay at the nominal supply that does not follow the supply, from the share at the top supply.

    Examples
    --------
    >>> round(insensitive_fraction(supply_v=0.775, top_v=1.05, threshold_v=0.56, at_top=0.25), 3)
    0.165
    """
    slower = relative_gate_delay(
        supply_v=supply_v, nominal_supply_v=top_v, threshold_v=threshold_v, supply_insensitive_fraction=at_top
    )
    return at_top / float(slower)


def _node_tables(shared: VoltageFit, name: str, node: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    theta, rule = shared.theta, {n: p.central for n, p in priors("voltage_rules").items()}
    supply = float(node["supply_v"]["central"])
    floor, floor_low = float(node["supply_min_v"]["central"]), float(node["supply_min_v"]["low"])
    planar, suffix = node.get("device") == "planar", "_gf14" if name in GF14_NODES else ""
    if planar:
        share, top = rule["planar_threshold_of_nominal"], rule["planar_top_of_nominal"] * supply
        note = "share of the nominal supply as on 28 nm (one chip measured there), read across by supply"
    else:
        fitted = node.get("process_family") in FITTED_FAMILIES
        nominal = (
            supply if fitted else rule["finfet_nominal_v"]
        )  # the fit is in volts, shared by the nodes it has points on
        share, top = theta["threshold_v" + suffix] / nominal, rule["reference_supply_v"] / nominal * supply
        note = "shared FinFET fit" if fitted else "shared FinFET fit of 16 to 7 nm, read across by nominal supply"
    central = min(share * supply, floor - rule["threshold_margin_v"], floor_low - rule["threshold_margin_low_v"])
    spread = rule["threshold_half_width_planar_v" if planar else "threshold_half_width_v"]
    low, high = central - spread, min(central + spread, floor_low - 0.01)
    at_top = theta["supply_insensitive_fraction" + suffix]
    shares = [
        insensitive_fraction(supply_v=supply, top_v=top, threshold_v=central, at_top=s)
        for s in (max(0.02, at_top - rule["insensitive_below"]), at_top, at_top + rule["insensitive_above"])
    ]
    common = {
        "kind": "fit",
        "source": ["nv-dvfs-benchmark", "zeus-traces", "perseus-2024", "stock-voltage-tables"],
        "note": note,
        "rows": shared.rows,
        "fit_error": round(shared.fit_error, 4),
    }
    values: dict[str, tuple[float, float, float, str]] = {
        "threshold_v": (low, central, high, "V"),
        "supply_insensitive_fraction": (shares[0], shares[1], shares[2], "1"),
    }
    return {
        field: {"low": round(lo, 3), "central": round(mid, 3), "high": round(up, 3), "unit": unit, **common}
        for field, (lo, mid, up, unit) in values.items()
    }


def fit_voltage(*, exclude: Iterable[str] = ()) -> dict[str, dict[str, dict[str, Any]]]:
    """Threshold and insensitive fraction of every node: owner -> field -> parameter table.

    A node that inherits from another (``base``) takes that one's law.
    """
    shared = fit_shared(exclude=exclude)
    out: dict[str, dict[str, dict[str, Any]]] = {}
    for name in params_names("nodes"):
        node = params_data(f"nodes/{name}")
        if "base" in node:
            continue
        out[name] = _node_tables(shared, name, node)
    return out

"""Fits what all dies share in supply against clock, and writes each node's threshold and insensitive fraction.

Calibration rows are measured power-clock curves and power caps (``power_points.csv``) and stock voltage curves
(``vf_points.csv``). Stock tables carry a guard band and range-end pairings are rough, so they enter with a wide error.
The fit is a penalised least squares: every parameter has a physical prior (`PRIORS`), since five families of dies
cannot pin all of them alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import least_squares

from estimator.calibration.fitfile import write_fit
from estimator.calibration.voltage_data import (
    REFERENCE_SUPPLY_V,
    FloatArray,
    PowerPoints,
    load_points,
)
from estimator.calibration.voltage_law import predict
from estimator.library import params_folder
from estimator.silicon import read_silicon
from estimator.timing import relative_gate_delay

# central, spread, low, high, reasoning
PRIORS: dict[str, tuple[float, float, float, float, str]] = {
    "threshold_v": (0.58, 0.05, 0.40, 0.68, "FinFET threshold 0.30 to 0.35 V, guard band and slow corner on top"),
    "supply_insensitive_fraction": (0.40, 0.20, 0.0, 0.90, "stock curves: 0.3 to 0.7 at 1.05 V"),
    "threshold_v_gf14": (0.61, 0.05, 0.40, 0.68, "14LPP parts need more voltage for the same share of clock"),
    "supply_insensitive_fraction_gf14": (0.20, 0.15, 0.0, 0.90, "stock curves: about linear, 0.3 for Polaris"),
    "supply_min_v": (0.715, 0.015, 0.60, 0.80, "measured floors: 0.713, 0.718, 0.731, 0.743 V"),
    "floor_share_hbm": (0.10, 0.03, 0.02, 0.30, "idle at full memory clock 0.14 to 0.16 of the limit, leakage included"),
    "floor_share_gddr": (0.20, 0.02, 0.02, 0.35, "idle with context about 0.28 of the limit (L40S), leakage included"),
    "traffic_compute": (0.10, 0.10, 0.0, 1.0, "kernels that live in cache"),
    "traffic_memory": (0.85, 0.20, 0.0, 1.5, "streaming kernels reach 85 % of the bandwidth"),
    "traffic_training": (0.40, 0.20, 0.0, 1.5, "dense transformer layers"),
    "traffic_vision": (0.50, 0.20, 0.0, 1.5, "convolution nets with normalisation layers"),
    "traffic_decode": (0.90, 0.10, 0.0, 1.5, "token generation streams the weights"),
    "leakage_share": (0.10, 0.05, 0.0, 0.30, "leakage at 1.05 V and full power, share of the limit"),
    "junction_rise_k": (45.0, 10.0, 10.0, 80.0, "junction over coolant at full power"),
    "fixed_time_training": (0.20, 0.10, 0.0, 0.60, "dense transformer layers, mostly matrix products"),
    "fixed_time_vision": (0.35, 0.10, 0.0, 0.70, "normalisation and activation layers wait for memory"),
    "fixed_time_decode": (0.20, 0.10, 0.0, 0.80, "instruction issue still limits small batches"),
}
PRIOR_WEIGHT = 0.25
ROW_WEIGHT = 6.0  # 1 / (typical error of 17 % for a family counted once)
STOCK_WEIGHT = 3.0
PLANAR_TOP_OF_NOMINAL = 1.2
PLANAR_THRESHOLD_OF_NOMINAL = 0.62
FINFET_NOMINAL_V = 0.775
GF14_NODES = ("gf-14lpp", "gf-12lp", "samsung-14lpe", "samsung-14lpp")  # one process, licensed
FITTED_FAMILIES = ("tsmc-16", "tsmc-7", "samsung-10", "gf-14", "samsung-14")


@dataclass(frozen=True)
class StockCurves:
    """Points of stock voltage curves below each chip's own top point."""

    family: tuple[str, ...]
    chip: tuple[str, ...]
    source: tuple[str, ...]
    node: tuple[str, ...]
    supply_v: FloatArray
    top_supply_v: FloatArray
    clock_ratio: FloatArray
    clock_mhz: FloatArray
    top_clock_mhz: FloatArray


def load_stock_curves() -> StockCurves:
    """Usable voltage points as clock over the clock of the chip's own highest point."""
    rows = [row for row in read_silicon("vf_points") if row["use"] == "1"]
    chips: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        chips.setdefault(row["chip"], []).append(row)
    found: list[tuple[dict[str, str], dict[str, str]]] = []
    for group in chips.values():
        top = max(group, key=lambda r: (float(r["clock_mhz"]), float(r["voltage_v"])))
        found += [(r, top) for r in group if float(r["clock_mhz"]) < float(top["clock_mhz"])]
    return StockCurves(
        family=tuple(r["family"] for r, _ in found),
        chip=tuple(r["chip"] for r, _ in found),
        source=tuple(r["url"] or r["source"] for r, _ in found),
        node=tuple(r["node"] for r, _ in found),
        supply_v=np.array([float(r["voltage_v"]) for r, _ in found]),
        top_supply_v=np.array([float(t["voltage_v"]) for _, t in found]),
        clock_ratio=np.array([float(r["clock_mhz"]) / float(t["clock_mhz"]) for r, t in found]),
        clock_mhz=np.array([float(r["clock_mhz"]) for r, _ in found]),
        top_clock_mhz=np.array([float(t["clock_mhz"]) for _, t in found]),
    )


def predict_stock(curves: StockCurves, theta: Mapping[str, float]) -> FloatArray:
    """Clock over the top clock at each point's voltage; planar chips use the law scaled to their own supply."""
    scale = np.where(np.array(curves.node) == "tsmc-28hpm", PLANAR_TOP_OF_NOMINAL * 0.9 / REFERENCE_SUPPLY_V, 1.0)
    gf14 = np.array([node in GF14_NODES for node in curves.node])
    threshold = scale * np.where(gf14, theta["threshold_v_gf14"], theta["threshold_v"])
    at_top = np.where(gf14, theta["supply_insensitive_fraction_gf14"], theta["supply_insensitive_fraction"])
    law: dict[str, FloatArray] = {
        "nominal_supply_v": REFERENCE_SUPPLY_V * scale,
        "threshold_v": threshold,
        "supply_insensitive_fraction": at_top,
    }
    top = relative_gate_delay(supply_v=curves.top_supply_v, **law)
    supply = np.maximum(curves.supply_v, threshold + 0.02)
    return np.asarray(top / relative_gate_delay(supply_v=supply, **law), dtype=float)


@dataclass(frozen=True)
class VoltageFit:
    """Shared parameters, with what they were learnt from."""

    theta: dict[str, float]
    families: tuple[str, ...]
    rows: int
    fit_error: float
    sources: tuple[str, ...]


def _row_weights(points: PowerPoints) -> FloatArray:
    """Each family counts once in each kind of point, however many kernels it was measured with."""
    keys = np.char.add(np.char.add(points.family, "|"), points.kind)
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    out: FloatArray = 1.0 / np.sqrt(counts[inverse])
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
    names = tuple(PRIORS)
    center = np.array([PRIORS[n][0] for n in names])
    spread = np.array([PRIORS[n][1] for n in names])
    weights = ROW_WEIGHT * _row_weights(points)
    stock = STOCK_WEIGHT * (per_chip * keep)

    def residuals(values: FloatArray) -> FloatArray:
        theta = dict(zip(names, (float(v) for v in values), strict=True))
        power = weights * np.log(predict(points, theta) / points.value)
        clock = stock * np.log(predict_stock(curves, theta) / curves.clock_ratio)
        return np.concatenate([power, clock, PRIOR_WEIGHT * (values - center) / spread])

    bounds = (np.array([PRIORS[n][2] for n in names]), np.array([PRIORS[n][3] for n in names]))
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
    variable = (1.0 - at_top) * (supply_v / (supply_v - threshold_v)) * ((top_v - threshold_v) / top_v)
    return at_top / (at_top + variable)


def _node_tables(shared: VoltageFit, node: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    theta = shared.theta
    supply = float(node["supply_v"]["central"])
    floor, floor_low = float(node["supply_min_v"]["central"]), float(node["supply_min_v"]["low"])
    planar, suffix = node["device"] == "planar", "_gf14" if node["name"] in GF14_NODES else ""
    if planar:
        share, top = PLANAR_THRESHOLD_OF_NOMINAL, PLANAR_TOP_OF_NOMINAL * supply
        note = "share of the nominal supply as on 28 nm (one chip measured there), read across by supply"
    else:
        fitted = node["process_family"] in FITTED_FAMILIES
        nominal = supply if fitted else FINFET_NOMINAL_V  # the fit is in volts, shared by the nodes it has points on
        share, top = theta["threshold_v" + suffix] / nominal, REFERENCE_SUPPLY_V / nominal * supply
        note = "shared FinFET fit" if fitted else "shared FinFET fit of 16 to 7 nm, read across by nominal supply"
    central = min(share * supply, floor - 0.06, floor_low - 0.03)
    spread = 0.06 if planar else 0.045
    low, high = central - spread, min(central + spread, floor_low - 0.01)
    at_top = theta["supply_insensitive_fraction" + suffix]
    shares = [
        insensitive_fraction(supply_v=supply, top_v=top, threshold_v=central, at_top=s)
        for s in (max(0.02, at_top - 0.15), at_top, at_top + 0.2)
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
    """Threshold and insensitive fraction of every node: owner -> field -> parameter table."""
    shared = fit_shared(exclude=exclude)
    out: dict[str, dict[str, dict[str, Any]]] = {}
    for path in sorted((params_folder() / "nodes").glob("*.toml")):
        node = tomllib.loads(path.read_text(encoding="utf-8"))
        out[str(node["name"])] = _node_tables(shared, node)
    return out


def write_voltage(path: Path | str | None = None) -> str:
    """Refit and write ``params/fit/voltage.toml``; returns the text."""
    return write_fit(path if path is not None else params_folder() / "fit" / "voltage.toml", fit_voltage())

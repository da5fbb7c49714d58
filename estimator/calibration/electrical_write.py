"""Fitted gate delays and capacitances as parameter tables, with the spread that independent sampling needs."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import nnls

from estimator.arrays import Array
from estimator.calibration.electrical_fit import ElectricalFit
from estimator.calibration.priors import expected
from estimator.quantities import NORMAL_90

FIT_SOURCE = ["electrical-fit"]
AUXILIARY = ("samsung-28", "samsung-10lpe", "samsung-7lpp")


def independent_sd(covariance: Array) -> Array:
    """Spread per node such that two nodes sampled independently differ as the fit says they do.

    A fit of ratios has strongly correlated errors along a line; the sampler draws nodes one by one. Solves
    ``v_i + v_j = var(x_i - x_j)`` for all pairs in least squares with ``v >= 0``.
    """
    n = covariance.shape[0]
    i, j = np.triu_indices(n, 1)
    wanted = covariance[i, i] + covariance[j, j] - 2.0 * covariance[i, j]
    weight = 1.0 / np.maximum(wanted, 1e-4)
    matrix = np.zeros((len(i), n))
    matrix[np.arange(len(i)), i] = weight
    matrix[np.arange(len(i)), j] = weight
    variance, _ = nnls(matrix, wanted * weight)
    out: Array = np.sqrt(np.maximum(variance, expected("electrical", "node_sd_min") ** 2))
    return out


def electrical_tables(fit: ElectricalFit) -> dict[str, dict[str, dict[str, Any]]]:
    """Tables for ``params/fit/electrical.toml``: node -> field -> low, central, high and provenance."""
    n = len(fit.nodes.names)
    rows = dict.fromkeys(fit.nodes.names, 0)
    for row in [*fit.evidence.steps, *fit.evidence.links, *fit.evidence.clocks, *fit.evidence.powers]:
        for key in ("node_old", "node_new", "node_a", "node_b", "node_a2", "node_b2"):
            if name := getattr(row, key, ""):
                rows[name] += 1
    blocks = (
        ("gate_delay_ps", "ps", fit.log_delay, fit.covariance[:n, :n]),
        ("switched_cap_relative", "1", fit.log_cap, fit.covariance[n : 2 * n, n : 2 * n]),
    )
    note = (
        f"products see {fit.claim:.2f} of a foundry's stated step (in logarithms), already inside this value, and take "
        f"{fit.realisation:.2f} of the supply reduction which the law would allow a port at equal clock"
    )
    tables: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in fit.nodes.names if name not in AUXILIARY}
    for field, unit, logs, covariance in blocks:
        spread = independent_sd(covariance)
        for k, name in enumerate(fit.nodes.names):
            if name in AUXILIARY:
                continue
            factor = float(np.exp(NORMAL_90 * spread[k]))
            centre = float(np.exp(logs[k]))
            tables[name][field] = {
                "low": centre / factor,
                "central": centre,
                "high": centre * factor,
                "unit": unit,
                "kind": "fit",
                "source": FIT_SOURCE,
                "note": note,
                "rows": rows[name],
                "fit_error": float(np.sqrt(covariance[k, k])),
            }
    return tables

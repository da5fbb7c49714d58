"""Effective densities of GPU logic per node: a hierarchical fit of die areas from transistor count and composition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from estimator.arrays import Array
from estimator.calibration.area_classes import GLOBALS, PIVOT, Columns, class_areas, columns
from estimator.calibration.area_data import AreaNode, ShippedDie, area_nodes, dies
from estimator.calibration.priors import expected, priors

NU = 4.0
"""Degrees of freedom of the errors of single rows: heavier tails than a normal law, so bad rows bend nothing."""
OLD_NM = 40.0

COMPONENTS = ("trend", "node", "vendor_trend", "style", "style_node")
SPREADS = (*COMPONENTS, "noise_new", "noise_old")


@dataclass(frozen=True)
class AreaFit:
    """A fitted population: everything `predict` needs, and what it was fitted to.

    Attributes
    ----------
    level : dict of str to float
        Global parameters on a log scale.
    spread : dict of str to float
        Standard deviations of the random effects and errors, log scale.
    train : tuple of ShippedDie
        Dies used.
    solution : ndarray
        Weights of the training residuals, linearised at the fit.
    covariance : ndarray
        Inverse covariance of the training residuals.
    jacobian, share : ndarray
        Derivative of log area of the training dies by global parameters, and minus by log logic density.
    """

    level: dict[str, float]
    spread: dict[str, float]
    train: tuple[ShippedDie, ...]
    solution: Array
    covariance: Array
    jacobian: Array
    share: Array


def prior_of_globals() -> tuple[Array, Array]:
    """Mean and covariance of the global parameters before any row is seen, log scale."""
    prior = [priors("area")[n] for n in GLOBALS]
    return np.array([p.location for p in prior]), np.diag([p.sd**2 for p in prior])


def _linearise(c: Columns, level: Array, effect: Array) -> tuple[Array, Array, Array]:
    parts = class_areas(c, level, effect)
    total = parts[0] + parts[1] + parts[2]
    base = np.log(total)
    jacobian = np.empty((len(base), level.size))
    for k in range(level.size):
        step = level.copy()
        step[k] += 1e-5
        jacobian[:, k] = (np.log(sum(class_areas(c, step, effect))) - base) / 1e-5
    return base, jacobian, parts[0] / total


def kernels_of(a: Sequence[ShippedDie], b: Sequence[ShippedDie]) -> list[Array]:
    """Similarity of dies in each component of COMPONENTS, shape (len(a), len(b))."""
    nodes = area_nodes()

    def equal(key: Callable[[ShippedDie], str]) -> Array:
        left, right = [key(d) for d in a], [key(d) for d in b]
        code = {name: i for i, name in enumerate(dict.fromkeys(left + right))}
        return np.equal.outer([code[n] for n in left], [code[n] for n in right]).astype(float)

    left = np.log([nodes[d.node].library_mtr_mm2 for d in a])
    right = np.log([nodes[d.node].library_mtr_mm2 for d in b])
    apart = np.abs(left[:, None] - right[None, :])
    node, style = equal(lambda d: nodes[d.node].layout), equal(lambda d: f"{d.vendor} {d.style}")
    vendor = equal(lambda d: d.vendor) * np.exp(-apart / expected("area", "vendor_length"))
    return [np.exp(-apart / expected("area", "trend_length")), node, vendor, style, style * node]


def mix(kernels: list[Array], spread: dict[str, float]) -> Array:
    """Covariance of log density effects from the similarities and the standard deviations of the components."""
    total: Array = np.zeros_like(kernels[0])
    for name, kernel in zip(COMPONENTS, kernels, strict=True):
        total = total + spread[name] ** 2 * kernel
    return total


def _noise(die: Sequence[ShippedDie], spread: dict[str, float]) -> Array:
    old = np.array([d.nm >= OLD_NM for d in die])
    return np.where(old, spread["noise_old"], spread["noise_new"]) ** 2


def _estimate_spread(
    spread: dict[str, float], *, residual: Array, base: Array, kernels: list[Array], error_of: list[Array]
) -> dict[str, float]:
    """Variance components of maximum marginal likelihood with a weak log-normal prior."""
    prior = [priors("area")[n] for n in SPREADS]
    centre, prior_sd = np.array([p.location for p in prior]), np.array([p.sd for p in prior])
    m = len(kernels)

    def objective(h: Array) -> tuple[float, Array]:
        variance = np.exp(2 * h)
        covariance = base + np.diag(variance[m] * error_of[0] + variance[m + 1] * error_of[1] + 1e-8)
        for k in range(m):
            covariance = covariance + variance[k] * kernels[k]
        inverse = np.linalg.inv(covariance)
        alpha = inverse @ residual
        value = 0.5 * residual @ alpha + 0.5 * np.linalg.slogdet(covariance)[1]
        lead = inverse - np.outer(alpha, alpha)
        gradient = [variance[k] * np.sum(lead * kernels[k]) for k in range(m)]
        gradient += [variance[m + k] * np.sum(np.diag(lead) * error_of[k]) for k in range(2)]
        pull = (h - centre) / prior_sd
        return float(value + 0.5 * pull @ pull), np.array(gradient) + pull / prior_sd

    start = np.log([spread[n] for n in SPREADS])
    best: Array = minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 60}).x
    for _ in range(3):  # Newton steps to the digit, so that other machines agree
        slope = objective(best)[1]
        bend = np.array([(objective(best + row)[1] - objective(best - row)[1]) / 2e-4 for row in np.eye(m + 2) * 1e-4])
        move = np.linalg.solve((bend + bend.T) / 2, slope)
        best = best - move if np.max(np.abs(move)) < 0.1 else best
    return dict(zip(SPREADS, np.exp(best).tolist(), strict=True))


def fit_area(
    *,
    exclude: Iterable[str] = (),
    population: Sequence[ShippedDie] | None = None,
    spread: dict[str, float] | None = None,
) -> AreaFit:
    """Fit densities, house styles and class areas to the dies of the population.

    Parameters
    ----------
    exclude : iterable of str
        Chips left out of everything that is fitted.
    population : sequence of ShippedDie, optional
        Dies to fit; all used ones by default.
    spread : dict, optional
        Variance components to keep; estimated from the rows by default.

    Returns
    -------
    AreaFit

    Notes
    -----
    Log area is linearised in the global parameters (normal priors, params/priors.toml) and in one effect per die on its logic
    density, a sum of zero-mean random effects: a trend over library density common to all, the node, a vendor's trend,
    an architecture generation, that generation on that node. Errors of single rows are Student t (four degrees of
    freedom, by reweighting). Gauss-Newton, eight rounds, no random numbers: the same rows give the same digits.
    """
    out = set(exclude)
    train = tuple(d for d in (dies() if population is None else population) if d.chip not in out)
    target = np.log([d.area_mm2 for d in train])
    mean, prior = prior_of_globals()
    kernels, table = kernels_of(train, train), columns(train)
    old = np.array([d.nm >= OLD_NM for d in train])
    scale = {n: priors("area")[n].central for n in SPREADS} if spread is None else dict(spread)
    level, effect, weight = mean.copy(), np.zeros(len(train)), np.ones(len(train))
    for step in range(8):
        base, jacobian, share = _linearise(table, level, effect)
        residual = target - (base + share * effect - jacobian @ (level - mean))
        fixed = jacobian @ prior @ jacobian.T
        if spread is None and step in (1, 3, 5):
            scale = _estimate_spread(
                scale,
                residual=residual,
                base=fixed,
                kernels=[np.outer(share, share) * k for k in kernels],
                error_of=[~old / weight, old / weight],
            )
        latent = mix(kernels, scale)
        noise = _noise(train, scale)
        inverse = np.asarray(np.linalg.inv(np.outer(share, share) * latent + fixed + np.diag(noise / weight)), float)
        alpha = inverse @ residual
        effect = -latent @ (share * alpha)
        level = mean + prior @ jacobian.T @ alpha
        used = noise / weight
        spare = np.maximum(used - used**2 * np.diag(inverse), 0.0)
        weight = (NU + 1) / (NU + ((used * alpha) ** 2 + spare) / noise)
    return AreaFit(
        level=dict(zip(GLOBALS, level.tolist(), strict=True)),
        spread=scale,
        train=train,
        solution=alpha,
        covariance=inverse,
        jacobian=jacobian,
        share=share,
    )


def density_effects(fit: AreaFit, at: Sequence[ShippedDie]) -> tuple[Array, Array]:
    """Log logic density over the library's, of dies that may be new: mean and covariance."""
    cross = mix(kernels_of(at, fit.train), fit.spread) * -fit.share
    mean = cross @ fit.solution
    return mean, mix(kernels_of(at, at), fit.spread) - cross @ fit.covariance @ cross.T


def predict(fit: AreaFit, die: ShippedDie) -> dict[str, float]:
    """Area of a die from its count, composition, node and maker.

    Returns
    -------
    dict
        ``area_mm2``, ``logic_mm2``, ``sram_mm2``, ``analog_mm2``, ``logic_density_mtr_mm2``.
    """
    one = [die]
    effect, _ = density_effects(fit, one)
    level = np.array([fit.level[n] for n in GLOBALS])
    parts = class_areas(columns(one), level, effect)
    area = float((parts[0] + parts[1] + parts[2])[0])
    node = area_nodes()[die.node]
    return {
        "area_mm2": area,
        "logic_mm2": float(parts[0][0]),
        "sram_mm2": float(parts[1][0]),
        "analog_mm2": float(parts[2][0]),
        "logic_density_mtr_mm2": float(general_density(fit, node) * np.exp(effect[0])),
    }


def general_density(fit: AreaFit, node: AreaNode) -> float:
    """Logic density from the level and slope alone, MTr/mm2."""
    log_library = np.log(node.library_mtr_mm2)
    return float(np.exp(log_library + fit.level["logic_level"] + fit.level["logic_slope"] * (log_library - PIVOT)))

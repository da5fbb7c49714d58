"""Effective densities of GPU logic per node: a hierarchical fit of die areas from transistor count and composition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from estimator.calibration.area_data import AreaNode, Die, area_nodes, dies

Array = NDArray[np.float64]

TRANSISTORS_PER_BIT = 6.0
NU = 4.0
"""Degrees of freedom of the errors of single rows: heavier tails than a normal law, so bad rows bend nothing."""
T80 = 1.5332
"""80 % two-sided quantile of Student's t with four degrees of freedom."""
N80 = 1.2816
OLD_NM = 40.0

# Global parameters, natural log: prior mean and standard deviation. See `class_areas` for their roles.
GLOBALS: dict[str, tuple[float, float]] = {
    "logic_level": (0.0, 0.3),
    "sram_extent": (float(np.log(1.3)), 0.3),
    "phy_mm2_per_bit": (float(np.log(0.115)), 0.35),
    "hbm_mm2_per_stack": (float(np.log(10.0)), 0.3),
    "lane_mm2": (float(np.log(0.5)), 0.4),
    "fixed_mm2": (float(np.log(8.0)), 0.5),
    "logic_slope": (0.0, 0.05),
}
LINK_LANES = 3.0
COMPONENTS = ("trend", "node", "vendor_trend", "style", "style_node")
SPREAD_START = {
    "trend": 0.15, "node": 0.05, "vendor_trend": 0.15, "style": 0.12, "style_node": 0.05,
    "noise_new": 0.03, "noise_old": 0.03,
}  # fmt: skip
SPREAD_PRIOR_SD = 0.8
TREND_LENGTH = 3.0
VENDOR_LENGTH = 0.6
PIVOT = 3.0


@dataclass(frozen=True)
class AreaFit:
    """A fitted population: everything `predict` needs, and what it was fitted to.

    Attributes
    ----------
    level : dict of str to float
        Global parameters on a log scale.
    spread : dict of str to float
        Standard deviations of the random effects and errors, log scale.
    train : tuple of Die
        Dies used.
    solution : ndarray
        Weights of the training residuals, linearised at the fit.
    covariance : ndarray
        Inverse covariance of the training residuals.
    jacobian, share : ndarray
        Derivative of log area of the training dies by global parameters, and minus by log logic density.
    widen : tuple of float
        Factor on the half width of 80 % intervals, for nodes under and from 40 nm: see `with_intervals`.
    """

    level: dict[str, float]
    spread: dict[str, float]
    train: tuple[Die, ...]
    solution: Array
    covariance: Array
    jacobian: Array
    share: Array
    widen: tuple[float, float]


def class_areas(die: Sequence[Die], level: Array, effect: Array) -> tuple[Array, Array, Array]:
    """Areas of logic, SRAM and analog/PHY of dies, mm2.

    Parameters
    ----------
    die : sequence of Die, length n
    level : ndarray, shape (7,)
        Global parameters in the order of `GLOBALS` (natural logs).
    effect : ndarray, shape (n,)
        Log of each die's logic density over that of its node's library.

    Returns
    -------
    tuple of ndarray, shape (n,)
        Logic, SRAM, analog/PHY.

    Notes
    -----
    ``A = T_logic / rho + bits x / sigma + a (bus p + lanes l + F)`` with ``rho = library exp(level + slope
    (ln library - 3) + effect)``, sigma the node's SRAM macro density, a its analog factor, x >= 1 for the arrays that
    no list of caches names (tags, queues, spare rows). Valid from 130 nm to 2 nm.
    """
    nodes = area_nodes()
    at = [nodes[d.node] for d in die]
    log_library = np.log(np.array([n.library_mtr_mm2 for n in at]))
    sigma = np.array([n.sram_mbit_mm2 for n in at])
    analog = np.array([n.analog_factor for n in at])
    count = np.array([d.transistors_mtr for d in die])
    bits = np.array([d.sram_mbit for d in die]) * np.exp(level[1])
    hbm = np.array([d.memory_type.startswith("HBM") for d in die])
    bus = np.array([d.bus_bits for d in die])
    lanes = np.array([d.pcie_lanes + LINK_LANES * d.links for d in die])
    logic_count = count - np.minimum(bits * TRANSISTORS_PER_BIT, 0.7 * count)
    logic = logic_count / np.exp(log_library + level[0] + level[6] * (log_library - PIVOT) + effect)
    phy = np.where(hbm, bus / 1024 * np.exp(level[3]), bus * np.exp(level[2]))
    return logic, bits / sigma, analog * (phy + lanes * np.exp(level[4]) + np.exp(level[5]))


def _linearise(die: Sequence[Die], level: Array, effect: Array) -> tuple[Array, Array, Array]:
    parts = class_areas(die, level, effect)
    total = parts[0] + parts[1] + parts[2]
    base = np.log(total)
    jacobian = np.empty((len(die), level.size))
    for k in range(level.size):
        step = level.copy()
        step[k] += 1e-5
        jacobian[:, k] = (np.log(sum(class_areas(die, step, effect))) - base) / 1e-5
    return base, jacobian, parts[0] / total


def _kernels(a: Sequence[Die], b: Sequence[Die]) -> list[Array]:
    """Similarity of dies in each component of COMPONENTS, shape (len(a), len(b))."""
    nodes = area_nodes()

    def equal(key: str) -> Array:
        left = np.array([getattr(d, key) for d in a], object)
        right = np.array([getattr(d, key) for d in b], object)
        return np.asarray(left[:, None] == right[None, :], float)

    left = np.log([nodes[d.node].library_mtr_mm2 for d in a])
    right = np.log([nodes[d.node].library_mtr_mm2 for d in b])
    apart = np.abs(left[:, None] - right[None, :])
    node, style = equal("node"), equal("style") * equal("vendor")
    return [
        np.exp(-apart / TREND_LENGTH), node, equal("vendor") * np.exp(-apart / VENDOR_LENGTH), style, style * node,
    ]  # fmt: skip


def _mix(kernels: list[Array], spread: dict[str, float]) -> Array:
    total: Array = np.zeros_like(kernels[0])
    for name, kernel in zip(COMPONENTS, kernels, strict=True):
        total = total + spread[name] ** 2 * kernel
    return total


def _noise(die: Sequence[Die], spread: dict[str, float]) -> Array:
    old = np.array([d.nm >= OLD_NM for d in die])
    return np.where(old, spread["noise_old"], spread["noise_new"]) ** 2


def _estimate_spread(
    spread: dict[str, float], residual: Array, base: Array, kernels: list[Array], old: NDArray[np.bool_], weight: Array
) -> dict[str, float]:
    """Variance components of maximum marginal likelihood with a weak log-normal prior."""
    names = list(SPREAD_START)
    centre = np.log([SPREAD_START[n] for n in names])
    m = len(kernels)
    groups = [np.where(old, 0.0, 1.0) / weight, np.where(old, 1.0, 0.0) / weight]

    def objective(h: Array) -> tuple[float, Array]:
        variance = np.exp(2 * h)
        covariance = base + np.diag(variance[m] * groups[0] + variance[m + 1] * groups[1] + 1e-8)
        for k in range(m):
            covariance = covariance + variance[k] * kernels[k]
        inverse = np.linalg.inv(covariance)
        alpha = inverse @ residual
        value = 0.5 * residual @ alpha + 0.5 * np.linalg.slogdet(covariance)[1]
        lead = inverse - np.outer(alpha, alpha)
        gradient = [variance[k] * np.sum(lead * kernels[k]) for k in range(m)]
        gradient += [variance[m + k] * np.sum(np.diag(lead) * groups[k]) for k in range(2)]
        pull = (h - centre) / SPREAD_PRIOR_SD
        return float(value + 0.5 * pull @ pull), np.array(gradient) + pull / SPREAD_PRIOR_SD

    start = np.log([spread[n] for n in names])
    best = minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 60})
    return dict(zip(names, np.exp(best.x).tolist(), strict=True))


def fit_area(
    *, exclude: Iterable[str] = (), population: Sequence[Die] | None = None, spread: dict[str, float] | None = None
) -> AreaFit:
    """Fit densities, house styles and class areas to the dies of the population.

    Parameters
    ----------
    exclude : iterable of str
        Chips left out of everything that is fitted.
    population : sequence of Die, optional
        Dies to fit; all used ones by default.
    spread : dict, optional
        Variance components to keep; estimated from the rows by default.

    Returns
    -------
    AreaFit

    Notes
    -----
    Log area is linearised in the global parameters (normal priors, `GLOBALS`) and in one effect per die on its logic
    density, a sum of zero-mean random effects: a trend over library density common to all, the node, a vendor's trend,
    an architecture generation, that generation on that node. Errors of single rows are Student t (four degrees of
    freedom, by reweighting). Gauss-Newton, eight rounds, no random numbers: the same rows give the same digits.
    """
    out = set(exclude)
    train = tuple(d for d in (dies() if population is None else population) if d.chip not in out)
    target = np.log([d.area_mm2 for d in train])
    mean = np.array([m for m, _ in GLOBALS.values()])
    prior = np.diag([s**2 for _, s in GLOBALS.values()])
    kernels = _kernels(train, train)
    old = np.array([d.nm >= OLD_NM for d in train])
    scale = dict(SPREAD_START if spread is None else spread)
    level, effect, weight = mean.copy(), np.zeros(len(train)), np.ones(len(train))
    for step in range(8):
        base, jacobian, share = _linearise(train, level, effect)
        residual = target - (base + share * effect - jacobian @ (level - mean))
        fixed = jacobian @ prior @ jacobian.T
        if spread is None and step in (1, 3, 5):
            scale = _estimate_spread(scale, residual, fixed, [np.outer(share, share) * k for k in kernels], old, weight)
        latent = _mix(kernels, scale)
        noise = _noise(train, scale)
        inverse = np.linalg.inv(np.outer(share, share) * latent + fixed + np.diag(noise / weight))
        alpha = inverse @ residual
        effect = -latent @ (share * alpha)
        level = mean + prior @ jacobian.T @ alpha
        used = noise / weight
        spare = np.maximum(used - used**2 * np.diag(inverse), 0.0)
        weight = (NU + 1) / (NU + ((used * alpha) ** 2 + spare) / noise)
    return AreaFit(
        level=dict(zip(GLOBALS, level.tolist(), strict=True)), spread=scale, train=train, solution=alpha,
        covariance=inverse, jacobian=jacobian, share=share, widen=(1.0, 1.0),
    )  # fmt: skip


def with_intervals(fit: AreaFit) -> AreaFit:
    """The same fit with 80 % intervals that hold on its own training dies, each predicted from the others.

    Notes
    -----
    Split-free conformal scaling: every training die is left out in turn (variance components kept), and the half
    widths of its era (nodes under 40 nm, from 40 nm) are multiplied so that 80 % of these left-out dies fall inside.
    """
    ratio: list[list[float]] = [[], []]
    for die in fit.train:
        rest = fit_area(exclude=[die.chip], population=fit.train, spread=fit.spread)
        guess = predict(rest, die)
        half = np.log(guess["high"] / guess["area_mm2"])
        ratio[int(die.nm >= OLD_NM)].append(float(abs(np.log(die.area_mm2 / guess["area_mm2"])) / half))
    scale = [float(np.sort(r)[min(int(np.ceil(0.8 * (len(r) + 1))), len(r)) - 1]) if r else 1.0 for r in ratio]
    return replace(fit, widen=(scale[0], scale[1]))


def density_effects(fit: AreaFit, at: Sequence[Die]) -> tuple[Array, Array]:
    """Log logic density over the library's, of dies that may be new: mean and covariance."""
    cross = _mix(_kernels(at, fit.train), fit.spread) * -fit.share
    mean = cross @ fit.solution
    return mean, _mix(_kernels(at, at), fit.spread) - cross @ fit.covariance @ cross.T


def predict(fit: AreaFit, die: Die) -> dict[str, float]:
    """Area of a die from its count, composition, node and maker.

    Returns
    -------
    dict
        ``area_mm2``, ``low`` and ``high`` (80 % interval), ``sd`` (log scale), ``logic_mm2``, ``sram_mm2``,
        ``analog_mm2``, ``logic_density_mtr_mm2``.
    """
    one = [die]
    effect, _ = density_effects(fit, one)
    level = np.array([fit.level[n] for n in GLOBALS])
    parts = class_areas(one, level, effect)
    _, jacobian, share = _linearise(one, level, effect)
    prior = np.diag([s**2 for _, s in GLOBALS.values()])
    latent = _mix(_kernels(one, fit.train), fit.spread)
    cross = -share[:, None] * latent * -fit.share + jacobian @ prior @ fit.jacobian.T
    own = share**2 * _mix(_kernels(one, one), fit.spread) + jacobian @ prior @ jacobian.T
    variance = max(float((own - cross @ fit.covariance @ cross.T)[0, 0]), 0.0)
    noise = float(_noise(one, fit.spread)[0])
    widen = fit.widen[int(die.nm >= OLD_NM)]
    half = widen * float(np.sqrt(N80**2 * variance + T80**2 * noise))
    area = float(sum(parts)[0])
    node = area_nodes()[die.node]
    return {
        "area_mm2": area, "low": area * np.exp(-half), "high": area * np.exp(half),
        "sd": half / N80, "logic_mm2": float(parts[0][0]),
        "sram_mm2": float(parts[1][0]), "analog_mm2": float(parts[2][0]),
        "logic_density_mtr_mm2": float(_logic_density(fit, node) * np.exp(effect[0])),
    }  # fmt: skip


def _logic_density(fit: AreaFit, node: AreaNode) -> float:
    log_library = np.log(node.library_mtr_mm2)
    return float(np.exp(log_library + fit.level["logic_level"] + fit.level["logic_slope"] * (log_library - PIVOT)))

"""Gate delay and switched capacitance of every node, from all evidence at once, in one regularised fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from estimator.arrays import Array
from estimator.calibration.electrical_data import NodeTable, load_nodes, usable
from estimator.calibration.electrical_law import supply_at_equal_delay, supply_at_equal_power
from estimator.calibration.electrical_rows import clock_rows, power_rows
from estimator.calibration.priors import priors
from estimator.parameters.silicon import known, read_silicon
from estimator.parameters.silicon_electrical import ClockPairRow, LinkRow, PortPowerRow, StepRow

ANCHOR = "tsmc-n7"
HUBER = 1.5  # standard deviations from which a row's pull grows no further: the usual choice of robust statistics


@dataclass(frozen=True)
class Evidence:
    """The rows of one fit, after exclusions."""

    steps: list[StepRow]
    links: list[LinkRow]
    clocks: list[ClockPairRow]
    powers: list[PortPowerRow]


def gather(exclude: Iterable[str] = ()) -> Evidence:
    """Rows used by a fit without the families in ``exclude``."""
    removed = tuple(exclude)
    return Evidence(
        steps=usable(read_silicon(StepRow), removed),
        links=usable(read_silicon(LinkRow), removed),
        clocks=[r for r in usable(read_silicon(ClockPairRow), removed) if r.kind == "family"],
        powers=usable(read_silicon(PortPowerRow), removed),
    )


class _Problem:
    """Residuals of the fit as arrays; x = (ln delay, ln capacitance) per node."""

    def __init__(self, nodes: NodeTable, evidence: Evidence) -> None:
        self.nodes, self.evidence = nodes, evidence
        self.prior = priors("electrical")
        n = len(nodes.names)
        self.n = n
        st = evidence.steps
        self.old = np.array([nodes.index(r.node_old) for r in st])
        self.new = np.array([nodes.index(r.node_new) for r in st])
        self.v_step = np.array([known(r.voltage_v, nodes.supply_v[o]) for r, o in zip(st, self.old, strict=True)])
        self.is_speed = np.array([r.kind == "speed_iso_power" for r in st])
        self.ln_step = np.log([r.central for r in st])
        self.sd_step = np.array([r.sd for r in st])
        li = evidence.links
        self.la = np.array([nodes.index(r.node_a) for r in li])
        self.lb = np.array([nodes.index(r.node_b) for r in li])
        self.v_link = np.array([known(r.voltage_v, self.prior["link_supply_v"].central) for r in li])
        self.ln_link = np.log([r.ratio_b_over_a for r in li])
        self.sd_link = np.array([r.sd for r in li])
        self.kind_link = np.array([r.quantity for r in li])
        self.powers = power_rows(evidence.powers, nodes)
        self.clocks = clock_rows(evidence.clocks, nodes)
        pairs = [(i, i + 1) for i in range(n - 1) if nodes.lines[i] == nodes.lines[i + 1]]
        self.pa, self.pb = np.array(pairs).T
        anchor = nodes.index(ANCHOR)
        self.anchor = anchor
        ln_linear = np.log(nodes.linear_nm / nodes.linear_nm[anchor])
        self.ln_cap_prior = ln_linear + self.prior["finfet_cap_step"].central * (nodes.finfet - 1.0)
        at_prior = nodes.delay(np.zeros(n), np.arange(n), nodes.delay_prior_v)
        self.ln_delay_prior = np.log(nodes.delay_prior_ps / at_prior)  # carried from its voltage to the nominal supply

    def start(self) -> Array:
        habit = [self.prior[n].central for n in ("supply_reduction", "claim")]
        return np.concatenate([self.ln_delay_prior, self.ln_cap_prior, habit])

    def predict_steps(self, a: Array, c: Array) -> Array:
        nodes = self.nodes
        d_old = nodes.delay(a, self.old, self.v_step)
        cap = np.exp(c[..., self.new] - c[..., self.old])
        v_speed = supply_at_equal_power(nodes, a, self.new, self.v_step**2 / d_old / cap)
        speed = np.log(d_old / nodes.delay(a, self.new, v_speed))
        v_power = supply_at_equal_delay(nodes, a, self.new, d_old)
        power = np.log(cap * (v_power / self.v_step) ** 2)
        out: Array = np.where(self.is_speed, speed, power)
        return out

    def predict_links(self, a: Array, c: Array) -> Array:
        nodes = self.nodes
        da, db = nodes.delay(a, self.la, self.v_link), nodes.delay(a, self.lb, self.v_link)
        v = supply_at_equal_delay(nodes, a, self.lb, da)
        cap = c[..., self.lb] - c[..., self.la]
        power = cap + 2.0 * np.log(v / self.v_link)
        out: Array = np.where(self.kind_link == "delay", np.log(db / da), np.where(self.kind_link == "cap", cap, power))
        return out

    def residuals(self, x: Array) -> Array:
        """Residuals in standard deviations, of one vector of unknowns or of several on leading axes."""
        a, c, realised, claim = split(x)
        pa, pb = self.pa, self.pb
        robust = _soft((self.predict_steps(a, c) - claim * self.ln_step) / self.sd_step)
        links = (self.predict_links(a, c) - self.ln_link) / self.sd_link
        power = _soft((self.powers.predict(self.nodes, a, c, realised) - self.powers.ln_ratio) / self.powers.sd)
        clock = _soft((self.clocks.predict(self.nodes, a) - self.clocks.ln_ratio) / self.clocks.sd)
        p = self.prior
        cap_abs = (c - self.ln_cap_prior) / p["capacitance"].sd
        cap_step = (c[..., pb] - c[..., pa] - (self.ln_cap_prior[pb] - self.ln_cap_prior[pa])) / p[
            "capacitance_step"
        ].sd
        delay_abs = (a - self.ln_delay_prior) / p["delay"].sd
        delay_step = (a[..., pb] - a[..., pa] - (self.ln_delay_prior[pb] - self.ln_delay_prior[pa])) / p[
            "delay_step"
        ].sd
        at_anchor = (a[..., [self.anchor]] - np.log(p["anchor_delay_ps"].central), c[..., [self.anchor]])
        fixed = np.concatenate(at_anchor, axis=-1) / 1e-4
        habits = [(v - p[n].central) / p[n].sd for v, n in ((realised, "supply_reduction"), (claim, "claim"))]
        v_hi = np.full(len(pa), 1.0)
        at_hi = np.log(self.nodes.delay(a, pb, v_hi) / self.nodes.delay(a, pa, v_hi))
        order = np.concatenate([a[..., pb] - a[..., pa], c[..., pb] - c[..., pa], at_hi], axis=-1)
        # an older node of a line is no faster and no smaller: a soft wall that a step of 0.4 % meets
        hinge = np.logaddexp(0.0, (order + 0.004) / 0.003) * 0.003 / 0.004
        priors = [cap_abs, cap_step, delay_abs, delay_step, fixed, *habits, hinge]
        return np.concatenate([robust, links, power, clock, *priors], axis=-1)

    def jacobian(self, x: Array) -> Array:
        """Derivatives of the residuals by central differences, all unknowns at once: (residuals, unknowns)."""
        return central_differences(self.residuals, x)


def split(x: Array) -> tuple[Array, Array, Array, Array]:
    """The parts of vectors of unknowns: ln delay, ln capacitance, and the two shares with a last axis of one."""
    n = (x.shape[-1] - 2) // 2
    return x[..., :n], x[..., n : 2 * n], x[..., -2:-1], x[..., -1:]


def central_differences(function: Callable[[Array], Array], x: Array, step: float = 1e-6) -> Array:
    """Derivatives (outputs, unknowns) of a function that takes several vectors of unknowns at once."""
    moves = step * np.eye(x.size)
    return np.asarray((function(x + moves) - function(x - moves)).T / (2.0 * step))


def _soft(z: Array) -> Array:
    """Residual whose square grows linearly beyond ``HUBER`` (pseudo-Huber)."""
    out: Array = np.sign(z) * HUBER * np.sqrt(2.0 * (np.sqrt(1.0 + (z / HUBER) ** 2) - 1.0))
    return out


@dataclass(frozen=True)
class ElectricalFit:
    """Result of the fit: logarithms of delay [ps at the nominal supply] and capacitance [N7 = 1], with covariance."""

    nodes: NodeTable
    log_delay: Array
    log_cap: Array
    realisation: float
    claim: float
    covariance: Array
    evidence: Evidence
    power_residuals: Array
    clock_residuals: Array

    @property
    def vector(self) -> Array:
        """All unknowns: ln delay, ln capacitance, share of supply reductions taken, share of claims seen."""
        return np.concatenate([self.log_delay, self.log_cap, [self.realisation, self.claim]])


def fit_electrical(exclude: Iterable[str] = (), start: ElectricalFit | None = None) -> ElectricalFit:
    """Fit all nodes without the rows of the families in ``exclude``.

    Parameters
    ----------
    exclude : iterable of str
        Families whose steps, links, clocks and powers are left out.
    start : ElectricalFit, optional
        A fit to start from (saves time; the optimum is the same).

    Returns
    -------
    ElectricalFit
        Deterministic result.

    Notes
    -----
    A foundry step is read with the model itself: the old node at its nominal supply (or the statement's voltage), the
    new one at the supply that makes power or speed equal. Least squares over steps, links, ports and clocks (robust)
    and priors: capacitance follows pitch and SRAM cell, delay follows a table of FO4 delays, neither rises towards
    newer nodes of one line.

    References
    ----------
    T. Sakurai and A. R. Newton, IEEE J. Solid-State Circuits 25(2), 1990, doi:10.1109/4.52187.
    """
    nodes, evidence = load_nodes(), gather(exclude)
    problem = _Problem(nodes, evidence)
    first = problem.start()
    if start is not None:
        first = start.vector
    solution = least_squares(problem.residuals, first, jac=problem.jacobian, method="lm", ftol=1e-9, xtol=1e-9)
    x = np.asarray(solution.x, dtype=float)
    hessian = solution.jac.T @ solution.jac
    covariance = np.linalg.inv(hessian)
    a, c, realised, claim = split(x)
    return ElectricalFit(
        nodes,
        a,
        c,
        float(realised[0]),
        float(claim[0]),
        covariance,
        evidence,
        power_residuals=problem.powers.predict(nodes, a, c, realised) - problem.powers.ln_ratio,
        clock_residuals=problem.clocks.predict(nodes, a) - problem.clocks.ln_ratio,
    )

"""What the electrical model says about a ported chip: its power at a clock ratio and its clock at two voltages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from estimator.arrays import Array
from estimator.calibration.electrical_data import IntArray, NodeTable
from estimator.calibration.electrical_law import held_above, supply_at_equal_delay
from estimator.calibration.priors import expected, priors
from estimator.parameters.silicon_electrical import ClockPairRow, PortPowerRow
from estimator.quantities import NORMAL_90


def purity_sd(row: PortPowerRow | ClockPairRow) -> float:
    """Spread (logarithm) of what else a pair differs in than its process, by its class of purity."""
    return priors("electrical")[f"purity_{row.purity.lower()}"].sd


def voltage_sd(row: ClockPairRow) -> float:
    """Spread (logarithm) of a clock ratio for want of measured voltages, by what is known of both."""
    basis = {"measured": "voltage_measured", "one measured": "voltage_one_measured"}
    return priors("electrical")[basis.get(row.voltage_basis, "voltage_estimated")].sd


@dataclass(frozen=True)
class PowerRows:
    """Ported chips with a known power ratio, as arrays; up to two parts on different processes each."""

    node_a: IntArray
    node_b: IntArray
    share: Array
    length: Array  # linear shrink of the real layout; NaN where the port's area is unknown
    fixed: Array
    clock: Array
    supply_a: Array
    supply_b: Array  # NaN where the port's supply is what the law says
    ln_ratio: Array
    sd: Array

    def predict(self, nodes: NodeTable, log_delay: Array, log_cap: Array, realisation: Array | float) -> Array:
        """ln of power b over power a: fixed part plus shares that scale as capacitance, clock and supply squared.

        ``realisation`` is the share (in logarithms) of the possible supply change that products take; the rest
        stays as guard band and yield. Several sets of unknowns may lie on leading axes (``realisation`` then has a last
        axis of one).
        """
        a, b = self.node_a.ravel(), self.node_b.ravel()
        supply = np.repeat(self.supply_a, 2)
        clock = np.repeat(self.clock, 2)
        delay = nodes.delay(log_delay, a, supply) / clock
        floor = nodes.supply_min_v[b]
        possible = supply_at_equal_delay(nodes, log_delay, b, delay) / supply
        at_b = held_above(supply * possible**realisation, floor)
        known = np.repeat(self.supply_b, 2)
        at_b = np.where(np.isnan(known), at_b, known)
        cap = np.exp(log_cap[..., b] - log_cap[..., a])
        length = self.length.ravel()
        wires = expected("electrical", "wire_share")
        cap = np.where(np.isnan(length), cap, (1.0 - wires) * cap + wires * length)
        core = cap * (at_b / supply) ** 2 * clock
        parts = (self.share.ravel() * core).reshape(*core.shape[:-1], -1, 2).sum(axis=-1)
        out: Array = np.log(self.fixed + parts)
        return out


def power_rows(rows: list[PortPowerRow], nodes: NodeTable) -> PowerRows:
    """Arrays of ``port_power.csv`` rows."""

    def pair(parts: list[tuple[str, str]]) -> IntArray:
        return np.array([[nodes.index(first), nodes.index(second or first)] for first, second in parts]).reshape(-1, 2)

    fixed_sd = np.array([(r.fixed_high - r.fixed_low) / (2.0 * NORMAL_90) for r in rows])
    spread = np.array([np.log(r.ratio_high / r.ratio_low) / (2.0 * NORMAL_90) for r in rows])
    ratio = np.array([r.ratio for r in rows])
    purity = np.array([purity_sd(r) for r in rows])
    return PowerRows(
        node_a=pair([(r.node_a, r.node_a2) for r in rows]),
        node_b=pair([(r.node_b, r.node_b2) for r in rows]),
        share=np.array([[r.share_1, r.share_2] for r in rows]).reshape(-1, 2),
        length=np.sqrt([[r.area_ratio_1, r.area_ratio_2] for r in rows]).reshape(-1, 2),
        fixed=np.array([r.fixed_share * r.fixed_ratio for r in rows]),
        clock=np.array([r.clock_ratio for r in rows]),
        supply_a=np.array([r.voltage_a_v for r in rows]),
        supply_b=np.array([r.voltage_b_v for r in rows]),
        ln_ratio=np.log(ratio),
        sd=np.sqrt(
            purity**2
            + spread**2
            + (fixed_sd * (1.0 - ratio) / ratio) ** 2
            + priors("electrical")["power_error"].sd ** 2
        ),
    )


@dataclass(frozen=True)
class ClockRows:
    """Families carried from one node to another, with both clocks and both voltages."""

    node_a: IntArray
    node_b: IntArray
    supply_a: Array
    supply_b: Array
    ln_ratio: Array
    sd: Array

    def predict(self, nodes: NodeTable, log_delay: Array) -> Array:
        """ln of clock b over clock a when the path has the same number of gates."""
        out: Array = np.log(
            nodes.delay(log_delay, self.node_a, self.supply_a) / nodes.delay(log_delay, self.node_b, self.supply_b)
        )
        return out


def clock_rows(rows: list[ClockPairRow], nodes: NodeTable) -> ClockRows:
    """Arrays of the ``family`` rows of ``clock_pairs.csv``."""
    unsure = np.array([voltage_sd(r) for r in rows])
    purity = np.array([purity_sd(r) for r in rows])
    return ClockRows(
        node_a=np.array([nodes.index(r.node_a) for r in rows], dtype=int),
        node_b=np.array([nodes.index(r.node_b) for r in rows], dtype=int),
        supply_a=np.array([r.voltage_a_v for r in rows]),
        supply_b=np.array([r.voltage_b_v for r in rows]),
        ln_ratio=np.log([r.clock_b_mhz / r.clock_a_mhz for r in rows]),
        sd=np.hypot(purity, unsure),
    )

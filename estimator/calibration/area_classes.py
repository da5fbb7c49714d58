"""Areas of logic, SRAM and analog/PHY of a GPU die from its transistor count, caches and interfaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from estimator.arrays import Array
from estimator.calibration.area_data import ShippedDie, area_nodes
from estimator.calibration.priors import expected
from estimator.physics.area import TRANSISTORS_PER_BIT
from estimator.uses.die_area import areas_of_classes

PIVOT = 3.0  # natural log of the library density (MTr/mm2) about which the slope turns: any value gives the same areas
GLOBALS = ("logic_level", "sram_extent", "phy_mm2_per_bit", "hbm_mm2_per_stack", "lane_mm2", "fixed_mm2", "logic_slope")
"""Global parameters, on a log scale; their priors are in params/priors.toml. See `class_areas` for their roles."""


@dataclass(frozen=True)
class Columns:
    """Dies as arrays: what `class_areas` reads."""

    log_library: Array
    sigma: Array
    analog: Array
    count: Array
    bits: Array
    bus: Array
    stacks: Array
    lanes: Array


def columns(die: Sequence[ShippedDie]) -> Columns:
    """Counts, SRAM bits, interfaces and node densities of dies as arrays of length n."""
    at = [area_nodes()[d.node] for d in die]
    hbm = np.array([d.memory_type.startswith("HBM") for d in die])
    bus = np.array([d.bus_bits for d in die])
    return Columns(
        log_library=np.log([n.library_mtr_mm2 for n in at]),
        sigma=np.array([n.sram_mbit_mm2 for n in at]),
        analog=np.array([n.analog_factor for n in at]),
        count=np.array([d.transistors_mtr for d in die]),
        bits=np.array([d.sram_mbit for d in die]),
        bus=np.where(hbm, 0.0, bus),
        stacks=np.where(hbm, bus / 1024, 0.0),
        lanes=np.array([d.pcie_lanes + expected("area", "link_lanes") * d.links for d in die]),
    )


def class_areas(c: Columns, level: Array, effect: Array) -> tuple[Array, Array, Array]:
    """Areas of logic, SRAM and analog/PHY of dies, mm2.

    Parameters
    ----------
    c : Columns, length n
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
    no list of caches names (tags, queues, spare rows): the laws of `estimator.physics.area` from a density of 1 and an
    analog factor of 1. Valid from 130 nm to 2 nm.
    """
    bits = c.bits * np.exp(level[1])
    logic_count = c.count - np.minimum(
        bits * TRANSISTORS_PER_BIT, (1.0 - expected("area", "logic_share_min")) * c.count
    )
    density = np.exp(c.log_library + level[0] + level[6] * (c.log_library - PIVOT) + effect)
    phy = c.bus * np.exp(level[2]) + c.stacks * np.exp(level[3])
    return areas_of_classes(
        logic_mtr=logic_count,
        logic_density_mtr_mm2=density,
        sram_mbit=bits,
        sram_density_mb_mm2=c.sigma,
        analog_n7_mm2=phy + c.lanes * np.exp(level[4]) + np.exp(level[5]),
        analog_area_factor=c.analog,
    )

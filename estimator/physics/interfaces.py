"""Interfaces: the rates that a process drives to memory, to other GPUs and between the dies of one package."""

from __future__ import annotations

import numpy as np

from estimator.arrays import Array, Num
from estimator.checks import formula


@formula(memory_bw_gb_s="bandwidth_any_gb_s")
def driven_bandwidth(*, memory_bw_gb_s: Num, pin_rate_max_gb_s: Num, width_bits: Num, memory_stacks: Num) -> Array:
    """Memory bandwidth that the pins of a process drive, GB/s: the memory's own, or all pins at their fastest.

    Examples
    --------
    >>> float(driven_bandwidth(memory_bw_gb_s=3350, pin_rate_max_gb_s=1.0, width_bits=1024, memory_stacks=5))
    640.0
    """
    pins = np.asarray(memory_stacks, float) * width_bits
    return np.asarray(np.minimum(np.asarray(memory_bw_gb_s, float), pin_rate_max_gb_s * pins / 8.0))


@formula()
def link_rate_share(*, link_lane_gb_s: Num, serdes_rate_max_gb_s: Num) -> Array:
    """Share of the original's link rate that as many lanes of another process carry, 0..1; 1 where no lane rate is known (0).

    Examples
    --------
    >>> round(float(link_rate_share(link_lane_gb_s=106.25, serdes_rate_max_gb_s=28)), 3)
    0.264
    """
    lane = np.asarray(link_lane_gb_s, float)
    return np.where(lane > 0, np.minimum(1.0, serdes_rate_max_gb_s / np.where(lane > 0, lane, 1.0)), 1.0)


@formula(memory_bw_gb_s="bandwidth_any_gb_s")
def crossing_bandwidth(*, memory_bw_gb_s: Num, dies: Num, d2d_bandwidth_tb_s: Num) -> Array:
    """Memory bandwidth that equal dies sharing one address space can use, GB/s.

    Of n dies each holds one n-th of the memory, so that (n - 1)/n of all traffic crosses a die's own links, half of whose
    bandwidth (both directions summed) goes each way.

    Examples
    --------
    >>> round(float(crossing_bandwidth(memory_bw_gb_s=3350, dies=4, d2d_bandwidth_tb_s=0.768)))
    2048
    """
    n = np.asarray(dies, float)
    crossing = np.where(n > 1, (n - 1.0) / n, 1.0)
    most = 1000.0 * np.asarray(d2d_bandwidth_tb_s, float) / 2.0 * n / crossing
    return np.where(n > 1, np.minimum(memory_bw_gb_s, most), memory_bw_gb_s)


@formula(split="dies_per_gpu")
def split_efficiency(*, split: Num, split_efficiency_four: Num) -> Array:
    """Work of a design cut into `split` dies over that of the uncut one, 0..1: ``e4 ** (ln n / ln 4)``.

    `split_efficiency_four` is what is left at four dies; each doubling of the dies costs the same share.

    References
    ----------
    A. Arunkumar et al., "MCM-GPU: Multi-Chip-Module GPUs for Continued Performance Scalability", ISCA 2017,
    doi:10.1145/3079856.3080231: within 10 % of one die after a redesign, 0.9 / 1.228 = 0.73 without. The law between is ours.

    Examples
    --------
    >>> split_efficiency(split=[1.0, 2.0, 4.0, 8.0], split_efficiency_four=0.9).round(3).tolist()
    [1.0, 0.949, 0.9, 0.854]
    """
    n = np.asarray(split, float)
    return np.asarray(np.exp(np.log(np.asarray(split_efficiency_four, float)) * np.log(n) / np.log(4.0)))


@formula(split="dies_per_gpu")
def package_hops(*, split: Num) -> Array:
    """Die borders on the longest way through dies laid out in a row of two, or in two rows.

    Examples
    --------
    >>> package_hops(split=[1.0, 2.0, 4.0, 8.0]).tolist()
    [0.0, 1.0, 2.0, 4.0]
    """
    n = np.asarray(split, float)
    return np.where(n > 2, n / 2.0, n - 1.0)


@formula(split="dies_per_gpu", width_mm="side_mm", height_mm="side_mm")
def arrangement_side(*, split: Num, width_mm: Num, height_mm: Num) -> Array:
    """Width plus height of equal dies laid out in a row of up to two, or in two rows, mm.

    Examples
    --------
    >>> arrangement_side(split=[1.0, 2.0, 4.0], width_mm=26.0, height_mm=30.0).tolist()
    [56.0, 82.0, 112.0]
    """
    n = np.asarray(split, float)
    rows = np.where(n > 2, 2.0, 1.0)
    return np.asarray(width_mm * n / rows + height_mm * rows)

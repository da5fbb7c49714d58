"""Throughput: peak rates, roofline, and what a longer way across the die asks of the work in flight."""

from __future__ import annotations

import numpy as np

from estimator.arrays import Array, Num
from estimator.checks import formula


@formula(home_tflops="rate_tflops", units_ratio="ratio", clock_ghz="any_clock_ghz", home_clock_ghz="any_clock_ghz")
def peak_tflops(*, home_tflops: Num, units_ratio: Num, clock_ghz: Num, home_clock_ghz: Num) -> Array:
    """Peak rate from enabled units and clock, relative to home, TFLOPS (operations per clock and unit are kept).

    Examples
    --------
    >>> float(peak_tflops(home_tflops=1000, units_ratio=0.5, clock_ghz=1, home_clock_ghz=2))
    250.0
    """
    return np.asarray(home_tflops * units_ratio * (np.asarray(clock_ghz, float) / home_clock_ghz))


@formula()
def relative_performance(*, core_ratio: Num, memory_ratio: Num, memory_time_fraction: Num) -> Array:
    """Work per second over that at the published point, in two parts of time: ``1 / ((1 - b) / c + b / m)``.

    Parameters
    ----------
    core_ratio : float or array
        Compute rate c over that at the published point.
    memory_ratio : float or array
        Memory bandwidth m over that at the published point.
    memory_time_fraction : float or array
        Share b of the time at the published point that does not follow the core clock.

    Notes
    -----
    The harmonic sum of a compute part and a memory part; kernels that overlap both bend more sharply, at the roofline's kink.

    Examples
    --------
    >>> float(relative_performance(core_ratio=0.5, memory_ratio=1.0, memory_time_fraction=0.5).round(4))
    0.6667
    """
    b = np.asarray(memory_time_fraction, float)
    return np.asarray(1.0 / ((1.0 - b) / np.asarray(core_ratio, float) + b / np.asarray(memory_ratio, float)))


@formula(peak_tflops="rate_tflops", memory_bw_gb_s="bandwidth_any_gb_s")
def roofline_tflops(*, peak_tflops: Num, memory_bw_gb_s: Num, workload_intensity_flop_byte: Num) -> Array:
    """Attainable rate ``min(peak, bandwidth x intensity)``, TFLOPS (Williams et al., CACM 52, 2009).

    Examples
    --------
    >>> float(roofline_tflops(peak_tflops=989, memory_bw_gb_s=3350, workload_intensity_flop_byte=100))
    335.0
    """
    slope = np.asarray(memory_bw_gb_s, float) * workload_intensity_flop_byte / 1000.0
    return np.asarray(np.minimum(np.asarray(peak_tflops, float), slope))


@formula(clock_ghz="any_clock_ghz")
def crossing_cycles(*, distance_mm: Num, wire_delay_ps_mm: Num, clock_ghz: Num) -> Array:
    """Clock cycles a signal takes over a distance of repeatered wire.

    Examples
    --------
    >>> float(crossing_cycles(distance_mm=50, wire_delay_ps_mm=100, clock_ghz=2))
    10.0
    """
    return np.asarray(np.asarray(distance_mm, float) * wire_delay_ps_mm * np.asarray(clock_ghz, float) / 1000.0)


@formula(crossing_cycles="cycles", fixed_cycles="cycles")
def l2_latency_cycles(*, crossing_cycles: Num, fixed_cycles: Num) -> Array:
    """Cycles of an L2 hit: a fixed part (tags, arbitration, queues) and the way there and back.

    By Little's law (throughput x latency = work in flight) the work in flight needed for full throughput grows in the
    same ratio as these cycles; a GPU that has it hides the longer way.

    Examples
    --------
    >>> float(l2_latency_cycles(crossing_cycles=20, fixed_cycles=200))
    240.0
    """
    return np.asarray(fixed_cycles + 2.0 * np.asarray(crossing_cycles, float))

"""Throughput, worked by hand: peak rate, roofline, and cycles across a die."""

import numpy as np
import pytest

from estimator.physics.throughput import crossing_cycles, l2_latency_cycles, peak_tflops, roofline_tflops


def test_the_peak_goes_with_units_and_clock():
    """989 TFLOPS at 1.83 GHz with 132 units: with 144 of them at 1.2 GHz."""
    found = peak_tflops(home_tflops=989, units_ratio=144 / 132, clock_ghz=1.2, home_clock_ghz=1.83)
    assert float(found) == pytest.approx(989 * 144 / 132 * 1.2 / 1.83)


def test_the_roof_is_the_lower_of_peak_and_memory():
    """Williams, Waterman and Patterson 2009: 2,000 GB/s are 200 TFLOPS at 100 operations a byte; the ridge is at 250."""
    roof = roofline_tflops(
        peak_tflops=500, memory_bw_gb_s=2000, workload_intensity_flop_byte=np.array([100.0, 250.0, 400.0])
    )
    assert roof.tolist() == pytest.approx([200, 500, 500])


def test_a_longer_way_takes_cycles_both_ways():
    """40 mm at 150 ps/mm are 6 ns, 9 cycles at 1.5 GHz; an L2 hit goes there and back."""
    way = crossing_cycles(distance_mm=40, wire_delay_ps_mm=150, clock_ghz=1.5)
    assert float(way) == pytest.approx(9)
    assert float(l2_latency_cycles(crossing_cycles=way, fixed_cycles=150)) == pytest.approx(168)

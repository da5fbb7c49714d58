"""Laws of interfaces: pins, lanes, and what a design loses when it is cut into dies."""

import numpy as np
import pytest

from estimator.physics import interfaces
from estimator.physics.area import laid_out_dies


def test_pins_bound_the_bandwidth_and_never_raise_it():
    """Fiji on 28 nm: 1 Gb/s over 1,024 pins of four stacks are 512 GB/s; faster pins than the memory's give no more."""
    pins = {"width_bits": 1024, "memory_stacks": 4}
    assert float(interfaces.driven_bandwidth(memory_bw_gb_s=3350, pin_rate_max_gb_s=1.0, **pins)) == 512
    assert float(interfaces.driven_bandwidth(memory_bw_gb_s=400, pin_rate_max_gb_s=6.4, **pins)) == 400


def test_slower_lanes_carry_their_share_and_unknown_ones_all():
    share = interfaces.link_rate_share(link_lane_gb_s=np.array([106.25, 50.0, 0.0]), serdes_rate_max_gb_s=28)
    assert share == pytest.approx([28 / 106.25, 0.56, 1.0])


def test_mcm_gpu():
    """Within 10 % of one die at four dies after a redesign, 0.9 / 1.228 without; nothing is lost undivided; eight lose thrice."""
    assert float(interfaces.split_efficiency(split=4, split_efficiency_four=0.9)) == pytest.approx(0.9)
    assert float(interfaces.split_efficiency(split=4, split_efficiency_four=0.9 / 1.228)) == pytest.approx(
        0.733, abs=1e-3
    )
    assert float(interfaces.split_efficiency(split=1, split_efficiency_four=0.73)) == 1
    assert float(interfaces.split_efficiency(split=8, split_efficiency_four=0.9)) == pytest.approx(0.9**1.5)


def test_thin_links_bound_the_memory_of_many_dies():
    """Four dies with 0.768 TB/s each: 384 GB/s in, times four, over the three quarters that cross: 2,048 GB/s."""
    law = {"memory_bw_gb_s": 3350.0, "dies": np.array([1.0, 4.0, 4.0])}
    found = interfaces.crossing_bandwidth(**law, d2d_bandwidth_tb_s=np.array([0.1, 0.768, 5.0]))
    assert found == pytest.approx([3350, 2048, 3350])


def test_dies_are_laid_out_in_two_rows():
    assert laid_out_dies(dies_needed=np.arange(1, 10)).tolist() == [1, 2, 4, 4, 6, 6, 8, 8, 10]
    assert interfaces.package_hops(split=[1, 2, 4, 8]).tolist() == [0, 1, 2, 4]
    assert interfaces.arrangement_side(split=[1, 2, 8], width_mm=20, height_mm=30).tolist() == [50, 70, 140]

"""Laws of area, worked by hand: classes of circuits, links, units, the fewest dies for a reticle, and the outline of a die."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.physics.area import (
    analog_area,
    class_area,
    die_outline,
    dies_needed,
    link_area,
    unit_content,
    units_scale,
)


def test_a_port_takes_a_part_of_the_density_step():
    """A step of 4 in density: a redesign takes 500 / 4 mm2, one that realises half of it (in logarithms) 500 / 2 mm2."""
    step = {"home_area_mm2": 500, "home_density": 25, "density": 100}
    assert float(class_area(**step)) == pytest.approx(125)
    assert float(class_area(**step, realisation=0.5)) == pytest.approx(250)
    assert float(class_area(**step, realisation=0.0)) == pytest.approx(500)
    assert class_area(**step, realisation=np.array([1.0, 0.5])).tolist() == pytest.approx([125, 250])


def test_analog_follows_its_factor_and_links_their_bandwidth():
    assert float(analog_area(home_area_mm2=90, home_factor=0.9, factor=1.35)) == pytest.approx(135)
    # 2.5 TB/s are 20 Tbps; at 1.2 mm2 per Tbps on N7, on a node whose analog is 1.5 times as large
    assert float(link_area(d2d_bandwidth_tb_s=2.5, d2d_area_mm2_per_tbps=1.2, analog_area_factor=1.5)) == pytest.approx(
        36
    )


def test_units_without_half_of_their_tensor_units():
    """A fifth of a unit is tensor units, half of which go: 0.9 is left. Of a die that is 72 % units, 20 % more of those."""
    left = float(unit_content(tensor_area_fraction=0.2, tensor_fraction=0.5))
    assert left == pytest.approx(0.9)
    grown = units_scale(
        units_ratio=1.2, unit_content=left, unit_area_fraction=0.72, logic_fraction=0.6, sram_fraction=0.3
    )
    assert float(grown) == pytest.approx(1 + 0.8 * (1.2 * 0.9 - 1))
    whole = {"units_ratio": 2.0, "unit_content": 1.0, "logic_fraction": 0.3, "sram_fraction": 0.1}
    assert float(units_scale(**whole, unit_area_fraction=0.8)) == pytest.approx(2.0), "units are never more than all"


@pytest.mark.parametrize(
    ("silicon", "dies"), [(858, 1), (859, 2), (1676, 2), (1677, 3), (3 * 838, 3), (3 * 838 + 1, 4), (100, 1)]
)
def test_the_fewest_dies(silicon, dies):
    """A field of 26 x 33 mm is 858 mm2; with 20 mm2 of links on each of several dies 838 are left of it."""
    assert float(dies_needed(silicon_mm2=silicon, link_area_mm2=20, reticle_area_mm2=858)) == dies


@given(area=st.floats(1, 900), width=st.floats(10, 30), height=st.floats(10, 40))
def test_an_outline_holds_the_area_and_says_truly_whether_it_fits(area, width, height):
    w, h, fits = die_outline(die_area_mm2=area, reticle_width_mm=width, reticle_height_mm=height)
    assert float(w * h) == pytest.approx(area, rel=1e-12)
    assert float(w) <= width * (1 + 1e-12)
    assert bool(fits) == (area <= width * height * (1 + 1e-9))
    if area <= min(width, height) ** 2:
        assert float(w) == pytest.approx(float(h))


def test_a_die_of_a_whole_field_fits_it_and_a_little_more_does_not():
    for area, fits in ((26 * 33, True), (26 * 33 * (1 + 1e-7), False)):
        assert bool(die_outline(die_area_mm2=area, reticle_width_mm=26, reticle_height_mm=33)[2]) is fits

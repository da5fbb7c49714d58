"""Dies per wafer: exact placement against brute force, and the error of the fast formula."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import estimator
from estimator.physics.wafer import gross_dies, place_dies


@pytest.mark.parametrize(("edge", "low", "high"), [(5, 64, 65), (3, 67, 68)])
def test_reticle_die_on_a_300_mm_wafer(edge, low, high):
    exact = estimator.dies_per_wafer(width_mm=26, height_mm=31.3, edge_exclusion_mm=edge)
    assert low <= exact <= high
    formula = estimator.dies_per_wafer(width_mm=26, height_mm=31.3, edge_exclusion_mm=edge, method="formula")
    assert 60 <= round(formula) <= 64


@given(width=st.floats(5, 30), height=st.floats(5, 33))
def test_placed_dies_lie_inside_and_do_not_overlap(width, height):
    placed = place_dies(width_mm=width, height_mm=height, offsets=12)
    x, y = placed.x_mm[placed.whole], placed.y_mm[placed.whole]
    assert len(x) == placed.count
    for dx in (0, width):
        for dy in (0, height):
            assert (np.hypot(x + dx, y + dy) <= 147 + 1e-6).all()
    sites = {(round(a, 6), round(b, 6)) for a, b in zip(x, y, strict=True)}
    assert len(sites) == placed.count


def test_sites_stand_apart_by_the_scribe_lane_and_cover_the_wafer():
    """Dies of 26 x 31.3 mm with lanes of 0.1 mm: sites every 26.1 and 31.4 mm, to the edge of the wafer on every side."""
    placed = place_dies(width_mm=26, height_mm=31.3)
    for at, pitch in ((np.unique(placed.x_mm.round(9)), 26.1), (np.unique(placed.y_mm.round(9)), 31.4)):
        assert np.diff(at).tolist() == pytest.approx([pitch] * (len(at) - 1))
        assert at[0] <= -150 + 0.1
        assert at[-1] + pitch >= 150
    assert place_dies(width_mm=26, height_mm=31.3, scribe_mm=3).count < placed.count


def test_a_die_that_just_fits_counts():
    """A square whose corners lie on the usable radius of 147 mm."""
    side = 147 * 2**0.5
    assert place_dies(width_mm=side, height_mm=side, scribe_mm=0).count == 1
    assert place_dies(width_mm=side * (1 + 1e-6), height_mm=side, scribe_mm=0).count == 0


def test_one_offset_is_the_two_symmetric_grids():
    """With a raster of one step only the grids with a die or a lane's edge in the middle are tried."""
    assert 60 < place_dies(width_mm=26, height_mm=31.3, offsets=1).count <= 67


@given(width=st.floats(6, 26), height=st.floats(6, 31))
def test_best_offset_is_not_worse_than_centred_grids(width, height):
    best = place_dies(width_mm=width, height_mm=height).count
    for fx in (0.0, 0.5):
        for fy in (0.0, 0.5):
            i = (np.arange(-60, 60) + fx) * (width + 0.1)
            j = (np.arange(-60, 60) + fy) * (height + 0.1)
            far = np.maximum(abs(i), abs(i + width))[:, None] ** 2 + np.maximum(abs(j), abs(j + height))[None, :] ** 2
            assert best >= (far <= 147**2).sum()


def test_error_of_the_formula_is_what_the_docstring_says():
    errors = []
    for area in (50, 100, 200, 400, 600, 814, 858):
        width = min(area**0.5, 26)
        exact = place_dies(width_mm=width, height_mm=area / width).count
        errors.append(float(gross_dies(width_mm=width, height_mm=area / width)) / exact - 1)
    assert max(errors) < 0.02
    assert min(errors) > -0.07


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"width_mm": -1, "height_mm": 5}, "width_mm"),
        ({"width_mm": float("nan"), "height_mm": 5}, "width_mm"),
        ({"width_mm": 400, "height_mm": 400}, "fit"),
        ({"width_mm": 5, "height_mm": 5, "method": "guess"}, "method"),
        ({"width_mm": "5", "height_mm": 5}, "width_mm"),
    ],
)
def test_bad_input_is_one_sentence(arguments, word):
    with pytest.raises(estimator.InputError, match=word):
        estimator.dies_per_wafer(**arguments)

"""Dies per wafer: exact placement against brute force, and the error of the fast formula."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import estimator
from estimator.physics.wafer import exposure_field, fields_per_wafer, gross_dies, place_dies


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


def test_dies_in_a_field_and_fields_on_a_wafer():
    count, width, height = exposure_field(width_mm=8, height_mm=10, scribe_mm=0)
    assert (count, width, height) == (9, 24, 30)
    assert exposure_field(width_mm=8, height_mm=10)[0] == 9  # with lanes as well
    assert exposure_field(width_mm=10, height_mm=8)[0] == 9  # turned
    assert exposure_field(width_mm=26, height_mm=33)[0] == 1  # exactly the field
    assert exposure_field(width_mm=27, height_mm=33)[0] == 0


def test_fields_on_a_wafer_are_an_average_over_offsets():
    rng = np.random.default_rng(1)
    width, height, radius = 26.0, 33.0, 147.0
    counts = []
    for fx, fy in rng.random((400, 2)):
        x, y = (np.arange(-10, 10) + fx) * width, (np.arange(-10, 10) + fy) * height
        near = np.clip(0, x, x + width)[:, None] ** 2 + np.clip(0, y, y + height)[None, :] ** 2
        counts.append((near < radius**2).sum())
    expected = fields_per_wafer(field_width_mm=width, field_height_mm=height)
    assert np.mean(counts) == pytest.approx(float(expected), rel=0.01)


@pytest.mark.parametrize("notch", [5.0, 10.0])
def test_what_the_notch_keeps_free_costs_dies(notch):
    plain, notched = (place_dies(width_mm=8, height_mm=10, notch_mm=n) for n in (0.0, notch))
    assert (
        notched.count < plain.count if notch > 5 else notched.count <= plain.count
    )  # another grid may make up for a little
    assert notched.whole.sum() == notched.count
    assert notched.y_mm[notched.whole].min() >= notch - 150
    formula = gross_dies(width_mm=8, height_mm=10, notch_mm=notch)
    assert float(formula) == pytest.approx(notched.count, rel=0.02)
    assert place_dies(width_mm=8, height_mm=10, notch_mm=3.0).count == plain.count  # within the rim

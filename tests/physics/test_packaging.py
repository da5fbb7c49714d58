"""Laws of packaging: the field that is needed, roadmaps by date, and interposers bought by the wafer, against placed ones."""

import math

import numpy as np
import pytest

from estimator.errors import InputError
from estimator.physics import packaging
from estimator.physics.wafer import place_dies

ROADMAP = {"years": [2016.3, 2020.2, 2021.8, 2023.5], "areas_mm2": [1200, 1700, 2574, 2700]}


def test_a_field_grows_in_steps_at_the_year_itself():
    dates = [2016.2, 2016.3, 2021.79, 2021.8, 2030.0]
    assert packaging.field_area(**ROADMAP, date=np.array(dates)).tolist() == [0, 1200, 1700, 2574, 2700]


def test_the_table_of_squares_is_that_of_placed_ones():
    """Squares just below the stated ratio fit the circle, squares 0.2 % above it do not (placed on the best grid offset)."""

    def placed(ratio):
        side = 300.0 * ratio
        if math.hypot(side, side) > 300.0:
            return 0
        return place_dies(
            width_mm=side, height_mm=side, wafer_diameter_mm=300.0, edge_exclusion_mm=0.0, scribe_mm=0.0, offsets=48
        ).count

    for i in (0, 1, 3, 4, 11, 15, 28, 32, 63):
        assert placed(packaging.SQUARES[i] * 0.9995) >= i + 1
        assert placed(packaging.SQUARES[i] * 1.002) < i + 1 or packaging.SQUARES[i] == packaging.SQUARES[i + 1]
    assert (np.diff(packaging.SQUARES) <= 0).all()


@pytest.mark.parametrize(
    ("area_mm2", "count"), [(1621, 29), (2728, 16), (1500, 33), (4107, 12), (6673, 5)], ids=["H200", "B200", *"abc"]
)
def test_interposers_a_wafer(area_mm2, count):
    """Published: about 29 H200 and 16 B200 a wafer; 33, 12 and 5 of 1,500, 4,107 and 6,673 mm2 placed."""
    assert float(packaging.packages_per_wafer(interposer_mm2=area_mm2)) == count


def test_the_rim_of_an_interposer_wafer_is_wider_than_that_of_logic():
    assert float(packaging.packages_per_wafer(interposer_mm2=1621, interposer_edge_exclusion_mm=3.0)) == 32


def test_small_interposers_go_by_the_formula_and_none_fits_beyond_the_wafer():
    few, many, none = packaging.packages_per_wafer(interposer_mm2=[790.0, 200.0, 60000.0])
    assert few == 64
    assert 64 < many < math.pi * 145**2 / 200
    assert none == 0


def test_an_interposer_is_a_share_of_its_wafer():
    law = {"interposer_wafer_usd": 12000, "interposer_yield_fraction": 0.8}
    assert float(packaging.interposer_cost(packages_per_interposer_wafer=12, **law)) == pytest.approx(1250)
    assert float(packaging.interposer_cost(packages_per_interposer_wafer=0, **law)) == math.inf
    free = packaging.interposer_cost(
        packages_per_interposer_wafer=0, interposer_wafer_usd=0, interposer_yield_fraction=1
    )
    assert float(free) == 0


def test_an_interposer_of_which_none_comes_good_is_refused():
    with pytest.raises(InputError, match="interposer_yield_fraction = 0 is out of range"):
        packaging.interposer_cost.checked(
            interposer_wafer_usd=12000, packages_per_interposer_wafer=12, interposer_yield_fraction=0.0
        )

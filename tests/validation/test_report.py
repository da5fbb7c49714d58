"""Command ``validate``: no group is worse than recorded, and intervals are neither too narrow nor too wide to say anything."""

import numpy as np
import pytest

from estimator.cli import main
from estimator.validation import report
from estimator.validation.electrical_rows import conformal_width

SPREAD = {
    "die area, 28 nm to 4 nm": (0.70, 0.88, 0.115),
    "die area, 90 nm to 40 nm": (0.70, 0.88, 0.17),
    "area of a port": (0.75, 0.95, 0.30),
    "power of a port": (0.70, 0.90, 0.31),
    "clock": (0.70, 0.88, 0.33),
    "power at a clock": (0.75, 0.92, 0.365),
    "clock under a cap": (0.75, 0.92, 0.18),
    "clock at a voltage (stock tables)": (0.60, 0.90, 0.23),
}
"""Group -> least and most share of rows inside the 80 % interval, and its widest median width (high over low, less 1).

The width of these intervals follows the errors of the other families, so that a share near 80 % alone says little: a
model twice as wrong would keep it. Only the width shows that; it is held to today's, two in a hundred above.
"""


@pytest.mark.slow
def test_no_group_is_worse_than_recorded_and_the_page_shows_these_rows(validation_rows, capsys):
    code, said = main(["validate", "--check"]), capsys.readouterr().out
    assert code == 0, said
    assert report.honest_sentence(validation_rows) in said


@pytest.mark.slow
def test_every_row_names_what_was_removed_and_has_an_interval(validation_rows):
    """What `removed` says is held to be true in test_left_out.py."""
    assert len(validation_rows) > 500
    for case in validation_rows:
        assert case.removed, case.case
        assert case.low < case.high, case.case


@pytest.mark.slow
@pytest.mark.parametrize("group", SPREAD)
def test_intervals_hold_their_share_and_are_no_wider_than_today(validation_rows, group):
    line = report.summary(validation_rows)[group]
    least, most, width = SPREAD[group]
    assert least <= line["coverage"] <= most
    assert line["width"] <= width


@pytest.mark.slow
def test_intervals_hold_over_all_rows_and_with_each_family_once(validation_rows):
    line = report.coverage(validation_rows)
    assert 0.75 <= line["coverage"] <= 0.90
    assert 0.75 <= line["coverage_by_family"] <= 0.90
    assert line["width"] <= 0.293


def test_interval_widths_of_a_known_error_law_hold_on_families_that_they_have_not_seen():
    """40 families of 3 rows with normal errors of 10 %: the 80 % interval is 1.28 standard deviations to each side."""
    rng = np.random.default_rng(0)
    families = [f"family {k // 3}" for k in range(120)]
    half = conformal_width(rng.normal(0.0, 0.1, 120), np.zeros(120), families)
    assert np.median(half) == pytest.approx(0.128, rel=0.15)
    fresh = rng.normal(0.0, 0.1, (500, 120))
    assert np.mean(np.abs(fresh) <= half) == pytest.approx(0.8, abs=0.05)


def test_the_width_of_an_interval_ignores_the_errors_of_its_own_family():
    rng = np.random.default_rng(1)
    families = [f"family {k // 3}" for k in range(30)]
    errors = rng.normal(0.0, 0.1, 30)
    before = conformal_width(errors, np.full(30, 0.01), families)
    errors[:3] *= 50
    after = conformal_width(errors, np.full(30, 0.01), families)
    assert after[:3] == pytest.approx(before[:3], rel=1e-12)
    assert (after[3:] >= before[3:]).all()
    assert after[3:].mean() > 1.01 * before[3:].mean()

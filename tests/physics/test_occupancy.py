"""The occupancy distribution and inclusion-exclusion behind salvage, worked by hand."""

import itertools

import pytest

from estimator.physics.occupancy import channel_terms, survivable


def test_two_of_three_channels():
    """P(at least 2 of 3) = 3 P(two given ones) - 2 P(all): with 0.9 each 0.972."""
    assert channel_terms(3, 1) == [(3, 2), (-2, 3)]
    assert sum(w * 0.9**m for w, m in channel_terms(3, 1)) == pytest.approx(3 * 0.81 - 2 * 0.729)
    assert channel_terms(5, 0) == [(1, 5)]
    assert sum(w * 0.8**m for w, m in channel_terms(6, 2)) == pytest.approx(0.90112)  # binomial: at least 4 of 6 at 0.8


@pytest.mark.parametrize(("units", "spare"), [(3, 1), (4, 2), (5, 0)])
def test_survivable_is_the_count_of_all_throws(units, spare):
    found = survivable(units, spare)
    for defects in range(min(5, len(found))):
        throws = list(itertools.product(range(units), repeat=defects))
        good = sum(len(set(throw)) <= spare for throw in throws)
        assert found[defects] == pytest.approx(good / len(throws)), defects

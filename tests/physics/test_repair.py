"""What of a die a defect kills: logic whole, SRAM and interfaces in part, slices of L2 only their channel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.physics import repair

H100 = {
    "logic_fraction": 0.7344,
    "sram_fraction": 0.1197,
    "analog_fraction": 0.1459,
    "unit_area_fraction": 0.55,
    "memory_area_fraction": 0.1012,
    "unit_sram_share": 0.55,
    "slice_sram_share": 0.8,
}
WEIGHTS = {"sram_defect_weight": 0.1, "analog_defect_weight": 0.4}


def test_fatal_area_of_an_h100():
    """35 % of the area lies in neither units nor channels; weighted, 22 % of the die is fatal."""
    whole = repair.exposed_shares(**{**H100, "slice_sram_share": 0.0}, sram_defect_weight=1, analog_defect_weight=1)
    assert float(whole.exposed_fraction) == pytest.approx(1)
    assert 1 - float(whole.unit_share + whole.memory_share) == pytest.approx(0.35, abs=0.01)
    found = repair.exposed_shares(**H100, **WEIGHTS)
    fatal = float(found.exposed_fraction * (1 - found.unit_share - found.memory_share))
    assert fatal == pytest.approx(0.22, abs=0.01)
    assert float(found.exposed_fraction) == pytest.approx(0.7344 + 0.01197 + 0.05836)


def test_a_die_without_units_has_no_share_in_them():
    found = repair.exposed_shares(**{**H100, "unit_area_fraction": 0.0}, **WEIGHTS)
    assert float(found.unit_share) == 0


share = st.floats(0, 1)


@given(a=share, b=share, units=share, rest=share, inside=share, slices=share, sram=share, analog=share)
def test_shares_stay_shares(a, b, units, rest, inside, slices, sram, analog):
    logic, mem = max(a, 0.01), (1 - max(a, 0.01)) * b
    found = repair.exposed_shares(
        logic_fraction=logic,
        sram_fraction=mem,
        analog_fraction=1 - logic - mem,
        unit_area_fraction=units,
        memory_area_fraction=(1 - units) * rest,
        unit_sram_share=inside,
        slice_sram_share=slices,
        sram_defect_weight=sram,
        analog_defect_weight=analog,
    )
    assert 0 <= float(found.exposed_fraction) <= 1
    assert 0 <= float(found.unit_share) <= 1 + 1e-12
    assert 0 <= float(found.memory_share) <= 1 + 1e-12
    assert float(found.unit_share + found.memory_share) <= 1 + 1e-9

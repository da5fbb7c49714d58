"""Design effort worked by hand: logic by size, physical design by process, masks with respins, package by field."""

import numpy as np
import pytest

from estimator.physics import design_effort as effort


def test_logic_follows_the_size_of_the_design_and_not_the_process():
    """F (T/T0)^g s: a quarter of the transistors at the exponent 0.5 takes half; a port takes its share."""
    given = {"logic_design_musd": 340, "complexity_reference_mtr": 80_000, "complexity_exponent": 0.5}
    found = effort.logic_effort(transistors_mtr=np.array([80_000, 20_000]), logic_share=1, **given)
    assert found.tolist() == pytest.approx([340, 170])
    assert float(effort.logic_effort(transistors_mtr=80_000, logic_share=0.25, **given)) == pytest.approx(85)


def test_physical_design_masks_and_package():
    physical = effort.physical_effort(design_cost_musd=249, physical_design_share=0.25, physical_share=0.1)
    assert float(physical) == pytest.approx(6.225)
    assert float(effort.mask_cost(mask_set_musd=10, respins=0.5)) == pytest.approx(15)
    package = effort.package_effort(package_nre_musd=4, package_nre_musd_mm2=0.002, field_mm2=4107)
    assert float(package) == pytest.approx(12.214)

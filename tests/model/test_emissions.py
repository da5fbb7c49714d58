"""Greenhouse gases of an estimate: the maker's statement for an H100, parts and causes, grids, classes of process."""

import numpy as np
import pytest

import estimator
from estimator.model.fab import class_nm, fab_numbers
from estimator.parameters.library import load_node
from estimator.parameters.schema import GRIDS
from estimator.parameters.sets import load_set


def test_the_chips_of_an_h100_are_those_of_its_makers_statement():
    """41.5 of 164 kg are chips with their packages (HGX H100 product carbon footprint); memory is set by it, chips are not."""
    own = estimator.estimate("h100-sxm", "tsmc-4n")
    assert own.embodied_silicon_kgco2e + own.embodied_package_kgco2e == pytest.approx(41.5, rel=0.25)
    assert own.embodied_kgco2e == pytest.approx(164, rel=0.15)


def test_parts_and_causes_add_up():
    est = estimator.estimate("mi300x", "7nm")
    parts = [est.clone[f"embodied_{n}_kgco2e"] for n in ("silicon", "memory", "package", "scrap", "board")]
    assert sum(parts) == pytest.approx(est.embodied_kgco2e)
    for headline, field in (("embodied", "embodied_kgco2e"), ("carbon", "kgco2e_per_eflop")):
        assert np.prod(list(est.causes[headline].values())) == pytest.approx(est.ratio[field], rel=1e-9)


def test_a_grid_is_an_option_of_both_sides():
    dirty, clean = (estimator.estimate("h100-sxm", "12nm", grid=g) for g in ("india", "sweden"))
    assert clean.reference.operational_kgco2e < 0.1 * dirty.reference.operational_kgco2e
    assert clean.embodied_kgco2e == dirty.embodied_kgco2e
    assert {f"{g}.grid_kgco2e_kwh" for g in GRIDS} == set(load_set("work", "grids").numbers)
    with pytest.raises(estimator.InputError, match="sweden"):
        estimator.estimate("h100-sxm", "12nm", grid="swedn")


def test_a_class_between_two_lies_between_them_and_beyond_the_table_it_is_said():
    n12, n14, n10 = (
        float(fab_numbers(load_node(n))["fab_energy_kwh_cm2"]) for n in ("tsmc-12ffn", "smic-14", "tsmc-10ff")
    )
    assert n14 < n12 < n10
    assert any("are not published" in note for note in estimator.estimate("rx-580", "90nm").notes)
    nameless = load_node("tsmc-n7").replace(name="own", generation_nm=None)
    assert class_nm(nameless) == 7

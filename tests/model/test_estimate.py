"""The public call against the values that tell right from wrong, and its properties over nodes, options and shapes."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import estimator
from estimator.model import chain
from estimator.model.causes import HEADLINE_FIELD
from estimator.parameters import library
from estimator.physics.cost import good_die_cost
from estimator.uses import cset

DESIGNS = library.names("design")
LADDER = (
    "tsmc-n2",
    "tsmc-n3p",
    "tsmc-n3e",
    "tsmc-4np",
    "tsmc-4n",
    "tsmc-n5",
    "tsmc-n6",
    "tsmc-n7+",
    "tsmc-n7",
    "tsmc-10ff",
    "tsmc-12ffn",
    "tsmc-16ff",
    "tsmc-20soc",
    "tsmc-28hpm",
    "tsmc-40",
    "tsmc-55",
    "tsmc-65",
    "tsmc-80",
    "tsmc-90",
)
LINES = {
    "tsmc": LADDER,
    "samsung": (
        "samsung-3gae",
        "samsung-4lpx",
        "samsung-5lpe",
        "samsung-8n",
        "samsung-14lpp",
        "samsung-14lpe",
        "samsung-20lpe",
        "samsung-32",
        "samsung-45",
    ),
    "gf": ("gf-12lp", "gf-14lpp", "gf-28"),
    "intel": ("intel-18a", "intel-3", "intel-4", "intel-7", "intel-14", "intel-22", "intel-32"),
    "smic": ("smic-n+2", "smic-n+1", "smic-14", "smic-28"),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_at_home_each_design_is_its_own_published_self(name):
    design = estimator.load_design(name)
    est = estimator.estimate(name, design.node)
    silicon = sum(float(d.area_mm2) * d.count for d in design.die_kinds)
    assert est.die_area_mm2 == pytest.approx(silicon, rel=1e-12)
    assert est.clock_ghz == pytest.approx(float(design.clock_ghz), rel=1e-12)
    assert est.power_w == pytest.approx(float(design.power_w), rel=1e-12)
    if design.tensor_tflops is not None:
        assert est.tensor_tflops == pytest.approx(float(design.tensor_tflops), rel=1e-12)
    for output, ratio in est.ratio.items():
        assert ratio == pytest.approx(1, rel=1e-12), output
    for factors in est.causes.values():
        assert all(f == pytest.approx(1, abs=1e-9) for f in factors.values())


@pytest.mark.parametrize("name", DESIGNS)
def test_a_design_leaves_room_for_its_die(name):
    r = estimator.estimate(name, estimator.load_design(name).node).reference
    assert r.power_dynamic_w > 0.25 * r.power_w
    assert 0 < r.power_leakage_w < 0.45 * (r.power_dynamic_w + r.power_leakage_w)
    assert 0.03 < r.wire_share_fraction < 0.6


def test_h100_on_12_nm():
    est = estimator.estimate("h100-sxm", "12nm")
    assert 3.3 <= est.ratio.die_area_mm2 <= 4.2
    assert est.dies >= 4
    assert est.limited_by in ("timing", "temperature")
    at_home = estimator.estimate("h100-sxm", "4nm", clock_ghz=1.4)
    there = estimator.estimate("h100-sxm", "12nm", clock_ghz=1.4, cooling="cold-plate")  # more than air takes
    assert 2.0 <= there.power_w / at_home.power_w <= 4.0


def test_v100_shows_the_density_of_12_nm_on_a_die_of_the_same_size():
    v100, h100 = (estimator.estimate(d, estimator.load_design(d).node) for d in ("v100-sxm2", "h100-sxm"))
    assert v100.transistor_density_mtr_mm2 == pytest.approx(25.9, abs=0.1)
    assert h100.transistor_density_mtr_mm2 == pytest.approx(98.3, abs=0.1)


def test_polaris_20_to_30_kept_its_layout():
    """14LPP -> 12LP without a new layout: area 1.00, clock up by no more than 15 %."""
    est = estimator.estimate("rx-580", "gf-12lp", layout="port")
    assert est.ratio.die_area_mm2 == pytest.approx(1.0, abs=0.03)
    assert 0.98 <= est.ratio.clock_ghz <= 1.16


def test_h100_bill_of_materials():
    """Estimates of 3,000 to 3,320 USD, of which memory about 1,350."""
    r = estimator.estimate("h100-sxm", "tsmc-4n").reference
    assert 3000 * 0.9 <= r.unit_cost_usd <= 3320 * 1.1
    assert r.memory_cost_usd == pytest.approx(1350, rel=0.1)


def test_cset_2020_table_9():
    """Foundry sale price per chip as the report prints it: Khan and Mann 2020, table 9; the model's is within 2 %."""
    published = dict(zip(cset.scenario().labels, (2433, 1428, 713, 453, 399, 331, 274, 233, 238), strict=True))
    found = dict(zip(cset.scenario().labels, cset.scenario().foundry_usd, strict=True))
    assert found == pytest.approx(published, rel=0.02)
    assert list(found) == ["90 nm", "65 nm", "40 nm", "28 nm", "20 nm", "16/12 nm", "10 nm", "7 nm", "5 nm"]
    assert min(found, key=found.get) == "7 nm"


def test_a_good_die_carries_its_share_of_the_wafer():
    """By hand: 9,346 USD over 60 gross dies of which two thirds are sold is 233.65 USD each; test and scrap come later."""
    assert good_die_cost(wafer_cost_usd=9346, gross_dies=60, sellable_fraction=2 / 3) == pytest.approx(233.65)


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("design", ["h100-sxm", "mi300x", "gtx-1080-ti"])
def test_going_older_is_never_smaller_nor_thriftier(line, design):
    clock = 0.12  # every node reaches it
    rows = [
        estimator.estimate(design, n, clock_ghz=[clock, clock * 1.0001], cooling="microchannel") for n in LINES[line]
    ]
    for newer, older in zip(rows, rows[1:], strict=False):
        areas = [
            float(e.sides["clone"].result.geometry.die_area_mm2) for e in (newer, older)
        ]  # also of what cannot be packaged
        assert areas[1] >= areas[0] * (1 - 1e-9)
        if older.feasible[0] and newer.feasible[0]:
            assert older.power_w[0] >= newer.power_w[0] * 0.97
            assert older.energy_per_eflop_j[0] >= newer.energy_per_eflop_j[0] * 0.97


@settings(max_examples=25)
@given(design=st.sampled_from(DESIGNS), node=st.sampled_from(library.names("node")), limit=st.floats(50, 3000))
def test_a_power_ceiling_holds_and_never_raises_the_clock(design, node, limit):
    free = estimator.estimate(design, node, power_limit_w=np.array([1e5, limit]))
    if free.feasible[1]:
        assert free.power_w[1] <= limit * (1 + 1e-9)
        assert free.clock_ghz[1] <= free.clock_ghz[0] * (1 + 1e-9)
        assert free.power_w[1] <= free.power_w[0] * (1 + 1e-9)


def test_a_power_ceiling_binds_at_its_own_value():
    """H100 on 12 nm draws more than 700 W where nothing holds it: under a ceiling below that it draws the ceiling."""
    free = estimator.estimate("h100-sxm", "12nm")
    for limit in (500.0, 700.0):
        assert limit < free.power_w
        held = estimator.estimate("h100-sxm", "12nm", power_limit_w=limit)
        assert held.power_w == pytest.approx(limit, rel=1e-6)
        assert held.limited_by == "power"
        assert held.clock_ghz < 0.99 * free.clock_ghz


@pytest.mark.parametrize("node", ["3nm", "12nm", "28nm", "65nm"])
def test_worse_cooling_never_raises_the_clock(node):
    order = ("microchannel", "cold-plate", "air-server", "air")
    clocks = []
    for cooling in order:
        try:
            clocks.append(estimator.estimate("h100-sxm", node, cooling=cooling).clock_ghz)
        except estimator.InfeasibleError:
            clocks.append(0.0)
    assert all(a >= b * (1 - 1e-9) for a, b in zip(clocks, clocks[1:], strict=False))


@settings(max_examples=40)
@given(
    design=st.sampled_from(DESIGNS),
    node=st.sampled_from(library.names("node")),
    reference=st.sampled_from([None, "3nm", "28nm"]),
)
def test_causes_multiply_to_the_ratio(design, node, reference):
    try:
        est = estimator.estimate(design, node, reference_node=reference)
    except estimator.InfeasibleError:
        return
    for headline, factors in est.causes.items():
        product = math.prod(factors.values())
        assert product == pytest.approx(est.ratio[HEADLINE_FIELD[headline]], rel=1e-9), headline


@pytest.mark.parametrize(
    "option",
    ["power_limit_w", "clock_ghz", "defect_density_per_cm2", "maturity_quarters", "volume", "units_enabled", "dies"],
)
def test_array_results_equal_scalar_results(option):
    values = {
        "power_limit_w": [500.0, 800.0],
        "clock_ghz": [0.5, 0.9],
        "defect_density_per_cm2": [0.05, 0.5],
        "maturity_quarters": [0, 20],
        "volume": [1e4, 1e7],
        "units_enabled": [100, 132],
        "dies": [4, 6],
    }[option]
    together = estimator.estimate("h100-sxm", "12nm", **{option: values})
    for i, value in enumerate(values):
        one = estimator.estimate("h100-sxm", "12nm", **{option: value})
        for name in one.clone:
            if name == "limited_by":
                assert together.limited_by[i] == one.limited_by
            else:
                assert together.clone[name][i] == pytest.approx(one.clone[name], rel=1e-12), name


def test_arrays_broadcast_and_are_nan_exactly_where_infeasible():
    est = estimator.estimate("h100-sxm", "12nm", clock_ghz=[[0.5], [1.0], [5.0]], volume=[1e4, 1e6])
    assert est.clock_ghz.shape == (3, 2)
    assert est.feasible.tolist() == [[True, True], [True, True], [False, False]]
    assert (est.limited_by[2] == "timing").all()
    for name, value in est.clone.items():
        if value.dtype.kind == "f":
            assert (np.isnan(value) == ~est.feasible).all(), name


@pytest.mark.parametrize("design", ["mi300x", "h100-sxm", "rx-580"])
def test_power_and_cost_parts_add_up(design):
    est = estimator.estimate(design, "12nm", package="emib" if design == "mi300x" else None)
    parts = ("dynamic", "leakage", "memory", "link", "io", "board")
    power = sum(getattr(est, f"power_{k}_w") for k in parts)
    assert power == pytest.approx(est.power_w, rel=1e-12)
    cost = sum(
        getattr(est, k)
        for k in (
            "silicon_cost_usd",
            "memory_cost_usd",
            "package_cost_usd",
            "test_cost_usd",
            "scrap_cost_usd",
            "board_cost_usd",
            "cooler_cost_usd",
        )
    )
    assert cost == pytest.approx(est.unit_cost_usd, rel=1e-12)
    area = est.area_logic_mm2 + est.area_sram_mm2 + est.area_analog_mm2 + est.area_link_mm2
    assert area == pytest.approx(est.die_area_mm2, rel=1e-12)


def test_reference_node_compares_two_builds_under_the_same_options():
    est = estimator.estimate("h100-sxm", "12nm", reference_node="3nm", power_limit_w=500)
    alone = estimator.estimate("h100-sxm", "3nm", power_limit_w=500)
    assert est.reference.clock_ghz == pytest.approx(alone.clock_ghz, rel=1e-12)
    assert est.reference.power_w <= 500 * (1 + 1e-9)


def test_options_move_the_clone_only():
    plain = estimator.estimate("h100-sxm", "12nm").reference
    moved = estimator.estimate("h100-sxm", "12nm", defect_density_per_cm2=1.0, volume=1000, power_limit_w=300).reference
    assert dict(plain) == dict(moved)


def test_it_works_both_ways():
    est = estimator.estimate("rx-580", "5nm")
    assert est.ratio.die_area_mm2 < 0.5
    assert est.ratio.clock_ghz > 1.1
    assert est.ratio.energy_per_eflop_j < 0.8


def test_own_design_needs_four_numbers():
    own = estimator.Design(name="own", node="tsmc-28hpm", die_area_mm2=348, clock_ghz=0.8, power_w=140)
    est = estimator.estimate(own, "tsmc-16ff")
    assert est.reference.die_area_mm2 == pytest.approx(348)
    assert est.reference.power_w == pytest.approx(140)
    assert est.ratio.die_area_mm2 < 1
    cpu = estimator.Design(
        name="core",
        node="tsmc-28hpm",
        die_area_mm2=50,
        clock_ghz=2.0,
        power_w=30,
        memory_power_w=0,
        io_power_w=1,
        sram_fraction=0.3,
        logic_fraction=0.6,
    )
    assert estimator.estimate(cpu, "tsmc-16ff").power_memory_w == 0


def test_forced_clock_may_exceed_the_published_one_up_to_the_highest_supply():
    home = estimator.estimate("h100-sxm", "4nm", clock_ghz=1.95, cooling="cold-plate")
    assert home.limited_by == "requested"
    assert home.supply_v > home.reference.supply_v
    assert home.power_w > home.reference.power_w


def test_infeasible_scalar_names_wall_and_nearest_value():
    with pytest.raises(estimator.InfeasibleError) as caught:
        estimator.estimate("h100-sxm", "12nm", clock_ghz=5)
    assert caught.value.limited_by == "timing"
    nearest = caught.value.nearest["clock_ghz"]
    assert estimator.estimate("h100-sxm", "12nm", clock_ghz=nearest * 0.999).feasible
    with pytest.raises(estimator.InfeasibleError) as caught:
        estimator.estimate("h100-sxm", "12nm", dies=1)
    assert caught.value.limited_by == "reticle"
    assert estimator.estimate("h100-sxm", "12nm", dies=caught.value.nearest["dies"]).fits_reticle


def test_results_are_plain_data_and_words():
    est = estimator.estimate("h100-sxm", "12nm")
    data = json.loads(json.dumps(est.to_dict(), allow_nan=False))
    assert set(data) >= {"clone", "reference", "ratio", "causes"}
    assert data["clone"]["die_area_mm2"] == est.die_area_mm2
    assert "H100" in repr(est)
    assert "<table>" in est._repr_html_()
    text = est.explain()
    assert text.startswith("The work of one NVIDIA H100")
    assert "What binds: timing" in text
    for name in chain.OUTPUT_STAGE:
        assert hasattr(est, name)


def test_notebook_table_escapes_hostile_names():
    own = estimator.Design(
        name="x", label="<script>alert(1)</script>", node="tsmc-28hpm", die_area_mm2=348, clock_ghz=0.8, power_w=140
    )
    assert "<script>" not in estimator.estimate(own, "16nm")._repr_html_()


def test_overriding_the_home_process_moves_both_sides_of_home():
    est = estimator.estimate("h100-sxm", "12nm", **{"home.gate_delay_ps": 10.0})
    assert est.reference.clock_ghz == pytest.approx(float(estimator.load_design("h100-sxm").clock_ghz), rel=1e-12)
    assert est.clock_ghz > estimator.estimate("h100-sxm", "12nm").clock_ghz


def test_overriding_a_constant_reaches_the_plan():
    low = estimator.estimate("h100-sxm", "12nm", **{"model.workload_intensity_flop_byte": 50.0})
    assert low.work_tflops == pytest.approx(low.memory_bw_gb_s * 50 / 1000 * low.split_efficiency)
    many = estimator.estimate("h100-sxm", "12nm", **{"model.volume": [1e4, 1e6]})
    assert many.nre_usd_per_unit[0] == pytest.approx(100 * many.nre_usd_per_unit[1])
    assert estimator.estimate("h100-sxm", "12nm", **{"node.clustering_alpha": 0.5}).yield_fraction > (
        estimator.estimate("h100-sxm", "12nm").yield_fraction
    )


@pytest.mark.parametrize("node", ["3nm", "2nm", "12nm"])
@pytest.mark.parametrize("design", ["h100-sxm", "rtx-4090", "v100-sxm2"])
def test_the_fewest_dies_fit_half_a_field(design, node):
    est = estimator.estimate(design, node, **{"node.reticle_height_mm": 16.5})
    assert est.fits_reticle
    assert est.die_area_mm2 / est.dies <= 26 * 16.5
    whole = estimator.estimate(design, node)
    assert est.dies >= whole.dies


def test_no_shipped_design_is_too_large_for_its_own_package():
    """Each is sold: a note that its package cannot carry it would say that the file is wrong."""
    for name in library.names("design"):
        design = library.load_design(name)
        notes = estimator.estimate(name, design.node).notes
        assert not any("exceed" in n or "carries no" in n for n in notes), (name, notes)

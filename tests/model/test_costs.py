"""What costs: classes of product, design effort, coolers, wafers by size, memory as bought, and what is not stated."""

import math

import numpy as np
import pytest

import estimator
from estimator import Design, estimate
from estimator.model.comparison import SAME_WORK
from estimator.model.words import explain, verdict
from estimator.parameters import library
from estimator.parameters.silicon import read_silicon
from estimator.parameters.silicon_dies import BillRow
from estimator.physics.operating_point import LIMITS
from estimator.uses.ownership import own
from estimator.uses.serving import serve
from estimator.validation.cost_rows import bill_estimate, bill_usd

A380 = Design(
    name="a380",
    node="tsmc-n6",
    die_area_mm2=157,
    clock_ghz=2,
    power_w=75,
    memory="gddr6",
    memory_gb=6,
    memory_stacks=3,
    package="organic",
    cooling="air-consumer",
    units=8,
    units_enabled=8,
)
ASIC = Design(
    name="asic",
    node="tsmc-28hpm",
    die_area_mm2=12,
    clock_ghz=0.5,
    power_w=1,
    package="organic",
    units=1,
    memory_stacks=0,
)


def home(design):
    """The published point of a design."""
    design = library.load_design(design)
    return estimate(design, design.node).reference


def errors(split):
    rows = [r for r in read_silicon(BillRow) if r.split == split]
    return {r.design: float(bill_usd(r, bill_estimate(r).clone)) / r.usd - 1.0 for r in rows}


# ---- classes of product


def test_bills_of_materials_that_set_no_constant_are_met_within_15_percent():
    found = errors("validation")
    assert len(found) == 7
    assert sum(n in found for n in ("ps4", "xbox-one-2016", "xbox-one-s", "arc-a380", "rx-7900-xtx")) >= 4, "consumer"
    assert np.median([abs(e) for e in found.values()]) <= 0.15
    assert all(0.5 < 1.0 + e < 2.0 for e in found.values())


def test_bills_that_constants_were_chosen_on():
    assert all(abs(e) <= 0.2 for e in errors("calibration").values())


def test_b200_and_h200_lie_in_their_published_ranges():
    for row in read_silicon(BillRow):
        if row.design in ("b200", "h200-sxm"):
            assert row.low_usd <= bill_usd(row, bill_estimate(row).clone) <= row.high_usd, row.design


@pytest.mark.parametrize(
    ("design", "word"),
    [
        ("h100-sxm", "module"),
        ("mi355x", "module"),
        ("h100-pcie", "card"),
        ("rtx-4090", "consumer-card"),
        (A380, "consumer-card"),
        (ASIC, "chip"),
        (A380.replace(product_class="console"), "console"),
    ],
)
def test_the_class_follows_from_the_design_unless_it_is_named(design, word):
    made = estimate(design, library.load_design(design).node)
    assert made.sides["clone"].build.entities.product.name == word
    assert made.sides["reference"].build.entities.product.name == word


def test_consumer_cards_and_small_chips_cost_what_they_can_be_sold_for():
    assert home("rx-580").unit_cost_usd < 229
    assert 28 <= home(A380).die_cost_usd <= 34
    (row,) = (r for r in read_silicon(BillRow) if r.design == "arc-a380")
    assert 60 <= bill_usd(row, bill_estimate(row).clone) <= 110, "at the memory price of its year"
    assert home(ASIC).unit_cost_usd < 5


def test_both_sides_are_of_one_class():
    est = estimate("h100-sxm", "tsmc-4n", product_class="chip")
    assert est.ratio.unit_cost_usd == pytest.approx(1, rel=1e-12)
    assert est.board_cost_usd == est.cooler_cost_usd == 0


def test_a_host_is_charged_by_system():
    by = {
        d: own(estimate(d, library.load_design(d).node)).clone.parts["server and network"]
        for d in ("h100-sxm", "rtx-4090")
    }
    assert by["h100-sxm"] == 8000
    assert by["rtx-4090"] == 900
    assert own(estimate(ASIC, "28nm")).clone.parts["server and network"] == 0


def test_memory_is_bought_as_shipped_stacks():
    for design, gb in (("b200", 192), ("h200-sxm", 144)):
        found = estimate(design, library.load_design(design).node)
        price = float(library.part_of(found.design, "memory").cost_usd_gb)
        assert found.memory_cost_usd == pytest.approx(gb * price)
        assert found.memory_gb < gb
    half = estimate("h200-sxm", "tsmc-4n", memory_stacks=3)
    assert half.memory_cost_usd == pytest.approx(0.5 * estimate("h200-sxm", "tsmc-4n").memory_cost_usd)


# ---- design effort


def test_80_billion_transistors_are_no_51_musd_project_on_any_node():
    nre = {
        n: float(estimate("h100-sxm", n).sides["clone"].result.costs.nre_musd)
        for n in ("4nm", "5nm", "3nm", "7nm", "12nm")
    }
    assert nre == pytest.approx({"4nm": 485, "5nm": 229, "3nm": 524, "7nm": 423, "12nm": 380}, rel=0.03)
    small = estimate("h100-sxm", "28nm", units=69)
    assert 340 * math.sqrt(0.4) < float(small.sides["clone"].result.costs.nre_musd) < 371


def test_effort_splits_into_named_parts_that_add_up():
    est = estimate("mi300x", "7nm")
    parts = (est.nre_logic_usd, est.nre_physical_usd, est.nre_mask_usd, est.nre_package_usd)
    assert all(p > 0 for p in parts), "the design of the package is a part of its own"
    assert sum(parts) == pytest.approx(est.nre_usd_per_unit)
    assert est.unit_cost_usd + est.nre_usd_per_unit == pytest.approx(est.full_cost_usd)
    assert set(est.causes["all-in"]) >= {"design effort", "physical design", "masks", "package design"}
    assert math.prod(est.causes["all-in"].values()) == pytest.approx(est.ratio.full_cost_usd, rel=1e-9)


def test_a_copy_takes_less_than_a_port_and_that_less_than_a_new_design():
    nre = [estimate("h100-sxm", "5nm", port=p).nre_usd_per_unit for p in ("copy", "port", "new")]
    assert nre[0] < nre[1] < nre[2]
    assert nre[0] > 0


# ---- cooling


def test_new_limits_stand_behind_the_old_ones():
    assert LIMITS[:6] == ("timing", "temperature", "power", "runaway", "requested", "reticle")
    assert LIMITS[7] == "cooling"


def test_a_cooler_takes_no_more_than_its_class():
    """Seven dies on 28 nm in a package that carries them: 1,100 W on air, more on a cold plate."""
    wide = {"package.interposer_max_area_mm2": 7000.0}
    air = estimate("h100-sxm", "28nm", **wide)
    assert air.limited_by == "cooling"
    assert air.power_w == pytest.approx(1100, rel=1e-6)
    liquid = estimate("h100-sxm", "28nm", cooling="cold-plate", **wide)
    assert liquid.limited_by != "cooling"
    assert liquid.clock_ghz > air.clock_ghz
    assert any("a cooler of this class takes 1,100 W" in n for n in air.notes)
    for headline, field in estimator.estimation.HEADLINE_FIELD.items():
        assert math.prod(air.causes[headline].values()) == pytest.approx(air.ratio[field], rel=1e-9), headline


@pytest.mark.parametrize("forced", [{"clock_ghz": 1.4}, {"power_w": 1200.0}])
def test_a_forced_point_beyond_the_cooler_is_impossible(forced):
    with pytest.raises(estimator.InfeasibleError, match=r"1,100 W at most, cooling='immersion' 1,500 W") as told:
        estimate("h100-sxm", "12nm", **forced)
    assert told.value.limited_by == "cooling"
    both = estimate("h100-sxm", "12nm", **{k: [v, 0.7 * v] for k, v in forced.items()})
    assert both.limited_by.tolist() == ["cooling", "requested"]
    assert both.feasible.tolist() == [False, True]


def test_the_published_point_needs_no_other_cooler():
    hot = library.load_design("b200").replace(cooling="air")
    assert float(library.load_cooling("air").module_power_max_w) < float(hot.power_w)
    own_cap = library.load_design("gtx-1080-ti").replace(cooling="air", power_w=450.0, junction_max_c=150.0)
    assert estimate(own_cap, own_cap.node).ratio.power_w == pytest.approx(1, rel=1e-12)


def test_a_bigger_cooler_costs_more():
    est = estimate("h100-sxm", "12nm")
    assert est.reference.cooler_cost_usd == pytest.approx(70)
    assert est.cooler_cost_usd == pytest.approx(138, rel=0.02)
    assert "cooler" in est.causes["cost"]


# ---- for the same work


def test_the_headline_is_for_the_same_work():
    est = estimate("h100-sxm", "12nm")
    needed = est.reference.work_tflops / est.work_tflops
    assert est.clones_for_same_work == pytest.approx(needed) == pytest.approx(1.67, rel=0.01)
    assert est.power_for_same_work_w == pytest.approx(needed * est.power_w) == pytest.approx(1614, rel=0.01)
    assert est.cost_for_same_work_usd == pytest.approx(needed * est.unit_cost_usd) == pytest.approx(8538, rel=0.01)
    assert est.all_in_for_same_work_usd == pytest.approx(needed * est.full_cost_usd) == pytest.approx(9808, rel=0.01)
    assert (est.reference.gpus_per_wafer, est.gpus_per_wafer) == (55, 10)
    assert set(est.to_dict()["same_work"]) == set(SAME_WORK)
    text = explain(est)
    assert text.startswith(verdict(est))
    for word in ("1.67 clones", "1,611 W instead of 700 W", "55 originals or 10 clones", "What binds: timing"):
        assert word in text, word


def test_no_sentence_compares_recurring_with_all_in_cost():
    for sentence in verdict(estimate("h100-sxm", "12nm")).split(". "):
        assert sum(word in sentence for word in ("recurring", "all-in", "price")) <= 1, sentence


def test_words_follow_the_number_below_them():
    """No word such as dear stands over a ratio below one."""
    est = estimate("h100-sxm", "5nm", volume=1e7)
    for line in explain(est).splitlines():
        if line.startswith(("Dearer", "Cheaper")):
            ratio = est.ratio.unit_cost_usd if "to make" in line else est.ratio.full_cost_usd
            assert line.startswith("Dearer") == (ratio >= 1), line


def test_same_work_at_home_is_the_original():
    est = estimate("h100-sxm", "tsmc-4n")
    assert est.clones_for_same_work == 1
    assert "one clone" in verdict(est)
    assert "the same 700 W" in verdict(est)
    many = estimate("h100-sxm", "12nm", clock_ghz=[1.0, 5.0])
    assert np.isfinite(many.clones_for_same_work).tolist() == [True, False]


# ---- small faults


def test_units_above_home_keep_the_share_that_works():
    for units, enabled in ((144, 132), (200, 183), (50, 45)):
        assert estimate("h100-sxm", "5nm", units=units, power_limit_w=700).units_enabled == enabled
    few, many = (estimate("h100-sxm", "5nm", units=u, power_limit_w=700).tensor_tflops for u in (132, 200))
    assert many > few
    assert estimate("h100-sxm", "5nm", units=200, units_enabled=132).units_enabled == 132
    table = estimator.sweep("h100-sxm", "5nm", units=[144, 200], outputs=["units_enabled"])
    assert table["units_enabled"].values.ravel().tolist() == [132, 183]


def test_a_bound_on_work_and_power_is_met_by_more_units():
    found = estimator.best(
        "h100-sxm",
        "5nm",
        objective="usd_per_tflops",
        over={"units": (132, 288), "supply_v": (0.66, 1.0)},
        subject_to={"power_w": (None, 700.1), "tensor_tflops": (989, None)},
    )
    assert found.estimate.tensor_tflops >= 989
    assert found.estimate.power_w <= 700.1


def test_a_published_die_above_the_field_stays_one_die():
    design = Design(
        name="b",
        node="tsmc-n7",
        die_area_mm2=1074,
        clock_ghz=1,
        power_w=550,
        cooling="cold-plate",
        package="cowos-s",
        memory="hbm2e",
        memory_stacks=4,
    )
    est = estimate(design, "tsmc-n7")
    assert (est.reference.die_area_mm2, est.reference.dies) == (1074, 1)
    assert est.reference.power_w == pytest.approx(550, rel=1e-12)
    assert any("exceeds the field" in n for n in est.notes)


def test_no_rate_is_made_up_for_a_chip_that_states_none():
    design = Design(name="array", node="tsmc-65", die_area_mm2=12.25, clock_ghz=0.2, power_w=0.278, units=168)
    est = estimate(design, "28nm")
    for name in (
        "tensor_tflops",
        "vector_tflops",
        "work_tflops",
        "seconds_per_eflop",
        "tflops_per_w",
        "usd_per_tflops",
    ):
        assert math.isnan(est.reference[name]), name
        assert math.isnan(est.clone[name]), name
    assert est.ratio.tensor_tflops == pytest.approx(est.ratio.clock_ghz)
    assert est.clones_for_same_work == pytest.approx(1 / est.ratio.work_tflops)
    assert any("states no rate" in n for n in est.notes)
    stated = estimate(design.replace(tensor_tflops=0.067, memory_stacks=0), "28nm")
    assert stated.reference.tensor_tflops == pytest.approx(0.067)
    assert stated.reference.work_tflops == pytest.approx(0.067)
    assert any("rates of work of a usual GPU" in n for n in estimate(A380, "12nm").notes)


def test_no_bandwidth_without_memory():
    r = home(ASIC)
    assert (r.memory_bw_gb_s, r.memory_gb, r.power_memory_w, r.memory_cost_usd) == (0, 0, 0, 0)


def test_wafers_of_another_size_cost_by_their_area():
    est = estimate("h100-sxm", "12nm", **{"model.wafer_diameter_mm": 200})
    assert est.wafer_cost_usd == pytest.approx(4 / 9 * estimate("h100-sxm", "12nm").wafer_cost_usd)
    assert any("300 mm" in n for n in est.notes)
    assert (
        estimate("h100-sxm", "12nm", wafer_cost_usd=3000.0, **{"model.wafer_diameter_mm": 200}).wafer_cost_usd == 3000
    )


def test_serving_takes_the_gpus_that_hold_the_model():
    est = estimate("h100-sxm", "4nm")
    found = serve(est, weight_bytes=1e12, batch=1)
    assert (found.gpus, found.note) == (14, "the model needs 14 GPUs of 80 GB")
    with pytest.raises(estimator.InputError, match="needs 14 GPUs of 80 GB"):
        serve(est, weight_bytes=1e12, batch=1, gpus=1)
    with pytest.raises(estimator.InputError, match="smaller batch"):
        serve(est, batch=100_000)
    assert serve(est, weight_bytes=1e10, batch=1).gpus == 1

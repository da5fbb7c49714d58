"""Prices by date: they move as their series, are what a caller gives, and say where no year is known."""

import numpy as np
import pytest

import estimator
from estimator import InputError, estimate
from estimator.errors import ParameterFileError
from estimator.model.batch import Points
from estimator.parameters import library
from estimator.parameters.schema import Series


def test_every_series_is_sourced_and_of_something():
    known = set(library.sources())
    for (quantity, _), series in library._series().items():
        assert series.quantity == quantity
        for p in series.values_by_year:
            assert p.low <= float(p) <= p.high
            assert p.source, series.name
            assert set(p.source) <= known, series.name
            assert len(p.note) > 3, series.name
    names = {n for k in ("node", "memory", "package") for n in library.names(k)}
    nodes = [library.load_node(n) for n in library.names("node")]
    names |= {n.process_family for n in nodes} | {n.line for n in nodes}
    strange = {name for _, name in library._series()} - names - {"rapidus"}
    assert not strange, "a series of nothing in the library"


@pytest.mark.parametrize(
    ("node", "date", "low", "high"),
    [
        ("tsmc-n3e", 2025.8, 24900, 25100),
        ("tsmc-n3e", 2026.9, 29500, 30500),
        ("tsmc-n3p", 2026.9, 31500, 32600),
        ("tsmc-n5", 2025.5, 16000, 17000),
        ("tsmc-n2", 2026.9, 29500, 30500),
    ],
)
def test_wafers_cost_what_was_reported_at_the_time(node, date, low, high):
    assert low <= estimate("h100-sxm", node, date=date).wafer_cost_usd <= high


def test_the_n4_class_rose_by_seven_to_ten_percent_in_2026():
    before, after = (estimate("b200", "tsmc-4np", date=d).wafer_cost_usd for d in (2025.8, 2026.8))
    assert 1.07 <= after / before <= 1.10


def per_gb(memory, date):
    est = estimate("h200-sxm", "tsmc-4n", memory=memory, date=date)
    return est.memory_cost_usd / est.sides["clone"].build.inputs.plan.memory_bought_gb


@pytest.mark.parametrize(
    ("memory", "date", "usd_gb"),
    [("hbm3e", 2025.5, 15), ("hbm3e", 2026.5, 18.1), ("hbm3e", 2027, 30), ("hbm4", 2026.5, 15.6)],
)
def test_memory_costs_what_was_reported_at_the_time(memory, date, usd_gb):
    assert per_gb(memory, date) == pytest.approx(usd_gb, rel=0.01)


def test_bills_are_within_what_was_published_for_their_date():
    """B200: Epoch, 5,700 to 7,300 USD, and 580 more for its memory by June 2026; H200: 4,800 in February 2026, 4,250 in June."""
    assert 5700 <= estimate("b200", "tsmc-4np", date=2025.5).unit_cost_usd <= 7300
    assert 5700 + 580 <= estimate("b200", "tsmc-4np", date=2026.5).unit_cost_usd <= 7300 + 580
    for date in (2026.15, 2026.5):
        assert 4250 <= estimate("h200-sxm", "tsmc-4n", date=date).unit_cost_usd <= 4800
    assert estimate("b200", "tsmc-4np", date=2027.5).unit_cost_usd > 9000


def test_a_card_of_an_earlier_year_pays_the_memory_of_its_year():
    shortage, glut = (estimate("rtx-3090", "samsung-8n", date=d).memory_cost_usd for d in (2022.1, 2023.45))
    assert shortage / glut == pytest.approx(9.2 / 3.36, rel=1e-6)


def test_an_older_process_costs_what_it_did_then():
    then, later = (estimate("rx-580", "28nm", date=d) for d in (2012.5, 2020.3))
    assert then.wafer_cost_usd > 1.3 * later.wafer_cost_usd
    assert not [n for n in then.notes if n.startswith("wafer price")]


def test_a_date_beyond_what_is_known_is_told_and_nothing_is_carried_on():
    known, beyond, far = (estimate("b200", "tsmc-4np", date=d) for d in (2026.9, 2028.0, 2035.0))
    assert not [n for n in known.notes if "known from" in n]
    assert any("wafer price (TSMC 4NP" in n and "2028" in n for n in beyond.notes)
    assert beyond.wafer_cost_usd == far.wafer_cost_usd == known.wafer_cost_usd
    single = estimate("h100-sxm", "smic-n+2", date=2026.0)
    assert any("that of 2025 stands for 2026" in n for n in single.notes)


def test_what_a_caller_gives_is_paid_at_any_date():
    for date in (2023.0, 2025.5, 2027.5):
        est = estimate("h200-sxm", "tsmc-4n", date=date, wafer_cost_usd=10000, **{"memory.cost_usd_gb": 20})
        assert est.wafer_cost_usd == 10000
        assert est.memory_cost_usd == pytest.approx(144 * 20)
        assert not [n for n in est.notes if n.startswith("memory price")]
        own = library.load_node("tsmc-4n").replace(wafer_cost_usd=12345)
        assert estimate("h200-sxm", own, date=date).wafer_cost_usd == 12345


def test_many_dates_are_what_single_ones_are():
    dates, nodes = [2025.5, 2026.4, 2030.0], ["tsmc-4np", "tsmc-n3e"]
    many = estimate("b200", "tsmc-4np", date=dates)
    points = Points({"design": ["b200"], "node": nodes}, ["date"], ["unit_cost_usd"])
    table = points.evaluate({"design": 0, "node": [0, 0, 0, 1, 1, 1]}, {"date": dates * 2}).values["unit_cost_usd"]
    for i, (node, date) in enumerate((n, d) for n in nodes for d in dates):
        one = estimate("b200", node, date=date).unit_cost_usd
        assert table[i] == pytest.approx(one, rel=1e-12)
        if node == "tsmc-4np":
            assert many.unit_cost_usd[i] == pytest.approx(one, rel=1e-12)


def test_a_price_of_next_year_is_less_sure_than_that_of_this_year():
    now, then = (
        estimate("b200", "tsmc-4np", date=d, samples=64).samples.interval("memory_cost_usd") for d in (2026.5, 2027.5)
    )
    assert then[2] / then[0] > now[2] / now[0]


def test_capacity_of_a_stack_is_the_gpus():
    est = estimate("h200-sxm", "tsmc-4n", **{"memory.capacity_gb": 36})
    assert est.memory_gb == 6 * 36
    assert est.memory_cost_usd > 1.4 * estimate("h200-sxm", "tsmc-4n").memory_cost_usd
    with pytest.raises(InputError, match=r"memory\.energy_pj_bit: nothing reads it"):
        estimate("h200-sxm", "tsmc-4n", **{"memory.energy_pj_bit": 3})
    with pytest.raises(InputError, match=r"did you mean memory\.cost_usd_gb"):
        estimate("h200-sxm", "tsmc-4n", **{"memory.cost_usd": 3})


def test_a_known_share_sold_is_used_and_the_cost_follows():
    est = estimate("h100-sxm", "5nm", sellable_fraction=0.8)
    assert est.sellable_fraction == 0.8
    assert est.die_cost_usd == pytest.approx(est.wafer_cost_usd / est.gross_dies_per_wafer / 0.8)
    assert est.reference.sellable_fraction == estimate("h100-sxm", "5nm").reference.sellable_fraction


@pytest.mark.parametrize("model", ["poisson", "murphy", "seeds", "moore", "bose-einstein", "negative-binomial"])
def test_a_known_yield_is_used_and_the_cost_follows(model):
    low, high = (estimate("h100-sxm", "5nm", yield_fraction=y, yield_model=model) for y in (0.3, 0.8))
    assert (low.yield_fraction, high.yield_fraction) == (0.3, 0.8)
    assert low.unit_cost_usd > high.unit_cost_usd
    again = estimate("h100-sxm", "5nm", defect_density_per_cm2=high.defect_density_per_cm2, yield_model=model)
    assert again.yield_fraction == pytest.approx(0.8, rel=1e-9)
    assert again.unit_cost_usd == pytest.approx(high.unit_cost_usd, rel=1e-9)
    assert any("defect density of" in n for n in high.notes)


def test_a_known_yield_is_one_way_to_say_it():
    with pytest.raises(InputError, match="either yield_fraction or defect_density_per_cm2"):
        estimate("h100-sxm", "5nm", yield_fraction=0.8, defect_density_per_cm2=0.1)
    with pytest.raises(InputError, match="defects per cm2"):
        estimate("h100-sxm", "5nm", yield_fraction=1e-4)
    est = estimate("h100-sxm", "12nm", sellable_fraction=0.5, samples=64)
    assert np.ptp(est.samples.clone["sellable_fraction"]) == 0


def test_the_notch_and_a_smaller_wafer_take_dies():
    plain, notched = (estimate("h100-sxm", "5nm", **o) for o in ({}, {"model.notch_mm": 8}))
    assert notched.gross_dies_per_wafer < plain.gross_dies_per_wafer
    assert notched.die_cost_usd > plain.die_cost_usd
    small = estimate("h100-sxm", "12nm", **{"model.wafer_diameter_mm": 200})
    assert small.wafer_cost_usd == pytest.approx(estimate("h100-sxm", "12nm").wafer_cost_usd * 4 / 9)
    assert any("300 mm wafers" in n for n in small.notes)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"quantity": "cost_usd_gb", "of": ("x",)}, "points, each with a year"),
        ({"quantity": "nonsense", "of": ("x",), "points": [{"year": 2020}]}, "a row of the table"),
        ({"quantity": "cost_usd_gb", "of": ("x",), "points": [{"year": 2020, "central": -1}]}, "missing"),
    ],
)
def test_a_broken_series_is_one_sentence(data, said):
    with pytest.raises(ParameterFileError, match=said):
        Series(name="mine", **data)
    point = {"central": 1.0, "unit": "USD/GB", "kind": "estimate", "note": "mine"}
    with pytest.raises(ParameterFileError, match="must rise"):
        Series(name="mine", quantity="cost_usd_gb", of=("x",), points=[{"year": y, **point} for y in (2021, 2020)])


def test_another_calculator_says_122_for_gb206():
    """14.21 x 12.74 mm, 0.075 defects per cm2, a wafer of 30,000 USD: 122 USD there; 103 here, with 333 dies placed exactly and
    Murphy's yield of 0.874 (theirs is not told): 16 % less, within 20."""
    dies = estimator.dies_per_wafer(width_mm=14.21, height_mm=12.74)
    good = float(estimator.yield_fraction(die_area_mm2=14.21 * 12.74, defect_density_per_cm2=0.075, model="murphy"))
    assert 30000 / (dies * good) == pytest.approx(122, rel=0.2)

"""Supply: logic wafers, interposer wafers and memory stacks, and which of them binds."""

import json

import numpy as np
import pytest

from estimator import InputError, estimate
from estimator.cli.parser import main
from estimator.uses.supply import supply


def test_the_published_arithmetic_of_h200():
    """1.3 M H200 were said to take about 24,000 N4 wafers and 46,000 CoWoS wafers."""
    s = supply(estimate("h200-sxm", "tsmc-4n"), gpus=1.3e6)
    assert s.wafers == pytest.approx(24_000, rel=0.15)
    assert s.interposer_wafers == pytest.approx(46_000, rel=0.15)
    assert s.stacks == pytest.approx(1.3e6 * 6, rel=0.06)
    assert s.binds in {stream.name for stream in s.streams}
    assert s.months == max(stream.months[1] for stream in s.streams)


def test_what_is_short_binds_and_its_share_counts():
    est = estimate("h100-sxm", "tsmc-4n")
    for name, given in (
        ("logic wafers", {"wafer_capacity_per_month": 100}),
        ("interposer wafers", {"interposer_capacity_per_month": 100}),
        ("memory stacks", {"stack_capacity_per_year": 1000}),
    ):
        s = supply(est, gpus=1e5, **given)
        assert s.binds == name
        (stream,) = (t for t in s.streams if t.name == name)
        assert s.gpus_per_year == pytest.approx(stream.gpus_per_year[1])
    few, many = (supply(est, stack_capacity_per_year=1e5, stack_share_fraction=f).gpus_per_year for f in (0.1, 0.4))
    assert many == pytest.approx(4 * few)


def test_an_ascend_package_of_2026_is_bound_by_memory_as_analysts_said():
    """About 2 million stacks make 250,000 to 300,000 packages of seven to eight stacks, were all of them taken."""
    s = supply(estimate("h20", "smic-n+2"), fab_share_fraction=1.0)
    assert s.binds == "memory stacks"
    assert 200_000 <= s.gpus_per_year <= 350_000
    assert 0 < s.originals_per_year < s.gpus_per_year
    assert s.unit_cost_usd < s.full_cost_usd


def test_capacity_grows_with_the_date():
    then, now = (supply(estimate("h20", "smic-n+2", date=d)).capacity_per_month for d in (2025.95, 2027.95))
    assert (then[1], now[1]) == pytest.approx((45_000, 80_000))
    assert "known from" in supply(estimate("h20", "smic-n+2", date=2030.0)).note


def test_what_is_not_possible_has_no_supply():
    s = supply(estimate("h100-sxm", "12nm", clock_ghz=[1.0, 5.0]), gpus=1e5)
    assert np.isfinite(s.wafers[0])
    assert s.binds[1] == ""
    for value in (s.wafers, s.interposer_wafers, s.stacks, s.months, s.gpus_per_year, s.lead_months):
        assert np.isnan(value[1])


def test_a_card_takes_no_interposer():
    s = supply(estimate("rtx-4090", "7nm"))
    assert s.interposer_wafers == s.stacks == 0
    assert s.binds == "logic wafers"
    assert s.note == ""


def test_one_command_says_how_many_and_at_what_cost(capsys):
    assert main(["supply", "h20", "smic-n+2", "--date", "2026.5"]) == 0
    said = capsys.readouterr().out
    for words in ("of the work of the original", "USD to make", "bound by memory stacks", "a year"):
        assert words in said.replace("\n", " ")
    assert main(["supply", "h200-sxm", "tsmc-4n", "--gpus", "1.3e6", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["binds"] == "memory stacks"
    assert main(["supply", "h20", "smic-n+2", "--set", "date=2026", "--date", "2027"]) == 2
    assert main(["supply", "h20", "smic-n+2", "--set", "clock_ghz=1,1.1"]) == 2
    with pytest.raises(InputError, match="stack_capacity_per_year"):
        supply(estimate("h20", "smic-n+2"), stack_capacity_per_year=-1)

"""From nothing to a chip: areas of two known dies from their content; and a clone chosen for a job, with what its limits cost."""

import pytest

import estimator
from estimator import design_from_content, estimate, redesign
from estimator.errors import EstimatorError, InfeasibleError
from estimator.uses.training import train

GH100 = {
    "node": "tsmc-4n",
    "units": 144,
    "units_enabled": 132,
    "sram_mbyte": 132,
    "memory": "hbm3",
    "memory_stacks": 6,
    "links": 18,
    "tensor_flop_clk_unit": 4096,
    "maker": "nvidia",
}
AD102 = {"node": "tsmc-4n", "units": 144, "sram_mbyte": 150, "memory": "gddr6x", "memory_stacks": 12, "maker": "nvidia"}


@pytest.mark.parametrize(("content", "real_mm2"), [(GH100, 814.0), (AD102, 608.5)])
def test_area_of_a_known_die_from_its_units_cells_and_interfaces(content, real_mm2):
    area = design_from_content(**content).die_area_mm2
    assert float(area) == pytest.approx(real_mm2, rel=0.15)
    assert area.low < real_mm2 < area.high < 2.0 * area.low


def test_a_design_from_content_runs_like_any_other():
    own = design_from_content(**GH100)
    assert (float(own.clock_ghz), float(own.power_w)) == pytest.approx((1.83, 700.0), rel=0.1)
    est = estimate(own, "tsmc-n3e", samples=64)
    low, _, high = est.samples.interval("die_area_mm2")
    assert low < est.die_area_mm2 < high
    two = design_from_content(**{**GH100, "units": 288, "units_enabled": 264, "dies": 2})
    assert two.dies[0].count == 2
    more = design_from_content(**{**GH100, "sram_mbyte": 164}).die_area_mm2
    assert more > own.die_area_mm2


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"units": 0}, "units = 0"),
        ({"memory": "hbm9"}, "hbm"),
        ({"units": 400, "units_enabled": 400}, "at least 3 dies|at least 2 dies"),
        ({"tensor_flop_clk_unit": 0, "vector_flop_clk_unit": 0}, "both 0"),
        ({"sram_mbyte": -1}, "sram_mb"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_content_that_makes_no_chip_is_one_sentence(change, text):
    with pytest.raises(EstimatorError, match=text) as caught:
        design_from_content(**{**GH100, **change})
    assert "\n" not in str(caught.value)


def test_a_run_takes_as_many_gpus_as_training_says():
    found = redesign("h800-sxm", "7nm", train="deepseek-v3", days=60, over={"supply_v": (0.7, 0.7001)})
    known = train(found.estimate, "deepseek-v3", days=60)
    assert found.job["job_gpus"] == pytest.approx(known.gpus, rel=1e-9)
    assert found.job["job_energy_mwh"] == pytest.approx(known.energy_mwh, rel=1e-9)
    assert found.job["job_cost_usd"] == pytest.approx(known.cost_usd, rel=0.05)  # without the electricity of idle hours


def test_the_reference_run_on_its_own_chip_comes_back():
    """DeepSeek-V3: 2.788 million hours of 2,048 H800 are 56.7 days."""
    found = redesign(
        "h800-sxm", "tsmc-4n", train="deepseek-v3", days=2.788e6 / 2048 / 24, over={"volume": (1e6, 1.001e6)}
    )
    assert found.job["job_gpus"] == pytest.approx(2048, rel=0.01)


def test_what_a_limit_costs_and_which_bound_forbids_everything():
    call = {"serve_tokens_s": 1e5, "over": {"supply_v": (0.6, 1.0)}}
    found = redesign("h100-sxm", "5nm", subject_to={"power_w": (None, 450)}, **call)
    prices = {p.name: p.change_percent for p in found.shadow_prices()}
    assert all(change < 0 for change in prices.values())
    eased = redesign("h100-sxm", "5nm", subject_to={"power_w": (None, 454.5)}, **call)
    assert 100 * (eased.value / found.value - 1) == pytest.approx(prices.get("power_w", 0.0), abs=0.02)
    with pytest.raises(InfeasibleError, match="job_gpus must be at most 3"):
        redesign("h100-sxm", "5nm", subject_to={"job_gpus": (None, 3)}, **call)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ({}, "one job"),
        ({"train": "deepseek-v3"}, "one job"),
        ({"train": "deepseek-v4", "days": 9}, "deepseek-v3"),
        ({"train": "deepseek-v3", "days": -9}, "days"),
        ({"serve_tokens_s": 1e5, "objective": "money"}, "cost"),
    ],
)
def test_a_bad_job_is_one_sentence(call, text):
    with pytest.raises(EstimatorError, match=text) as caught:
        estimator.redesign("h100-sxm", "7nm", **call)
    assert "\n" not in str(caught.value)

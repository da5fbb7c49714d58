"""Yield models against published values, limits, and salvage against direct integration."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import bdtrc, roots_genlaguerre

import estimator
from estimator.physics import yields
from estimator.uses.wafermap import DEAD, GOOD, sample_wafer

AREA = st.floats(1, 2000)
DENSITY = st.floats(0, 5)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("murphy", 0.4681),
        ("negative-binomial", 0.5051),
        ("poisson", np.exp(-0.814)),
        ("seeds", 1 / 1.814),
        ("moore", np.exp(-np.sqrt(0.814))),
        ("bose-einstein", 1.0814**-10),
    ],
)
def test_reticle_sized_die_at_a_tenth_of_a_defect(model, expected):
    """814 mm2 at 0.1 per cm2: 46.8 % (Murphy) and 50.5 % (negative binomial), never off by the 100 of mm2 and cm2."""
    got = estimator.yield_fraction(die_area_mm2=814, defect_density_per_cm2=0.1, model=model)
    assert got == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("model", yields.YIELD_MODELS)
@given(area=AREA, density=DENSITY, more=st.floats(1.001, 3))
def test_yield_is_a_share_and_falls_with_area_and_density(model, area, density, more):
    y = yields.yield_fraction(die_area_mm2=area, defect_density_per_cm2=density, model=model)
    assert 0 <= y <= 1
    assert yields.yield_fraction(die_area_mm2=area * more, defect_density_per_cm2=density, model=model) <= y
    assert yields.yield_fraction(die_area_mm2=area, defect_density_per_cm2=density * more, model=model) <= y


@pytest.mark.parametrize("model", yields.YIELD_MODELS)
def test_no_defects_is_full_yield(model):
    assert yields.yield_fraction(die_area_mm2=814, defect_density_per_cm2=0, model=model) == 1


def test_clustering_limits():
    common = {"die_area_mm2": 500, "defect_density_per_cm2": 0.2}
    assert yields.yield_fraction(**common, clustering_alpha=1e7) == pytest.approx(
        yields.yield_fraction(**common, model="poisson"), rel=1e-6
    )
    assert yields.yield_fraction(**common, clustering_alpha=1) == pytest.approx(
        yields.yield_fraction(**common, model="seeds"), rel=1e-12
    )


def integrated_salvage(
    die_area_mm2, defect_density_per_cm2, units, units_enabled, unit_area_fraction, clustering_alpha
):
    """Salvage yield of one die by direct numerical mixing: binomial survival over gamma-distributed defect density."""
    mean = die_area_mm2 * defect_density_per_cm2 / 100
    x, w = roots_genlaguerre(120, clustering_alpha - 1)  # weights of a gamma distribution of this shape
    density = x / clustering_alpha
    survive = np.exp(-density * mean * unit_area_fraction / units)
    rest = np.exp(-density * mean * (1 - unit_area_fraction))
    return float(np.sum(w / w.sum() * bdtrc(units_enabled - 1, units, survive) * rest))


@given(
    area=st.floats(50, 900),
    density=st.floats(0.01, 1),
    units=st.integers(1, 200),
    spare=st.floats(0, 0.5),
    share=st.floats(0, 1),
    alpha=st.floats(0.5, 20),
)
def test_salvage_equals_direct_integration(area, density, units, spare, share, alpha):
    needed = max(1, round(units * (1 - spare)))
    case = {
        "die_area_mm2": area,
        "defect_density_per_cm2": density,
        "units": units,
        "units_enabled": needed,
        "unit_area_fraction": share,
        "clustering_alpha": alpha,
    }
    assert yields.sellable_fraction(**case) == pytest.approx(integrated_salvage(**case), rel=2e-4, abs=2e-5)


@pytest.mark.parametrize(("density", "gain"), [(0.1, 1.4), (0.2, 1.8), (0.5, 2.7)])
def test_salvage_makes_an_h100_class_die_cheaper(density, gain):
    die = {"die_area_mm2": 814, "defect_density_per_cm2": density}
    sold = yields.sellable_fraction(**die, units=144, units_enabled=132, unit_area_fraction=0.58)
    assert sold / yields.yield_fraction(**die) == pytest.approx(gain, abs=0.05)


@pytest.mark.parametrize("model", yields.YIELD_MODELS)
def test_salvage_without_spares_is_plain_yield(model):
    die = {"die_area_mm2": 600, "defect_density_per_cm2": 0.15, "model": model}
    sold = yields.salvage(**die, units=80, units_enabled=80, unit_area_fraction=0.6)
    assert sold == pytest.approx(yields.yield_fraction(**die), rel=1e-9)


def test_clustered_units_are_not_independent():
    """Multiplying independent unit yields gives another answer: the mistake this model avoids."""
    from scipy.stats import binom

    unit = yields.yield_fraction(die_area_mm2=814 * 0.58 / 144, defect_density_per_cm2=0.3)
    rest = yields.yield_fraction(die_area_mm2=814 * 0.42, defect_density_per_cm2=0.3)
    product = binom.sf(142, 144, unit) * rest
    exact = yields.sellable_fraction(
        die_area_mm2=814, defect_density_per_cm2=0.3, units=144, units_enabled=143, unit_area_fraction=0.58
    )
    assert abs(product - exact) > 0.02


def test_memory_channels_salvage_too():
    die = {
        "die_area_mm2": 814,
        "defect_density_per_cm2": 0.1,
        "units": 144,
        "units_enabled": 132,
        "unit_area_fraction": 0.58,
        "memory_area_fraction": 0.12,
        "memory_channels": 6,
    }
    all_six = yields.sellable_fraction(**die, memory_channels_enabled=6)
    five = yields.sellable_fraction(**die, memory_channels_enabled=5)
    bound = yields.sellable_fraction(**{**die, "memory_area_fraction": 0.0}, memory_channels_enabled=6)
    assert all_six < five < yields.sellable_fraction(**die, memory_channels_enabled=4)
    assert all_six == pytest.approx(bound, rel=1e-12)


def test_arrays_equal_scalars_with_mixed_units():
    area = np.array([100.0, 400.0, 800.0])
    units, needed = np.array([10, 20, 144]), np.array([9, 20, 132])
    together = yields.sellable_fraction(
        die_area_mm2=area, defect_density_per_cm2=0.2, units=units, units_enabled=needed, unit_area_fraction=0.5
    )
    for i in range(3):
        one = yields.sellable_fraction(
            die_area_mm2=area[i],
            defect_density_per_cm2=0.2,
            units=units[i],
            units_enabled=needed[i],
            unit_area_fraction=0.5,
        )
        assert together[i] == pytest.approx(float(one), rel=1e-12)


def test_defect_density_learns():
    q = np.arange(0, 40)
    d = yields.defect_density(
        defect_density_mature_per_cm2=0.08, defect_density_launch_per_cm2=0.4, learning_quarters=4, maturity_quarters=q
    )
    assert d[0] == pytest.approx(0.4)
    assert (np.diff(d) < 0).all()
    assert d[-1] == pytest.approx(0.08, rel=1e-3)


def test_a_yield_model_says_where_it_holds_and_where_it_comes_from():
    for name, model in yields.YIELD_MODELS.items():
        assert model.equation, name
        assert model.holds_for, name
        assert model.source.split()[0] in model.function.__doc__, name
        assert set(model.takes) <= {"clustering_alpha", "critical_layers"}, name


NEW_MODELS = {
    "gamma of shape 2": yields.YieldModel(lambda m: (1 + m / 2) ** -2, "(1 + m/2)^-2", "", "this test", spread=2.0),
    "two densities": yields.YieldModel(
        lambda m: (np.exp(-m / 2) + np.exp(-3 * m / 2)) / 2,
        "(exp(-m/2) + exp(-3m/2)) / 2",
        "",
        "this test",
        spread=lambda share: np.where(share < 0.5, 0.5, 1.5),
    ),
}


@pytest.mark.parametrize("name", NEW_MODELS)
def test_one_entry_in_the_registry_is_a_yield_model(name, monkeypatch):
    monkeypatch.setitem(yields.YIELD_MODELS, name, NEW_MODELS[name])
    die = {"die_area_mm2": 814, "defect_density_per_cm2": 0.1}
    spares = {"units": 144, "unit_area_fraction": 0.58}
    whole = estimator.yield_fraction(**die, model=name)
    assert whole == pytest.approx(float(NEW_MODELS[name].function(0.814)))
    assert estimator.sellable_fraction(**die, **spares, units_enabled=144, model=name) == pytest.approx(float(whole))
    sold = float(estimator.sellable_fraction(**die, **spares, units_enabled=132, model=name))
    assert whole < sold < 1
    if name == "gamma of shape 2":
        known = estimator.sellable_fraction(**die, **spares, units_enabled=132, clustering_alpha=2.0)
        assert sold == pytest.approx(float(known), rel=1e-12)


def test_a_new_yield_model_is_an_option_of_estimate():
    """In a new process, as if its entry stood in the file."""
    code = (
        "import numpy as np\n"
        "from estimator.physics.yields import YIELD_MODELS, YieldModel\n"
        "YIELD_MODELS['new'] = YieldModel(lambda m: (1 + m / 2) ** -2, '(1 + m/2)^-2', '', 'a test', spread=2.0)\n"
        "import estimator\n"
        "call = lambda **o: estimator.estimate('h100-sxm', '12nm', **o)\n"
        "new, known = call(yield_model='new'), call(clustering_alpha=2.0)\n"
        "assert abs(new.yield_fraction / known.yield_fraction - 1) < 1e-12\n"
        "assert abs(new.sellable_fraction / known.sellable_fraction - 1) < 1e-12\n"
        "both = estimator.sweep(design='h100-sxm', node='12nm', yield_model=['new', 'poisson'])\n"
        "assert abs(float(both.yield_fraction.sel(yield_model='new')) / new.yield_fraction - 1) < 1e-12\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("model", yields.YIELD_MODELS)
def test_drawn_wafers_sell_what_each_model_says(model):
    die = {"defect_density_per_cm2": 0.1, "unit_area_fraction": 0.5}
    units = {"units": 40, "units_enabled": 37}
    drawn = [sample_wafer(width_mm=20, height_mm=25, model=model, **die, **units, seed=s).state for s in range(60)]
    sold = np.mean([(state != DEAD).mean() for state in drawn])
    good = np.mean([(state == GOOD).mean() for state in drawn])
    assert sold == pytest.approx(yields.sellable_fraction(die_area_mm2=500, model=model, **die, **units), abs=0.04)
    assert good == pytest.approx(
        yields.yield_fraction(die_area_mm2=500, model=model, defect_density_per_cm2=0.1), abs=0.04
    )

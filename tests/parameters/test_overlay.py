"""A parameter set laid over the library: read by every call of the block, by no other, and checked when it is laid."""

import threading

import pytest

import estimator
from estimator.errors import EstimatorError
from estimator.parameters import library
from estimator.parameters.active import active, kept

HEAVY = {"tsmc-12ffn": {"switched_cap_relative": 3.5}}


def power() -> float:
    return float(estimator.estimate("h100-sxm", "12nm", clock_ghz=0.8).power_w)


def test_every_call_of_the_block_reads_it_and_no_other():
    before = power()
    with estimator.overlay(HEAVY):
        heavy = power()
        assert estimator.load_node("12nm").switched_cap_relative == 3.5
        (swept,) = estimator.sweep("h100-sxm", ["12nm"], clock_ghz=0.8, outputs=["power_w"])["power_w"].values.tolist()
        assert swept == pytest.approx(heavy, rel=1e-12)
    assert heavy > 1.1 * before
    assert power() == before
    assert estimator.load_node("12nm") is estimator.load_node("tsmc-12ffn")
    assert library.holds(estimator.load_node("12nm"))


def test_the_same_set_twice_is_the_same_answer_and_a_file_says_the_same(tmp_path):
    path = tmp_path / "heavy.toml"
    path.write_text("[tsmc-12ffn.switched_cap_relative]\ncentral = 3.5\nunit = '1'\nkind = 'given'\n")
    with estimator.overlay(HEAVY):
        first = power()
    with estimator.overlay(path):
        assert power() == first
    with estimator.overlay({"12nm": {"switched_cap_relative": 3.5}}):  # an alias
        assert power() == first


def test_inner_sets_win_and_outer_ones_stay():
    with estimator.overlay(HEAVY), estimator.overlay({"tsmc-12ffn": {"gate_delay_ps": 9.0}}):
        node = estimator.load_node("12nm")
        assert (node.switched_cap_relative, node.gate_delay_ps) == (3.5, 9.0)
        with estimator.overlay({"tsmc-12ffn": {"switched_cap_relative": 3.0}}):
            assert estimator.load_node("12nm").switched_cap_relative == 3.0
    assert active().key == ""


def test_constants_sets_and_nodes_that_inherit():
    with estimator.overlay({"model": {"interconnect_fraction": 0.3}, "tsmc-28hpm": {"gate_delay_ps": 30.0}}):
        assert float(library.constants()["interconnect_fraction"]) == 0.3
        assert estimator.load_node("tsmc-28hpm").gate_delay_ps == 30.0
    assert float(library.constants()["interconnect_fraction"]) != 0.3


def test_other_threads_do_not_see_it_and_lazy_sweeps_take_it_along():
    before, seen = power(), []
    with estimator.overlay(HEAVY):
        heavy = power()
        other = threading.Thread(target=lambda: seen.append(power()))
        other.start()
        other.join()
        lazy = estimator.sweep("h100-sxm", "12nm", clock_ghz=[0.7, 0.8], outputs=["power_w"], chunks=1)
    assert seen == [before]
    assert float(lazy["power_w"].compute()[-1]) == pytest.approx(heavy, rel=1e-12)


def test_a_cache_keeps_answers_of_different_sets_apart():
    asked = []

    @kept()
    def capacity(name):
        asked.append(name)
        return float(estimator.load_node(name).switched_cap_relative)

    plain = capacity("12nm")
    with estimator.overlay(HEAVY):
        assert (capacity("12nm"), capacity("12nm")) == (3.5, 3.5)
    assert capacity("12nm") == plain
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"tsmc-12fn": {}}, "did you mean tsmc-12ff"),
        ({"tsmc-12ffn": {"gate_delay": 1.0}}, "unknown field 'gate_delay'"),
        ({"tsmc-12ffn": {"gate_delay_ps": -1.0}}, "gate_delay_ps"),
        ({"model": {"interconnect": 0.1}}, "interconnect"),
        ({"model": {"interconnect_fraction": 2.0}}, "interconnect_fraction"),
        ({"h100-sxm": {"clock_ghz": 1.0}}, "unknown owner"),
        ("nowhere.toml", "does not exist"),
        ({"tsmc-12ffn": 3}, "table of its fields"),
    ],
)
def test_a_bad_set_is_one_sentence_when_it_is_laid(wrong, sentence):
    with pytest.raises(EstimatorError, match=sentence), estimator.overlay(wrong):
        pytest.fail("it was laid")
    assert active().key == ""

"""Bounds per visitor: what is too large, too often or too much at once is refused in a sentence, and caches end somewhere."""

import ast
import threading
import time
from collections import deque

import pytest

pytest.importorskip("streamlit")
pytest.importorskip("plotly")
pytest.importorskip("xarray")

import streamlit as st

from estimator.errors import EstimatorError
from page.shared import bounds
from tests.root import ROOT


def fewer(monkeypatch, name, most):
    monkeypatch.setitem(bounds.RATES, name, bounds.RATES[name]._replace(most=most))


def sentence(elements):
    assert len(elements) == 1
    return elements[0].value.replace("\\", "")


# --- sweeps


def test_sweep_of_too_many_points_is_refused_and_a_smaller_one_runs(start):
    app = start("page/sweep.py")
    app.selectbox(key="_sweep_axis2").set_value("defect_density_per_cm2").run()
    most = bounds.SIZES["points"].most
    app.number_input(key="_sweep_points").set_value(401).run()
    said = sentence(app.error)
    assert f"{401 * 401:,} points" in said
    assert f"{most:,}" in said
    assert "estimator.sweep" in said
    assert not any("points, of which" in c.value or c.value.endswith("points.") for c in app.caption)
    app.number_input(key="_sweep_points").set_value(int(most**0.5)).run()
    assert len(app.error) == 0
    assert any(f"{int(most**0.5) ** 2:,} points" in c.value for c in app.caption)


def test_sweep_over_too_many_nodes_is_refused(start):
    app = start("page/sweep.py")
    nodes = app.multiselect(key="_sweep_nodes")
    most = bounds.SIZES["nodes"].most
    from page.shared.choices import node_names

    nodes.set_value(list(node_names()[: most + 1])).run()
    assert f"{most + 1} nodes" in sentence(app.error)
    app.multiselect(key="_sweep_nodes").set_value(list(node_names()[:most])).run()
    assert len(app.error) == 0


def test_too_many_sweeps_of_one_visitor_are_refused_and_another_visitor_is_not(start, monkeypatch):
    fewer(monkeypatch, "sweeps", 2)
    app = start("page/sweep.py")
    app.number_input(key="_sweep_points").set_value(51).run()
    assert len(app.error) == 0
    app.number_input(key="_sweep_points").set_value(61).run()
    assert "more than 2 sweeps within 60 seconds" in sentence(app.error)
    assert len(start("page/sweep.py").error) == 0


def test_the_same_again_is_free_and_time_heals(start, monkeypatch):
    fewer(monkeypatch, "sweeps", 1)
    app = start("page/sweep.py")
    app.run()
    assert len(app.error) == 0
    now = bounds.time.monotonic()
    monkeypatch.setattr(bounds.time, "monotonic", lambda: now + bounds.WINDOW_S + 1)
    app.number_input(key="_sweep_points").set_value(51).run()
    assert len(app.error) == 0


# --- the other requests


def test_too_many_samples_leave_the_numbers_without_intervals(start, monkeypatch):
    fewer(monkeypatch, "samples", 1)
    app = start()
    assert "80 %" in app.metric[0].delta
    app.slider(key="maturity").set_value(3).run()
    assert not app.exception
    assert "draws of all uncertain assumptions" in sentence(app.warning)
    assert len(app.metric) == 4
    assert not any(m.delta for m in app.metric)


def test_too_many_wafers_keep_the_last(start, monkeypatch):
    fewer(monkeypatch, "wafers", 1)
    app = start(state={"tab": "Overview"})
    app.button(key="_redraw").click().run()
    second = app.session_state["_seed"]
    assert second == 1
    app.button(key="_redraw").click().run()
    assert "wafers within" in sentence(app.warning)
    assert app.session_state["_seed"] == second


def test_best_plan_is_sought_once_per_state_and_not_too_often(start, monkeypatch):
    from estimator import uses

    sought = []
    seek = uses.plan_options
    monkeypatch.setattr(uses, "plan_options", lambda *args, **options: sought.append(args) or seek(*args, **options))
    fewer(monkeypatch, "best", 1)
    app = start(plan="best", design="v100-sxm2", node="tsmc-n7", maturity="7")
    assert len(app.metric) == 4
    assert len(sought) == 1
    app.slider(key="maturity").set_value(8).run()
    assert not app.exception
    assert "estimator.best" in sentence(app.warning)
    assert len(app.metric) == 0
    app.selectbox(key="plan").set_value("same-units").run()
    assert len(app.metric) == 4


@pytest.mark.parametrize(
    ("page", "tab", "name"),
    [("", "How sure", "rankings"), ("page/nodes.py", "", "node intervals"), ("page/claims.py", "", "claims")],
)
def test_a_visitor_who_may_ask_for_nothing_is_told_so_and_sees_the_rest(start, monkeypatch, page, tab, name):
    full = deque([bounds.time.monotonic()] * 2, maxlen=2)
    fewer(monkeypatch, name, 2)
    app = start(page, state={"_spent": {name: ("other", full)}, **({"tab": tab} if tab else {})})
    assert bounds.RATES[name].what in sentence([*app.warning, *app.error])
    assert len(app.selectbox) + len(app.button) > 0


# --- at a time


def test_a_full_server_says_so_and_frees_its_slots(start, monkeypatch):
    monkeypatch.setattr(bounds, "PATIENCE_S", 0.01)
    inside = threading.Barrier(bounds.AT_A_TIME + 1)
    leave = threading.Event()

    def occupy():
        with bounds.slot():
            inside.wait(10)
            leave.wait(10)

    threads = [threading.Thread(target=occupy) for _ in range(bounds.AT_A_TIME)]
    for t in threads:
        t.start()
    inside.wait(10)
    try:
        st.cache_data.clear()
        app = start("page/sweep.py")
        assert "busy" in sentence(app.error)
        with pytest.raises(bounds.RefusedError, match="long computations"), bounds.slot():
            pass
    finally:
        leave.set()
        for t in threads:
            t.join()
    app.run()
    assert len(app.error) == 0


def test_a_slot_is_free_again_after_a_fault():
    for _ in range(2 * bounds.AT_A_TIME):
        with pytest.raises(EstimatorError), bounds.slot(0):
            raise EstimatorError("fault")


# --- caches


def test_every_cache_of_the_page_has_an_end():
    """Each decorated function with arguments says how many entries it may hold."""
    found = 0
    for path in [ROOT / "app.py", *sorted((ROOT / "page").rglob("*.py"))]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef) or not node.args.args:
                continue
            for decorator in node.decorator_list:
                text = ast.unparse(decorator)
                if "cache" in text:
                    found += 1
                    assert "max_entries" in text or "max_size" in text or "maxsize" in text, f"{path}: {node.name}"
    assert found > 5


def test_runs_take_turns_and_a_long_computation_stands_aside(start):
    order = []
    computing, other_done = threading.Event(), threading.Event()

    def long_run():
        with bounds.turn():
            order.append("long starts")
            with bounds.aside():
                computing.set()
                assert other_done.wait(10)
            order.append("long ends")

    def other_run():
        assert computing.wait(10)
        with bounds.turn():
            order.append("other")
        other_done.set()

    threads = [threading.Thread(target=run) for run in (long_run, other_run)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert order == ["long starts", "other", "long ends"]


def test_a_fault_in_a_run_ends_its_turn():
    with pytest.raises(RuntimeError), bounds.turn():
        raise RuntimeError
    with bounds.turn(), pytest.raises(RuntimeError), bounds.aside():
        raise RuntimeError
    with bounds.turn():
        pass


def test_a_turn_is_handed_on_in_the_order_of_asking_and_first_to_who_stood_aside():
    turns, order = bounds.Turns(), []
    turns.acquire()

    def run(name, first):
        turns.acquire(first=first)
        order.append(name)
        turns.release()

    threads = []
    for asked, (name, first) in enumerate([("one", False), ("two", False), ("back", True)], 1):
        threads.append(threading.Thread(target=run, args=(name, first)))
        threads[-1].start()
        until = time.monotonic() + 10
        while len(turns._waiting) < asked and time.monotonic() < until:
            time.sleep(0.001)
    turns.release()
    for thread in threads:
        thread.join(10)
    assert order == ["back", "one", "two"]
    turns.acquire()  # free again

"""One evaluator: estimate, sweep, samples and best give the same at a point, over any option, override and plan, to 1e-9."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import estimator
from estimator.errors import InfeasibleError, InputError
from estimator.model.evaluate import publish
from estimator.parameters import library
from estimator.quantities import describe
from estimator.uncertainty import draws

pytest.importorskip("xarray")

DESIGNS = ("h100-sxm", "a100-sxm-80", "mi300x", "rtx-4090", "mi250x", "b200", "h20", "rx-580")
NODES = ("home", "12nm", "5nm", "28nm", "samsung-8n", "3nm", "65nm")
USUAL = {
    "defect_density_per_cm2": (0.0, 1.0),
    "yield_fraction": (0.05, 0.99),
    "sellable_fraction": (0.05, 0.99),
    "maturity_quarters": (0.0, 20.0),
    "date": (2016.0, 2029.0),
    "clustering_alpha": (0.3, 10.0),
    "critical_layers": (1.0, 30.0),
    "power_limit_w": (100.0, 1500.0),
    "power_w": (200.0, 1200.0),
    "clock_ghz": (0.3, 2.5),
    "supply_v": (0.55, 1.1),
    "junction_max_c": (50.0, 110.0),
    "dies": (1.0, 16.0),
    "units": (20.0, 200.0),
    "units_enabled": (20.0, 200.0),
    "memory_stacks": (0.0, 12.0),
    "memory_gb": (10.0, 400.0),
    "wafer_cost_usd": (2e3, 2e4),
    "volume": (1e3, 1e7),
    "workload_intensity_flop_byte": (5.0, 500.0),
    "tensor_fraction": (0.0, 1.0),
}
"""Number options, and the range in which most of their values are drawn; some come from anywhere in the field's range."""
NAMES = {
    "cooling": library.names("cooling"),
    "package": library.names("package"),
    "memory": library.names("memory"),
    "yield_model": ("poisson", "murphy", "seeds", "moore", "bose-einstein", "negative-binomial"),
    "layout": ("redesign", "port", "repipelined"),
    "port": ("auto", "copy", "port", "new"),
}
SCOPES = ("design", "home", "node", "model", "cooling", "package", "memory", "io_node")


def central(scope: str, design: str, node: str) -> dict[str, float]:
    """Numbers that a dotted name of a scope may override, with the values that ship."""
    original = library.load_design(design)
    entity = {
        "design": original,
        "home": library.load_node(original.node),
        "node": library.load_node(node),
        "io_node": library.load_node(node),
        "cooling": library.load_cooling(original.cooling or "cold-plate"),
        "package": library.load_package(original.package or "organic"),
        "memory": library.part_of(original, "memory"),
    }.get(scope)
    numbers = library.constants() if entity is None else entity.parameters
    return {name: float(value) for name, value in numbers.items()}


@st.composite
def values_of(draw, name, usual):
    """Values of an axis: one or two, most of them near the usual ones."""
    if name in NAMES:
        return draw(st.lists(st.sampled_from(NAMES[name]), min_size=1, max_size=2, unique=True))
    field = describe(name)
    low, high = usual if draw(st.integers(0, 9)) else (field.low, min(field.high, 1e6))
    one = st.integers(math.ceil(low), math.floor(high)).map(float) if field.integer else st.floats(low, high)
    return draw(st.lists(one, min_size=1, max_size=2, unique=True))


@st.composite
def plans(draw):
    """A design, a node, and one to three changes; each has one or two values, and may be fixed or an axis of the sweep."""
    design, node = draw(st.sampled_from(DESIGNS)), draw(st.sampled_from(NODES))
    node = library.load_design(design).node if node == "home" else node
    changes, fixed = {}, set()
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(("number", "number", "name", "dotted", "dotted")))
        if kind == "dotted":
            scope = draw(st.sampled_from(SCOPES))
            known = central(scope, design, node)
            field = draw(st.sampled_from(sorted(known)))
            name, value = f"{scope}.{field}", known[field]
            limits = describe(name)
            near = sorted(min(max(f * value, limits.low), limits.high) for f in (0.85, 1.2))
            changes[name] = draw(values_of(name, near if near[0] < near[1] else (limits.low, min(limits.high, 10.0))))
        else:
            name = draw(st.sampled_from(sorted(NAMES if kind == "name" else USUAL)))
            changes[name] = draw(values_of(name, USUAL.get(name)))
        if draw(st.booleans()):
            fixed.add(name)
    return design, node, changes, fixed


H100 = ("h100-sxm", "12nm")
REFUSED = (InputError, InfeasibleError)


@given(plan=plans())
@example(plan=(*H100, {"memory_gb": [320.0]}, set()))
@example(plan=(*H100, {"memory_gb": [320.0, 160.0], "memory": ["hbm2e", "hbm3"]}, set()))
@example(plan=(*H100, {"model.volume": [1e4], "model.workload_intensity_flop_byte": [10.0]}, set()))
@example(plan=(*H100, {"memory_stacks": [8.0], "design.memory_bw_gb_s": [2000.0]}, set()))
@example(plan=(*H100, {"memory_stacks": [8.0], "design.memory_bw_gb_s": [2000.0]}, {"design.memory_bw_gb_s"}))
@example(plan=("h100-sxm", "tsmc-4n", {"home.supply_v": [0.9]}, set()))
@example(plan=("mi300x", "12nm", {"dies": [16.0, 24.0], "io_node.wafer_cost_usd": [5e3]}, set()))
@example(
    plan=("mi300x", "5nm", {"io_node": ["7nm", "5nm"], "io_node.wafer_cost_usd": [5e3]}, {"io_node.wafer_cost_usd"})
)
@example(plan=("h100-sxm", "7nm", {"tensor_fraction": [0.5, 1.0], "home.logic_density_mtr_mm2": [90.0]}, set()))
@example(plan=(*H100, {"port": ["copy", "new"], "model.logic_share_new": [0.5]}, set()))
def test_a_sweep_gives_what_an_estimate_gives(plan):
    design, node, changes, fixed = plan
    fixed = {name for name in fixed if len(changes[name]) == 1}
    options = {name: values[0] if name in fixed else values for name, values in changes.items()}
    axes = [name for name in changes if name not in fixed]
    try:
        together = estimator.sweep(design, node, **options)
    except REFUSED as error:
        together = error
    for index in itertools.product(*(range(len(changes[name])) for name in axes)):
        call = {name: changes[name][i] for name, i in zip(axes, index, strict=True)} | {n: options[n] for n in fixed}
        at = f"{design}, {node}, {call}"
        try:
            single = estimator.estimate(design, node, **call)
        except REFUSED as error:
            single = error
        if isinstance(together, REFUSED):
            assert isinstance(single, REFUSED), f"{at}: the sweep says {together}"
            continue
        point = together.isel(dict(zip(axes, index, strict=True)))
        if isinstance(single, REFUSED):  # both refuse; where several things are wrong, not always the same one
            assert not (bool(point.valid) and bool(point.feasible)), f"{at}: the estimate says {single}"
            if isinstance(single, InfeasibleError) and bool(point.valid):
                assert str(point.limited_by.values) == single.limited_by, at
        else:
            assert bool(point.valid), f"{at}: {point.reason.attrs['meanings']}"
            same_outputs(lambda n, p=point: p[f"{n}_result" if f"{n}_result" in p else n].values, single.clone, at)
            for found, side in zip(
                draws.run(draws.build(single), {})[:2], (single.clone, single.reference), strict=True
            ):
                outputs = publish(found)
                same_outputs(lambda n, o=outputs: np.asarray(o[n]), side, f"{at}, the centre of the samples")


@settings(max_examples=max(12, settings.default.max_examples // 5))
@given(plan=plans(), objective=st.sampled_from(("power_w", "unit_cost_usd", "tensor_tflops", "clock_ghz")))
@example(plan=(*H100, {"memory_gb": [320.0, 160.0], "memory": ["hbm2e", "hbm3"]}, set()), objective="power_w")
@example(plan=("mi300x", "5nm", {"dies": [16.0, 24.0], "power_limit_w": [600.0]}, set()), objective="unit_cost_usd")
def test_the_best_of_some_plans_is_the_best_of_their_estimates(plan, objective):
    """Of numbers `best` takes two values for the ends of a range: one of them is given twice."""
    design, node, changes, _ = plan
    over = {n: v if n in NAMES else [*v, v[-1], v[-1]][:3] for n, v in changes.items()}
    single = []
    for values in itertools.product(*changes.values()):
        try:
            made = estimator.estimate(design, node, **dict(zip(changes, values, strict=True)))
        except REFUSED:
            continue
        if math.isfinite(made.clone[objective]):
            single.append(made.clone[objective])
    try:
        found = estimator.best(design, node, objective=objective, over=over, maximise=objective != "unit_cost_usd")
    except REFUSED:
        assert not single, f"{plan}: none is found, and {single} are"
        return
    at = f"{design}, {node}, {changes}, {objective}"
    assert found.value == pytest.approx((min if objective == "unit_cost_usd" else max)(single), rel=1e-9), at
    again = estimator.estimate(design, node, **found.point)
    assert again.clone[objective] == pytest.approx(found.value, rel=1e-9), at


def same_outputs(found_of, outputs, at):
    """All outputs of an estimate are those that something else gives by name."""
    differ = {}
    for name, value in outputs.items():
        found = found_of(name)
        if isinstance(value, str):
            same = str(found) == value
        else:
            same = np.allclose(float(found), float(value), rtol=1e-9, atol=1e-12, equal_nan=True)
        if not same:
            differ[name] = (found.item(), value)
    assert not differ, f"{at}: it and the estimate differ in {differ}"

"""Checks at the door: ranges declared where a function is defined, plain functions inside, checked ones for callers."""

import inspect
import pickle
import pkgutil
from pathlib import Path

import numpy as np
import pytest

import estimator
from estimator import checks, physics, uses
from estimator.physics.operating_point import critical_path
from estimator.quantities import ARGUMENTS, UNDEFINABLE

PATHS = (Path(__file__).parent / "paths_0_1.txt").read_text("utf-8").split()
"""Every path that the API reference of version 0.1 documents."""
EXPLICIT = {
    "run_names",
    "undisclosed_runs",
    "model_names",
    "sku_of",
    "has_fp8",
    "predict_gpu_hours",
    "scenario",
    "operation_rows",
    "plan_options",
    "die_area",
    "design_from_content",
    "redesign",
    "spread_of_wafers",
    "over_years",
    "same_work_ratio_interval",
    "cost_parts_on",
    "barriers_of",
    "gpu_groups",
    "typical_wafer",
}
"""Public functions of `estimator.uses` that take names alone, or check what they take themselves."""
LAW = {"nominal_supply_v": 0.8, "threshold_v": 0.45, "supply_insensitive_fraction": 0.4}


def functions(package):
    """Public functions that the modules of a folder define, as module.function."""
    for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        module = pkgutil.resolve_name(info.name)
        for name, thing in vars(module).items():
            own = inspect.isfunction(thing) and thing.__module__ == info.name
            if own and not name.startswith("_"):
                yield f"{info.name}.{name}", thing


DECLARED = {p: f for package in (physics, uses) for p, f in functions(package) if hasattr(f, "ranges")}
FORMULAS = [p for p in DECLARED if p.startswith("estimator.physics.")]
PUBLIC = [p for p in PATHS if hasattr(pkgutil.resolve_name(p), "ranges")]


def test_an_undeclared_argument_fails_where_the_function_is_defined():
    with pytest.raises(TypeError, match=r"twice: argument 'furlongs' is not declared: .* no row 'furlongs'"):

        @checks.formula()
        def twice(*, furlongs):
            return 2 * furlongs

    with pytest.raises(TypeError, match=r"twice: argument 'wire_ns' is not declared: .* no row 'delay_nss'"):

        @checks.checked(wire_ns="delay_nss")
        def twice(*, wire_ns):
            return 2 * wire_ns

    with pytest.raises(TypeError, match="has no argument 'wire_nss'"):

        @checks.formula(wire_nss="delay_ns")
        def twice(*, delay_ns):
            return 2 * delay_ns


@pytest.mark.parametrize("path", PATHS)
def test_every_path_of_version_0_1_imports(path):
    assert pkgutil.resolve_name(path) is not None


def test_a_formula_is_plain_inside_and_checked_for_callers():
    assert len(FORMULAS) > 40
    for path in FORMULAS:
        function = DECLARED[path]
        assert function.plain is function
        assert inspect.unwrap(function.checked) is function
    for path in PUBLIC:
        function = pkgutil.resolve_name(path)
        assert function.checked is function, path
    for path, function in functions(uses):
        if path.rpartition(".")[2] not in EXPLICIT:
            assert function.checked is function, path
    assert estimator.yield_fraction is estimator.yields.yield_fraction is physics.yields.yield_fraction.checked


def test_both_versions_say_what_holds_for_them():
    poisson = physics.yields.poisson
    for version in (poisson, poisson.checked):
        assert "\nRanges\n------\nmean : from 0 to 1e+09\n" in version.__doc__
    assert "Only in `poisson.checked` other values raise" in poisson.__doc__
    assert "\nOther values raise" in poisson.checked.__doc__


@pytest.mark.parametrize("version", ["plain", "checked"])
def test_functions_can_be_pickled(version):
    for function in DECLARED.values():
        one = getattr(function, version)
        assert pickle.loads(pickle.dumps(one)) is one


def usable(field, rng):
    """Three values in the range of a field."""
    if isinstance(field, str):
        return True
    high = min(field.high, max(10.0 * field.low, 100.0))
    drawn = field.low + (high - field.low) * rng.uniform(0.01, 0.99, 3)
    return np.maximum(np.rint(drawn), field.low) if field.integer else drawn


@pytest.mark.parametrize("path", FORMULAS)
def test_a_formula_gives_the_same_digits_plain_and_checked(path):
    function, rng, compared = DECLARED[path], np.random.default_rng(1), 0
    for _ in range(200):
        given = {n: usable(f, rng) for n, f in function.ranges.items()}
        if "path" in inspect.signature(function).parameters:
            given |= {"path": critical_path(gate_ns=0.45, wire_ns=0.1, repeater_fraction=0.5, **LAW)}
            given.pop("clock_ghz" if rng.random() < 0.5 else "power_w")
        if rng.random() < 0.5:
            given = {n: v[0] if isinstance(v, np.ndarray) else v for n, v in given.items()}
        try:
            held = function.checked(**given)
        except estimator.InputError:  # the arguments contradict each other
            continue
        with np.errstate(all="ignore"):
            plain = function(**given)
        fields = vars(held) if hasattr(held, "__dict__") else {"": held}
        for name, value in fields.items():
            np.testing.assert_array_equal(getattr(plain, name) if name else plain, value)
        compared += 1
        if compared == 5:
            return
    assert compared, "no usable arguments found"


@pytest.fixture(scope="module")
def est():
    return estimator.estimate("h100-sxm", "12nm")


@pytest.mark.parametrize("path", PUBLIC)
def test_bad_input_through_every_public_path_gives_the_one_sentence(path, est):
    function = pkgutil.resolve_name(path)
    parameters = inspect.signature(function).parameters
    given = {n: ARGUMENTS["power_w"].high for n, p in parameters.items() if p.default is p.empty}
    for name, field in function.ranges.items():
        if name in given:
            given[name] = True if isinstance(field, str) else field.high if field.high < 1e300 else field.low + 1.0
    given |= {"est": est} if "est" in parameters else {}
    for name, field in function.ranges.items():
        out_of_range = () if isinstance(field, str) else (field.low - 1.0, [field.low - 1.0, 1.0])
        undefined = () if isinstance(field, str) or field.name in UNDEFINABLE else (np.nan,)
        for bad in ("x", *out_of_range, *undefined):
            with pytest.raises(estimator.InputError) as caught:
                function(**{**given, name: bad})
            sentence = str(caught.value)
            assert sentence.startswith(f"{name} = "), sentence
            assert "\n" not in sentence
            assert ("must be true or false" if isinstance(field, str) else field.range_text) in sentence

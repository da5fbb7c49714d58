"""Every public function, found by introspection, on hostile arguments: a sound result or the project's own sentence."""

import importlib
import inspect
import pkgutil

import numpy as np
import pytest
from hostile import attempt, budget, hostile, mostly, physical, within
from hypothesis import given
from hypothesis import strategies as st

import estimator
from estimator.parameters import library
from estimator.parameters.schema import WORKLOADS
from estimator.physics import wafer, yields
from estimator.physics.operating_point import critical_path
from estimator.quantities import ARGUMENTS
from estimator.uses import cset, plans, training

LEFT_OUT = {
    "arrays": "takes computed results",
    "calibration": "a developer's tool: reads params/silicon, takes nothing from a user",
    "checks": "the checks themselves; reached through every checked function",
    "claims.bands": "takes results of claims",
    "claims.chip": "measures of the shipped claims; reached through claims.assess",
    "claims.files.parse_claim": "fuzzed with the files",
    "claims.beyond": "as claims.chip",
    "claims.measuring": "as claims.chip",
    "claims.programme": "as claims.chip",
    "claims.verdicts.flips": "takes a Claim",
    "claims.verdicts.level": "takes a Claim",
    "claims.verdicts.margins": "takes a Claim",
    "claims.verdicts.test_verdict": "takes a Result",
    "claims.words": "words for a Result",
    "cli": "fuzzed as a command line",
    "errors": "makes the sentences",
    "estimation": "fuzzed with the options: what is not estimate takes options that estimate has checked",
    "figures": "drawings of checked results; the page's tests draw them all",
    "files": "writes files of this program",
    "model": "takes what estimate and sweep have checked; fuzzed by them",
    "parameters.active": "the set that lies over the library; reached through overlay",
    "parameters.gpus": "reads the database of an installed package; reached through load",
    "parameters.library.names_file": "takes text; reached through load",
    "parameters.library.toml_file": "takes text; reached through load",
    "physics.yields.relative_density": "quantiles of a yield model; reached through wafer maps",
    "parameters.library.shipped_file": "reads a file of params/",
    "physics.heat.stack_footprint": "takes the layers of a build; reached through a design of stacked dies",
    "physics.heat.stack_resistance": "takes the layers of a build; reached through a design of stacked dies",
    "uses.annual": "takes what supply computed; drawn by the page's tests",
    "uses.barriers": "takes an estimate; drawn by the page's tests",
    "uses.bases": "takes an estimate; drawn by the page's tests",
    "uses.wafermap.gpu_groups": "takes a wafer map",
    "uses.wafermap.typical_wafer": "takes an estimate; drawn by the page's tests",
    "uses.content": "fuzzed by hand: each argument is checked in tests/uses",
    "uses.redesign": "fuzzed with best: searches for minutes",
    "parameters.library.all_series_of": "takes names of things of the library",
    "parameters.library.series_of": "takes names of things of the library",
    "parameters.library.fitted": "takes names that this program writes",
    "parameters.library.from_toml": "fuzzed with the files",
    "parameters.library.how_read": "takes a loaded design; reached through estimate",
    "parameters.library.holds": "takes a loaded thing",
    "parameters.library.name_meant": "reached through load",
    "parameters.library.reading": "reached through estimate",
    "parameters.spelling": "words of names that load was given",
    "parameters.library.kind_of": "fuzzed with the files",
    "parameters.library.load_named": "reached through load",
    "parameters.library.params_data": "takes names that this program writes",
    "parameters.library.params_names": "takes names that this program writes",
    "parameters.library.params_text": "takes names that this program writes",
    "parameters.library.part_of": "takes a loaded design",
    "parameters.library.read_file": "reached through load",
    "parameters.library.read_text": "reached through load",
    "parameters.overlay": "fuzzed with the files: takes a table of numbers, each held to its range, and has tests of its own",
    "parameters.schema": "fuzzed with the files",
    "parameters.sets.load_set": "fuzzed with the files",
    "parameters.silicon": "reads params/silicon",
    "parameters.toml": "fuzzed with the files",
    "physics.occupancy": "series of checked counts; reached through sellable_fraction",
    "physics.cost.at_date": "takes the points of a series",
    "physics.packaging.field_area": "takes the entries of a package's file",
    "physics.timing.check_law": "as check_harvest",
    "physics.yields.check_harvest": "takes the arguments of checked functions",
    "quantities": "the table of quantities",
    "sweeps": "fuzzed with the options, and as a command line",
    "uncertainty.assumptions": "draws checked parameters",
    "uncertainty.draws.build": "takes an Estimate",
    "uncertainty.draws.draw_numbers": "takes a build",
    "uncertainty.draws.run": "takes a Problem",
    "uncertainty.sensitivity.describe_assumption": "takes a Problem",
    "uncertainty.sensitivity.sobol": "takes a function of the caller",
    "uses.die_area": "fuzzed by tests of its own: most of its arguments are names, and it checks them",
    "validation": "a developer's tool: reads params/silicon, takes nothing from a user",
}
"""Folders, modules and functions that are not called here, each with the reason."""

UNDEFINED = {
    "physics.cost.wafers_per_gpu": "infinite where no die sells",
    "physics.timing.relative_gate_delay": "NaN at or below the threshold",
    "physics.timing.supply_for_relative_delay": "infinite where no voltage is high enough, NaN where nominal is below threshold",
    "physics.heat.lambert_branch": "NaN above 1/e",
    "physics.heat.junction_temperature": "NaN on thermal runaway",
    "physics.operating_point.solve": "NaN where infeasible",
    "uses.export_rules.performance_density": "NaN without non-planar area",
    "uses.ownership.break_even_volume": "infinite where a unit saves nothing",
    "uses.ownership.crossover_years": "NaN if equal",
    "uses.training.gpus_for_days": "NaN where no number of GPUs gets there",
    "claims.verdicts.assess": "NaN without samples",
    "uses.training.train": "NaN where no number of GPUs gets there in the days allowed",
    "uses.training.by_plan": "as train",
    "uses.supply.supply": "NaN where the capacity or cycle time of the node is unknown",
    "uses.ownership.own": "infinite where a unit saves nothing",
    "uses.buying.made": "NaN for the price of what is made",
    "uses.porting.port_costs": "infinite where a unit saves nothing",
    "uses.export_rules.export_class": "NaN without non-planar area",
}
SIGNED = {
    "uses.ownership.break_even_price": "negative where the original is dearer even as a gift",
    "uses.ownership.own": "as break_even_price",
    "physics.heat.junction_temperature": "degrees Celsius",
    "physics.operating_point.solve": "degrees Celsius",
    "physics.wafer.place_dies": "places from the centre of the wafer",
    "uses.wafermap.sample_wafer": "places from the centre of the wafer",
    "uses.wafermap.wafer_of": "as sample_wafer",
    "claims.verdicts.assess": "measures are differences too",
    "uncertainty.sensitivity.sensitivity": "estimators of indices",
}
SHARES = {
    "physics.yields.poisson",
    "physics.yields.murphy",
    "physics.yields.seeds",
    "physics.yields.moore",
    "physics.yields.negative_binomial",
    "physics.yields.bose_einstein",
    "physics.yields.yield_fraction",
    "physics.yields.sellable_fraction",
    "physics.yields.salvage",
    "physics.cost.interposer_yield",
    "physics.cost.assembly_yield",
    "uses.training.scale_out_efficiency",
}
"""Functions whose result is a share, 0..1."""
NAMES = {
    "model": yields.YIELD_MODELS,
    "method": wafer.METHODS,
    "basis": ("full", "unit"),
    "run": training.run_names(),
    "calibrated_on": training.run_names(),
    "rule": ("bis-2023",),
    "side": ("clone", "reference"),
    "plan": plans.PLANS,
    "design": library.names("design"),
    "node": (*library.names("node"), "12nm"),
    "kind": ("node", "design", "memory"),
    "which": ("12nm", "h100-sxm", "air", "organic", "hbm3", "x.toml"),
    "folder": ("rules", "runs", "work"),
    "name": ("h100-sxm", "power_w", "port-distance", "4"),
    "known": (("a", "b"), []),
    "unit": ("W", "1"),
    "workload": WORKLOADS,
}
SLOW = {
    "uncertainty.draws.sample_estimate",
    "uncertainty.sensitivity.sensitivity",
    "uses.training.by_plan",
    "uses.plans.plan_options",
    "claims.verdicts.assess",
    "physics.operating_point.solve",
    "physics.yields.salvage",
}
"""Functions of which a few calls must do."""


def reason(place):
    """Why a folder, module or function is left out; None where it is called here."""
    parts = place.split(".")
    return next((why for n in range(1, len(parts) + 1) if (why := LEFT_OUT.get(".".join(parts[:n])))), None)


def public():
    """Every public function of the package as module.function, as a caller from outside gets it, but for those left out."""
    found = {}
    for info in pkgutil.walk_packages(estimator.__path__, "estimator."):
        module = info.name.removeprefix("estimator.")
        if module == "__main__" or reason(module):
            continue
        for name, thing in vars(importlib.import_module(info.name)).items():
            own = getattr(thing, "__module__", "") == info.name and inspect.isfunction(inspect.unwrap(thing))
            if own and not name.startswith("_") and not reason(f"{module}.{name}"):
                found[f"{module}.{name}"] = estimator.at_the_door(thing)
    return found


PUBLIC = public()
SMALL = {
    "offsets": st.integers(1, 8),
    "nodes": st.integers(2, 50),
    "steps": st.integers(1, 60),
    "count": st.integers(2, 6),
    "seed": st.integers(0, 5),
    "points": st.just(64),
    "samples": st.integers(16, 64),
    "dies": st.integers(1, 64),
    "plans": st.just(["same-units"]),
    "skus": st.just(["h100-sxm", "h20"]),
    "path": st.deferred(lambda: st.sampled_from(paths())),
    "est": st.deferred(lambda: st.sampled_from(estimates())),
    "factor": st.floats(1e-3, 1e3),
    "ratio": st.floats(1e-3, 1e3),
    "value": st.floats(),
    "text": st.text(max_size=20),
    "assumed": st.floats(),
    "density_per_mm2": within(ARGUMENTS["density_or_none"]) | st.just(float("nan")),
    "years": within(ARGUMENTS["years"]),
    "field": st.just(ARGUMENTS["power_w"]),
    "error": st.none(),
    "which": st.sampled_from(NAMES["which"]),
}
FLAGS = ("fp8", "mixture_of_experts", "original", "smuggled", "at_equal_work", "data_centre", "strict")
_ESTIMATES = []


def estimates():
    """Estimates of all kinds: a point, one with I/O dies, points of which some are infeasible, at home, sampled."""
    if not _ESTIMATES:
        own = estimator.Design(name="own", node="tsmc-28hpm", die_area_mm2=348, clock_ghz=0.8, power_w=140)
        _ESTIMATES.extend(
            [
                estimator.estimate("h100-sxm", "12nm"),
                estimator.estimate("mi300x", "7nm"),
                estimator.estimate(own, "16nm"),
                estimator.estimate("h100-sxm", "12nm", clock_ghz=[0.5, 1.0, 9.0]),
                estimator.estimate("h800-sxm", "tsmc-4n"),
                estimator.estimate("rtx-4090", "3nm", units=[[10], [100]], power_limit_w=[200.0, 1.0]),
                estimator.estimate("gtx-1080-ti", "intel-45", reference_node="5nm"),
            ]
        )
    return _ESTIMATES


def paths():
    """A few critical paths."""
    law = {"repeater_fraction": 0.5, "nominal_supply_v": 0.8, "threshold_v": 0.45, "supply_insensitive_fraction": 0.4}
    return [critical_path(gate_ns=g, wire_ns=0.1, **law) for g in (0.45, np.array([0.3, 3.0]))]


def valid(function, name):
    """Strategy for usable values of an argument, None where there is none."""
    field = getattr(function, "ranges", {}).get(name)
    if field is not None and not isinstance(field, str):
        return within(field)
    if field is not None or name in FLAGS:
        return st.booleans()
    if name in SMALL:
        return SMALL[name]
    if name in NAMES:
        return st.sampled_from(sorted(NAMES[name], key=str))
    return None


@st.composite
def calls(draw, function):
    """Arguments of which none, one, two or all are hostile."""
    parameters = [p for p in inspect.signature(function).parameters.values() if p.kind is not p.VAR_KEYWORD]
    broken = draw(st.sampled_from((0, 0, 1, 1, 2, len(parameters))))
    which = set(draw(st.permutations(range(len(parameters))))[:broken])
    positional, named = [], {}
    for i, p in enumerate(parameters):
        if p.default is not p.empty and i not in which and draw(st.booleans()):
            continue
        value = draw(hostile if i in which else valid(function, p.name))
        if p.kind is p.KEYWORD_ONLY or p.default is not p.empty:
            named[p.name] = value
        else:
            positional.append(value)
    return positional, named


def test_every_public_function_can_be_called_here():
    """A new public function needs a strategy for each argument (a row in ARGUMENTS), or a reason in LEFT_OUT."""
    unknown = [
        f"{name}({p.name})"
        for name, function in PUBLIC.items()
        for p in inspect.signature(function).parameters.values()
        if p.kind is not p.VAR_KEYWORD and valid(function, p.name) is None
    ]
    assert unknown == []
    assert len(PUBLIC) > 80


def test_every_name_of_the_package_is_fuzzed():
    for name, module in estimator._HOME.items():
        function = getattr(estimator, name)
        if inspect.isfunction(function):
            place = f"{module}.{name}"
            assert PUBLIC.get(place) is function or reason(place).startswith("fuzzed"), place


def test_what_is_left_out_exists():
    for place in (*LEFT_OUT, *UNDEFINED, *SIGNED, *SHARES):
        pkgutil.resolve_name(f"estimator.{place}")


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_sound_result_or_a_sentence(name):
    function = PUBLIC[name]

    @budget(0.03 if name in SLOW else 0.3)
    @given(call=calls(function))
    def check(call):
        result = attempt("functions", function, *call[0], **call[1])
        physical(
            result,
            undefined=name in UNDEFINED or any(e is not None for e in undefined_points(call)),
            signed=name in SIGNED,
            most=1.0 if name in SHARES else np.inf,
        )

    check()


METHODS = {
    "quantile": lambda name, q: sampled().quantile(name, q),
    "interval": lambda name, level: sampled().interval(name, level),
    "reference_interval": lambda name, level: sampled().reference_interval(name, level),
    "ratio_interval": lambda name, level: sampled().ratio_interval(name, level),
    "to_dict": lambda _, level: sampled().to_dict(level),
    "sensitivity": lambda count, points: estimates()[0].sensitivity(count=count, points=points),
    "cheapest_after": lambda years, _: cset.scenario().cheapest_after(years),
    "crossover_years": lambda old, new: cset.scenario().crossover_years(old, new),
}
USABLE = {
    "quantile": ("power_w", 0.3),
    "sensitivity": (2, 64),
    "cheapest_after": (3.0, 0),
    "crossover_years": ("7 nm", "5 nm"),
}


def sampled():
    """A sampled estimate's intervals."""
    if not hasattr(sampled, "samples"):
        sampled.samples = estimator.estimate("h100-sxm", "12nm", samples=64).samples
    return sampled.samples


@pytest.mark.parametrize("name", METHODS)
def test_methods_of_results(name):
    usable = USABLE.get(name, ("power_w", 0.8))

    @budget(0.03 if name == "sensitivity" else 0.5)
    @given(*(mostly(st.just(v), one_in=2) for v in usable))
    def check(first, second):
        result = attempt("functions", METHODS[name], first, second)
        physical(result, signed=True)

    check()


def undefined_points(call):
    """Estimates among the arguments that hold infeasible points: what follows from these is NaN too."""
    for value in (*call[0], *call[1].values()):
        if isinstance(value, estimator.Estimate) and not np.all(value.feasible):
            yield value

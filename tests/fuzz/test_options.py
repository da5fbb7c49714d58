"""Options of estimate, sweep and best, by the table of fields and over every scope: a sound result or a sentence."""

import json

import numpy as np
from hostile import REFUSED, attempt, budget, hostile, mostly, physical, sentence, within
from hypothesis import given
from hypothesis import strategies as st

import estimator
from estimator.model.build import node_numbers, numbers_of
from estimator.model.options import (
    DIE_NODES,
    KIND_OPTIONS,
    MEMORY_FIELDS,
    NAME_OPTIONS,
    NUMBER_OPTIONS,
    SCOPES,
    WORK_FIELDS,
)
from estimator.model.results import OUTPUT_STAGE
from estimator.parameters import library
from estimator.parameters.sets import load_set
from estimator.quantities import FIELDS, describe

DESIGNS, NODES = library.names("design"), (*library.names("node"), "12nm", "5nm")
SHARES = [n for n, f in FIELDS.items() if n in OUTPUT_STAGE and f.high == 1]
SIGNED = {"junction_c"}
NOT_NUMBERS = ("limited_by",)


def scope_fields():
    """Every number that a dotted option may override, by scope."""
    h100, n12 = library.load_design("mi300x"), library.load_node("12nm")
    numbers = {
        "node": node_numbers(n12),
        "home": node_numbers(n12),
        **{n: node_numbers(n12) for n in DIE_NODES},
        "design": numbers_of(h100),
        "model": library.constants(),
        "cooling": library.load_cooling("air").parameters,
        "package": library.load_package("cowos-s").parameters,
        "memory": {n: library.load_memory("hbm3").parameters[n] for n in MEMORY_FIELDS},
        "product": library.load_product("module").parameters,
        "work": {n: load_set("work", "workloads")[f"decode.{n}"] for n in WORK_FIELDS},
    }
    assert set(numbers) == set(SCOPES)
    return {f"{s}.{n}": float(v) for s, table in numbers.items() for n, v in table.items() if n in FIELDS}


DOTTED = scope_fields()


def usable(name, *, array=True):
    """Usable values of an option: near a real one most of the time, else anywhere in the range of its field."""
    if name in NAME_OPTIONS:
        return st.sampled_from(NAME_OPTIONS[name])
    if name in KIND_OPTIONS:
        return st.sampled_from(library.names(name))
    field = describe(name)
    if name not in DOTTED or field.integer:
        return within(field, array=array)
    near = st.floats(0.9, 1.1).map(lambda f: min(max(DOTTED[name] * f, field.low), field.high))
    return mostly(near, within(field, array=array), one_in=4)


@st.composite
def options(draw, *, most=4, array=True, broken=True):
    """A few options, some of them hostile."""
    out = {}
    for _ in range(draw(st.integers(0, most))):
        kind = draw(
            mostly(
                st.sampled_from(("number", "number", "dotted", "dotted", "name", "kind")),
                st.just("unknown" if broken else "number"),
                one_in=30,
            )
        )
        pool = {
            "number": NUMBER_OPTIONS,
            "dotted": tuple(DOTTED),
            "name": tuple(NAME_OPTIONS),
            "kind": KIND_OPTIONS,
            "unknown": ("", "power", "node.", ".x", "design.power_limit_w", "x.y", "node.name", "a.b.c", "io_home.x"),
        }
        name = draw(st.sampled_from(pool[kind]))
        good = hostile if kind == "unknown" else usable(name, array=array)
        out[name] = draw(mostly(good, one_in=10) if broken else good)
    return out


designs = st.sampled_from(DESIGNS)
nodes = st.sampled_from(NODES)
places = st.tuples(mostly(designs, one_in=16), mostly(nodes, one_in=16))


def sound(side, coolant_c=-50.0, unstated=()):
    """Outputs of one side are finite and physical wherever it is feasible; only rates a design does not state are undefined."""
    feasible = np.asarray(side["feasible"])
    for name in OUTPUT_STAGE:
        if name in NOT_NUMBERS:
            continue
        if name in unstated:
            assert np.isnan(np.asarray(side[name], float)).all(), name
            continue
        values = np.broadcast_to(np.asarray(side[name], float), feasible.shape)[feasible]
        physical(values, name, signed=name in SIGNED, most=1.0 if name in SHARES else np.inf)
    possible = {
        n: np.broadcast_to(np.asarray(side[n], float), feasible.shape)[feasible]
        for n in ("junction_c", "clock_ghz", "power_w", "die_area_mm2", "unit_cost_usd", "dies")
    }
    assert (possible.pop("junction_c") >= coolant_c - 1e-6).all()
    for name, values in possible.items():
        assert (values > 0).all(), f"{name} = {values}"


@budget(8)
@given(
    place=places,
    more=options(),
    extra=st.fixed_dictionaries(
        {},
        optional={"reference_node": mostly(nodes), "seed": mostly(st.integers(0, 3)), "strict": mostly(st.just(False))},
    ),
)
def test_estimate(place, more, extra):
    est = attempt("estimate", estimator.estimate, *place, **more, **extra)
    if est is REFUSED:
        return
    coolant_c = more.get("cooling.coolant_c")
    unstated = () if est.sides["clone"].build.choices.given.vector else ("vector_tflops",)
    sound(est.clone, -50.0 if coolant_c is None else np.min(coolant_c), unstated)
    sound(est.reference, unstated=unstated)
    data = est.to_dict()
    json.dumps(data, allow_nan=False)
    assert repr(est)
    assert est.explain()
    assert est._repr_html_()
    for headline, factors in est.causes.items():
        for name, factor in factors.items():
            values, feasible = np.broadcast_arrays(factor, np.logical_and(est.feasible, est.reference.feasible))
            assert np.isfinite(values[feasible]).all(), (headline, name)


@budget(0.4)
@given(
    design=designs,
    node=nodes,
    more=options(most=3, array=False, broken=False),
    samples=mostly(st.sampled_from((16, 20, 64)), hostile.filter(lambda v: not isinstance(v, int) or v < 1000)),
)
def test_estimate_with_samples(design, node, more, samples):
    est = attempt("samples", estimator.estimate, design, node, samples=samples, **more)
    if est is REFUSED or est.samples is None:
        return
    shown = est.samples.to_dict()
    if est.samples.feasible_share * est.samples.consistent_share > 0:
        json.dumps(shown, allow_nan=False)
        physical(shown["clone"]["power_w"], undefined=True)


@budget(2)
@given(
    place=places,
    more=options(),
    call=st.fixed_dictionaries(
        {},
        optional={
            "outputs": mostly(st.lists(st.sampled_from(tuple(OUTPUT_STAGE)), max_size=3)),
            "sampling": mostly(st.sampled_from(("grid", "grid", "sobol", "latin-hypercube"))),
            "samples": mostly(st.integers(1, 20), hostile.filter(lambda v: not isinstance(v, int) or v < 1000)),
            "seed": mostly(st.integers(0, 3)),
            "chunks": mostly(st.integers(1, 5)),
            "engine": mostly(st.sampled_from(("numpy", "numpy", "numpy", "dask"))),
        },
    ),
)
def test_sweep(place, more, call):
    ds = attempt("sweep", estimator.sweep, *place, **more, **call)
    if ds is REFUSED:
        return
    ds = ds.compute()
    valid = ds.valid.values
    assert (ds.reason.values[~valid] > 0).all()
    feasible = ds.feasible.values.astype(bool) & valid
    for name in ds.data_vars:
        output = str(name).removesuffix("_result")
        if output in OUTPUT_STAGE and output not in NOT_NUMBERS:
            values = np.asarray(ds[name].values, float)[feasible]
            physical(values, output, signed=output in SIGNED, most=1.0 if output in SHARES else np.inf)
    for text in json.loads(ds.reason.attrs["meanings"]):
        sentence(text)


@st.composite
def rows(draw):
    """A table of two points: usable and hostile cells."""
    names = draw(st.lists(st.sampled_from((*NUMBER_OPTIONS, *DOTTED, "cooling")), min_size=1, max_size=4, unique=True))
    table = {n: [draw(mostly(usable(n, array=False))) for _ in range(2)] for n in names}
    return table | draw(
        mostly(st.just({}), st.dictionaries(hostile.filter(lambda v: v.__hash__), st.just([1, 2]), max_size=1))
    )


@budget(1)
@given(table=mostly(rows()), place=st.tuples(designs, nodes))
def test_sweep_of_a_table(table, place):
    ds = attempt("sweep", estimator.sweep, *place, points=table, outputs=["clock_ghz", "unit_cost_usd"])
    if ds is not REFUSED:
        feasible = ds.feasible.values.astype(bool) & ds.valid.values
        physical(ds.clock_ghz.values[feasible] if "clock_ghz" in ds.data_vars else None)
        physical(ds.unit_cost_usd.values[feasible])


ranges = st.tuples(st.floats(0, 3), st.floats(0, 3)).map(lambda p: (min(p), max(p)))
VARIED = {
    "power_limit_w": (300, 1500),
    "supply_v": (0.8, 0.9),
    "clock_ghz": (0.2, 1.2),
    "dies": (2, 12),
    "units": (10, 100),
    "volume": [1e4, 1e5, 1e6],
    "node": ["5nm", "12nm"],
    "cooling": ["air", "cold-plate", "immersion"],
    "node.wire_delay_ps_mm": (100, 300),
    "x": (1, 2),
}


@st.composite
def overs(draw):
    """What may vary: usable ranges and choices, and hostile ones."""
    names = draw(st.lists(st.sampled_from(tuple(VARIED)), min_size=1, max_size=2, unique=True))
    return {n: draw(mostly(st.just(VARIED[n]), ranges | hostile)) for n in names}


@budget(0.25)
@given(
    place=places,
    over=mostly(overs()),
    objective=mostly(st.sampled_from(tuple(OUTPUT_STAGE))),
    bounds=mostly(st.none() | st.dictionaries(st.just("power_w"), mostly(st.just((None, 2000))), max_size=1)),
    maximise=mostly(st.booleans()),
    more=options(most=1, array=False),
)
def test_best(place, over, objective, bounds, maximise, more):
    found = attempt(
        "best", estimator.best, *place, over=over, objective=objective, subject_to=bounds, maximise=maximise, **more
    )
    if found is not REFUSED:
        physical(found.value, signed=True)
        sound(found.estimate.clone)
        json.dumps(found.to_dict(), allow_nan=False)

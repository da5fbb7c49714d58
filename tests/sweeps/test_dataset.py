"""Sweeps: equal to the single estimate, whatever block, chunk and engine; every bad point marked with its reason."""

import array
import json

import numpy as np
import pytest

import estimator
from estimator.errors import EstimatorError, InfeasibleError, InputError, UnknownNameError
from estimator.model.batch import Points
from estimator.physics.operating_point import LIMITS
from estimator.quantities import describe
from estimator.sweeps.dataset import reasons, sweep

xr = pytest.importorskip("xarray")
pd = pytest.importorskip("pandas")

NAMES = {
    "design": ["h100-sxm", "mi300x", "rtx-4090"],
    "node": ["12nm", "5nm", "28nm", "samsung-8n"],
    "cooling": ["air-server", "cold-plate"],
    "memory": [None, "hbm2e"],
    "layout": ["redesign", "port"],
    "yield_model": ["negative-binomial", "poisson"],
}


def random_points(n: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    index = {k: rng.integers(0, len(v), n) for k, v in NAMES.items()}
    numbers = {
        "power_limit_w": rng.uniform(100, 1500, n),
        "defect_density_per_cm2": rng.uniform(0, 0.5, n),
        "units_enabled": rng.integers(60, 150, n).astype(float),
        "volume": rng.uniform(1e3, 1e6, n),
        "clustering_alpha": rng.uniform(0.5, 5, n),
        "memory_stacks": rng.integers(1, 9, n).astype(float),
        "node.wafer_cost_usd": rng.uniform(3e3, 2e4, n),
    }
    return index, numbers


def worst_difference(a, b) -> float:
    a, b = np.asarray(a, float), np.asarray(b, float)
    assert np.array_equal(np.isnan(a), np.isnan(b))
    return float(np.nanmax(np.abs(a - b) / np.maximum(np.abs(a), 1e-300), initial=0.0))


ARRAYS = {
    "array.array": lambda values: array.array("d", values),
    "memoryview": lambda values: memoryview(np.asarray(values)),
    "dask": lambda values: pytest.importorskip("dask.array").from_array(np.asarray(values)),
    "pandas": pd.Series,
    "xarray": xr.DataArray,
}


@pytest.mark.parametrize("kind", ARRAYS)
def test_arrays_of_any_library_are_taken_everywhere(kind):
    limits = ARRAYS[kind]([300.0, 400.0, 500.0])
    alone = estimator.estimate("h100-sxm", "12nm", power_limit_w=limits)
    together = sweep("h100-sxm", "12nm", power_limit_w=limits, outputs=["clock_ghz"])
    assert worst_difference(together.clock_ghz.values, alone.clock_ghz) <= 1e-12
    assert json.loads(together.attrs["call"])["power_limit_w"] == [300.0, 400.0, 500.0]
    fastest = estimator.best("h100-sxm", "12nm", objective="clock_ghz", over={"power_limit_w": limits})
    assert fastest.point == {"power_limit_w": 500.0}


def test_every_point_equals_its_single_estimate():
    index, numbers = random_points(60)
    points = Points(NAMES, list(numbers))
    done = points.evaluate(index, numbers)
    seen = set()
    for i in range(60):
        call = {k: NAMES[k][index[k][i]] for k in NAMES} | {k: float(v[i]) for k, v in numbers.items()}
        try:
            single = estimator.estimate(call.pop("design"), call.pop("node"), **call)
        except InfeasibleError as error:
            assert done.reason[i] == 0
            assert not done.values["feasible"][i]
            seen.add(error.limited_by == LIMITS[done.values["limited_by"][i]])
            seen.add("infeasible")
            continue
        except InputError:
            assert done.reason[i] > 0
            assert np.isnan(done.values["power_w"][i])
            seen.add("invalid")
            continue
        seen.add("good")
        assert done.reason[i] == 0
        for name, value in single.clone.items():
            if name != "limited_by":
                assert float(done.values[name][i]) == pytest.approx(float(value), rel=1e-12, abs=1e-300), name
    assert {"good", "invalid"} <= seen
    assert False not in seen


def test_block_size_never_changes_a_digit_beyond_rounding():
    index, numbers = random_points(2000)
    points = Points(NAMES, list(numbers))
    reference = points.evaluate(index, numbers)
    for block in (1, 7, 256, 100_000):
        some = slice(None) if block > 1 else slice(0, 50)
        other = points.evaluate(
            {k: v[some] for k, v in index.items()}, {k: v[some] for k, v in numbers.items()}, block=block
        )
        for name in points.outputs:
            assert worst_difference(reference.values[name][some], other.values[name]) < 1e-12, name
        assert np.array_equal(reference.reason[some], other.reason)


def test_grid_has_the_dimensions_in_order_and_a_unit_on_everything():
    ds = sweep(
        "h100-sxm",
        ["5nm", "12nm"],
        power_limit_w=np.linspace(300, 900, 5),
        cooling=["air", "cold-plate"],
        **{"node.supply_v": [0.7, 0.75]},
    )
    assert tuple(ds.sizes) == ("node", "power_limit_w", "cooling", "node.supply_v")
    for name, variable in ds.data_vars.items():
        assert variable.attrs["long_name"]
        if name not in ("valid", "reason"):
            assert variable.attrs["units"] == describe(name).unit
    assert ds["node.supply_v"].attrs["units"] == "V"
    single = estimator.estimate("h100-sxm", "12nm", power_limit_w=600.0, cooling="air", **{"node.supply_v": 0.7})
    point = ds.sel(node="12nm", power_limit_w=600, cooling="air", **{"node.supply_v": 0.7})
    assert float(point.unit_cost_usd) == pytest.approx(single.unit_cost_usd, rel=1e-12)
    assert str(point.limited_by.values) == single.limited_by


def test_attributes_let_a_result_be_repeated():
    ds = sweep("h100-sxm", ["5nm"], power_limit_w=[400.0, 500.0], outputs=["clock_ghz"])
    call = json.loads(ds.attrs["call"])
    again = sweep(call.pop("design"), call.pop("node"), **call)
    xr.testing.assert_identical(ds, again)
    sums = json.loads(ds.attrs["parameter_checksums"])
    assert {"design:h100-sxm", "node:tsmc-n5", "node:tsmc-4n", "memory:hbm3", "model"} <= set(sums)
    assert ds.attrs["estimator_version"] == estimator.__version__


def test_checksum_follows_a_changed_parameter():
    node = estimator.load_node("5nm")
    own = node.replace(wafer_cost_usd=12345)
    sums = [
        json.loads(sweep("h100-sxm", n, outputs=["clock_ghz"]).attrs["parameter_checksums"])["node:tsmc-n5"]
        for n in (node, own)
    ]
    assert sums[0] != sums[1]


def test_outputs_select_variables_and_do_not_change_them():
    full = sweep("h100-sxm", ["5nm", "28nm"], power_limit_w=[100, 700])
    some = sweep("h100-sxm", ["5nm", "28nm"], power_limit_w=[100, 700], outputs=["die_area_mm2", "usd_per_tflops"])
    assert set(some.data_vars) == {"die_area_mm2", "usd_per_tflops", "feasible", "valid", "reason"}
    for name in ("die_area_mm2", "usd_per_tflops", "feasible"):
        xr.testing.assert_equal(full[name], some[name])


def test_output_with_the_name_of_an_axis_gets_its_own_name():
    ds = sweep("h100-sxm", "12nm", defect_density_per_cm2=[0.1, 0.2])
    assert ds.defect_density_per_cm2_result.values == pytest.approx([0.1, 0.2])


def test_dask_engine_is_lazy_and_equal():
    call = {"power_limit_w": np.linspace(200, 1400, 31), "cooling": ["air", "cold-plate"], "units_enabled": [100, 150]}
    eager = sweep("h100-sxm", ["5nm", "12nm"], **call)
    for chunks in (7, {"power_limit_w": 4, "node": -1}, "auto"):
        lazy = sweep("h100-sxm", ["5nm", "12nm"], chunks=chunks, **call)
        assert all(v.chunks for v in lazy.data_vars.values())
        found = lazy.compute(scheduler="threads", num_workers=2)
        for name, variable in eager.data_vars.items():
            assert found[name].attrs.keys() == variable.attrs.keys()
            if variable.dtype == float:
                assert worst_difference(variable, found[name]) < 1e-12
            else:
                assert np.array_equal(variable, found[name])


@pytest.mark.parametrize("form", ["frame", "mapping", "csv", "parquet"])
def test_table_of_points(tmp_path, form):
    frame = pd.DataFrame(
        {
            "node": ["12nm", "5nm", "12mn", None, "5nm", "5nm"],
            "power_limit_w": [700.0, 600.0, 500.0, 500.0, np.nan, -3.0],
            "cooling": ["air", None, "air", "air", "air", "air"],
        }
    )
    table = {"frame": frame, "mapping": dict(frame)}.get(form)
    if table is None:
        table = tmp_path / f"points.{form}"
        frame.to_csv(table, index=False) if form == "csv" else frame.to_parquet(table)
    ds = sweep("h100-sxm", points=table, outputs=["clock_ghz", "limited_by"])
    assert dict(ds.sizes) == {"point": 6}
    assert ds.valid.values.tolist() == [True, True, False, False, False, False]
    single = estimator.estimate("h100-sxm", "5nm", power_limit_w=600.0)
    assert float(ds.clock_ghz[1]) == pytest.approx(single.clock_ghz, rel=1e-12)
    text = reasons(ds).values.tolist()
    assert "did you mean" in text[2]
    assert text[4] == text[5] == "power_limit_w must be greater than 0 and at most 100000 W"
    assert text[0] == ""
    assert ds.node.values[0] == "12nm"


def test_one_poisoned_point_does_not_stop_a_million_others():
    n = 1_000_000
    power = np.full(n, 700.0)
    power[n // 2] = np.nan
    ds = sweep("h100-sxm", "12nm", points={"power_limit_w": power}, outputs=["clock_ghz"])
    assert int(ds.valid.sum()) == n - 1
    assert not bool(ds.valid[n // 2])
    assert int(np.isnan(ds.clock_ghz).sum()) == 1


def test_invalid_combinations_are_marked():
    axes = {"dies": [7, 8], "units_enabled": [100, 200], "supply_v": [0.7, 5.0]}
    ds = sweep(["mi300x", "h100-sxm"], "5nm", outputs=["clock_ghz"], **axes)
    assert not ds.valid.sel(supply_v=5.0).any()
    assert not ds.valid.sel(design="mi300x", dies=7).any()
    assert not ds.valid.sel(design="h100-sxm", units_enabled=200).any()
    assert "compute dies" in str(reasons(ds).sel(design="mi300x", dies=7, supply_v=0.7, units_enabled=100).values)
    assert bool(ds.valid.sel(design="mi300x", dies=8, units_enabled=200, supply_v=0.7))


def test_fields_that_only_some_designs_have():
    ds = sweep(["mi300x", "h100-sxm"], "5nm", outputs=["die_area_mm2"], **{"io_node.analog_area_factor": [1.0, 1.1]})
    assert ds.valid.sel(design="mi300x").all()
    assert not ds.valid.sel(design="h100-sxm").any()
    ds = sweep("h100-sxm", "5nm", outputs=["clock_ghz"], **{"design.power_w": [10.0, 700.0, 800.0]})
    assert ds.valid.values.tolist() == [False, True, True]


@pytest.mark.parametrize("sampling", ["latin-hypercube", "sobol"])
def test_design_of_experiments(sampling):
    call = {
        "sampling": sampling,
        "samples": 64,
        "seed": 3,
        "outputs": ["clock_ghz"],
        "power_limit_w": (300, 900),
        "units_enabled": (66, 132),
        "cooling": ["air", "cold-plate"],
    }
    ds = sweep("h100-sxm", "12nm", **call)
    assert dict(ds.sizes) == {"point": 64}
    assert float(ds.power_limit_w.min()) < 320 < 880 < float(ds.power_limit_w.max())
    assert set(ds.cooling.values) == {"air", "cold-plate"}
    assert np.array_equal(ds.units_enabled, np.rint(ds.units_enabled))
    assert ds.valid.all()
    xr.testing.assert_identical(ds, sweep("h100-sxm", "12nm", **call))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ({"node": ["5nm", "12mn"]}, "did you mean"),
        ({"node": "5nm", "power_limt_w": [1, 2]}, "power_limit_w"),
        ({"node": "5nm", "power_limit_w": -5}, "power_limit_w = -5"),
        ({"node": "5nm", "power_limit_w": []}, "empty"),
        ({"node": "5nm", "power_limit_w": "high"}, "not a number"),
        ({"node": "5nm", "power_limit_w": [[1, 2], [3, 4]]}, "one dimension"),
        ({"node": "5nm", "clock_ghz": [1.0], "power_w": [500]}, "not both"),
        ({"node": "5nm", "outputs": ["clok_ghz"]}, "clock_ghz"),
        ({"node": ["5nm", "5nm"]}, "twice"),
        ({"node": "5nm", "engine": "spark"}, "engine"),
        ({"node": "5nm", "chunks": 0, "power_limit_w": [5, 6]}, "chunks"),
        ({"node": "5nm", "sampling": "random"}, "sampling"),
        ({"node": "5nm", "sampling": "sobol", "power_limit_w": [1, 2, 3]}, "range"),
        ({"node": "5nm", "points": "nothing.csv"}, "nothing.csv"),
        ({"node": "5nm", "points": {"power_limit_w": []}}, "no rows"),
        ({}, "node"),
    ],
)
def test_bad_calls_end_with_one_sentence(call, text):
    with pytest.raises(EstimatorError, match=text) as caught:
        sweep("h100-sxm", call.pop("node", None), **call)
    assert "\n" not in str(caught.value)


def test_public_name_is_the_function():
    import estimator.sweeps.layout  # a submodule must not shadow the function

    assert estimator.sweep is sweep
    assert issubclass(UnknownNameError, InputError)


def test_writers_of_xarray_take_the_result(tmp_path):
    ds = sweep("h100-sxm", ["5nm", "12nm"], power_limit_w=[300.0, 600.0, np.nan])
    ds.to_netcdf(tmp_path / "a.nc")
    ds.to_zarr(tmp_path / "a.zarr")
    lazy = sweep("h100-sxm", ["5nm", "12nm"], power_limit_w=[300.0, 600.0, np.nan], chunks=2)
    lazy.to_zarr(tmp_path / "b.zarr")
    for path, engine in (("a.nc", None), ("a.zarr", "zarr"), ("b.zarr", "zarr")):
        back = xr.open_dataset(tmp_path / path, engine=engine)
        xr.testing.assert_allclose(ds.drop_vars("limited_by"), back.drop_vars("limited_by"), rtol=1e-12)
        assert back.limited_by.values.tolist() == ds.limited_by.values.tolist()
        assert back.attrs["call"] == ds.attrs["call"]

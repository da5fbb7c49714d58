"""Sweeps: the estimate on a grid, a design of experiments or a table of points, as an xarray.Dataset."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from estimator.checks import MOST_SEED, check_choice, check_whole
from estimator.errors import InputError, check_installed, shown, unknown_name
from estimator.model.batch import Points
from estimator.model.options import NAME_COLUMNS, spread_die_nodes
from estimator.model.results import CODES, FLAGS
from estimator.parameters.active import Carried
from estimator.physics.operating_point import LIMITS
from estimator.quantities import describe
from estimator.sweeps.layout import SAMPLINGS, TILE, Layout, grid_layout, sampled_layout, table_layout

if TYPE_CHECKING:
    import xarray as xr

ENGINES = ("numpy", "dask")
_LIMIT_TEXT = np.asarray((*LIMITS, ""))  # the last one is that of invalid points, code -1


def sweep(
    design: Any = None,
    node: Any = None,
    *,
    points: Any = None,
    sampling: str = "grid",
    samples: int | None = None,
    seed: int = 0,
    outputs: Sequence[str] | None = None,
    engine: str | None = None,
    chunks: int | str | Mapping[str, int] | None = None,
    **options: Any,
) -> xr.Dataset:
    """Estimate many points: every combination of the axes, a sample of ranges, or the rows of a table.

    Parameters
    ----------
    design, node : str, path, object or list of these
        As in `estimator.estimate`; a list is an axis. With `points` they may be columns of the table instead.
    points : DataFrame, mapping, or path of a Parquet or CSV file, optional
        One row per point, columns named as the options (and ``design``, ``node``); the result has one dimension,
        ``point``. The other arguments are single values that stand for all rows.
    sampling : {"grid", "latin-hypercube", "sobol"}
        All combinations; or a design of experiments over ranges: then a pair of numbers is (low, high), a list of
        names a choice among them, and the result has one dimension, ``point``.
    samples, seed : int
        Size (by default 1,024; a power of two is best for ``"sobol"``) and seed of a design of experiments.
    outputs : list of str, optional
        Outputs to compute; without, all. ``feasible`` and ``valid`` are always there.
    engine : {"numpy", "dask"}, optional
        Compute at once in this process (default), or give a lazy dataset backed by dask arrays.
    chunks : int, "auto" or mapping of dimension to length, optional
        Points per chunk of the lazy dataset (implies ``engine="dask"``).
    **options
        Any option of `estimator.estimate` or dotted field (``node.supply_v``), as one value or a list or array.

    Returns
    -------
    xarray.Dataset
        A variable per output with ``units`` and ``long_name``, NaN where infeasible or invalid; ``valid`` and
        ``reason`` (an index into the sentences of its attribute ``meanings``, see `reasons`). An output with the name
        of an axis is called ``<name>_result``. Attributes hold versions, parameter checksums and the call.

    Raises
    ------
    InputError
        For an unknown name or option, or a fixed value out of range. A bad value on an axis or in a table, or an
        impossible combination, is marked in ``valid`` and does not stop the other points.

    Examples
    --------
    >>> ds = sweep("h100-sxm", ["5nm", "12nm"], power_limit_w=[400, 700], outputs=["clock_ghz"])
    >>> dict(ds.sizes), ds.clock_ghz.attrs["units"], bool((ds.clock_ghz.diff("power_limit_w") > 0).all())
    ({'node': 2, 'power_limit_w': 2}, 'GHz', True)
    """
    check_installed("sweep", "sweep", "xarray")
    layout = lay_out(
        design, node, points=points, sampling=sampling, samples=samples, seed=seed, outputs=outputs, **options
    )
    engine = ("numpy" if chunks is None else "dask") if engine is None else engine
    check_choice("engine", engine, ENGINES)
    return compute(layout) if engine == "numpy" else lazy(layout, chunks)


def lay_out(
    design: Any = None,
    node: Any = None,
    *,
    points: Any = None,
    sampling: str = "grid",
    samples: int | None = None,
    seed: int = 0,
    outputs: Sequence[str] | None = None,
    **options: Any,
) -> Layout:
    """Check the arguments of `sweep` and lay out its points, without computing any."""
    axes = {"design": design, "node": node, **spread_die_nodes(options)}
    axes = {k: v for k, v in axes.items() if v is not None}
    check_choice("sampling", sampling, SAMPLINGS)
    seed = check_whole("seed", seed, 0, MOST_SEED)
    if points is not None:
        if sampling != "grid":
            raise InputError("give either points or sampling, not both")
        return table_layout(points, axes, outputs)
    if sampling != "grid":
        return sampled_layout(axes, outputs, sampling=sampling, samples=1024 if samples is None else samples, seed=seed)
    if samples is not None:
        raise InputError(
            "samples goes with sampling = 'sobol' or 'latin-hypercube'; for intervals call estimate with samples"
        )
    return grid_layout(axes, outputs)


def evaluate(points: Points, columns: Sequence[str], *arrays: Any) -> tuple[Any, ...]:
    """Outputs of columns that broadcast together, in the shape they broadcast to, and the code of the reason."""
    shape = np.broadcast_shapes(*(np.shape(a) for a in arrays))
    flat = {
        c: a if np.ndim(a) == 0 else np.broadcast_to(a, shape).reshape(-1) for c, a in zip(columns, arrays, strict=True)
    }
    done = points.evaluate(
        {k: v for k, v in flat.items() if k in NAME_COLUMNS}, {k: v for k, v in flat.items() if k not in NAME_COLUMNS}
    )
    values = [_LIMIT_TEXT[v] if n in CODES else v for n, v in done.values.items()]
    return tuple(v.reshape(shape) for v in (*values, done.reason))


def _dtype(name: str) -> Any:
    return _LIMIT_TEXT.dtype if name in CODES else np.dtype(bool) if name in FLAGS else np.dtype(float)


def _kinds(layout: Layout) -> list[Any]:
    """What each array of a computed layout holds: the outputs, then the code of the reason."""
    return [*map(_dtype, layout.points.outputs), np.dtype(np.int16)]


def memory_bytes() -> float:
    """Memory that this process may fill: what the machine has, or less where its container has a limit; infinite if unknown."""
    found = [math.inf]
    with suppress(OSError, ValueError, AttributeError):  # a system without these names
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    with suppress(OSError, ValueError):  # no container, or one without a limit
        found.append(float(Path("/sys/fs/cgroup/memory.max").read_text("ascii")))
    return min(found)


def check_fits(layout: Layout) -> None:
    """Refuse a layout whose results are larger than the memory of this machine, before any of them is computed."""
    size, room = layout.total * sum(kind.itemsize for kind in _kinds(layout)), memory_bytes()
    if size > room:
        raise InputError(
            f"a sweep of {layout.total:,} points with {len(layout.points.outputs)} outputs takes {size / 1e9:,.1f} GB, and this "
            f"machine has {room / 1e9:,.1f} GB: name fewer outputs, give chunks=, or write it to .zarr or .parquet with the "
            "command sweep"
        )


def compute(layout: Layout, progress: Callable[[int], None] | None = None) -> xr.Dataset:
    """Compute a layout at once in this process, tile by tile."""
    check_fits(layout)
    arrays = [np.empty(layout.shape, kind) for kind in _kinds(layout)]
    for where in layout.tiles(layout.tile_sizes()):
        part = layout.part(where)
        shaped = [_along(part, dim, data) for dim, data in part.columns.values()]
        found = evaluate(layout.points, list(part.columns), *shaped)
        for array, value in zip(arrays, found, strict=True):
            array[tuple(where.values())] = value
        if progress:
            progress(part.total)
    return _dataset(layout, arrays)


def _along(layout: Layout, dim: str | None, data: Any) -> Any:
    """A column shaped to broadcast along its dimension."""
    if dim is None:
        return data
    return data.reshape([-1 if d == dim else 1 for d in layout.sizes])


def lazy(layout: Layout, chunks: int | str | Mapping[str, int] | None = None) -> xr.Dataset:
    """The sweep as a dataset of dask arrays, computed by `xarray.apply_ufunc` chunk by chunk when asked for."""
    import xarray as xr

    check_installed("a lazy sweep", "sweep", "dask")
    if not layout.sizes:
        raise InputError("a lazy sweep needs at least one axis")
    sizes = chunk_sizes(layout, chunks)
    columns = [
        xr.DataArray(data, dims=() if dim is None else (dim,)).chunk({} if dim is None else {dim: sizes[dim]})
        if dim is not None
        else data
        for dim, data in layout.columns.values()
    ]
    outputs = layout.points.outputs
    found = xr.apply_ufunc(
        Carried(partial(evaluate, layout.points, list(layout.columns))),
        *columns,
        dask="parallelized",
        output_core_dims=[()] * (len(outputs) + 1),
        output_dtypes=[*map(_dtype, outputs), np.dtype(np.int16)],
        keep_attrs=False,
    )
    return _dataset(layout, [f.transpose(*layout.sizes).data for f in found])


def chunk_sizes(layout: Layout, chunks: int | str | Mapping[str, int] | None) -> dict[str, int]:
    """Length of a chunk along each dimension."""
    if chunks is None or (isinstance(chunks, str) and chunks == "auto"):
        return layout.tile_sizes(TILE)
    if isinstance(chunks, Mapping):
        for name, length in chunks.items():
            if name not in layout.sizes:
                raise unknown_name("dimension", name, layout.sizes)
            if not isinstance(length, (int, np.integer)) or length == 0 or length < -1:
                raise InputError(f"chunks: {name} = {shown(length)} must be an integer of at least 1, or -1 for all")
        return {
            d: min(chunks.get(d, n) % (n + 1) or n, n) if chunks.get(d, n) == -1 else min(chunks.get(d, n), n)
            for d, n in layout.sizes.items()
        }
    if isinstance(chunks, bool) or not isinstance(chunks, (int, np.integer)) or chunks < 1:
        raise InputError(
            f"chunks = {shown(chunks)} must be a number of points, 'auto' or a mapping of dimension to length"
        )
    return layout.tile_sizes(int(chunks))


def _dataset(layout: Layout, arrays: Sequence[Any]) -> xr.Dataset:
    import xarray as xr

    dims, coords = tuple(layout.sizes), coordinates(layout)
    data: dict[str, Any] = {}
    for name, array in zip(layout.points.outputs, arrays, strict=False):
        data[f"{name}_result" if name in coords else name] = (dims, array, attributes(name))
    reason, texts = arrays[-1], layout.points.reasons
    data["valid"] = (dims, reason == 0, {"long_name": "a valid combination of valid values"})
    data["reason"] = (
        dims,
        reason,
        {
            "long_name": "why a point is not valid",
            "flag_values": np.arange(len(texts), dtype=np.int16),
            "flag_meanings": " ".join(t.replace(" ", "_") for t in texts),
            "meanings": json.dumps(texts),
        },
    )
    return xr.Dataset(data, coords=coords, attrs={**layout.attrs, "xarray_version": xr.__version__})


def coordinates(layout: Layout) -> dict[str, Any]:
    """Coordinates of a layout: each axis or table column, and the fixed design and node."""
    out: dict[str, Any] = {}
    for name, (dim, data) in layout.columns.items():
        if name in NAME_COLUMNS:
            labels = np.asarray([_label(v) for v in layout.points.names[name]])
            value: Any = labels[data]
        else:
            value = data
        if dim is not None:
            out[name] = ((dim,), value, attributes(name))
        elif name in ("design", "node"):
            out[name] = ((), value, attributes(name))
    return out


def _label(value: Any) -> str:
    return "" if value is None else str(getattr(value, "name", value))


def attributes(name: str) -> dict[str, str]:
    """``units`` and ``long_name`` of an output, option or dotted field, from the one table of fields."""
    if name in NAME_COLUMNS:
        return {"long_name": name.replace("_", " ")}
    field = describe(name)
    scope = name.rpartition(".")[0]
    return {"units": field.unit, "long_name": f"{field.long_name} ({scope})" if scope else field.long_name}


def reasons(ds: xr.Dataset) -> xr.DataArray:
    """Why points of a sweep are not valid, in words (empty where they are).

    Examples
    --------
    >>> ds = sweep("h100-sxm", "12nm", power_limit_w=[700, -5], outputs=["clock_ghz"])
    >>> reasons(ds).values.tolist()
    ['', 'power_limit_w must be greater than 0 and at most 100000 W']
    """
    texts = np.asarray(["", *json.loads(ds["reason"].attrs["meanings"])[1:]], object)
    found: xr.DataArray = ds["reason"].copy(data=texts[np.asarray(ds["reason"].data)])
    found.attrs = {"long_name": "why a point is not valid"}
    return found

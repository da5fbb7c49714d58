"""Layout of a sweep: from axes, ranges or a table to columns along named dimensions, checked before anything runs."""

from __future__ import annotations

import hashlib
import json
import math
import platform
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from estimator import __version__
from estimator.checks import MOST_SEED, check_whole, unpacked
from estimator.errors import InputError, shown, unknown_name
from estimator.model.batch import Points
from estimator.model.build import part_of
from estimator.model.options import KIND_OPTIONS, NAME_COLUMNS, NUMBER_OPTIONS, OPTIONS, SCOPES, check_options
from estimator.model.results import OUTPUT_STAGE
from estimator.parameters import library
from estimator.parameters.schema import Design, Entity, Node
from estimator.quantities import describe

SAMPLINGS = ("grid", "latin-hypercube", "sobol")
MOST_SAMPLES = 1 << 28
TILE = 1 << 19  # points of one task: some 100 MB at work with all outputs
POINT = "point"
TITLE = "Sweep of the chip-scaling estimator"


class Layout(NamedTuple):
    """A sweep ready to run: dimensions, and for each column its dimension (None: fixed) and its data."""

    points: Points
    sizes: dict[str, int]
    columns: dict[str, tuple[str | None, Any]]  # a name's data are indices into points.names
    outputs: tuple[str, ...]
    attrs: dict[str, str]

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each dimension."""
        return tuple(self.sizes.values())

    @property
    def total(self) -> int:
        """Number of points."""
        return math.prod(self.shape)

    def part(self, where: Mapping[str, slice]) -> Layout:
        """The sweep of a part of each dimension."""
        columns = {k: (d, v if d is None else v[where[d]]) for k, (d, v) in self.columns.items()}
        sizes = {d: len(range(n)[where[d]]) for d, n in self.sizes.items()}
        return self._replace(columns=columns, sizes=sizes)

    def tile_sizes(self, points: int = TILE) -> dict[str, int]:
        """Length of a tile along each dimension: whole inner dimensions, up to a number of points in all."""
        out, room = {}, max(points, 1)
        for name, size in reversed(self.sizes.items()):
            out[name] = max(1, min(size, room))
            room //= out[name]
        return dict(reversed(out.items()))

    def tiles(self, sizes: Mapping[str, int]) -> Iterator[dict[str, slice]]:
        """Every tile, in the order of the points."""
        counts = [-(-n // sizes[d]) for d, n in self.sizes.items()]
        for position in np.ndindex(*counts):
            yield {
                d: slice(i * sizes[d], min((i + 1) * sizes[d], n))
                for i, (d, n) in zip(position, self.sizes.items(), strict=True)
            }


def grid_layout(axes: Mapping[str, Any], outputs: Sequence[str] | None) -> Layout:
    """Layout of all combinations: a list or array is an axis, a single value stands for all points."""
    columns: dict[str, Any] = {}
    sizes: dict[str, int] = {}
    names: dict[str, list[Any]] = {}
    for name, value in axes.items():
        values, swept = _values(name, value)
        if name in NAME_COLUMNS:
            names[name] = values
            data: Any = np.arange(len(values)) if swept else 0
        else:
            data = np.asarray(values, float) if swept else float(values[0])
        if swept:
            sizes[name] = len(values)
        columns[name] = (name if swept else None, data)
    layout = _laid_out(names, columns, sizes, outputs, {k: _plain(v) for k, v in axes.items()})
    if layout.points.faults():
        raise layout.points.faults()[0]
    return layout


def sampled_layout(
    axes: Mapping[str, Any], outputs: Sequence[str] | None, *, sampling: str, samples: int, seed: int
) -> Layout:
    """Layout of a design of experiments: a pair (low, high) is a range, a list of names a choice among them."""
    from scipy.stats import qmc

    samples, seed = check_whole("samples", samples, 1, MOST_SAMPLES), check_whole("seed", seed, 0, MOST_SEED)
    columns: dict[str, Any] = {}
    names: dict[str, list[Any]] = {}
    varied: list[tuple[str, list[Any]]] = []
    for name, value in axes.items():
        values, swept = _values(name, value)
        if name in NAME_COLUMNS:
            names[name] = values
        elif swept and len(values) != 2:
            raise InputError(f"{name}: a design of experiments takes a range (low, high), not {len(values)} values")
        if swept:
            varied.append((name, values))
        else:
            columns[name] = (None, 0 if name in NAME_COLUMNS else float(values[0]))
    if not varied:
        raise InputError("a design of experiments needs at least one range or list of names")
    if sampling == "sobol":  # drawn in full powers of two, which keeps the sequence balanced, and cut
        unit = qmc.Sobol(d=len(varied), rng=seed).random(1 << (samples - 1).bit_length())[:samples]
    else:
        unit = qmc.LatinHypercube(d=len(varied), rng=seed).random(samples)
    for j, (name, values) in enumerate(varied):
        u = unit[:, j]
        if name in NAME_COLUMNS:
            data: Any = np.minimum((u * len(values)).astype(int), len(values) - 1)
        else:
            low, high = (float(v) for v in values)
            check_options({name: np.asarray([low, high])})
            if low > high:
                raise InputError(f"{name}: the range ({low:g}, {high:g}) is not in ascending order")
            whole = describe(name).integer
            data = np.minimum(low + np.floor(u * (high - low + 1)), high) if whole else low + u * (high - low)
        columns[name] = (POINT, data)
    call = {k: _plain(v) for k, v in axes.items()} | {"sampling": sampling, "samples": samples, "seed": seed}
    layout = _laid_out(names, {k: columns[k] for k in axes}, {POINT: samples}, outputs, call)
    if layout.points.faults():
        raise layout.points.faults()[0]
    return layout


def table_layout(table: Any, axes: Mapping[str, Any], outputs: Sequence[str] | None) -> Layout:
    """Layout of an explicit table: each row a point, its columns over the fixed values; a bad row is marked invalid."""
    import pandas as pd

    frame = read_table(table)
    if not len(frame):
        raise InputError("points: the table has no rows")
    columns: dict[str, Any] = {}
    names: dict[str, list[Any]] = {}
    for name, value in axes.items():
        if name in frame.columns:
            continue
        values, swept = _values(name, value)
        if swept:
            raise InputError(f"{name}: with points= the other options are single values")
        if name in NAME_COLUMNS:
            names[name] = values
        columns[name] = (None, 0 if name in NAME_COLUMNS else float(values[0]))
    for name in frame.columns:
        _check_name(name)
        column = frame[name]
        if name in NAME_COLUMNS:
            column = column.map(
                lambda v: v if isinstance(v, (str, Path, Entity)) or pd.api.types.is_scalar(v) else shown(v)
            )
            code, found = pd.factorize(column, use_na_sentinel=True)
            names[name] = [*found, None]
            columns[name] = (POINT, np.where(code < 0, len(found), code))
        else:
            plain = column.dtype.kind in "iuf" and isinstance(column.dtype, np.dtype)
            numbers = column.to_numpy(float) if plain else np.asarray([_read_number(v) for v in column], float)
            columns[name] = (POINT, numbers)
    call = {k: _plain(v) for k, v in axes.items()} | {"points": f"a table of {len(frame)} rows"}
    return _laid_out(names, columns, {POINT: len(frame)}, outputs, call)


def read_table(table: Any, *, argument: str = "points") -> Any:
    """A table: a DataFrame, a mapping of columns, or the path of a Parquet or CSV file; faults name the argument."""
    import pandas as pd

    if isinstance(table, (pd.DataFrame, Mapping)):
        try:
            frame = pd.DataFrame(table if isinstance(table, pd.DataFrame) else dict(table))
        except (ValueError, TypeError, OverflowError) as error:
            raise InputError(f"{argument}: {' '.join(str(error).split())[:200]}") from None
        return _named(frame, argument)
    if not isinstance(table, (str, Path)):
        raise InputError(f"{argument} must be a DataFrame, a mapping of columns, or the path of a Parquet or CSV file")
    path = Path(table)
    readers: dict[str, Any] = {".parquet": pd.read_parquet, ".csv": pd.read_csv}
    if path.suffix not in readers:
        raise InputError(f"{argument} = {shown(str(table))} must end in .parquet or .csv")
    try:
        return _named(readers[path.suffix](path), argument)
    except InputError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())[:200]
        raise InputError(f"{argument}: cannot read {path.name[:120]!r}: {reason}") from None


def _named(frame: Any, argument: str) -> Any:
    """A table whose columns are named by different texts."""
    frame = frame.set_axis(frame.columns.map(str), axis=1)
    if not frame.columns.is_unique:
        raise InputError(f"{argument}: column {frame.columns[frame.columns.duplicated()][0][:60]!r} occurs twice")
    return frame


def _read_number(value: Any) -> float:
    """A cell of a table as a number; NaN, which marks the row invalid, where it is none."""
    if isinstance(value, (bool, np.bool_)) or value is np.ma.masked:
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf
    except (TypeError, ValueError):
        return math.nan


def _check_name(name: str) -> None:
    scope, _, field = name.rpartition(".")
    if (scope and scope in SCOPES and field) or (not scope and name in ("design", "node", *OPTIONS)):
        return
    raise unknown_name("option", name, ("design", "node", *OPTIONS, *(f"{s}.<field>" for s in SCOPES)))


def _values(name: str, value: Any) -> tuple[list[Any], bool]:
    """Values of an axis and whether it is one; a number alone is checked here, on an axis it may poison its points."""
    _check_name(name)
    value = unpacked(value)
    many = isinstance(value, (list, tuple, range)) or (isinstance(value, np.ndarray) and value.ndim > 0)
    values = list(value) if many else [value]
    if many and any(
        isinstance(v, (list, tuple, range)) or np.ndim(v) for v in values if not isinstance(v, (str, dict, set))
    ):
        raise InputError(f"{name}: an axis must have one dimension")
    if not values:
        raise InputError(f"{name} = an empty list: an axis needs at least one value")
    if name not in NAME_COLUMNS:
        if not many:
            return [check_options({name: value})[name]], False
        if isinstance(value, np.ndarray) and value.dtype.kind in "iuf":
            return list(value.astype(float)), True
        if not all(
            v is None or (isinstance(v, (int, float, np.number)) and not isinstance(v, (bool, np.complexfloating)))
            for v in values
        ):
            raise InputError(f"{name} = {shown(value)} is not a number; it must be {describe(name).range_text}")
        return [_read_number(v) for v in values], True
    labels = [str(v) if isinstance(v, str) else v for v in values]
    seen = {v if isinstance(v, str) else id(v) for v in labels}
    if len(seen) < len(labels):
        raise InputError(f"{name}: a name occurs twice on the axis")
    return labels, many


def _laid_out(
    names: dict[str, list[Any]],
    columns: dict[str, Any],
    sizes: dict[str, int],
    outputs: Sequence[str] | None,
    call: dict[str, Any],
) -> Layout:
    numbers = [c for c in columns if c not in NAME_COLUMNS]
    if isinstance(outputs, str):
        outputs = (outputs,)
    if outputs is not None and not (isinstance(outputs, (list, tuple)) and all(isinstance(o, str) for o in outputs)):
        raise InputError(f"outputs = {shown(outputs)} must be a list of names")
    chosen = tuple(OUTPUT_STAGE) if outputs is None else tuple(dict.fromkeys(outputs))
    points = Points(names, numbers, tuple(dict.fromkeys((*chosen, "feasible"))))
    attrs = {
        "data_date": f"{float(library.constants()['data_date']):g}",
        "title": TITLE,
        "estimator_version": __version__,
        "python_version": platform.python_version(),
        "numpy_version": np.__version__,
        "call": json.dumps({**call, "outputs": None if outputs is None else list(outputs)}),
        "parameter_checksums": json.dumps(checksums(points)),
    }
    return Layout(points, sizes, columns, tuple(dict.fromkeys((*chosen, "feasible"))), attrs)


def checksums(points: Points) -> dict[str, str]:
    """SHA-256 of the parameters of every entity that a sweep uses, and of the model's constants."""
    used: dict[str, Entity] = {}

    def use(kind: str, thing: Any) -> None:
        if isinstance(thing, Entity):
            used[f"{kind}:{thing.name}"] = thing

    for key in points.names:
        for thing in points.loaded(key):
            use(key, thing)
            if isinstance(thing, Design):
                for die in thing.die_kinds:
                    use("node", library.load_node(die.node or thing.node))
                for kind in KIND_OPTIONS:
                    use(kind, part_of(thing, kind))
            if isinstance(thing, Node):  # what it may be packaged and fed with in place of the design's own
                for name in thing.packages_available:
                    use("package", library.load_named("package", name))
                for memory in library.memories():
                    use("memory", memory)
    sums = {k: _sum(v.model_dump(mode="python")) for k, v in sorted(used.items())}
    return {**sums, "model": _sum({k: v.to_dict() for k, v in library.constants().items()})}


def _sum(data: Any) -> str:
    text = json.dumps(data, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    """One argument of the call as JSON: an object by name and values, a long axis by its length."""
    if isinstance(value, Entity):
        return {"name": value.name, "values": value.values()}
    value = unpacked(value)
    if isinstance(value, np.ndarray) and not value.ndim:
        return _plain(value.item())
    if isinstance(value, (list, tuple, range, np.ndarray)):
        values = list(np.asarray(value)) if not isinstance(value, (list, tuple)) else list(value)
        return [_plain(v) for v in values] if len(values) <= 1000 else f"{len(values)} values, see the coordinate"
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, int) and abs(value) > 1 << 63:
        return _read_number(value)
    return value if value is None or isinstance(value, (str, int, float)) else shown(value)


__all__ = ["NUMBER_OPTIONS", "POINT", "SAMPLINGS", "TILE", "Layout", "grid_layout", "sampled_layout", "table_layout"]

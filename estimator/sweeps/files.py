"""Files of sweeps: zarr, Parquet, CSV, Excel and netCDF. They are written tile by tile and get their name only when complete."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from estimator.errors import EstimatorError, InputError, check_installed
from estimator.files import Workbook, as_text, whole
from estimator.sweeps.dataset import check_fits, compute, lazy, reasons
from estimator.sweeps.layout import TITLE, Layout

WRITERS = {
    ".zarr": ("dask", "zarr"),
    ".parquet": ("pandas", "pyarrow"),
    ".csv": ("pandas", "pyarrow"),
    ".xlsx": ("pandas", "pyarrow"),
    ".nc": ("netCDF4",),
}
"""Format of a result -> the libraries that write it."""
FORMATS = tuple(WRITERS)
_MEBIBYTE = 1 << 20
_FLIGHT = 3  # tiles a worker has at a time: enough to keep it busy, few enough to limit memory


class Written(NamedTuple):
    """How many points were written, how many of them are valid, and how many feasible."""

    points: int
    valid: int
    feasible: int


class ClusterLostError(EstimatorError):
    """The Dask cluster was lost while a sweep ran."""


LONGEST_NAME = 200  # most file systems allow 255 bytes, and a part of a result has a longer name than the result


def check_out(out: Path, *, force: bool) -> Path:
    """Check that a path can be written, before any work is done."""
    if out.suffix not in FORMATS:
        raise InputError(f"out = {out.name!r} must end in one of {', '.join(FORMATS)}")
    check_installed(f"a result in {out.suffix}", "sweep", *WRITERS[out.suffix])
    if not out.parent.is_dir():
        raise InputError(f"out: the folder {str(out.parent)!r} does not exist")
    if not os.access(out.parent, os.W_OK):
        raise InputError(f"out: the folder {str(out.parent)!r} is not writable")
    if len(os.fsencode(out.name)) > LONGEST_NAME:
        raise InputError(f"out: the name {out.name[:40] + '...'!r} is longer than {LONGEST_NAME} bytes")
    if out.exists() and not force:
        raise InputError(f"out: {out.name} exists; give --force (force=True) to replace it")
    if out.is_dir() and any(out.iterdir()) and not is_sweep(out):
        raise InputError(
            f"out: the folder {out.name} holds other things than a sweep, which would be lost: give another name"
        )
    return out


_PART_OF_ZARR = re.compile(r"\.z(group|array|attrs|metadata)|[0-9.]+")


def is_sweep(folder: Path) -> bool:
    """Whether a folder is a sweep in zarr, with nothing else in it."""
    try:
        attrs = json.loads((folder / ".zattrs").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    ours = isinstance(attrs, dict) and attrs.get("title") == TITLE
    return ours and all(_PART_OF_ZARR.fullmatch(p.name) for p in folder.rglob("*") if not p.is_dir())


def write_layout(
    layout: Layout,
    out: str | Path,
    *,
    client: Any = None,
    force: bool = False,
    resume: bool = False,
    progress: Callable[[int], Any] | None = None,
) -> Written:
    """Compute a layout tile by tile, here or on the workers of a Dask client, and write it to a file.

    Parameters
    ----------
    layout : Layout
        From `estimator.sweeps.dataset.lay_out`.
    out : str or path
        Ends in ``.zarr``, ``.parquet``, ``.csv``, ``.xlsx`` or ``.nc``. The workers write zarr chunks themselves, so they must see
        the same folder. For the other formats they send the results back, and this process writes them in order.
    client : distributed.Client, optional
        Compute on its workers; by default in this process.
    force : bool
        Replace an existing result.
    resume : bool
        For zarr: if the call ends early, what it wrote stays under a hidden name. The same call then goes on from there.
        A tile counts as done when it is complete.
    progress : callable, optional
        Called with the number of points that became ready.

    Raises
    ------
    EstimatorError
        If the file cannot be written or the cluster is lost. An earlier result is then unchanged.
    """
    path = check_out(Path(out), force=force)
    layout = (
        layout
        if layout.sizes
        else layout._replace(
            sizes={"point": 1}, columns={k: ("point", np.asarray([v])) for k, (_, v) in layout.columns.items()}
        )
    )
    if resume and path.suffix != ".zarr":
        raise InputError(f"resume needs a result in zarr: {path.name} is written in one piece")
    with _cluster_errors(client), whole(path, keep=_mark(layout) if resume else "") as temporary:
        writer = {".zarr": _write_zarr, ".nc": _write_netcdf}.get(path.suffix, _write_table)
        return writer(layout, temporary, client, progress or (lambda _: None))


def _write_zarr(layout: Layout, path: Path, client: Any, progress: Callable[[int], Any]) -> Written:
    sizes, tiles = layout.tile_sizes(), list(layout.tiles(layout.tile_sizes()))
    journal = path.with_name("tiles done")
    known = _done_tiles(journal)
    if not known:  # the store itself may be incomplete too
        lazy(layout, sizes).to_zarr(path, mode="w", compute=False, zarr_format=2)
    total = Written(0, 0, 0)
    left = [k for k in range(len(tiles)) if k not in known]
    results = _results(partial(_write_region, str(path)), ((layout.part(tiles[k]), tiles[k]) for k in left), client)
    with journal.open("a", encoding="utf-8") as file:
        for k, done in chain(known.items(), zip(left, results, strict=True)):
            if k not in known:
                file.write(json.dumps([k, *done]) + "\n")
                file.flush()
            total = Written(*(a + b for a, b in zip(total, done, strict=True)))
            progress(done.points)
    return total


def _done_tiles(journal: Path) -> dict[int, Written]:
    """Numbers of the tiles that an earlier run completed, with their counts; an incomplete last line is dropped."""
    lines = journal.read_text("utf-8").splitlines(keepends=True) if journal.exists() else []
    whole_lines = [line for line in lines if line.endswith("\n")]
    journal.write_text("".join(whole_lines), "utf-8")
    return {k: Written(*counts) for k, *counts in map(json.loads, whole_lines)}


def _mark(layout: Layout) -> str:
    """Eight digits that name a sweep: they depend on its call, the parameters and the version."""
    digest = hashlib.sha256(json.dumps([layout.attrs, layout.tile_sizes()]).encode())
    for name, (dim, data) in layout.columns.items():
        digest.update(f"{name} {dim}".encode() + np.ascontiguousarray(data).tobytes())
    return digest.hexdigest()[:8]


def _write_region(path: str, part: Layout, where: dict[str, slice]) -> Written:
    """Compute one tile and write it to its place in a zarr store (again, if a worker died halfway)."""
    ds = compute(part)
    ds.drop_vars(list(ds.coords)).to_zarr(path, region=where, zarr_format=2)
    return _count(ds)


def _count(ds: Any) -> Written:
    return Written(int(ds.valid.size), int(ds.valid.sum()), int(ds.feasible.sum()))


def _write_table(layout: Layout, path: Path, client: Any, progress: Callable[[int], Any]) -> Written:
    total: Written = Written(0, 0, 0)
    writer: Any = None
    parts = ((layout.part(w),) for w in layout.tiles(layout.tile_sizes()))
    try:
        for done, table in _results(_tile_table, parts, client):
            shown = table if path.suffix == ".parquet" else for_csv(table)
            if writer is None:
                writer = _table_writer(path, shown.schema)
            writer.write_table(shown)
            total = Written(*(a + b for a, b in zip(total, done, strict=True)))
            progress(done.points)
    finally:
        if writer is not None:
            writer.close()
    return total


def _table_writer(path: Path, schema: Any) -> Any:
    import pyarrow.csv
    import pyarrow.parquet

    if path.suffix == ".xlsx":
        return _Sheet(path, schema.names)
    kind = pyarrow.parquet.ParquetWriter if path.suffix == ".parquet" else pyarrow.csv.CSVWriter
    return kind(str(path), schema)


class _Sheet:
    """Writes pyarrow tables to an Excel file, as the writers of pyarrow do to theirs."""

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        self._book = Workbook(path)
        self._book.add(names)

    def write_table(self, table: Any) -> None:
        for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
            self._book.add(row)

    def close(self) -> None:
        self._book.close()


def _tile_table(part: Layout) -> tuple[Written, Any]:
    ds = compute(part)
    return _count(ds), to_table(ds)


def to_table(ds: Any) -> Any:
    """A sweep as a pyarrow Table: a row per point, coordinates first; its metadata holds units and provenance."""
    import pyarrow as pa

    columns: dict[str, Any] = {}
    names = [c for c in ds.coords if ds[c].dims or c in ("design", "node")]
    ordered = [*names, *(v for v in ds.data_vars if v != "reason")]
    for name in ordered:
        values = ds[name].broadcast_like(ds.valid).transpose(*ds.valid.dims).values.reshape(-1)
        if values.dtype.kind in "UO":
            found, code = np.unique(values, return_inverse=True)
            columns[name] = pa.DictionaryArray.from_arrays(
                pa.array(code.astype(np.int32)), pa.array(found.astype(object))
            )
        else:
            columns[name] = pa.array(values)
    texts = pa.array(["", *json.loads(ds.reason.attrs["meanings"])[1:]])
    columns["reason"] = pa.DictionaryArray.from_arrays(pa.array(ds.reason.values.reshape(-1).astype(np.int32)), texts)
    units = {n: ds[n].attrs.get("units", "") for n in ordered}
    meta = {**{k: str(v) for k, v in ds.attrs.items()}, "units": json.dumps(units)}
    return pa.table(columns).replace_schema_metadata(meta)


def for_csv(table: Any) -> Any:
    """A pyarrow Table with its texts written out, none of which a spreadsheet takes for a formula, and empty cells for NaN."""
    import pyarrow as pa
    import pyarrow.compute as pc

    def texts(column: Any) -> Any:
        parts = [pa.array([as_text(t) for t in c.dictionary.to_pylist()]).take(c.indices) for c in column.chunks]
        return pa.chunked_array(parts, pa.string())

    def shown(column: Any) -> Any:
        if pa.types.is_dictionary(column.type):
            return texts(column)
        if pa.types.is_floating(column.type):  # no number is an empty cell
            return pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
        return column

    columns = zip(table.column_names, table.columns, strict=True)
    return pa.table({as_text(n): shown(c) for n, c in columns})


def to_csv(ds: Any) -> bytes:
    """A sweep as CSV: a row per point, coordinates first, reasons in words."""
    import pyarrow.csv

    out = BytesIO()
    pyarrow.csv.write_csv(for_csv(to_table(ds)), out)
    return out.getvalue()


def to_frame(ds: Any) -> Any:
    """A sweep as a pandas DataFrame: a row per point, coordinates first, reasons in words."""
    return to_table(ds).to_pandas()


def save(ds: Any, out: str | Path, *, force: bool = False) -> None:
    """Save a computed sweep as zarr, Parquet, CSV, Excel or netCDF, whole or not at all."""
    path = check_out(Path(out), force=force)
    with whole(path) as temporary:
        if path.suffix == ".zarr":
            ds.to_zarr(temporary, zarr_format=2)
        elif path.suffix == ".nc":
            _to_netcdf(ds, temporary)
        elif path.suffix == ".csv":
            temporary.write_bytes(to_csv(ds))
        elif path.suffix == ".xlsx":
            table = for_csv(to_table(ds))
            sheet = _Sheet(temporary, table.column_names)
            sheet.write_table(table)
            sheet.close()
        else:
            import pyarrow.parquet

            pyarrow.parquet.write_table(to_table(ds), str(temporary))


def _write_netcdf(layout: Layout, path: Path, client: Any, progress: Callable[[int], Any]) -> Written:
    check_fits(layout)
    ds = compute(layout, progress) if client is None else lazy(layout).compute(scheduler=client)
    _to_netcdf(ds, path)
    if client is not None:
        progress(layout.total)
    return _count(ds)


def _to_netcdf(ds: Any, path: Path) -> None:
    try:
        ds.to_netcdf(path)
    except RuntimeError as error:  # the library keeps to itself what the system said: ask it again
        with path.open("ab") as file:
            for _ in range(0, ds.nbytes, _MEBIBYTE):
                file.write(bytes(_MEBIBYTE))
        raise OSError(str(error)) from None


def _results(work: Callable[..., Any], arguments: Any, client: Any) -> Iterator[Any]:
    """Results of one task per tile, in order, with a limited number of tasks at a time."""
    if client is None:
        for one in arguments:
            yield work(*one)
        return
    room = _FLIGHT * max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
    pending: deque[Any] = deque()
    for one in arguments:
        pending.append(client.submit(work, *one, pure=False))
        if len(pending) >= room:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()


@contextmanager
def _cluster_errors(client: Any) -> Iterator[None]:
    """Turn the errors of a lost cluster into one sentence."""
    if client is None:
        yield
        return
    from asyncio import CancelledError
    from concurrent.futures import CancelledError as FutureCancelledError

    from distributed import CancelledError as DaskCancelledError
    from distributed import KilledWorker
    from distributed.comm.core import CommClosedError

    lost = (CancelledError, FutureCancelledError, DaskCancelledError, KilledWorker, CommClosedError, TimeoutError)
    try:
        yield
    except EstimatorError as error:
        if isinstance(error.__context__, CommClosedError):
            raise ClusterLostError("the cluster was lost; nothing was written") from None
        raise
    except lost as error:
        raise ClusterLostError(f"the cluster was lost ({type(error).__name__}); nothing was written") from None


__all__ = [
    "FORMATS",
    "ClusterLostError",
    "Written",
    "for_csv",
    "reasons",
    "save",
    "to_csv",
    "to_frame",
    "to_table",
    "write_layout",
]

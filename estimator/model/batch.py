"""Points: evaluates many independent points, each with its own design, node, names and numbers, in cache-sized blocks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from estimator import arrays
from estimator.arrays import Array
from estimator.errors import EstimatorError, InputError
from estimator.model import chain
from estimator.model.build import DESIGN_SCOPES, check_option, make_case, scopes
from estimator.model.home import Case
from estimator.model.point_checks import COMBINATION, FAULTS, NAME_COLUMNS, check_columns, faults, in_range, published
from estimator.model.validity import Found, of_numbers, of_result
from estimator.parameters import library
from estimator.quantities import describe

BLOCK = 16_384  # points evaluated at once: what a step of the chain touches stays in a core's own cache
FLAGS = ("feasible", "fits_reticle")
CODES = ("limited_by",)


class Evaluated(NamedTuple):
    """Outputs of points, NaN where infeasible or invalid, and for each an index into `Points.reasons` (0: valid)."""

    values: dict[str, Any]
    reason: NDArray[np.int16]


class Gathered(Mapping[str, Any]):
    """The numbers of one scope for a block of points: taken from a table by index only when asked for, and kept."""

    def __init__(self, table: Mapping[str, Any], index: NDArray[np.intp] | int) -> None:
        self._table, self._index = table, index
        self._have: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name in self._have:
            return self._have[name]
        value = self._table[name]
        if isinstance(value, np.ndarray):
            value = float(value[self._index]) if isinstance(self._index, int) else value.take(self._index)
        self._have[name] = value
        return value

    def __contains__(self, name: object) -> bool:
        return name in self._have or name in self._table

    def __iter__(self) -> Iterator[str]:
        return iter({**self._table, **self._have})

    def __len__(self) -> int:
        return len(set(self._table) | set(self._have))

    def put(self, name: str, value: Any) -> None:
        """Override a number for this block."""
        self._have[name] = value


class _Group(NamedTuple):
    """Combinations of names which run through the chain in the same way, with their numbers as tables."""

    tables: dict[str, dict[str, Any] | None]
    io_is_node: bool


class Points:
    """Evaluator of points whose name columns take values of given lists and whose number columns are arrays.

    Parameters
    ----------
    names : mapping of str to sequence
        For each of `NAME_COLUMNS` in use, the values it takes (names, paths or objects; None: not set).
    numbers : sequence of str
        Numeric options and dotted fields that each point gives.
    outputs : sequence of str, optional
        Outputs to compute; all without.

    Attributes
    ----------
    reasons : tuple of str
        ``"valid"``, and every sentence why a point may not be.

    Examples
    --------
    >>> points = Points({"design": ["h100-sxm"], "node": ["12nm", "5nm"]}, ["power_limit_w"], ["clock_ghz"])
    >>> done = points.evaluate({"design": 0, "node": [0, 0, 1]}, {"power_limit_w": [700, -1, 700]})
    >>> [points.reasons[r] for r in done.reason]
    ['valid', 'power_limit_w must be greater than 0 and at most 100000 W', 'valid']
    """

    def __init__(
        self, names: Mapping[str, Sequence[Any]], numbers: Sequence[str] = (), outputs: Sequence[str] | None = None
    ) -> None:
        self.names = {k: list(v) for k, v in names.items()}
        self.numbers = tuple(numbers)
        self.outputs = tuple(chain.OUTPUT_STAGE) if outputs is None else tuple(outputs)
        check_columns(self.names, self.numbers, self.outputs)
        self._start()
        ranges = [f"{n} must be {describe(n).range_text}" for n in self.numbers]
        named = [str(v) for v in self._loaded.values() if isinstance(v, EstimatorError)]
        self.reasons = tuple(dict.fromkeys(("valid", *ranges, *FAULTS, *named)))

    def _start(self) -> None:
        self._dotted = any("." in n for n in self.numbers)
        self._own_point = any(n.startswith(DESIGN_SCOPES) for n in self.numbers)
        self._places: dict[tuple[int, ...], tuple[int, int] | str] = {}  # combination -> group and row, or its fault
        self._rows: list[list[dict[str, Any]]] = []
        self._signatures: dict[Any, int] = {}
        self._groups: dict[int, _Group] = {}
        self._loaded = {(k, i): _load(k, v) for k, values in self.names.items() for i, v in enumerate(values)}

    def __getstate__(self) -> dict[str, Any]:  # workers make their own tables: names travel, not numbers
        return {k: getattr(self, k) for k in ("names", "numbers", "outputs", "reasons")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._start()

    def faults(self) -> list[EstimatorError]:
        """Errors of the names that do not exist or cannot be loaded."""
        return [v for v in self._loaded.values() if isinstance(v, EstimatorError)]

    def loaded(self, key: str) -> list[Any]:
        """The objects of a name column."""
        return [v for (k, _), v in self._loaded.items() if k == key]

    def evaluate(self, index: Mapping[str, Any], numbers: Mapping[str, Any], *, block: int = BLOCK) -> Evaluated:
        """Evaluate points given as columns: an index into `names` for each name column, an array for each number.

        Scalars stand for all points. Points with a bad value or an impossible combination get NaN and a reason.
        """
        arrays.keep_freed()
        columns = {k: np.asarray(v) for k, v in index.items()} | {k: np.asarray(v, float) for k, v in numbers.items()}
        size = int(np.broadcast_shapes(*(c.shape for c in columns.values()), (1,))[0])
        values = _empty(self.outputs, size)
        reason = np.zeros(size, np.int16)
        for name in self.numbers:
            good = in_range(name, columns[name])
            if not good.all():
                self._mark(reason, ~good, f"{name} must be {describe(name).range_text}")
        group, row = self._assign(columns, size, reason)
        group[reason != 0] = -1
        for g in range(len(self._rows)):
            where = np.flatnonzero(group == g)
            for start in range(0, len(where), block):
                chosen: Any = slice(start, start + block) if len(where) == size else where[start : start + block]
                self._run(self._case(g, row[chosen], columns, chosen), chosen, values, reason)
        invalid = np.flatnonzero(reason)
        if len(invalid):
            for name, target in values.items():
                target[invalid] = False if name in FLAGS else -1 if name in CODES else np.nan
        return Evaluated(values, reason)

    def _mark(self, reason: NDArray[np.int16], where: Any, text: str) -> None:
        reason[(reason == 0) & where] = self.reasons.index(text if text in self.reasons else COMBINATION)

    def _refuse(self, found: Found, chosen: Any, reason: NDArray[np.int16]) -> Any:
        """Mark the points that contradict themselves; where they do."""
        bad: Any = False
        for fault, text in found:
            if np.any(fault):
                part = reason[chosen]
                self._mark(part, fault, text)
                reason[chosen] = part
                bad = bad | fault
        return bad

    def _run(self, case: Case, chosen: Any, values: dict[str, Any], reason: NDArray[np.int16]) -> None:
        bad = np.zeros(len(reason[chosen]), bool)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            bad |= self._refuse(faults(case, dotted=self._dotted, own_point=self._own_point), chosen, reason)
            if bad.all():
                return
            q = chain.run(case, ("feasible", *self.outputs))
            self._refuse(of_result(q), chosen, reason)
        hidden = np.flatnonzero(~np.broadcast_to(q["feasible"], bad.shape))
        hidden = hidden + chosen.start if isinstance(chosen, slice) else chosen.take(hidden)
        for name, target in values.items():
            target[chosen] = q[name]
            if len(hidden) and name not in FLAGS and name not in CODES:
                target[hidden] = np.nan

    def _case(self, g: int, row: NDArray[np.intp], columns: Mapping[str, Any], chosen: Any) -> Case:
        group = self._group(g)
        first = int(row[0])
        index: Any = first if bool((row == first).all()) else row
        parts: dict[str, Any] = {k: None if t is None else Gathered(t, index) for k, t in group.tables.items()}
        if group.io_is_node:
            parts["io_node"] = parts["node"]
        for name in self.numbers:
            if name != "memory_stacks":  # that is part of the combination
                column = columns[name]
                scope, _, field = name.rpartition(".")
                parts[scope or "plan"].put(field, float(column) if column.ndim == 0 else _narrow(column[chosen]))
        return Case(**parts)

    def _assign(
        self, columns: Mapping[str, Any], size: int, reason: NDArray[np.int16]
    ) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
        """Group and row of each point's combination of names (and of memory stacks, a small whole number)."""
        keys = [k for k in NAME_COLUMNS if k in self.names]
        lists = [columns[k] for k in keys]
        sizes = [len(self.names[k]) for k in keys]
        if "memory_stacks" in self.numbers:
            stacks = columns["memory_stacks"]
            lists.append(np.where(in_range("memory_stacks", stacks), stacks, 0).astype(np.int64))
            sizes.append(257)
        code: Any = np.zeros((), np.int64)
        for column, length in zip(lists, sizes, strict=True):
            code = code * length + column
        found, position = _distinct(np.broadcast_to(code, (size,)), math.prod(sizes))
        places = []
        for k, number in enumerate(found):
            place = self._place(tuple(int(i) for i in np.unravel_index(number, sizes)), keys)
            if isinstance(place, str):
                self._mark(reason, position == k, place)
                place = (-1, 0)
            places.append(place)
        table = np.asarray(places)
        return table[:, 0].astype(np.int32).take(position), table[:, 1].astype(np.intp).take(position)

    def _place(self, combo: tuple[int, ...], keys: list[str]) -> tuple[int, int] | str:
        if combo not in self._places:
            try:
                self._places[combo] = self._add(combo, keys)
            except EstimatorError as error:
                self._places[combo] = str(error)
        return self._places[combo]

    def _add(self, combo: tuple[int, ...], keys: list[str]) -> tuple[int, int]:
        """Build the numbers of one combination, and file it with those of the same kind."""
        given = {k: self._loaded[k, i] for k, i in zip(keys, combo, strict=False)}
        for value in given.values():
            if isinstance(value, EstimatorError):
                raise value
        given = {k: v for k, v in given.items() if v is not None}
        design, node = given.pop("design"), given.pop("node")
        options = {**given, **dict.fromkeys(self.numbers, 1.0)}
        if "memory_stacks" in self.numbers:
            options["memory_stacks"] = float(combo[-1])
        scope = scopes(design, node, options)
        case = own = make_case(scope)
        if self._dotted:
            own = make_case(scopes(design, node, {k: v for k, v in options.items() if "." not in k}))
        wrong = [] if self._dotted else of_numbers(own)
        for fault, text in wrong if self._own_point else [*wrong, *published(own)]:
            if np.any(fault):
                raise InputError(text)
        shared = case.io_node is case.node
        signature = (
            tuple(case.design),
            tuple(case.plan),
            case.plan["yield_model"],
            case.plan["realisation"] == 1.0,
            case.design["stacked"],
            case.io_node is None,
            shared,
        )
        g = self._signatures.setdefault(signature, len(self._rows))
        if g == len(self._rows):
            self._rows.append([])
        rows = self._rows[g]
        last = rows[-1] if rows else {}  # most scopes are those of the row before: one object, as there are many rows
        row = {**case._asdict(), "_shared": shared}
        rows.append({k: last[k] if k in last and last[k] == v else v for k, v in row.items()})
        self._groups.pop(g, None)
        return g, len(rows) - 1

    def _group(self, g: int) -> _Group:
        if g not in self._groups:
            rows = self._rows[g]
            parts = {scope: [r[scope] for r in rows] for scope in Case._fields}
            tables = {scope: None if p[0] is None else _table(p) for scope, p in parts.items()}
            self._groups[g] = _Group(tables, rows[0]["_shared"])
        return self._groups[g]


def _table(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Rows of numbers as one column each; a plain value where all rows agree."""
    out: dict[str, Any] = {}
    for name, first in rows[0].items():
        if all(name in r for r in rows):
            column = [r[name] for r in rows]
            same = all(v == first for v in column)
            out[name] = np.asarray(column, float) if not same else first if isinstance(first, str) else float(first)
    return out


def _narrow(column: Array) -> Any:
    """A block's column as a float where all its values are the same: most blocks of a grid vary along few axes."""
    first = column[0]
    return float(first) if column[-1] == first and bool((column == first).all()) else column


def _load(key: str, value: Any) -> Any:
    """A name's object, or the error which says why there is none; an unset option stays None."""
    try:
        if key in ("design", "node"):
            return library.load(key, value)
        return None if value is None else check_option(key, value)
    except EstimatorError as error:
        return error


def _distinct(code: NDArray[np.int64], bound: int) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Distinct codes in 0..bound, and the position of each point's own among them."""
    if bool((code == code[0]).all()):
        return code[:1], np.zeros(code.shape, np.intp)
    if bound > 1_000_000:
        return np.unique(code, return_inverse=True)
    found = np.flatnonzero(np.bincount(code, minlength=bound))
    position = np.zeros(bound, np.intp)
    position[found] = np.arange(len(found))
    return found, position.take(code)


def _empty(outputs: Sequence[str], size: int) -> dict[str, Any]:
    kinds = {**dict.fromkeys(FLAGS, bool), **dict.fromkeys(CODES, np.int8)}
    return {n: np.empty(size, kinds.get(n, float)) for n in outputs}

"""Many points at once: each with its own design, process, names and numbers, through the same build and chain, in blocks."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from estimator import arrays
from estimator.arrays import Array, Flags, Num, Numbers
from estimator.errors import EstimatorError, InputError, unknown_name
from estimator.model import chain, validity
from estimator.model.build import Build, Template, assemble, places, resolve, template
from estimator.model.home import take_apart
from estimator.model.inputs import Inputs, View, make_plan, plain_numbers
from estimator.model.options import (
    DESIGN_SCOPES,
    NAME_COLUMNS,
    NUMBER_OPTIONS,
    SCOPES,
    Options,
    check_option,
    check_options,
)
from estimator.model.plan import DISTANCES, Choices, plan_numbers
from estimator.model.prices import Dated, asked_date, price_of
from estimator.model.results import CODES, FLAGS, OUTPUT_STAGE
from estimator.model.validity import COMBINATION, TEXTS, Rules, in_range
from estimator.parameters import library
from estimator.parameters.schema import Design, Entity, Node
from estimator.quantities import describe

BLOCK = 16_384  # points evaluated at once: what a step of the chain touches stays in a core's own cache


Columns = dict[str, NDArray[Any]]  # floats, flags or codes, one a point
Chosen = slice | NDArray[np.intp]  # points of a block


class Outcome(NamedTuple):
    """Outputs of points, NaN where infeasible or invalid, and for each an index into `Points.reasons` (0: valid)."""

    values: Columns
    reason: NDArray[np.int16]


class _Taker:
    """Takes the values of a block's points from columns of a table; a plain number stands for all rows."""

    def __init__(self, index: NDArray[np.intp] | int) -> None:
        self.index = index

    def __call__(self, value: Num) -> Num:
        if not isinstance(value, np.ndarray):
            return value
        return float(value[self.index]) if isinstance(self.index, int) else value.take(self.index)


class _Group:
    """Combinations of names which run through the chain in the same way: their numbers as tables, a row each."""

    def __init__(self, made: Template, names: Sequence[str]) -> None:
        self.choices = made.choices
        self.tensor_unit = made.tensor_unit
        self.places: dict[str, list[tuple[str, str]]] = {}
        for name, owner, field in places(names, made):
            self.places.setdefault(name, []).append((owner, field))
        self.rows: list[dict[str, Numbers]] = []
        self.distances: list[int] = []
        self.prices: list[Mapping[str, Dated]] = []
        self._tables: dict[str, Numbers] | None = None

    def add(self, made: Template) -> int:
        """File a combination; its row."""
        last = self.rows[-1] if self.rows else {}  # most owners are those of the row before: one object for many rows
        row = {owner: plain_numbers(own) for owner, own in made.numbers.items()}
        self.rows.append({k: last[k] if last.get(k) == v else v for k, v in row.items()})
        self.distances.append(DISTANCES.index(made.choices.distance))
        self.prices.append(made.prices)
        self._tables = None
        return len(self.rows) - 1

    def inputs(self, row: NDArray[np.intp], numbers: Mapping[str, Num]) -> Inputs:
        """What the chain reads for points of these rows, with their numbers."""
        if self._tables is None:
            self._tables = {owner: _table([r[owner] for r in self.rows]) for owner in self.rows[0]}
        first = int(row[0])
        one = bool((row == first).all())
        take = _Taker(first if one else row)
        views = {owner: View(table, take) for owner, table in self._tables.items()}
        date = asked_date(numbers)
        for owner, view in views.items() if date is not None else ():
            price = price_of(owner)
            if price is not None:
                view.put(price, self._price(owner, price, row, date))
        given: Numbers = {}
        for name, value in numbers.items():
            for owner, field in self.places.get(name, ()):
                views[owner].put(field, value)
            if name not in self.places or name.startswith("memory."):  # of which the plan's own memory takes its share
                given[name] = value
        distances = np.asarray(self.distances)
        if one or bool((distances == distances[0]).all()):
            choices, each = dataclasses.replace(self.choices, distance=DISTANCES[self.distances[first]]), None
        else:
            choices, each = dataclasses.replace(self.choices, distance=""), distances.take(row)
        owners: Any = {k: views[k] for k in ("design", "die", "home", "home_memory", "memory", "model")}
        plan = plan_numbers(choices, given, tensor_unit=self.tensor_unit, distances=each, **owners)
        return assemble(views, make_plan(choices.yield_model, plan), choices)

    def _price(self, owner: str, name: str, row: NDArray[np.intp], date: Num | None) -> Num:
        """What an owner's price is for points of these rows, each at its date."""
        price: Num = 0.0
        for r in np.unique(row).tolist():
            known = self.prices[r].get(owner)
            then = self.rows[r][owner][name] if known is None or date is None else known.at(date)
            price = then if bool((row == row[0]).all()) else np.where(row == r, then, price)
        return price if np.ndim(price) else float(price)


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
        self, names: Mapping[str, Sequence[object]], numbers: Sequence[str] = (), outputs: Sequence[str] | None = None
    ) -> None:
        self.names = {k: list(v) for k, v in names.items()}
        self.numbers = tuple(numbers)
        self.outputs = tuple(OUTPUT_STAGE) if outputs is None else tuple(outputs)
        check_columns(self.names, self.numbers, self.outputs)
        self._start()
        ranges = [f"{n} must be {describe(n).range_text}" for n in self.numbers]
        named = [str(v) for v in self._loaded.values() if isinstance(v, EstimatorError)]
        self.reasons = tuple(dict.fromkeys(("valid", *ranges, *TEXTS, *named)))

    def _start(self) -> None:
        self._dotted = any("." in n for n in self.numbers)
        self._own_point = any(n.startswith(DESIGN_SCOPES) for n in self.numbers)
        self._places: dict[tuple[int, ...], tuple[int, int] | str] = {}  # combination -> group and row, or its fault
        self._signatures: dict[object, int] = {}
        self._groups: list[_Group] = []
        self._loaded = {(k, i): _load(k, v) for k, values in self.names.items() for i, v in enumerate(values)}

    def __getstate__(self) -> dict[str, object]:  # workers make their own tables: names travel, not numbers
        return {k: getattr(self, k) for k in ("names", "numbers", "outputs", "reasons")}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._start()

    def faults(self) -> list[EstimatorError]:
        """Errors of the names that do not exist or cannot be loaded."""
        return [v for v in self._loaded.values() if isinstance(v, EstimatorError)]

    def loaded(self, key: str) -> list[object]:
        """The objects of a name column."""
        return [v for (k, _), v in self._loaded.items() if k == key]

    def evaluate(
        self, index: Mapping[str, ArrayLike], numbers: Mapping[str, ArrayLike], *, block: int = BLOCK
    ) -> Outcome:
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
        for g, made in enumerate(self._groups):
            where = np.flatnonzero(group == g)
            for start in range(0, len(where), block):
                chosen: Chosen = slice(start, start + block) if len(where) == size else where[start : start + block]
                given = {n: _of_block(columns[n], chosen) for n in self.numbers}
                self._run(made.inputs(row[chosen], given), chosen, values, reason)
        invalid = np.flatnonzero(reason)
        if len(invalid):
            for name, target in values.items():
                target[invalid] = False if name in FLAGS else -1 if name in CODES else np.nan
        return Outcome(values, reason)

    def _mark(self, reason: NDArray[np.int16], where: Flags, text: str) -> None:
        reason[(reason == 0) & where] = self.reasons.index(text if text in self.reasons else COMBINATION)

    def _refuse(self, rules: Rules, chosen: Chosen, reason: NDArray[np.int16]) -> Flags:
        """Mark the points that break a rule; where they do."""
        bad: Flags = False
        for rule in rules:
            if np.any(rule.broken):
                part = reason[chosen]
                self._mark(part, rule.broken, rule.text)
                reason[chosen] = part
                bad = bad | rule.broken
        return bad

    def _rules(self, x: Inputs) -> Rules:
        """What each point must hold to beyond the ranges of its numbers; rules on names alone were held per combination."""
        out = validity.of_memory(x) + (validity.of_numbers(x) if self._dotted else []) + validity.of_plan(x)
        if self._own_point:
            home = take_apart(x)
            out += validity.of_published(x, home) + validity.of_timing(home)
        return out

    def _run(self, x: Inputs, chosen: Chosen, values: Columns, reason: NDArray[np.int16]) -> None:
        bad = np.zeros(len(reason[chosen]), bool)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            bad |= self._refuse(self._rules(x), chosen, reason)
            if bad.all():
                return
            result = chain.run(x, ("feasible", *self.outputs))
            self._refuse(validity.of_result(result), chosen, reason)
        hidden = np.flatnonzero(~np.broadcast_to(result.operation.feasible, bad.shape))
        hidden = hidden + chosen.start if isinstance(chosen, slice) else chosen.take(hidden)
        for name, target in values.items():
            target[chosen] = result[name]
            if len(hidden) and name not in FLAGS and name not in CODES:
                target[hidden] = np.nan

    def _assign(
        self, columns: Mapping[str, NDArray[Any]], size: int, reason: NDArray[np.int16]
    ) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
        """Group and row of each point's combination of names."""
        keys = [k for k in NAME_COLUMNS if k in self.names]
        sizes = [len(self.names[k]) for k in keys]
        code: NDArray[np.int64] = np.zeros((), np.int64)
        for key, length in zip(keys, sizes, strict=True):
            code = code * length + columns[key]
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
        """Take up one combination: hold what its names alone decide to the rules, and file it with those of the same kind."""
        given = {k: self._loaded[k, i] for k, i in zip(keys, combo, strict=True)}
        for value in given.values():
            if isinstance(value, EstimatorError):
                raise value
        design, node = given.pop("design"), given.pop("node")
        if not isinstance(design, Design) or not isinstance(node, Node):
            raise InputError("every point needs a design and a node")
        named: Options = {k: v for k, v in given.items() if isinstance(v, str | Entity)}
        made = template(design, node, named, numbers=self.numbers)
        if not (self._dotted and self._own_point):
            for rule in self._rules_of_names(resolve(design, node, named)):
                if np.any(rule.broken):
                    raise InputError(rule.text)
        signature = (
            self._alike(made.choices),
            *(tuple(made.numbers[o]) for o in ("design", *(k.owners[0] for k in made.choices.kinds))),
            tuple(made.numbers),
            tuple(places(self.numbers, made)),
        )
        g = self._signatures.setdefault(signature, len(self._groups))
        if g == len(self._groups):
            self._groups.append(_Group(made, self.numbers))
        return g, self._groups[g].add(made)

    def _rules_of_names(self, build: Build) -> Rules:
        x = build.inputs
        out = [] if self._dotted else validity.of_numbers(x)
        if not self._own_point:
            home = take_apart(x)
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                out = out + validity.of_published(x, home) + validity.of_timing(home)
        return out

    def _alike(self, choices: Choices) -> Choices:
        """Choices apart from those in which the points of a group may differ."""
        return dataclasses.replace(choices, distance="")


def check_columns(names: Mapping[str, object], numbers: Sequence[str], outputs: Sequence[str]) -> None:
    """Refuse unknown outputs and columns, missing ones, and options that exclude each other."""
    for output in outputs:
        if output not in OUTPUT_STAGE:
            raise unknown_name("output", output, OUTPUT_STAGE)
    for name in ("design", "node"):
        if name not in names:
            raise InputError(f"every point needs a {name}")
    for name in names:
        if name not in NAME_COLUMNS:
            raise unknown_name("option", name, (*NAME_COLUMNS, *NUMBER_OPTIONS, *(f"{s}.<field>" for s in SCOPES)))
    check_options({n: max(1.0, describe(n).low) if describe(n).high > 1 else describe(n).high for n in numbers})


def _table(rows: list[Numbers]) -> Numbers:
    """Rows of numbers as one column each; a plain value where all rows agree."""
    out: Numbers = {}
    for name, first in rows[0].items():
        if all(name in r for r in rows):
            column = [r[name] for r in rows]
            same = all(v == first for v in column)
            out[name] = np.asarray(column, float) if not same else first
    return out


def _of_block(column: Array, chosen: Chosen) -> Num:
    """A block's part of a column, as a float where all its values are the same: most blocks vary along few axes."""
    if column.ndim == 0:
        return float(column)
    part = column[chosen]
    first = part[0]
    return float(first) if part[-1] == first and bool((part == first).all()) else part


def _load(key: str, value: object) -> object:
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


def _empty(outputs: Sequence[str], size: int) -> Columns:
    kinds = {**dict.fromkeys(FLAGS, bool), **dict.fromkeys(CODES, np.int8)}
    return {n: np.empty(size, kinds.get(n, float)) for n in outputs}

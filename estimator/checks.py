"""Checks at the door: the numbers of a public call are held to their ranges once, at the outermost call."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from estimator.errors import InputError, shown, unknown_name
from estimator.quantities import ARGUMENTS, UNDEFINABLE, UNLIMITED, Field

P = ParamSpec("P")
R = TypeVar("R")
FLAG, FLAGS = "flag", "flags"
MOST_SEED, MOST_SAMPLES = 2**63 - 1, 1 << 20
_inside: ContextVar[bool] = ContextVar("inside a checked call", default=False)


@contextmanager
def trusted() -> Iterator[None]:
    """Calls of formulas in this block are not checked: their numbers were, or are on the way to a checked result."""
    token = _inside.set(True)
    try:
        yield
    finally:
        _inside.reset(token)


def checked(
    also: Callable[[Mapping[str, Any]], None] | None = None, /, **rows: str | None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Hold every number of a function to its range when it is called from outside; calls from within are trusted.

    Parameters
    ----------
    also : callable, optional
        Looks at all arguments together, and raises the sentence where they contradict each other.
    **rows
        Argument -> its row in `estimator.quantities.ARGUMENTS`, where that has another name; ``"flag"`` for true or
        false, ``"flags"`` if also in an array; None for an argument that the function checks itself (a name, an object).
        An argument whose default is None may be None, and ``est`` must be an estimate.
    """

    def enter(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)
        named = {
            n: rows.get(n, n) for n, p in signature.parameters.items() if n != "est" and p.kind is not p.VAR_KEYWORD
        }
        fields = {n: row if row in (FLAG, FLAGS) else ARGUMENTS[row] for n, row in named.items() if row is not None}
        optional = {n for n, p in signature.parameters.items() if p.default is None}

        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            if _inside.get():
                return function(*args, **kwargs)
            bound = signature.bind(*args, **kwargs)
            given = bound.arguments
            shapes = {"est": check_estimate(given["est"])} if "est" in given else {}
            given.update(
                {
                    n: _checked(n, given[n], field)
                    for n, field in fields.items()
                    if n in given and not (given[n] is None and n in optional)
                }
            )
            check_shapes(shapes | {n: np.shape(given[n]) for n in fields if n in given})
            with trusted():
                if also is not None:
                    bound.apply_defaults()
                    also(bound.arguments)
                return function(*bound.args, **bound.kwargs)

        call.ranges = fields  # type: ignore[attr-defined]
        call.__doc__ = f"{inspect.cleandoc(function.__doc__ or '')}\n\n{_ranges_text(fields, signature)}"
        return call

    return enter


def _ranges_text(fields: Mapping[str, Field | str], signature: inspect.Signature) -> str:
    """The section ``Ranges`` of a docstring: what each argument may be, and what comes of arrays and of other values."""
    lines = [
        f"{n} : {'true or false' if isinstance(f, str) else f.range_text}{_or_infinite(f)}" for n, f in fields.items()
    ]
    out = ["Ranges", "------", *lines]
    if "Array" in str(signature.return_annotation):
        out += [
            "",
            "Arrays broadcast together and give the result their shape; single numbers give an array of no dimension.",
        ]
    if lines:
        out += ["", "Other values raise `InputError`, which names the argument, the value and its range."]
    return "\n".join(out) if lines else ""


def _or_infinite(field: Field | str) -> str:
    return " or infinite" if not isinstance(field, str) and field.name in UNLIMITED else ""


def _checked(name: str, value: Any, field: Field | str) -> Any:
    """One argument, found to be usable: a flag as it is, a number as float or array of floats."""
    if isinstance(field, str):
        check_flag(name, value, array=field == FLAGS)
        return value
    array = check_numbers(name, value, field)
    return array if array.ndim else float(array)


def check_numbers(name: str, value: Any, field: Field) -> NDArray[np.float64]:
    """A number or array of numbers as floats, if all are finite and in the field's range; else the sentence."""
    array = _as_array(value)
    if array is None or array.dtype.kind not in "iuf" or array.size == 0:
        what = "an empty array" if array is not None and array.size == 0 else shown(value)
        raise InputError(f"{name} = {what} is not a number; it must be {field.range_text}")
    array = array.astype(float)
    good = np.asarray(array > field.low if field.low_open else array >= field.low)
    good &= (array <= field.high) & (np.isfinite(array) | (field.name in UNLIMITED))
    good |= np.isnan(array) & (field.name in UNDEFINABLE)
    if field.integer:
        good &= array == np.rint(array)
    if not good.all():
        bad = array[~good].flat[0] if array.ndim else float(array)
        raise InputError(f"{name} = {bad:g} is out of range: it must be {field.range_text}")
    return array


def _as_array(value: Any) -> NDArray[Any] | None:
    """A value as an array, None where it is none; a whole number beyond any float is infinite, a masked one undefined."""
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return np.asarray(float(value))
        except OverflowError:
            return np.asarray(math.inf if value > 0 else -math.inf)
    try:
        return np.ma.filled(np.ma.asarray(value, float), np.nan) if np.ma.is_masked(value) else np.asarray(value)
    except (ValueError, TypeError, OverflowError, RecursionError, MemoryError):
        return None


def check_flag(name: str, value: Any, *, array: bool = False) -> None:
    """Refuse what is neither true nor false (nor, if so said, an array of these)."""
    found = _as_array(value)
    if found is None or found.dtype != bool or found.size == 0 or (found.ndim and not array):
        raise InputError(f"{name} = {shown(value)} must be true or false")


def check_choice(kind: str, value: Any, known: Collection[str]) -> None:
    """Refuse a name that is not one of the known ones."""
    if not isinstance(value, str) or value not in known:
        raise unknown_name(kind, value, known)


def check_scalars(given: Mapping[str, Any]) -> None:
    """Refuse arrays, where a function takes one value of each."""
    for name, value in given.items():
        if np.ndim(value):
            raise InputError(f"{name} = {shown(value)} must be a single number")


def check_shapes(shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Refuse arrays that do not broadcast together."""
    try:
        np.broadcast_shapes(*shapes.values())
    except ValueError:
        many = ", ".join(f"{n} {s}" for n, s in shapes.items() if s)
        raise InputError(f"these arrays do not broadcast together: {many[:300]}") from None


def check_whole(name: str, value: Any, low: int, high: int) -> int:
    """A whole number in a range (a seed, a count); else the sentence."""
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or not low <= value <= high:
        raise InputError(f"{name} = {shown(value)} is out of range: it must be an integer from {low} to {high}")
    return int(value)


def check_estimate(value: Any) -> tuple[int, ...]:
    """Shape of an estimate's outputs; what is none is refused."""
    if not (hasattr(value, "clone") and hasattr(value, "reference") and hasattr(value, "design")):
        raise InputError(f"est = {shown(value)} must be an Estimate, as estimator.estimate gives it")
    return np.shape(value.clone["die_area_mm2"])

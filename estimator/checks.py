"""Checks at the door: a function declares the range of each argument, and offers a version that holds numbers to them.

A formula is a plain function, and stays one inside this package: its numbers were checked, or are on the way to a checked
result. `formula` declares its ranges and adds ``function.checked``, which is what the package exports. `checked` is for
functions that people call directly: the name itself is the checked version, and ``function.plain`` is the other one.
"""

from __future__ import annotations

import functools
import inspect
import math
import sys
from array import array as TypedArray
from collections.abc import Callable, Collection, Mapping
from typing import Any, ParamSpec, Protocol, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from estimator.errors import InputError, shown, unknown_name
from estimator.quantities import ARGUMENTS, UNLIMITED, Field

P = ParamSpec("P")
R = TypeVar("R")
FLAG, FLAGS = "flag", "flags"
MOST_SEED, MOST_SAMPLES = 2**63 - 1, 1 << 20
Arguments = Mapping[str, Any]
"""Arguments of a call by name."""
Also = Callable[[Arguments], None]


class Declared(Protocol[P, R]):
    """A function whose arguments have ranges: ``plain`` checks none of them, ``checked`` all of them."""

    __qualname__: str
    ranges: Mapping[str, Field | str]

    @property
    def plain(self) -> Declared[P, R]:
        """The version that checks nothing."""

    @property
    def checked(self) -> Declared[P, R]:
        """The version that holds every number to its range first."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the version that has the name in the module."""


def formula(also: Also | None = None, /, **rows: str | None) -> Callable[[Callable[P, R]], Declared[P, R]]:
    """Declare the ranges of a function's arguments; the function itself stays as it is.

    Parameters
    ----------
    also : callable, optional
        Looks at all arguments of a checked call together, and raises the sentence where they contradict each other.
    **rows
        Argument -> its row in `estimator.quantities.ARGUMENTS`, where that has another name; ``"flag"`` for true or
        false, ``"flags"`` if also in an array; None for an argument that the function checks itself (a name, an object).
        An argument whose default is None may be None, and ``est`` must be an estimate.

    Returns
    -------
    callable
        Decorator. It adds to the function ``ranges``, ``checked`` (the version that checks), ``plain`` (itself) and a
        section Ranges of its docstring.

    Raises
    ------
    TypeError
        When the module is imported, if an argument has no row in the table, or a row is given for no argument.

    Examples
    --------
    >>> @formula(wire_ns="delay_ns")
    ... def twice(*, wire_ns: float) -> float:
    ...     return 2 * wire_ns
    >>> twice(wire_ns=-1.0)
    -2.0
    >>> twice.checked(wire_ns=-1.0)
    Traceback (most recent call last):
    estimator.errors.InputError: wire_ns = -1 is out of range: it must be from 0 to 1e+06 ns
    """

    def declare(function: Callable[P, R]) -> Declared[P, R]:
        declared = _declare(function, also, rows)
        declared.checked.__qualname__ += ".checked"  # where pickle finds it again
        return declared.plain

    return declare


def checked(also: Also | None = None, /, **rows: str | None) -> Callable[[Callable[P, R]], Declared[P, R]]:
    """Declare ranges as `formula` does, for a function that people call: its name is the checked version.

    Calls inside this package go to ``function.plain``.
    """

    def declare(function: Callable[P, R]) -> Declared[P, R]:
        declared = _declare(function, also, rows)
        declared.plain.__qualname__ += ".plain"
        return declared.checked

    return declare


def _declare(function: Callable[P, R], also: Also | None, rows: Mapping[str, str | None]) -> Declared[P, R]:
    """A function with its ranges and both versions; also on each of these."""
    signature = inspect.signature(function)
    fields = _fields(function, signature, rows)
    optional = {n for n, p in signature.parameters.items() if p.default is None}

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
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
        if also is not None:
            bound.apply_defaults()
            also(bound.arguments)
        return function(*bound.args, **bound.kwargs)

    text = inspect.cleandoc(function.__doc__ or "")
    for version in (function, call):
        version.__doc__ = f"{text}\n\n{_ranges_text(fields, signature, function if version is function else None)}"
        vars(version).update(ranges=fields, plain=function, checked=call)
    return cast(Declared[P, R], call)


def _fields(
    function: Callable[..., Any], signature: inspect.Signature, rows: Mapping[str, str | None]
) -> dict[str, Field | str]:
    """Argument -> its range, or that it is a flag; every argument must be declared."""
    where = f"{function.__module__}.{function.__qualname__}"
    takes = [n for n, p in signature.parameters.items() if n != "est" and p.kind is not p.VAR_KEYWORD]
    for name in rows:
        if name not in takes:
            raise TypeError(f"{where} has no argument {name!r}, for which a range is declared")
    fields: dict[str, Field | str] = {}
    for name in takes:
        row = rows.get(name, name)
        if row in (FLAG, FLAGS):
            fields[name] = str(row)
        elif row is not None:
            if row not in ARGUMENTS:
                raise TypeError(
                    f"{where}: argument {name!r} is not declared: estimator.quantities has no row {row!r}; add one, or "
                    f"name another where the function is defined"
                )
            fields[name] = ARGUMENTS[row]
    return fields


def _ranges_text(
    fields: Mapping[str, Field | str], signature: inspect.Signature, plain: Callable[..., Any] | None
) -> str:
    """The section ``Ranges`` of a docstring: what each argument may be, and what comes of arrays and of other values."""
    if not fields:
        return ""
    lines = [
        f"{n} : {'true or false' if isinstance(f, str) else f.range_text}{_or_infinite(f)}" for n, f in fields.items()
    ]
    out = ["Ranges", "------", *lines]
    if "Array" in str(signature.return_annotation):
        out += [
            "",
            "Arrays broadcast together and give the result their shape; single numbers give an array of no dimension.",
        ]
    raises = "raise `InputError`, which names the argument, the value and its range."
    out += [
        "",
        f"Other values {raises}" if plain is None else f"Only in `{plain.__name__}.checked` other values {raises}",
    ]
    return "\n".join(out)


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
    array = as_array(value)
    if array is None or array.dtype.kind not in "iuf" or array.size == 0:
        what = "an empty array" if array is not None and array.size == 0 else shown(value)
        raise InputError(f"{name} = {what} is not a number; it must be {field.range_text}")
    array = array.astype(float)
    good = field.allows(array)
    if not good.all():
        bad = array[~good].flat[0] if array.ndim else float(array)
        raise InputError(f"{name} = {bad:g} is out of range: it must be {field.range_text}")
    return array


def as_array(value: Any) -> NDArray[Any] | None:
    """A value as an array, None where it is none; a whole number beyond any float is infinite, a masked one undefined."""
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return np.asarray(float(value))
        except OverflowError:
            return np.asarray(math.inf if value > 0 else -math.inf)
    try:
        return np.ma.filled(np.ma.asarray(value, float), np.nan) if _is_masked(value) else np.asarray(value)
    except (ValueError, TypeError, OverflowError, RecursionError, MemoryError):
        return None


def unpacked(value: Any) -> Any:
    """An array of another library (pandas, xarray, Dask), ``array.array`` or buffer as one of NumPy; all else as it is.

    Examples
    --------
    >>> unpacked(TypedArray("d", [300, 400])), unpacked([300, 400]), unpacked("12nm")
    (array([300., 400.]), [300, 400], '12nm')
    """
    foreign = hasattr(value, "__array__") and not isinstance(value, np.ndarray | np.generic | type)
    found = as_array(value) if foreign or isinstance(value, TypedArray | memoryview) else None
    return value if found is None else found


def _is_masked(value: object) -> bool:
    """Whether a value has masked entries; NumPy's masked arrays are loaded by whoever made one, and not by this question."""
    return "numpy.ma" in sys.modules and bool(np.ma.is_masked(value))


def check_flag(name: str, value: Any, *, array: bool = False) -> None:
    """Raise the sentence unless a value is true or false (or, where `array` says so, an array of these)."""
    found = as_array(value)
    if found is None or found.dtype != bool or found.size == 0 or (found.ndim and not array):
        raise InputError(f"{name} = {shown(value)} must be true or false")


def check_choice(kind: str, value: Any, known: Collection[str]) -> None:
    """Raise the sentence, with the nearest name, unless a name is one of the known ones."""
    if not isinstance(value, str) or value not in known:
        raise unknown_name(kind, value, known)


def check_scalars(given: Mapping[str, Any]) -> None:
    """Raise the sentence for an array, where a function takes one value of each."""
    for name, value in given.items():
        if np.ndim(value):
            raise InputError(f"{name} = {shown(value)} must be a single number")


def check_shapes(shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Raise the sentence for arrays that do not broadcast together."""
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
    """Shape of the outputs of an estimate; any other thing raises the sentence."""
    if not (hasattr(value, "clone") and hasattr(value, "reference") and hasattr(value, "design")):
        raise InputError(f"est = {shown(value)} must be an Estimate, as estimator.estimate gives it")
    return np.shape(value.clone["die_area_mm2"])

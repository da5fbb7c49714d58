"""The project's own errors. Each message is one clear sentence; its class says whether the input or physics is the cause."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from functools import partial
from importlib.util import find_spec


class EstimatorError(ValueError):
    """Base class of all errors that this package raises on purpose."""


class InputError(EstimatorError):
    """A value from the caller cannot be used: wrong type, out of range, NaN, or in conflict with another value."""


class UnknownNameError(InputError, KeyError):
    """A name (node, design, cooling, option, ...) that does not exist."""

    def __str__(self) -> str:  # KeyError would print the repr of its argument
        return str(self.args[0]) if self.args else ""


class ParameterFileError(InputError):
    """A TOML file that cannot be used: broken syntax, missing field, wrong type, unknown key, no source."""


class InfeasibleError(EstimatorError):
    """Physics does not allow what was asked. The input is fine; this is the answer.

    Attributes
    ----------
    limited_by : str
        The limit that was hit: ``timing``, ``temperature``, ``power``, ``runaway`` or ``reticle``.
    nearest : dict[str, float]
        The nearest feasible value of what was asked, if there is one.
    """

    def __init__(self, message: str, *, limited_by: str, nearest: dict[str, float] | None = None) -> None:
        super().__init__(message)
        self.limited_by = limited_by
        self.nearest = dict(nearest or {})

    def __reduce__(
        self,
    ) -> tuple[Callable[..., InfeasibleError], tuple[str]]:  # by itself pickle drops keyword arguments
        return partial(type(self), limited_by=self.limited_by, nearest=self.nearest), (str(self),)

    def to_dict(self) -> dict[str, object]:
        """Plain data: that nothing is feasible, the wall, the nearest feasible values, and the sentence."""
        return {
            "feasible": False,
            "wall": self.limited_by,
            "nearest": {k: float(v) for k, v in self.nearest.items()},
            "reason": str(self),
        }


def shown(value: object) -> str:
    """Any value as short text on one line, for an error message.

    Examples
    --------
    >>> shown("12 nm"), shown([[1, 2], [3, 4]]), shown(10**5000)
    ("'12 nm'", '[[1, 2], [3, 4]]', 'an int')
    """
    try:
        text = " ".join(repr(value).split())
    except Exception:  # a number with too many digits, a broken __repr__
        text = ""
    if not text or " object at 0x" in text or text.startswith("<"):
        kind = type(value).__name__
        return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
    return text if len(text) <= 60 else text[:57] + "..."


def said(name: str) -> str:
    """A file name for an error message: unchanged if it is readable, otherwise quoted with escapes.

    Examples
    --------
    >>> said("own.toml"), said("a" + chr(10))
    ('own.toml', "'a\\\\n'")
    """
    return name if name.isprintable() and 0 < len(name) <= 120 else repr(name[:120])


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``' (did you mean X?)'`` for the nearest known name, or an empty string.

    Examples
    --------
    >>> did_you_mean("12mn", ["12nm", "7nm"])
    ' (did you mean 12nm?)'
    """
    wanted, names = str(name)[:80].lower(), [str(k) for k in known]
    longer = sorted(k for k in names if len(wanted) > 1 and k.startswith(wanted))
    near = longer[:1] or difflib.get_close_matches(wanted, names, n=1, cutoff=0.5)
    return f" (did you mean {near[0]}?)" if near else ""


def unknown_name(
    kind: str, name: object, known: Iterable[str], *, near: Iterable[str] | None = None, more: str = ""
) -> UnknownNameError:
    """Build the error for a name that does not exist, with the nearest one and the first few known names.

    `near` are those that the name may be a slip of, by default all; `more` says where others are.
    """
    names = sorted(known)
    text = name if isinstance(name, str) else shown(name)
    hint = did_you_mean(text[:80], names if near is None else near)
    listed = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return UnknownNameError(f"unknown {kind} {text[:80]!r}{hint}; known: {listed}{more}")


def check_installed(what: str, extra: str, *libraries: str) -> None:
    """Raise the sentence with the command to install them, unless all libraries of an extra that something needs are there."""
    if any(find_spec(library) is None for library in libraries):
        raise InputError(f'{what} needs the libraries of {extra}: pip install "chip-scaling-estimator[{extra}]"')

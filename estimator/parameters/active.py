"""Which parameter set lies over the library in this thread of work, and a cache that tells answers of one set from another's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, lru_cache, wraps
from typing import Any, Generic, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")
MOST_LAID = 1024
"""Answers under laid-over sets that a cache keeps: many sets may come and go, while the library itself stays."""


@dataclass(frozen=True)
class ParameterOverlay:
    """Numbers laid over those of the library: owner -> field -> number, or table with low, central, high, unit, kind.

    Attributes
    ----------
    key : str
        The content as text: two sets of one content are one set to every cache.
    tables : mapping
        Owner (``tsmc-n7``, ``gddr6``, ``model``, ``work/training``) -> its fields.
    """

    key: str
    tables: Mapping[str, Mapping[str, Any]] = field(compare=False, repr=False)

    def of(self, owner: str) -> Mapping[str, Any]:
        """Fields laid over those of an owner; none for most."""
        return self.tables.get(owner, {})


NOTHING = ParameterOverlay("", {})
_ACTIVE: ContextVar[ParameterOverlay] = ContextVar("parameter_overlay", default=NOTHING)


def active() -> ParameterOverlay:
    """The set that lies over the library here; `NOTHING` where none does."""
    return _ACTIVE.get()


@contextmanager
def laid_over(overlay: ParameterOverlay) -> Iterator[ParameterOverlay]:
    """Lay a set over the library within a ``with`` block, in this thread (or task) alone."""
    token = _ACTIVE.set(overlay)
    try:
        yield overlay
    finally:
        _ACTIVE.reset(token)


def kept(*, most: int | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A cache as `functools.lru_cache`, with the set that lies over the library as a part of the key.

    Parameters
    ----------
    most : int, optional
        Answers kept for the library as it stands; all by default. Under other sets `MOST_LAID` are kept.

    Examples
    --------
    >>> @kept()
    ... def twice(x: int) -> int:
    ...     return 2 * x
    >>> twice(2)
    4
    """

    def decorate(inner: Callable[P, R]) -> Callable[P, R]:
        plain = cast("Callable[P, R]", cache(inner) if most is None else lru_cache(maxsize=most)(inner))

        @lru_cache(maxsize=MOST_LAID)
        def laid(key: str, args: tuple[Any, ...], kwargs: tuple[tuple[str, Any], ...]) -> R:
            call: Callable[..., R] = inner
            return call(*args, **dict(kwargs))

        @wraps(inner)
        def ask(*args: P.args, **kwargs: P.kwargs) -> R:
            key = _ACTIVE.get().key
            return laid(key, args, tuple(sorted(kwargs.items()))) if key else plain(*args, **kwargs)

        return ask

    return decorate


class Carried(Generic[R]):
    """A function that runs under the set which lay over the library when it was wrapped, in whatever thread or process."""

    def __init__(self, function: Callable[..., R]) -> None:
        self.function, self.overlay = function, active()

    def __call__(self, *args: Any, **kwargs: Any) -> R:
        """Call the function under its set."""
        with laid_over(self.overlay):
            return self.function(*args, **kwargs)

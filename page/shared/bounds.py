"""Bounds: how large and how often an expensive request of one visitor may be, and how many such run at a time."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

import streamlit as st

from estimator.errors import EstimatorError
from page.shared.ui import safe

Found = TypeVar("Found")


class RefusedError(EstimatorError):
    """A request that the page does not carry out: too large, too often, or too many at this moment."""


class Size(NamedTuple):
    """The most that one request may hold, in words, and what to do instead."""

    most: int
    what: str
    instead: str


class Rate(NamedTuple):
    """How often one visitor may ask within `WINDOW_S`, what to do instead, and whether the computation takes a slot."""

    most: int
    what: str
    instead: str
    long: bool = True


SIZES = {
    "points": Size(
        20_000, "points", "Take fewer points or nodes, or run it from Python: estimator.sweep takes any number."
    ),
    "nodes": Size(8, "nodes", "Take fewer nodes, or run it from Python: estimator.sweep takes any number."),
}
"""What one request may hold."""

WINDOW_S = 60
RATES = {
    "sweeps": Rate(120, "sweeps", "run it from Python: estimator.sweep."),
    "samples": Rate(
        300, "draws of all uncertain assumptions", "run it from Python: estimate(..., samples=1024).", False
    ),
    "rankings": Rate(60, "rankings of the assumptions", "run it from Python: estimate(...).sensitivity()."),
    "wafers": Rate(200, "wafers", "draw them in Python: estimator.uses.wafermap.wafer_of(est, seed=...).", False),
    "best": Rate(30, "searches for the best plan", "run it from Python: estimator.best."),
    "node intervals": Rate(
        20, "intervals over all nodes", "run it from Python: estimate(..., samples=256) for each node."
    ),
    "years": Rate(60, "looks over the years", "run it from Python: estimate(..., date=2028).", False),
    "claims": Rate(60, "changed claims", "run it on the command line: python -m estimator claim."),
}
"""Requests of one visitor; the same asked for again and again counts once. Short ones may come as fast as a dragged slider."""


class Turns:
    """A lock that is handed on in the order of asking; who had it and stood aside goes before those who did not have it yet."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False

    def acquire(self, *, first: bool = False) -> None:
        """Wait for the turn."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            mine = threading.Lock()
            mine.acquire()
            (self._waiting.appendleft if first else self._waiting.append)(mine)
        mine.acquire()

    def release(self) -> None:
        """Hand the turn on."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


AT_A_TIME = 2
PATIENCE_S = 8.0
_slots = threading.BoundedSemaphore(AT_A_TIME)
_turns = Turns()
_mine = threading.local()


def check_size(name: str, asked: int) -> None:
    """Refuse a request that is larger than its bound."""
    most, what, instead = SIZES[name]
    if asked > most:
        raise RefusedError(f"{asked:,} {what} are more than this page computes at once, {most:,}. {instead}")


def check_rate(name: str, asked: Hashable) -> None:
    """Count a request of this visitor, and refuse it where too many others came shortly before."""
    most, what, instead, _ = RATES[name]
    now = time.monotonic()
    spent: dict[str, tuple[Hashable, deque[float]]] = st.session_state.setdefault("_spent", {})
    last, times = spent.get(name, (None, deque(maxlen=most)))
    if asked == last:
        return
    if len(times) == most and now - times[0] < WINDOW_S:
        wait = math.ceil(WINDOW_S - (now - times[0]))
        raise RefusedError(
            f"You asked for more than {most} {what} within {WINDOW_S} seconds, the most for one visitor. Try again in {wait} "
            f"second{'s' if wait > 1 else ''}, or {instead}"
        )
    times.append(now)
    spent[name] = (asked, times)


@contextmanager
def slot(patience_s: float | None = None) -> Iterator[None]:
    """Room for one long computation: waits a little while others run, and is refused after that."""
    if not _slots.acquire(timeout=PATIENCE_S if patience_s is None else patience_s):
        raise RefusedError(
            f"The server is busy with {AT_A_TIME} long computations of other visitors, as many as it does at a time. "
            "Try again in a few seconds."
        )
    try:
        yield
    finally:
        _slots.release()


@contextmanager
def turn() -> Iterator[None]:
    """The runs of all visitors one after the other.

    Threads that compute at once hand Python's lock to and fro at every step of NumPy: ten runs side by side take longer than
    ten in a row, and each of them as long as all.
    """
    _turns.acquire()
    _mine.turn = True
    try:
        yield
    finally:
        _mine.turn = False
        _turns.release()


@contextmanager
def aside() -> Iterator[None]:
    """Lets other visitors have their turn during a long computation of this one."""
    if not getattr(_mine, "turn", False):
        yield
        return
    _turns.release()
    try:
        yield
    finally:
        _turns.acquire(first=True)


@contextmanager
def granted(name: str, asked: Hashable) -> Iterator[None]:
    """Within this visitor's rate, and in a slot where the computation is long."""
    check_rate(name, asked)
    if not RATES[name].long:
        yield
        return
    with aside(), slot():
        yield


def bounded(name: str, asked: Hashable, compute: Callable[[], Found], *, say: bool = True) -> Found | None:
    """What a granted request computes; None, and a sentence on the page, where it is refused."""
    try:
        with granted(name, asked):
            return compute()
    except RefusedError as error:
        if say:
            st.warning(safe(error), icon=":material/hourglass_top:")
        return None

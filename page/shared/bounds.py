"""Bounds: how large and how often an expensive request of one visitor may be, and how many such run at a time."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import streamlit as st

from estimator.errors import EstimatorError


class RefusedError(EstimatorError):
    """A request that the page does not carry out: too large, too often, or too many at this moment."""


class Bound(NamedTuple):
    """Most of something, in words, and what to do instead."""

    most: int
    what: str
    instead: str


SIZES = {
    "points": Bound(20_000, "points", "Take fewer points or nodes, or run it from Python: estimator.sweep takes any number."),
    "nodes": Bound(8, "nodes", "Take fewer nodes, or run it from Python: estimator.sweep takes any number."),
}
"""What one request may hold."""

WINDOW_S = 60
RATES = {
    "sweeps": Bound(30, "sweeps", "run it from Python: estimator.sweep."),
    "samples": Bound(120, "draws of all uncertain assumptions", "run it from Python: estimate(..., samples=1024)."),
    "rankings": Bound(40, "rankings of the assumptions", "run it from Python: estimate(...).sensitivity()."),
    "wafers": Bound(60, "wafers", "draw them in Python: estimator.wafermap.wafer_of(est, seed=...)."),
    "best": Bound(20, "searches for the best plan", "run it from Python: estimator.best."),
    "node intervals": Bound(15, "intervals over all nodes", "run it from Python: estimate(..., samples=256) for each node."),
    "claims": Bound(40, "changed claims", "run it on the command line: python -m estimator claim."),
}
"""What one visitor may ask for within `WINDOW_S`; the same asked for again and again counts once."""

AT_A_TIME = 2
PATIENCE_S = 8.0
_slots = threading.BoundedSemaphore(AT_A_TIME)


def check_size(name: str, asked: int) -> None:
    """Refuse a request that is larger than its bound."""
    most, what, instead = SIZES[name]
    if asked > most:
        raise RefusedError(f"{asked:,} {what} are more than this page computes at once, {most:,}. {instead}")


def check_rate(name: str, asked: Hashable) -> None:
    """Count a request of this visitor, and refuse it where too many others came shortly before."""
    most, what, instead = RATES[name]
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

"""Ending when asked to: Ctrl-C and a polite kill stop a long command alike, with nothing half-written."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Interrupted(KeyboardInterrupt):
    """The process was asked to end.

    A class of its own, because CPython dies by SIGINT, whatever exit code it was given, once a plain `KeyboardInterrupt` has
    left code that runs from a string, handled or not; such code runs wherever a named tuple is made.
    """


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Raise `Interrupted` at SIGTERM and, unless the process ignores it, SIGINT; gives a check to call between steps.

    The check raises where the first exception was lost, as it is in callbacks of the interpreter that nobody can catch.
    """
    heard: list[int] = []

    def stop(number: int, _frame: Any) -> None:
        heard.append(number)
        raise Interrupted

    def check() -> None:
        if heard:
            raise Interrupted

    numbers = [signal.SIGTERM]
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a background job of a shell ignores it
        numbers.append(signal.SIGINT)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield check
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

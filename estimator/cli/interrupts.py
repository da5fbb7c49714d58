"""Stopping a long command: Ctrl-C and SIGTERM end it in the same way and leave no half-written file."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Interrupted(KeyboardInterrupt):
    """The process was asked to end.

    This is a class of its own because of CPython: after a plain `KeyboardInterrupt` has left code that runs from a string,
    the process ends by SIGINT and not with its exit code, even if the exception was handled. Making a named tuple runs such
    code.
    """


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Raise `Interrupted` on SIGTERM, and on SIGINT unless the process ignores it; gives a check to call between steps.

    The interpreter drops exceptions that are raised in some of its callbacks. The check raises again if that happened.
    """
    heard: list[int] = []

    def stop(number: int, _frame: Any) -> None:
        heard.append(number)
        raise Interrupted

    def check() -> None:
        if heard:
            raise Interrupted

    numbers = [signal.SIGTERM]
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a shell lets background jobs ignore it
        numbers.append(signal.SIGINT)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield check
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

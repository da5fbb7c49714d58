"""Hostile values, and the guard that every call of the fuzz tests goes through."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import signal
import warnings
from collections import Counter
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from estimator.errors import EstimatorError
from estimator.quantities import UNLIMITED, Field

TRIED: Counter[str] = Counter()
"""Inputs tried, by group."""
TAKEN: Counter[str] = Counter()
"""Those of them that gave a result; the others were refused."""
PATIENCE_S = 60  # far beyond any single call: only a hang takes that long
REFUSED = object()

EDGES = (
    0,
    -0.0,
    1,
    -1,
    0.5,
    5e-324,
    -5e-324,
    2.2e-308,
    1e-300,
    1e-9,
    1e9,
    1e300,
    1.7976931348623157e308,
    -1e300,
    float("inf"),
    -float("inf"),
    float("nan"),
    10**400,
    -(10**400),
    2**63,
    1e16,
    3.5,
)
WRONG = (
    None,
    True,
    False,
    "",
    "12nm",
    "nan",
    "1e3",
    "\x00",
    "a\nb",
    "é" * 300,
    b"7",
    1j,
    (),
    [],
    {},
    {"a": 1},
    set(),
    object(),
    object,
    len,
    [1, "x"],
    [None],
    [[1, 2], [3]],
    [1, [2]],
    float,
    decimal.Decimal("1.5"),
    datetime.date(2020, 1, 1),
    Path("x"),
    range(3),
    np.datetime64("2020-01-01"),
    np.array("x"),
    np.array([None]),
    np.array([1j]),
    np.zeros((0, 3)),
    np.float32("inf"),
    np.array([True, False]),
    np.array([np.nan, 1.0]),
    np.int8(100),
    np.array([100, 100], np.int8),
    np.uint64(2**64 - 1),
    np.ma.masked,
    [1e400],
    np.array(["1", "2"]),
    (1.0, 2.0),
    [-1.0],
    [10**400],
)
SHAPES = ((), (), (1,), (2,), (3,), (2, 1), (2, 3), (0,), (2, 0))

edges = st.sampled_from(EDGES)
wrong = st.sampled_from(WRONG)
floats = st.one_of(edges, st.floats(), st.integers(-(10**6), 10**6), st.integers())
arrays = hnp.arrays(float, st.sampled_from(SHAPES), elements=st.floats() | st.floats(0, 10))
hostile = st.one_of(floats, floats, wrong, arrays, st.text(max_size=8), st.lists(floats, max_size=3))


@st.composite
def mostly(draw, usable: st.SearchStrategy, broken: st.SearchStrategy = hostile, *, one_in: int = 8):
    """A usable value, but for one in some (alternatives joined by ``|`` would count each kind of hostile value as one)."""
    return draw(broken if draw(st.integers(1, one_in)) == one_in else usable)


def within(field: Field, *, array: bool = True) -> st.SearchStrategy:
    """Values in the range of a field, its ends among them; also as arrays."""
    high = min(field.high, 1e12)
    if field.integer:
        one: st.SearchStrategy = st.integers(int(field.low), int(high)) | st.integers(
            int(field.low), int(min(high, 200))
        )
    else:
        ends = [v for v in (field.low, high, min(max(field.low, 1.0), high)) if not (v == field.low and field.low_open)]
        one = st.sampled_from(ends) | st.floats(field.low, high, exclude_min=field.low_open)
    if field.name in UNLIMITED:
        one = one | st.just(float("inf"))
    if not array:
        return one
    return st.one_of(
        one,
        one,
        st.sampled_from([(1,), (2,), (3,), (2, 1)]).flatmap(
            lambda shape: st.lists(one, min_size=int(np.prod(shape)), max_size=int(np.prod(shape))).map(
                lambda values: np.asarray(values, float).reshape(shape)
            )
        ),
    )


def budget(weight: float) -> settings:
    """Settings with a share of the profile's number of examples."""
    return settings(max_examples=max(5, round(settings().max_examples * weight)))


class HangError(BaseException):
    """A call took longer than `PATIENCE_S`."""


@contextmanager
def _in_time():
    def late(*_):
        raise HangError(f"no answer within {PATIENCE_S} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def attempt(group: str, function, /, *args, **kwargs):
    """Result of a call, or `REFUSED` if it was refused with the project's own error; anything else is a failure."""
    TRIED[group] += 1
    try:
        with warnings.catch_warnings(), _in_time():
            warnings.simplefilter("error")
            result = function(*args, **kwargs)
            TAKEN[group] += 1
            return result
    except EstimatorError as error:
        sentence(str(error))
        return REFUSED


def sentence(text: str) -> None:
    """A refusal is one line that a person can read."""
    assert text.strip(), "an error without words"
    assert len(text.splitlines()) == 1, text
    assert len(text) < 900, text
    assert " object at 0x" not in text, text
    assert "Traceback" not in text, text


def physical(value, name: str = "", *, undefined=False, signed=False, most=np.inf) -> None:
    """All numbers of a result are finite (or, where the docs say so, undefined), not negative and at most `most`."""
    if value is REFUSED or value is None or isinstance(value, (str, bytes, Path)):
        return
    more = {"undefined": undefined, "signed": signed, "most": most}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            physical(getattr(value, field.name), field.name, **more)
    elif hasattr(value, "_asdict"):
        physical(value._asdict(), name, **more)
    elif isinstance(value, Mapping):
        for key, part in value.items():
            physical(part, str(key), **more)
    elif isinstance(value, (list, tuple, set)):
        for part in value:
            physical(part, name, **more)
    elif isinstance(value, (int, float, np.ndarray, np.generic)):
        _check(np.asarray(value), name, undefined, -np.inf if signed else 0.0, most)


def _check(array: np.ndarray, name: str, undefined: bool, low: float, high: float) -> None:
    if array.dtype.kind not in "iuf":
        assert array.dtype.kind in "bUO", (name, array)
        return
    bad = ~np.isfinite(array)
    assert undefined or not bad.any(), f"{name} = {array}"
    sound = array[~bad]
    assert (sound >= low - 1e-9).all(), f"{name} = {array} is below {low}"
    assert (sound <= high * (1 + 1e-9)).all(), f"{name} = {array} is above {high}"

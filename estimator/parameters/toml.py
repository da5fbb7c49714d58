"""Parses TOML text of anyone as data, with limits on size, depth, number of values and kind of numbers, in linear time."""

from __future__ import annotations

import math
import re
import tomllib
from typing import Any, NamedTuple

from estimator.errors import ParameterFileError, shown

MAX_DEPTH = 6
MAX_KEY = 200


class Limits(NamedTuple):
    """How large a text may be, and how many values it may hold."""

    kilobytes: int
    values: int


FILE = Limits(kilobytes=1000, values=200_000)
UPLOAD = Limits(kilobytes=100, values=5000)
_TEXT = r"""\"{3}(?:[^\"\\]|\\.|\"(?!\"\"))*+\"{0,5}+|'{3}(?:[^']|'(?!''))*+'{0,5}+|\"(?:[^\"\\\n]|\\.)*+\"?+|'[^'\n]*+'?+"""
_PART = rf"(?:{_TEXT}|[\w-]++)"
_LONG_KEY = re.compile(
    rf"#[^\n]*+|({_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{MAX_DEPTH},}}+)|{_PART}|[^\w\"'#-]++", re.DOTALL
)
"""Comments, dotted keys of too many parts (the group), texts, words, and all between: every character is read once."""
_UNSEEN = re.compile(
    "\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
"""Control characters but tab and line ends, and those that are invisible or turn the direction of what follows."""


def parse_toml(text: str, *, where: str, limits: Limits = FILE) -> dict[str, Any]:
    """Parse TOML text as data; a fault is one sentence.

    Keys of many parts raise an error before the standard parser sees them, because its time grows with the square of their
    number (one line of 32 kB takes it seconds).

    Examples
    --------
    >>> parse_toml("a.b = 1", where="x")
    {'a': {'b': 1}}
    """
    most = 1000 * limits.kilobytes
    if len(text) > most or len(text.encode("utf-8", "replace")) > most:
        raise ParameterFileError(f"{where} is larger than {limits.kilobytes} kB")
    if any(m.group(1) for m in _LONG_KEY.finditer(text)):
        raise ParameterFileError(f"{where} is nested deeper than {MAX_DEPTH} levels")
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise ParameterFileError(f"{where} is not valid TOML: {str(error)[:200]}") from None
    if fault := _fault(data, limits.values):
        raise ParameterFileError(f"{where} {fault}")
    return data


def _fault(data: dict[str, Any], most: int) -> str:
    """What makes parsed data unusable, or nothing."""
    stack: list[tuple[str, object, int]] = [("", data, 0)]
    values = 0
    while stack:
        name, value, level = stack.pop()
        values += 1
        if values > most:
            return f"holds more than {most} values"
        if level > MAX_DEPTH:
            return f"is nested deeper than {MAX_DEPTH} levels"
        if isinstance(value, dict):
            if bad := next((k for k in value if len(k) > MAX_KEY or _text_fault(k)), None):
                return f"has the key {bad[:40]!r}: it {_text_fault(bad) or f'is longer than {MAX_KEY} characters'}"
            stack.extend((k, v, level + 1) for k, v in value.items())
        elif isinstance(value, list):
            stack.extend((name, v, level + 1) for v in value)
        elif fault := _text_fault(value) if isinstance(value, str) else _number_fault(value):
            said = name if name.replace("-", "_").isidentifier() else repr(name[:40])
            return f"has {said} = {shown(value)}, which {fault}"
    return ""


def _text_fault(text: str) -> str:
    found = _UNSEEN.search(text)
    return f"holds the invisible character U+{ord(found.group()):04X}" if found else ""


def _number_fault(value: object) -> str:
    if isinstance(value, int):
        return "" if -(2**63) <= value < 2**63 else "is an integer of more than 64 bits"
    if isinstance(value, float):
        return "" if math.isfinite(value) else "is not a finite number"
    return "is a date or time: write numbers and texts only"

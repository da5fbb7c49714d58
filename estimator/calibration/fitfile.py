"""Deterministic TOML for fitted parameters: the same fit gives the same bytes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

FIELD_ORDER = ("low", "central", "high", "unit", "kind", "source", "note", "rows", "fit_error")
HEADER = "# Written by `python -m estimator calibrate`. Do not edit: refit instead.\n"


def format_number(value: float, digits: int = 6) -> str:
    """Text of a finite number at a fixed number of significant digits, valid in TOML.

    Parameters
    ----------
    value : float
        Finite number.
    digits : int
        Significant digits kept.

    Returns
    -------
    str
        Plain TOML integer or float.

    Examples
    --------
    >>> format_number(0.123456789)
    '0.123457'
    >>> format_number(24.0)
    '24.0'
    """
    number = float(f"{value:.{digits}g}")
    if not math.isfinite(number):
        raise ValueError(f"a fitted value must be finite, got {value!r}")
    return repr(number + 0.0)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return format_number(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Sequence):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return _value(float(value))


def _key(name: str) -> str:
    bare = name.replace("_", "").replace("-", "").isalnum() and name.isascii()
    return name if bare else json.dumps(name)


def fit_text(tables: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """Fitted parameters as `[owner.field]` tables of TOML, sorted, six significant digits.

    Parameters
    ----------
    tables : mapping
        owner (a node name, or a section of the model file) -> field -> keys of one parameter: low, central,
        high, unit, kind, source, note, rows, fit_error. Keys outside this list follow in alphabetic order.

    Notes
    -----
    Owners and fields are sorted, so equal fits give equal files byte for byte.
    """
    blocks = [HEADER]
    for owner in sorted(tables):
        for field in sorted(tables[owner]):
            row = tables[owner][field]
            keys = [k for k in FIELD_ORDER if k in row] + sorted(k for k in row if k not in FIELD_ORDER)
            lines = [f"[{_key(owner)}.{_key(field)}]"] if owner else [f"[{_key(field)}]"]
            lines += [f"{_key(key)} = {_value(row[key])}" for key in keys]
            blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)

"""TOML text of fitted parameters: the same fit gives the same bytes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import SupportsFloat, TypeAlias

import tomli_w

Value: TypeAlias = str | SupportsFloat | Sequence["Value"]
"""What a key of a fitted parameter may hold."""
Plain: TypeAlias = bool | int | float | str | list["Plain"]

FIELD_ORDER = ("low", "central", "high", "unit", "kind", "source", "note", "rows", "fit_error")
HEADER = "# Written by `python -m estimator calibrate`. Do not edit: refit instead.\n"


def rounded(value: float, digits: int = 6) -> float:
    """A finite number at a fixed number of significant digits.

    Parameters
    ----------
    value : float
        Finite number.
    digits : int
        Significant digits kept.

    Returns
    -------
    float
        The nearest number with so many digits; zero has no sign.

    Raises
    ------
    ValueError
        If the number is infinite or not a number.

    Examples
    --------
    >>> rounded(0.123456789), rounded(24.0), rounded(-0.0)
    (0.123457, 24.0, 0.0)
    """
    number = float(f"{value:.{digits}g}")
    if not math.isfinite(number):
        raise ValueError(f"a fitted value must be finite, got {value!r}")
    return number + 0.0


def _plain(value: Value) -> Plain:
    """A value as TOML holds it: texts and whole numbers as they are, other numbers rounded."""
    if isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, Sequence):
        return [_plain(item) for item in value]
    return rounded(float(value))


def _row(row: Mapping[str, Value]) -> dict[str, Plain]:
    keys = [k for k in FIELD_ORDER if k in row] + sorted(k for k in row if k not in FIELD_ORDER)
    return {key: _plain(row[key]) for key in keys}


def fit_text(tables: Mapping[str, Mapping[str, Mapping[str, Value]]]) -> str:
    """Fitted parameters as ``[owner.field]`` tables of TOML, sorted, with six significant digits and one value a line.

    Parameters
    ----------
    tables : mapping
        owner (a node name, or a section of the model file) -> field -> keys of one parameter: low, central,
        high, unit, kind, source, note, rows, fit_error. Keys outside this list follow in alphabetic order.
        The fields of the owner ``""`` become tables of their own.

    Returns
    -------
    str
        The text of a file of params/fit.

    Examples
    --------
    >>> print(fit_text({"tsmc-n7": {"threshold_v": {"central": 0.3, "rows": ["A", "B"]}}}))
    # Written by `python -m estimator calibrate`. Do not edit: refit instead.
    <BLANKLINE>
    [tsmc-n7.threshold_v]
    central = 0.3
    rows = [
        "A",
        "B",
    ]
    <BLANKLINE>
    """
    document: dict[str, dict[str, dict[str, Plain]] | dict[str, Plain]] = {}
    for owner in sorted(tables):
        fields = {field: _row(tables[owner][field]) for field in sorted(tables[owner])}
        document.update({owner: fields} if owner else fields)
    return f"{HEADER}\n{tomli_w.dumps(document)}"

"""Writes tables as CSV whose texts no spreadsheet takes for a formula; numbers stay numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def as_text(value: Any) -> Any:
    """A cell as any spreadsheet shows it: a text that would start a formula gets a leading apostrophe.

    Examples
    --------
    >>> as_text("=1+1"), as_text(" @x"), as_text("die"), as_text(-2.5)
    ("'=1+1", "' @x", 'die', -2.5)
    """
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA) else value


def csv_text(header: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
    """Rows of cells as CSV.

    Examples
    --------
    >>> csv_text(["name", "value"], [["=1+1", -2.5]])
    "name,value\\r\\n'=1+1,-2.5\\r\\n"
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([as_text(h) for h in header])
    writer.writerows([as_text(cell) for cell in row] for row in rows)
    return out.getvalue()

"""What commands print: JSON, tables, and a bar while a long command works."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def print_json(data: object) -> None:
    """Print data as JSON; infinity and NaN are errors."""
    print(json.dumps(data, indent=2, allow_nan=False))


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print cells in columns: the first to the left, the others to the right.

    Examples
    --------
    >>> print_table(["name", "W"], [["a100", "400"], ["h100", "1,000"]])
    name      W
    ----  -----
    a100    400
    h100  1,000
    """
    widths = [max(len(r[i]) for r in [head, *rows]) for i in range(len(head))]
    for k, row in enumerate([head, *rows]):
        cells = [c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))]
        print("  ".join(cells).rstrip())
        if k == 0:
            print("  ".join("-" * w for w in widths))


def progress(items: Sequence[Item], *, unit: str) -> Iterable[Item]:
    """The items one by one, with a bar on stderr that goes away at the end.

    There is no bar where stderr is not a terminal or tqdm is not installed.

    Examples
    --------
    >>> list(progress(["a", "b"], unit="claim"))
    ['a', 'b']
    """
    if not sys.stderr.isatty():
        return items
    try:
        from tqdm import tqdm
    except ImportError:  # it comes with the sweeps, which an installation may lack
        return items
    bar: Iterable[Item] = tqdm(items, unit=f" {unit}", leave=False)
    return bar

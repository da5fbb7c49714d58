"""What commands print: JSON, tables, and a bar while a long command works."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def print_json(data: object) -> None:
    """Print data as JSON; infinity and NaN are errors."""
    print(json.dumps(data, indent=2, allow_nan=False))


def terminal_width() -> int:
    """Columns of the terminal; 80 where there is none."""
    return shutil.get_terminal_size((80, 24)).columns


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]], *, width: int | None = None) -> str:
    """Print cells in columns: the first to the left, the others to the right.

    Columns at the end that `width` has no room for are left out; returns their titles.

    Examples
    --------
    >>> hidden = print_table(["name", "W"], [["a100", "400"], ["h100", "1,000"]])
    name      W
    ----  -----
    a100    400
    h100  1,000
    """
    widths = [max(len(r[i]) for r in [head, *rows]) for i in range(len(head))]
    room = [width is None or sum(widths[: i + 1]) + 2 * i <= width for i in range(len(widths))]
    widths = [w for w, fits in zip(widths, room, strict=True) if fits]
    for k, row in enumerate([head, *rows]):
        cells = [c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=False))]
        print("  ".join(cells).rstrip())
        if k == 0:
            print("  ".join("-" * w for w in widths))
    return ", ".join(title for title, fits in zip(head, room, strict=True) if not fits)


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

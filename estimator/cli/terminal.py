"""What commands print: JSON, tables that fit the terminal, colour on a terminal only, and a sign of life while they work."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TextIO, TypeVar

Item = TypeVar("Item")

STYLES = {"head": "1", "note": "33", "wall": "31"}
"""What is coloured -> its code: headings bold, notes yellow, what is impossible red."""
GAP = 2  # spaces between columns
NARROWEST = 24  # columns that the first column keeps, rather than the last ones that are shown


def ready_streams() -> None:
    """Make both streams take any text: what is closed swallows it, and what an encoding lacks becomes a question mark."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller (``>&-``)
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  it stays open as long as the process
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def print_json(data: object) -> None:
    """Print data as JSON; infinity and NaN are errors."""
    print(json.dumps(data, indent=2, allow_nan=False))


def terminal_width() -> int:
    """Columns of the terminal; 80 where there is none."""
    return shutil.get_terminal_size((80, 24)).columns


def coloured(text: str, style: str, stream: TextIO | None = None) -> str:
    """Text in a colour of `STYLES` where the stream is a terminal; unchanged elsewhere, or where ``NO_COLOR`` is set.

    Examples
    --------
    >>> coloured("timing", "wall")
    'timing'
    """
    out = sys.stdout if stream is None else stream
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not out.isatty()
    return text if plain or not style else f"\x1b[{STYLES[style]}m{text}\x1b[0m"


def say(text: str, style: str = "", *, indent: int = 0) -> None:
    """Print text in lines no longer than the terminal; what follows the first line is indented."""
    first = len(text) - len(text.lstrip())
    lines = textwrap.wrap(
        text.strip(),
        max(terminal_width(), 20),
        initial_indent=" " * first,
        subsequent_indent=" " * (first + indent),
        break_on_hyphens=False,
    )
    print("\n".join(coloured(line, style) for line in lines))


def print_table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    width: int | None = None,
    texts: int = 1,
    styles: Sequence[str] = (),
) -> None:
    """Print cells in columns no wider than the terminal: words to the left, numbers to the right.

    Words and headings are folded where there is too little room. Columns at the end for which even that is not enough are
    named below the table.

    Parameters
    ----------
    head : sequence of str
        Headings.
    rows : sequence of sequences of str
        Cells, as many as there are headings.
    width : int, optional
        Room; by default that of the terminal.
    texts : int
        How many of the first columns are words.
    styles : sequence of str, optional
        A key of `STYLES`, or nothing, for each row.

    Examples
    --------
    >>> print_table(["name", "W"], [["a100", "400"], ["h100", "1,000"]])
    name      W
    ----  -----
    a100    400
    h100  1,000
    >>> print_table(["", "module W", "clock GHz"], [["NVIDIA A100 SXM4 of 80 GB", "400", "1.41"]], width=33)
                               module
                                    W
    ------------------------  -------
    NVIDIA A100 SXM4 of 80        400
    GB
    in a wider terminal: clock GHz
    """
    room = terminal_width() if width is None else width
    widths = _widths(head, rows, texts, room)
    shown = len(widths)
    for k, row in enumerate([head, *rows]):
        columns = [textwrap.wrap(c, w, break_on_hyphens=False) for c, w in zip(row, widths, strict=False)]
        style = "head" if k == 0 else styles[k - 1] if styles else ""
        for i in range(max(1, *(len(c) for c in columns))):
            cells = [c[i] if i < len(c) else "" for c in columns]
            line = "".ljust(GAP).join(
                c.ljust(w) if n < texts else c.rjust(w) for n, (c, w) in enumerate(zip(cells, widths, strict=True))
            )
            print(coloured(line.rstrip(), style))
        if k == 0:
            print((" " * GAP).join("-" * w for w in widths))
    if shown < len(head):
        print(textwrap.fill(f"in a wider terminal: {', '.join(head[shown:])}", room))


def _widths(head: Sequence[str], rows: Sequence[Sequence[str]], texts: int, room: int) -> list[int]:
    """Widths of the columns that fit: as wide as their cells, the widest ones folded first."""
    wide, least = [], []
    for i, title in enumerate(head):
        cells = [r[i] for r in rows]
        folded = [w for text in (title, *(cells if i < texts else ())) for w in text.split()]
        least.append(max(1, *(len(t) for t in (folded if i < texts else [*folded, *cells]))))
        wide.append(max(least[-1], *(len(t) for t in (title, *cells))))
    least[0] = max(least[0], min(wide[0], NARROWEST))
    count = 1
    while count < len(head) and sum(least[: count + 1]) + GAP * count <= room:
        count += 1
    widths, least = wide[:count], least[:count]
    while sum(widths) + GAP * (count - 1) > room and widths != least:
        _, k = max((w, i) for i, (w, m) in enumerate(zip(widths, least, strict=True)) if w > m)
        widths[k] -= 1
    return widths


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


@contextmanager
def working(on: str) -> Iterator[None]:
    """Say on stderr what is worked on, until it is done; nothing where stderr is not a terminal."""
    shown = sys.stderr.isatty()
    if shown:
        print(f"{on} ...", end="", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        if shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

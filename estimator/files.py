"""Writes a file whole or not at all (after a kill or a fault the old one is still there), and tables: CSV, Markdown, Excel."""

from __future__ import annotations

import csv
import ctypes
import io
import math
import os
import shutil
import sys
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import Any

from estimator.errors import EstimatorError, InputError

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # of Linux's renameat2
WAIT_FOR_THREADS = 8  # of 50 ms each


@contextmanager
def whole(out: str | Path, *, keep: str = "") -> Iterator[Path]:
    """Give a temporary path to write to; at the end it replaces `out`, and if anything fails it is removed.

    The temporary path is in a hidden folder beside `out`, which this process keeps locked. A killed process leaves its
    folder without a lock; the next writer of the same file sees that and removes the folder.

    Parameters
    ----------
    out : str or path
        The file or folder to write.
    keep : str, optional
        Eight hexadecimal digits, which become part of the folder's name. The folder then stays if anything fails, and the
        next writer with the same digits goes on with it.

    Raises
    ------
    EstimatorError
        One sentence, if the disk is full or the folder is read-only or missing. `out` is then unchanged.
    """
    path, done = Path(os.path.realpath(out)), False
    if path.exists() and not (path.is_file() or path.is_dir()):  # a device would be replaced by a file
        raise EstimatorError(f"cannot write {path.name}: it is a device or a pipe, not a file; nothing was changed")
    try:
        _clear_stale(path, but=keep)
        folder, lock = _claim(path, keep)
        try:
            yield folder / path.name
            _put(folder / path.name, path, _old(folder, path))
            done = True
        finally:
            if done or not keep:
                _remove(folder, path, interrupted=not done)
            if lock is not None:
                os.close(lock)
    except OSError as error:
        reason = error.strerror or str(error).splitlines()[0][:160]
        raise EstimatorError(f"cannot write {path.name}: {reason}; nothing was changed") from None


def write_text(out: str | Path, text: str) -> None:
    """Write a text file in UTF-8, whole or not at all."""
    with whole(out) as temporary:
        temporary.write_text(text, "utf-8", newline="\n")


def make_folder(folder: Path) -> None:
    """Make a folder if it is not there."""
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise EstimatorError(f"cannot make the folder {folder.name}: {error.strerror}") from None


def _put(temporary: Path, path: Path, old: Path) -> None:
    """Move the temporary path to its name. An existing folder is swapped with it, in one step where the system can."""
    if temporary.is_file():
        with temporary.open("rb") as file:
            os.fsync(file.fileno())  # the content is on the disk before its name is
    if not (path.is_dir() and temporary.is_dir()):
        temporary.replace(path)
    elif not _exchange(temporary, path):
        path.rename(old)
        temporary.rename(path)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two paths in one step (Linux); False where the system cannot."""
    if sys.platform != "linux":
        return False
    try:
        rename = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError):
        return False
    done: int = rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return done == 0


def _claim(path: Path, keep: str) -> tuple[Path, int | None]:
    """Make a hidden folder beside a file and lock it for this process; the lock is None on systems without locks."""
    while True:
        folder = path.with_name(f".{path.name}-{keep or uuid.uuid4().hex[:8]}.part")
        folder.mkdir(exist_ok=bool(keep))
        lock = _lock(folder, wait=True)
        if folder.exists():
            return folder, lock
        if lock is not None:  # before it was locked, another writer removed it as stale
            os.close(lock)


def _lock(folder: Path, *, wait: bool = False) -> int | None:
    """Lock a folder and give its descriptor; None if another process holds the lock or the system has no locks."""
    try:
        import fcntl
    except ImportError:
        return None
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(handle)
        return None
    return handle


def _clear_stale(path: Path, *, but: str = "") -> None:
    """Remove what killed writers of the same file left behind, except the folder with the digits `but`."""
    for folder in path.parent.glob(f".{escape(path.name)}-{'[0-9a-f]' * 8}.part"):
        lock = None if but and folder.name.endswith(f"-{but}.part") else _lock(folder)
        if lock is not None:
            _remove(folder, path)
            os.close(lock)


def _remove(folder: Path, path: Path, *, interrupted: bool = False) -> None:
    """Remove a hidden folder. If the old result was moved into it and not replaced, put it back first."""
    with suppress(OSError):
        if _old(folder, path).exists() and not path.exists():
            _old(folder, path).rename(path)
    gone = 0
    # Threads of an interrupted call may still write into the folder, so it must stay away for a while.
    for _ in range(40):
        shutil.rmtree(folder, ignore_errors=True)
        gone = 0 if folder.exists() else gone + 1
        if gone > (WAIT_FOR_THREADS if interrupted else 0):
            break
        time.sleep(0.05)


def _old(folder: Path, path: Path) -> Path:
    return folder / f"{path.name}.old"


_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def as_text(value: Any) -> Any:
    """A cell that a spreadsheet shows as text: one that would start a formula gets a leading apostrophe.

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


def markdown_text(header: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
    """Rows of cells as a Markdown table; numbers to the right.

    Examples
    --------
    >>> print(markdown_text(["name", "W"], [["a|b", 400.0], ["c", None]]))
    | name | W |
    |---|--:|
    | a\\|b | 400 |
    | c |  |
    <BLANKLINE>
    """
    body = [[*row] for row in rows]
    numbers = [all(isinstance(r[i], int | float | None) for r in body) for i in range(len(header))]
    lines = ["|".join(["", *("--:" if n and body else "---" for n in numbers), ""])]
    shown = [f"| {' | '.join(_plain_cell(c) for c in row)} |" for row in (header, *body)]
    return "\n".join([shown[0], *lines, *shown[1:], ""])


def _plain_cell(cell: Any) -> str:
    text = "" if cell is None else f"{cell:.6g}" if isinstance(cell, float) else str(cell)
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


class Workbook:
    """An Excel file of one sheet, written row by row; no cell of it is a formula."""

    MOST_ROWS = 1_048_576

    def __init__(self, path: Path) -> None:
        try:
            from openpyxl import Workbook as Book
        except ImportError:
            raise InputError(f"{path.name}: Excel files need the package openpyxl: pip install openpyxl") from None
        self._path, self._book, self._rows = path, Book(write_only=True), 0
        self._sheet = self._book.create_sheet("results")

    def add(self, cells: Iterable[Any]) -> None:
        """Append a row."""
        self._rows += 1
        if self._rows > self.MOST_ROWS:
            raise InputError(f"{self._path.name}: an Excel sheet holds at most {self.MOST_ROWS:,} rows")
        self._sheet.append([_sheet_cell(c) for c in cells])

    def close(self) -> None:
        """Write the file."""
        self._book.save(self._path)


def _sheet_cell(cell: Any) -> Any:
    if isinstance(cell, str):
        return as_text("".join(c for c in cell if c.isprintable())[:32_000])
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def write_table(out: str | Path, header: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:
    """Write rows of cells to a file by its ending (``.csv``, ``.xlsx``, ``.md``), whole or not at all."""
    path = Path(out)
    if path.suffix not in TABLES:
        raise InputError(f"{path.name[:60]!r} must end in one of {', '.join(TABLES)}")
    if path.suffix == ".csv":
        write_text(path, csv_text(header, rows))
    elif path.suffix == ".md":
        write_text(path, markdown_text(header, rows))
    else:
        with whole(path) as temporary:
            book = Workbook(temporary)
            for row in (header, *rows):
                book.add(row)
            book.close()


TABLES = (".csv", ".xlsx", ".md")
"""Endings of files of tables."""

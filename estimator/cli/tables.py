"""Tables that commands write to files: ``--csv``, ``--xlsx``, ``--markdown``."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from estimator.errors import InputError
from estimator.files import write_table

ENDINGS = {"csv": ".csv", "xlsx": ".xlsx", "markdown": ".md"}


def wanted(args: argparse.Namespace) -> list[tuple[str, str]]:
    """Files that a command was asked for: option and path."""
    return [(name, getattr(args, name)) for name in ENDINGS if getattr(args, name)]


def write(args: argparse.Namespace, header: Sequence[str], rows: Iterable[Iterable[Any]]) -> bool:
    """Write a table to every file that a command was asked for, and say so; False where there was none."""
    asked = wanted(args)
    body = [list(row) for row in rows]
    for name, file in asked:
        if Path(file).suffix != ENDINGS[name]:
            raise InputError(f"--{name} {file[:80]!r} must end in {ENDINGS[name]}")
    for _, file in asked:
        write_table(file, header, body)
        print(f"{Path(file).name}: {len(body):,} rows")
    return bool(asked)

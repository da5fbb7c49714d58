"""How a module declares its commands: `add_command` puts one into the parser."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    Commands: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]
    """The part of the parser that holds the commands."""

Run: TypeAlias = Callable[[argparse.Namespace], int]
"""Runs one command with its arguments and gives the exit code."""


def add_command(
    commands: Commands, name: str, run: Run, text: str, *, description: str | None = None
) -> argparse.ArgumentParser:
    """Declare one command.

    Parameters
    ----------
    commands : Commands
        The part of the parser that holds the commands.
    name : str
        As typed.
    run : callable
        Takes the parsed arguments and gives the exit code. It imports what it needs itself, so that no command waits for
        the modules of another.
    text : str
        One line for the list of all commands.
    description : str, optional
        One line for the command's own help; by default `text`.

    Returns
    -------
    argparse.ArgumentParser
        Of this command, for its arguments.
    """
    command = commands.add_parser(name, help=text, description=description or text)
    command.set_defaults(run=run)
    return command


def add_json(command: argparse.ArgumentParser) -> None:
    """Give a command the option ``--json``."""
    command.add_argument("--json", action="store_true", help="print JSON")


def add_settings(command: argparse.ArgumentParser, text: str) -> None:
    """Give a command the option ``--set``, which `estimator.cli.settings` reads."""
    command.add_argument("--set", nargs="+", action="extend", metavar="key=value", help=text)


def add_files(command: argparse.ArgumentParser) -> None:
    """Give a command the options ``--csv``, ``--xlsx`` and ``--markdown``, which `estimator.cli.tables.write` reads."""
    for name in ("csv", "xlsx", "markdown"):
        command.add_argument(f"--{name}", metavar="FILE", help=f"write the table to a file as {name}")

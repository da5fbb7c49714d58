"""How a module declares its commands: `add_command` puts one into the parser."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

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


def add_name(command: argparse.ArgumentParser, *names: str, kinds: Sequence[str], **argument: Any) -> None:
    """Give a command an argument that names things of the library (``design``, ``node`` ...), completed by the shell."""

    def known(**_: Any) -> Iterable[str]:
        from estimator.parameters import library

        return [*(n for k in kinds for n in library.names(k)), *(library.aliases() if "node" in kinds else ())]

    added = command.add_argument(*names, **argument)
    added.completer = known  # type: ignore[attr-defined]


def add_point(command: argparse.ArgumentParser) -> None:
    """Give a command the arguments of one estimate: design, node, and those of `add_options`."""
    add_name(command, "design", kinds=("design",), help="name or TOML file of a design")
    add_name(command, "node", kinds=("node",), help="name, alias (12nm) or TOML file of a node")
    add_options(command)


def add_options(command: argparse.ArgumentParser) -> None:
    """Give a command the options of an estimate, which `estimator.cli.settings` reads."""
    add_settings(command, "options, e.g. power_limit_w=700")
    command.add_argument(
        "--plan",
        help="what to do with a design that grows: same-units, dies, one-reticle, equal-throughput, fewer-tensor-units, best",
    )
    command.add_argument(
        "--die-node", nargs="+", action="extend", metavar="role=node", help="process of other dies, e.g. cache=16nm"
    )
    command.add_argument("--date", type=float, help="date of making, e.g. 2027.5: age of the process, prices, packages")
    add_parameters(command)


def add_parameters(command: argparse.ArgumentParser) -> None:
    """Give a command the option ``--parameters``, which `estimator.cli.parser.main` lays over the library."""
    command.add_argument(
        "--parameters", metavar="FILE.toml", help="numbers of your own, laid over those of the library for this command"
    )


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

"""The parser of the command line (``python -m estimator``, or ``chip-scaling``), and `main`, which runs one command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from estimator import __version__
from estimator.cli import claims, estimates, listings, page, silicon, supplies, sweep, worth
from estimator.cli.commands import Run
from estimator.cli.terminal import coloured, print_json, ready_streams
from estimator.errors import EstimatorError, InfeasibleError

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the fits solve many small systems: threads only cost

EXIT_BAD_INPUT = 2
EXIT_INFEASIBLE = 3
MODULES = (estimates, listings, supplies, worth, sweep, silicon, claims, page)
"""Modules with commands, in the order of the help."""


def build_parser() -> argparse.ArgumentParser:
    """The parser with all commands and their arguments."""
    parser = argparse.ArgumentParser(
        prog="chip-scaling", description="What an existing GPU becomes on another process node, and why."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in MODULES:
        module.add(commands)
    return parser


@contextmanager
def laid_over(args: argparse.Namespace) -> Iterator[None]:
    """Lay the parameter set of ``--parameters`` over the library, where a command has one."""
    if getattr(args, "parameters", None) is None:
        yield
        return
    from estimator.parameters.overlay import overlay

    with overlay(args.parameters):
        yield


def complete(parser: argparse.ArgumentParser) -> None:
    """Answer a shell that asks for completions (``eval "$(register-python-argcomplete chip-scaling)"``)."""
    if "_ARGCOMPLETE" not in os.environ:
        return
    from argcomplete import autocomplete

    autocomplete(parser)


def _impossible(args: argparse.Namespace, error: InfeasibleError) -> None:
    """Print what physics forbids: a sentence, and JSON where a command was asked for it."""
    if getattr(args, "json", False):
        asked = {name: getattr(args, name) for name in ("design", "node") if hasattr(args, name)}
        print_json({**asked, **error.to_dict()})
    print(f"{coloured('infeasible:', 'wall', sys.stderr)} {error}", file=sys.stderr)


def _drop_output() -> None:
    """Throw away what was not printed yet; the interpreter would otherwise fail over it a second time when it ends."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # not a real file, as in tests
        return


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        The command and its arguments; by default those of the process.

    Returns
    -------
    int
        0 for success, 1 where a check found a difference, 2 for bad input, 3 for what physics forbids, 130 for an interrupt.
        Each but the first two prints one sentence on stderr.
    """
    ready_streams()
    parser = build_parser()
    complete(parser)
    args = argparse.Namespace()
    try:
        args = parser.parse_args(argv)
        run: Run = args.run
        with laid_over(args):
            code = run(args)
        sys.stdout.flush()  # a full disk shows here and not at exit
        return code
    except InfeasibleError as error:
        _impossible(args, error)
        return EXIT_INFEASIBLE
    except EstimatorError as error:
        print(f"{coloured('error:', 'wall', sys.stderr)} {error}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        print(f"error: {error.strerror or error}", file=sys.stderr)
        _drop_output()
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130

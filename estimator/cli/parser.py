"""The parser of the command line (``python -m estimator``, or ``chip-scaling``), and `main`, which runs one command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from estimator import __version__
from estimator.cli import claims, estimates, listings, silicon, supplies, sweep
from estimator.cli.commands import Run
from estimator.errors import EstimatorError, InfeasibleError

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the fits solve many small systems: threads only cost

EXIT_BAD_INPUT = 2
EXIT_INFEASIBLE = 3
MODULES = (estimates, listings, supplies, sweep, silicon, claims)
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
    try:
        args = build_parser().parse_args(argv)
        run: Run = args.run
        code = run(args)
        sys.stdout.flush()  # a full disk shows here and not at exit
        return code
    except InfeasibleError as error:
        print(f"infeasible: {error}", file=sys.stderr)
        return EXIT_INFEASIBLE
    except EstimatorError as error:
        print(f"error: {error}", file=sys.stderr)
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

"""The command line: one parser, and what its commands print.

May import everything but the page; nothing imports it.
Start with `parser.main`; each module of commands declares them in `add` and loads the model when one runs.
"""

from __future__ import annotations

from estimator.cli.parser import main

__all__ = ["main"]

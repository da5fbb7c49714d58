"""The command ``app``: opens the page on this machine, from a checkout or from an installed package."""

from __future__ import annotations

import argparse
import runpy
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from estimator.cli.commands import add_command
from estimator.errors import InputError, check_installed

if TYPE_CHECKING:
    from estimator.cli.commands import Commands

LAST_PORT = 65535
PORT = 8501


def add(commands: Commands) -> None:
    """Declare ``app``."""
    command = add_command(
        commands, "app", _app, "open the page on this machine", description="Open the page. Ctrl-C ends its server."
    )
    command.add_argument("--port", type=int, default=PORT, metavar="N", help=f"by default {PORT}")
    command.add_argument("--no-browser", action="store_true", help="start the server only")


def page_script() -> Path:
    """The page's script ``app.py``: inside an installed package, or beside it in a source checkout."""
    package = Path(__file__).resolve().parents[1]
    for script in (package / "app" / "app.py", package.parent / "app.py"):
        if script.is_file() and (script.parent / "page").is_dir():
            return script
    raise InputError("the page is missing: reinstall the package or run from a full checkout")


def server_arguments(port: int, no_browser: bool) -> list[str]:
    """Words of the command that starts the page's server; its other settings are in ``.streamlit/config.toml`` beside the page.

    Raises
    ------
    InputError
        For a port that is none, or where the page's libraries are not installed.
    """
    if not 1 <= port <= LAST_PORT:
        raise InputError(f"port must be from 1 to {LAST_PORT}, not {port}")
    check_installed("app", "page", "streamlit", "plotly", "pandas")
    headless = str(no_browser).lower()
    return ["streamlit", "run", str(page_script()), "--server.port", str(port), "--server.headless", headless]


def _app(args: argparse.Namespace) -> int:
    sys.argv = server_arguments(args.port, args.no_browser)
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    return 0

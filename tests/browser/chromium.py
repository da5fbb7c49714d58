"""Where Chromium is: the browser tests and the screenshots need one. As a script it says so, and fails without one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HINT = "no Chromium: install it (Debian: apt-get install chromium; or: python -m playwright install chromium)"


def find() -> str | None:
    """Path of a Chromium: ``CHROMIUM``, the system's, or the one that Playwright installed."""
    named = os.environ.get("CHROMIUM")
    if named and Path(named).is_file():
        return named
    for name in NAMES:
        if path := shutil.which(name):
            return path
    try:
        from playwright.sync_api import sync_playwright

        with sync_playwright() as p:
            path = p.chromium.executable_path
        return path if Path(path).is_file() else None
    except Exception:
        return None


def install() -> None:
    """Try the package manager (as root), then Playwright's own download; failures are quiet, `find` decides."""
    commands = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        commands = [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"], *commands]
    for command in commands:
        if find() is None:
            subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main() -> int:
    """Find or install Chromium and print one line: what the browser tests use, or that they will not run."""
    install()
    path = find()
    print(f"browser tests use {path}" if path else HINT)
    return 0 if path else 1


if __name__ == "__main__":
    sys.exit(main())

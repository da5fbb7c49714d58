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


def main() -> int:
    """Print the path; in CI, try to install one first."""
    path = find()
    if path is None and os.environ.get("CI") and shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=False, stdout=subprocess.DEVNULL)
        path = find()
    print(path or HINT)
    return 0 if path else 1


if __name__ == "__main__":
    sys.exit(main())

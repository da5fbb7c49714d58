"""Find Chromium for the browser tests: from the system, else installed by the package manager or by Playwright."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """Path of a Chromium on this machine, or None."""
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    try:
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            path = playwright.chromium.executable_path
        return path if path and os.path.exists(path) else None
    except Exception:
        return None


def _quiet(*command: str) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def install() -> None:
    """Try the package manager (as root), then Playwright's own download; failures are quiet, `find` decides."""
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        _quiet("apt-get", "update")
        _quiet("apt-get", "install", "-y", "--no-install-recommends", "chromium")
    if find() is None:
        _quiet(sys.executable, "-m", "playwright", "install", "chromium")


if __name__ == "__main__":
    if find() is None:
        install()
    if find() is None:
        print("browser tests will not run: no Chromium on this machine and none could be installed")
        sys.exit(1)
    print(f"browser tests use {os.path.basename(str(find()))}")

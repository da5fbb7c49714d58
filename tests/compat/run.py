"""The core of the tests under other releases of Python and its libraries, each in a fresh environment (``make compat``)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".compat"
SETS = (("3.11", "oldest"), ("3.12", "newest"), ("3.13", "newest"), ("3.14", "newest"))
TOOLS = ("pytest", "hypothesis")
LEFT_OUT = (
    "tests/browser",
    "tests/page",
    "tests/house",
)
"""Browser and page; what the project's own files say, which no other release changes."""


def find_python(version: str) -> str | None:
    """A Python of this version on the path or of pyenv."""
    found = [shutil.which(f"python{version}"), *sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))]
    for python in filter(None, found):
        asked = [str(python), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout.strip() == version:
            return str(python)
    return None


def requirements(which: str) -> list[str]:
    """Run-time requirements of pyproject.toml at their lower bounds, or without bounds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = dict.fromkeys(
        [
            *project["dependencies"],
            *project["optional-dependencies"]["sweep"],
            *project["optional-dependencies"]["page"],
        ]
    )
    return [line.replace(">=", "==") if which == "oldest" else line.split(">=")[0] for line in lines]


def tools() -> list[str]:
    """The test tools, as pinned."""
    pins = re.findall(r"^(\S+)==(\S+)$", (ROOT / "requirements-dev.txt").read_text("utf-8"), re.MULTILINE)
    return [f"{name}=={version}" for name, version in pins if name in TOOLS]


def run(version: str, which: str) -> bool | None:
    """Install and test one set; None where this Python is not here."""
    python = find_python(version)
    if python is None:
        print(f"Python {version}: not here, skipped", flush=True)
        return None
    venv = FOLDER / f"{version}-{which}"
    own = venv / "bin" / "python"
    start = time.monotonic()
    if not own.exists():
        subprocess.run([python, "-m", "venv", str(venv)], check=True)
    install = [str(own), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--upgrade"]
    subprocess.run([*install, *requirements(which), *tools()], check=True, stderr=subprocess.DEVNULL)
    installed = time.monotonic()
    asked = "import numpy, scipy, pydantic; print(numpy.__version__, scipy.__version__, pydantic.VERSION)"
    versions = subprocess.run([str(own), "-c", asked], check=True, capture_output=True, text=True).stdout.split()
    command = [str(own), "-m", "pytest", "-p", "no:cacheprovider", *(f"--ignore={p}" for p in LEFT_OUT), *sys.argv[1:]]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, check=False)
    print(
        f"Python {version} with the {which} NumPy {versions[0]}, SciPy {versions[1]}, pydantic {versions[2]}: "
        f"{'passed' if done.returncode == 0 else 'FAILED'}; installed in {installed - start:.0f} s, tests in "
        f"{time.monotonic() - installed:.0f} s",
        flush=True,
    )
    return done.returncode == 0


def main() -> int:
    """Test every set that is here; arguments go to pytest."""
    results = [run(*one) for one in SETS]
    return 1 if False in results else 0


if __name__ == "__main__":
    raise SystemExit(main())

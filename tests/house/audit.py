"""Checks the installed packages for known vulnerabilities with pip-audit, and says so where no data on them can be had."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

UNREACHED = "No data on vulnerabilities can be reached from here: no package was audited. Run `make audit` where PyPI's JSON is."


def verdict(dependencies: Iterable[dict[str, Any]]) -> tuple[int, str]:
    """Exit code and text: 1 for a vulnerability, or where some packages were looked up and others were not."""
    asked = list(dependencies)
    skipped = [d["name"] for d in asked if "vulns" not in d]
    if len(skipped) == len(asked):
        return 0, UNREACHED
    found = [
        f"{d['name']} {d['version']}: {v['id']}, mended in {', '.join(v['fix_versions']) or 'no version'}"
        for d in asked
        for v in d.get("vulns", ())
    ]
    lines = [*found, *(f"{name}: not audited" for name in skipped)]
    return (1, "\n".join(lines)) if lines else (0, f"{len(asked)} packages audited, no known vulnerability.")


def main() -> int:
    """Audit the environment that this runs in."""
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--local",
        "--vulnerability-service",
        "pypi",
        "--format",
        "json",
        "--progress-spinner",
        "off",
        "--timeout",
        "10",
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.stdout.strip():
        code, told = verdict(json.loads(run.stdout)["dependencies"])
    elif "ConnectionError" in run.stderr or "Timeout" in run.stderr:
        code, told = 0, UNREACHED
    else:
        code, told = 1, run.stderr.strip()[-500:]
    print(told)
    return code


if __name__ == "__main__":
    sys.exit(main())

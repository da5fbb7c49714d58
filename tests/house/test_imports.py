"""Imports go one way (the contracts in pyproject.toml), and what is under params/ is read in one place."""

import ast
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.root import ROOT

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
WRITERS = {"estimator/calibration/fits.py", "estimator/validation/report.py"}
"""Modules that write into params/."""


def lint(*arguments: str) -> subprocess.CompletedProcess[str]:
    pytest.importorskip("importlinter")
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(*sys.argv[1:], no_cache=True))"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_imports_go_one_way():
    done = lint()
    assert done.returncode == 0, done.stdout[-3000:]
    assert f"{len(CONTRACTS)} kept, 0 broken" in done.stdout


def test_an_import_from_above_is_found(tmp_path):
    layers = "\n".join(("    estimation", "    claims"))  # upside down: claims estimate
    config = tmp_path / "contracts.ini"
    config.write_text(
        "[importlinter]\nroot_package = estimator\n[importlinter:contract:1]\nname = upside down\ntype = layers\n"
        f"containers =\n    estimator\nlayers =\n{layers}\n"
    )
    done = lint(str(config))
    assert done.returncode == 1
    assert "estimator.claims.measuring -> estimator.estimation" in done.stdout


def test_every_module_has_its_layer():
    (layers,) = [c for c in CONTRACTS if c["id"] == "layers"]
    listed = [name.strip() for line in layers["layers"] for name in line.split("|")]
    there = [p.stem for p in (ROOT / "estimator").glob("*.py") if p.stem != "__init__"]
    there += [p.parent.name for p in (ROOT / "estimator").glob("*/__init__.py")]
    assert sorted(listed) == sorted(there)


def test_parameters_are_read_by_the_library_alone():
    found, parsers = set(), set()
    for path in [*ROOT.glob("estimator/**/*.py"), *ROOT.glob("page/**/*.py"), ROOT / "app.py"]:
        name = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            used = getattr(node, "id", getattr(node, "attr", None))
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if used == "params_folder" or "params" in Path(text).parts:
                found.add(name)
            elif isinstance(node, ast.Import) and any(a.name == "tomllib" for a in node.names):
                parsers.add(name)
    assert found - {"estimator/parameters/library.py"} <= WRITERS
    assert parsers == {"estimator/parameters/toml.py"}


def test_importing_is_light():
    code = (
        "import sys, estimator; estimator.names('node'); "
        "print(sorted(set(sys.modules) & {'pandas','plotly','xarray','dask','streamlit'}))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"

"""Wheel and source archive: built, installed in a clean environment, complete; one version everywhere."""

import os
import re
import socket
import subprocess
import sys
import sysconfig
import tarfile
import time
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

import estimator
from tests.root import ROOT

INSIDE = {"params": Path("estimator")} | dict.fromkeys(("app.py", "page", ".streamlit"), Path("estimator/app"))
"""Where the wheel has what stands beside the package in a checkout."""
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}


def run(*command: object, cwd: Path) -> str:
    done = subprocess.run([str(c) for c in command], cwd=cwd, env=CLEAN, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Source archive of the checkout, and the wheel built from that archive."""
    for name in ("build", "hatchling"):
        pytest.importorskip(name)
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, sdist


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """Folder of the programs of a new environment that has the wheel, and of this one only the libraries."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(folder, with_pip=False, symlinks=True)
    own = folder / "bin" if os.name == "posix" else folder / "Scripts"
    python = own / "python"
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        built[0],
        cwd=folder,
    )
    packages = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    (Path(packages) / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return own


@pytest.mark.slow
def test_installed_wheel_answers_and_finds_its_own_parameters(installed, tmp_path):
    asked = "import estimator; from estimator import library; print(estimator.__file__); print(library.params_folder())"
    for place in run(installed / "python", "-c", asked, cwd=tmp_path).splitlines():
        assert Path(place).is_relative_to(installed.parent)
        assert not Path(place).is_relative_to(ROOT)
    shown = run(installed / "chip-scaling", "compare", "h100-sxm", "12nm", cwd=tmp_path)
    here = run(sys.executable, "-m", "estimator", "compare", "h100-sxm", "12nm", cwd=ROOT)
    assert shown == here
    assert "12nm" in shown
    assert run(installed / "chip-scaling", "--version", cwd=tmp_path).strip() == estimator.__version__


@pytest.mark.slow
def test_installed_wheel_finds_claims_and_silicon(installed, tmp_path):
    shown = run(installed / "python", "-m", "estimator", "claim", "wire-delay", "--samples", "0", cwd=tmp_path)
    assert "wire" in shown
    asked = (
        "from estimator.calibration.voltage_fit import fit_voltage; from estimator.validation import report, tool_rows\n"
        "print(len(fit_voltage()), len(report.stored()), len(tool_rows.tool_rows()))"
    )
    assert all(int(n) > 5 for n in run(installed / "python", "-c", asked, cwd=tmp_path).split())


@pytest.mark.slow
def test_installed_wheel_opens_the_page(installed, tmp_path):
    """From another folder, with the settings shipped beside it: on this machine only."""
    pytest.importorskip("streamlit")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [installed / "chip-scaling", "app", "--no-browser", "--port", str(port)]
    said = tmp_path / "said.txt"
    with said.open("w") as log, subprocess.Popen(command, cwd=tmp_path, env=CLEAN, stdout=log, stderr=log) as server:
        try:
            until = time.monotonic() + 30
            while not said.read_text().count(f"http://localhost:{port}") and server.poll() is None:
                assert time.monotonic() < until, said.read_text()
                time.sleep(0.1)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer:
                assert answer.read() == b"ok"
            assert "External URL" not in said.read_text()
        finally:
            server.terminate()
    code = (
        "from streamlit.testing.v1 import AppTest; from estimator.cli.page import page_script; script = page_script(); "
        "import sys; sys.path.insert(0, str(script.parent)); app = AppTest.from_file(script, default_timeout=60).run(); "
        "assert not app.exception, app.exception; assert app.markdown; print(script, sys.modules['page'].__path__)"
    )
    shown = run(installed / "python", "-c", code, cwd=tmp_path)
    assert str(ROOT) not in shown


@pytest.mark.slow
def test_wheel_holds_the_package_its_parameters_and_its_page_alone(built):
    with zipfile.ZipFile(built[0]) as wheel:
        names = [n for n in wheel.namelist() if ".dist-info/" not in n]
    assert {n.split("/")[0] for n in names} == {"estimator"}
    folders = ("estimator", "params", "page", ".streamlit")
    there = [p.relative_to(ROOT) for folder in folders for p in (ROOT / folder).rglob("*") if p.is_file()]
    there.append(Path("app.py"))
    wanted = {(INSIDE.get(p.parts[0], Path()) / p).as_posix() for p in there if p.suffix != ".pyc"}
    assert set(names) == wanted
    assert "estimator/py.typed" in wanted


@pytest.mark.slow
def test_source_archive_is_the_checkout(built, tmp_path):
    with tarfile.open(built[1]) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    names = {p.relative_to(source).as_posix() for p in source.rglob("*") if p.is_file()}
    if (ROOT / ".git").exists():
        tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
        there = {n for n in tracked.stdout.split("\0") if n and (ROOT / n).is_file()}
        assert there - names == set()
    else:  # this is such an archive itself
        assert {".ci/run", "Makefile", "app.py", "CITATION.cff", "benchmarks/run.py"} <= names
    tests = ["tests/physics/test_wafer.py", "tests/parameters/test_parameters.py"]
    assert "error" not in run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, cwd=source)
    assert "pytest" in run("make", "-n", "test", cwd=source)


def test_one_version_everywhere():
    version = estimator.__version__
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    versions = [version if name == "Unreleased" else name for name in headings]  # what comes next has no date yet
    assert versions[0] == version
    assert len(set(versions)) == len(versions)
    assert versions == sorted(versions, key=lambda v: [int(n) for n in v.split(".")], reverse=True)


def test_citation_file():
    yaml = pytest.importorskip("yaml")
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert str(cited["cff-version"]) == "1.2.0"
    assert set(cited) <= {
        "cff-version",
        "message",
        "title",
        "type",
        "license",
        "version",
        "authors",
        "abstract",
        "keywords",
        "date-released",
        "repository-code",
        "url",
        "doi",
        "preferred-citation",
        "references",
    }
    assert cited["message"]
    assert cited["title"]
    assert cited["type"] == "software"
    assert cited["license"] == "MIT"
    assert all({"name"} <= set(a) or {"family-names"} <= set(a) for a in cited["authors"])
    assert cited["version"] == estimator.__version__

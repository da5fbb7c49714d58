"""Files that are written: killed, short of disk or without permission, the old one or the new one is there, whole."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from estimator import files
from estimator.cli import main
from estimator.cli.silicon import write_figures
from estimator.errors import EstimatorError
from estimator.validation import report
from tests.root import ROOT

WRITERS = (
    "text",
    "folder",
    "zarr",
    "parquet",
    "csv",
    "netcdf",
    "zarr by tiles",
    "parquet by tiles",
    "csv by tiles",
    "netcdf of a plan",
    "calibrate",
    "validate --save",
    "validate --docs",
    "validate --figures",
    "golden",
)
WRITE_CALLS = {
    "write_text",
    "write_bytes",
    "to_csv",
    "to_parquet",
    "to_netcdf",
    "to_zarr",
    "write_table",
    "write_html",
    "write_image",
    "savefig",
    "screenshot",
    "dump",
    "mkstemp",
    "NamedTemporaryFile",
    "rename",
    "touch",
}
DOWNLOADS = {
    "page/sweep.py: pyarrow.parquet.write_table(to_table(ds), out)",
    "estimator/cli/terminal.py: open(os.devnull, 'w', encoding='utf-8')",
}
"""Calls that write into memory, or nowhere."""
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")


@pytest.fixture(scope="module")
def crashed(tmp_path_factory):
    for name in ("xarray", "zarr", "netCDF4", "pyarrow", "pandas", "plotly"):
        pytest.importorskip(name)
    command = [sys.executable, str(ROOT / "tests" / "crash" / "writers.py"), str(tmp_path_factory.mktemp("crash"))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITERS)
def test_killed_at_a_random_moment_the_old_or_the_new_file_is_there(crashed, name):
    found = crashed[name]["random"]
    assert found["faults"] == []
    assert found["old"] + found["new"] == 4
    assert found["left"] == []  # what the killed ones left went with the next writing


@pytest.mark.slow
def test_every_writer_is_tried(crashed):
    assert set(crashed) == set(WRITERS)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["lines", "lines without exchange"])
@pytest.mark.parametrize("name", ["text", "folder"])
def test_killed_at_each_line_that_puts_a_file_in_place(crashed, name, how):
    found = crashed[name][how]
    assert 20 < found["steps"] < 500  # every line once, until one writing came through
    assert found["faults"] == []
    assert found["left"] == []
    assert found["put back"] == (1 if (name, how) == ("folder", "lines without exchange") else 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITERS)
def test_full_disk_is_one_sentence_and_keeps_the_old_file(crashed, name):
    found = crashed[name]["full"]
    assert found["said"].startswith("cannot write ")
    assert found["said"].endswith("; nothing was changed")
    assert "\n" not in found["said"]
    assert found["kept"]
    assert found["left"] == []


@pytest.mark.parametrize("folder", ["missing", "read-only"])
def test_folder_that_cannot_be_written_is_one_sentence(tmp_path, folder, monkeypatch, capsys):
    path = tmp_path / "missing" if folder == "missing" else Path("/proc")
    if not path.is_dir() and folder == "read-only":
        pytest.skip("needs /proc, where even root may not write")
    with pytest.raises(EstimatorError, match=r"^cannot write a\.md: .+; nothing was changed$"):
        files.write_text(path / "a.md", "x")
    with pytest.raises(EstimatorError, match=r"^(cannot make the folder|--figures).+"):
        write_figures(report.stored()[:3], path / "figures")
    monkeypatch.setattr(report, "all_rows", lambda each: report.stored()[:3])
    monkeypatch.setattr(report, "fit_rows", lambda each: ())
    assert main(["validate", "--docs", str(path / "a.md")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_running_writer_is_not_taken_for_a_killed_one(tmp_path):
    path = tmp_path / "a.md"
    with files.whole(path) as slow:
        files.write_text(path, "quick")
        slow.write_text("slow")
        assert path.read_text() == "quick"
    assert path.read_text() == "slow"
    assert [p.name for p in tmp_path.iterdir()] == ["a.md"]


def test_names_with_wildcards_and_links(tmp_path):
    odd = tmp_path / "a[b]*?.md"
    stale = tmp_path / ".a[b]*?.md-0123abcd.part"
    other = tmp_path / ".ab.md-0123abcd.part"
    for folder in (stale, other):
        folder.mkdir()
    files.write_text(odd, "x")
    assert odd.read_text() == "x"
    assert not stale.exists()
    assert other.exists()
    link = tmp_path / "link.md"
    link.symlink_to(odd)
    files.write_text(link, "y")
    assert link.is_symlink()
    assert odd.read_text() == "y"


def test_a_device_is_never_replaced_by_a_file(tmp_path):
    """As root a rename would put a file in place of /dev/null."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(EstimatorError, match="a device or a pipe"):
        files.write_text(pipe, "x")
    assert pipe.is_fifo()
    assert [p.name for p in tmp_path.iterdir()] == ["pipe"]


def test_files_are_written_in_one_way_only():
    """A call that writes stands in `files`, or in a function that is given a temporary path, or under `with whole(...)`."""
    found = []
    for path in [*ROOT.glob("estimator/**/*.py"), *ROOT.glob("page/**/*.py")]:
        if path.name in ("files.py", "sweep_files.py"):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        safe = {
            inner
            for node in ast.walk(tree)
            if isinstance(node, ast.With) and "whole(" in ast.unparse(node.items[0])
            for inner in ast.walk(node)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or node in safe or not isinstance(node.func, ast.Attribute | ast.Name):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            modes = [a.value for a in [*node.args, *(k.value for k in node.keywords)] if isinstance(a, ast.Constant)]
            opens = name == "open" and any(isinstance(m, str) and m[:1] in ("w", "a", "x") for m in modes)
            if opens or (name in WRITE_CALLS and isinstance(node.func, ast.Attribute)):
                found.append(f"{path.relative_to(ROOT).as_posix()}: {ast.unparse(node)}")
    assert set(found) == DOWNLOADS


RESUMED = (
    "import numpy as np\nfrom estimator.sweeps.dataset import lay_out\nfrom estimator.sweeps.files import write_layout\n"
    "plan = lay_out('h100-sxm', '12nm', outputs=['clock_ghz'], power_limit_w=np.linspace(200, 1400, 1000),"
    " volume=np.geomspace(1e4, 1e6, 2000))\n"
)


@pytest.mark.slow
def test_resumed_sweep_counts_no_half_tile(tmp_path, monkeypatch):
    """Killed after some tiles, one chunk of an open tile cut short and half a line in the journal: only whole tiles count."""
    xr = pytest.importorskip("xarray")
    pytest.importorskip("zarr")
    out = tmp_path / "a.zarr"
    stop = "seen = []\n\ndef progress(n):\n    seen.append(n)\n    if len(seen) == 2: os.kill(os.getpid(), 9)\n"
    code = f"import os\n{RESUMED}{stop}\nwrite_layout(plan, {str(out)!r}, resume=True, progress=progress)\n"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == -9
    (folder,) = tmp_path.glob(".a.zarr-*.part")
    journal = folder / "tiles done"
    assert journal.read_text().count("\n") == 2
    journal.write_text(journal.read_text() + "[2, 99")
    for chunk in sorted((folder / "a.zarr" / "clock_ghz").glob("[0-9]*"))[2:]:
        chunk.write_bytes(chunk.read_bytes()[:10])

    import estimator.sweeps.files as sweeps

    names: dict = {}
    exec(RESUMED, names)
    written, plain = [], sweeps._write_region
    monkeypatch.setattr(sweeps, "_write_region", lambda *a: written.append(a) or plain(*a))
    tiles = len(list(names["plan"].tiles(names["plan"].tile_sizes())))
    result = sweeps.write_layout(names["plan"], out, resume=True)
    assert len(written) == tiles - 2 > 0
    assert result.points == names["plan"].total
    sweeps.save(sweeps.compute(names["plan"]), tmp_path / "b.zarr")
    assert xr.open_zarr(out).drop_attrs().identical(xr.open_zarr(tmp_path / "b.zarr").drop_attrs())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zarr", "b.zarr"]


def test_an_unfinished_run_of_another_sweep_is_not_taken_up(tmp_path):
    pytest.importorskip("zarr")
    from estimator.sweeps.dataset import lay_out
    from estimator.sweeps.files import write_layout

    def interrupt(_):
        raise KeyboardInterrupt

    out = tmp_path / "a.zarr"
    one, other = (lay_out("h100-sxm", "12nm", power_limit_w=[300.0, w], outputs=["clock_ghz"]) for w in (400.0, 500.0))
    with pytest.raises(KeyboardInterrupt):
        write_layout(one, out, resume=True, progress=interrupt)
    (kept,) = tmp_path.iterdir()
    assert write_layout(other, out, resume=True).points == 2
    assert not kept.exists()
    with pytest.raises(EstimatorError, match="resume needs a result in zarr"):
        write_layout(one, tmp_path / "a.csv", resume=True)

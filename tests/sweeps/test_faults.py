"""Faults of sweeps: killed workers, a lost scheduler, Ctrl-C, a full or unwritable disk; an earlier result survives all."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from estimator.cli import main
from estimator.cli.sweep import cluster
from estimator.cli.sweep_file import read_sweep_file
from estimator.errors import EstimatorError
from estimator.sweeps.dataset import compute, lay_out, sweep
from estimator.sweeps.files import ClusterLostError, save, to_frame, write_layout
from tests.root import ROOT

xr = pytest.importorskip("xarray")
distributed = pytest.importorskip("distributed")
pytest.importorskip("zarr")
pd = pytest.importorskip("pandas")
pytest.importorskip("pyarrow")

SWEEPS = ROOT / "params" / "sweeps"
BIG = {
    "outputs": ["clock_ghz", "unit_cost_usd"],
    "power_limit_w": np.linspace(200, 1400, 300),
    "defect_density_per_cm2": np.linspace(0.02, 0.4, 300),
}


def big_plan(millions: float):
    return lay_out("h100-sxm", "12nm", volume=np.geomspace(1e4, 1e6, int(millions * 1e6 / 9e4)), **BIG)


def leftovers(folder: Path) -> list[str]:
    return [p.name for p in folder.iterdir() if ".part" in p.name]


@pytest.mark.parametrize("file", sorted(SWEEPS.glob("*.toml")), ids=lambda p: p.stem)
@pytest.mark.parametrize("suffix", ["zarr", "parquet", "csv", "nc"])
def test_example_sweeps_from_command_line_equal_those_from_python(tmp_path, file, suffix, capsys):
    out = tmp_path / f"result.{suffix}"
    assert main(["sweep", str(file), "--out", str(out)]) == 0
    shown = capsys.readouterr()
    assert "points" in shown.out
    assert shown.err == ""  # no progress bar when this is not a terminal
    ds = sweep(**read_sweep_file(file))
    if suffix in ("zarr", "nc"):
        with xr.open_dataset(out, engine="zarr" if suffix == "zarr" else None) as back:
            for name, variable in ds.data_vars.items():
                if variable.dtype == float:
                    np.testing.assert_allclose(back[name], variable, rtol=1e-12)
                    assert back[name].attrs["units"] == variable.attrs["units"]
            assert back.attrs["call"] == ds.attrs["call"]
    else:
        back = pd.read_parquet(out) if suffix == "parquet" else pd.read_csv(out)
        frame = to_frame(ds)
        assert list(back.columns) == list(frame.columns)
        for name in frame.columns:
            if frame[name].dtype == float:
                np.testing.assert_allclose(back[name], frame[name], rtol=1e-12)
    assert leftovers(tmp_path) == []
    if suffix == "csv":
        save(ds, tmp_path / "saved.csv")
        assert out.read_bytes() == (tmp_path / "saved.csv").read_bytes()
        assert b"nan" not in out.read_bytes()


def test_existing_output_needs_force_and_stays(tmp_path):
    plan = lay_out("h100-sxm", "5nm", power_limit_w=[300.0, 600.0], outputs=["clock_ghz"])
    for suffix in ("zarr", "csv"):
        out = tmp_path / f"a.{suffix}"
        write_layout(plan, out)
        with pytest.raises(EstimatorError, match="force"):
            write_layout(plan, out)
        bigger = lay_out("h100-sxm", "5nm", power_limit_w=[300.0, 500.0, 600.0], outputs=["clock_ghz"])
        assert write_layout(bigger, out, force=True).points == 3
        assert leftovers(tmp_path) == []
    assert xr.open_zarr(tmp_path / "a.zarr").sizes["power_limit_w"] == 3


@pytest.mark.parametrize(
    ("name", "text"), [("a.xls", "must end"), ("missing/a.csv", "does not exist"), ("a.csv/b.csv", "does not exist")]
)
def test_paths_that_cannot_be_written(tmp_path, name, text):
    plan = lay_out("h100-sxm", "5nm", power_limit_w=[300.0], outputs=["clock_ghz"])
    with pytest.raises(EstimatorError, match=text):
        write_layout(plan, tmp_path / name)


def test_unwritable_folder_ends_with_one_sentence(tmp_path):
    if os.name != "posix" or not Path("/proc").is_dir():
        pytest.skip("needs /proc, where even root may not write")
    plan = lay_out("h100-sxm", "5nm", power_limit_w=[300.0], outputs=["clock_ghz"])
    with pytest.raises(EstimatorError, match=r"cannot write|not writable"):
        write_layout(plan, "/proc/a.csv")


@pytest.mark.parametrize("suffix", ["zarr", "parquet", "csv"])
def test_full_disk_leaves_the_earlier_result(tmp_path, suffix, monkeypatch):
    plan = lay_out("h100-sxm", "5nm", power_limit_w=[300.0, 600.0], outputs=["clock_ghz"])
    out = tmp_path / f"a.{suffix}"
    save(compute(plan), out)
    before = {p: p.read_bytes() for p in [out, *out.rglob("*")] if p.is_file()}

    def full(*args, **options):
        raise OSError(28, "No space left on device")

    import estimator.sweeps.files as files

    monkeypatch.setattr(files, "_count", full)
    with pytest.raises(EstimatorError, match="No space left on device") as caught:
        write_layout(plan, out, force=True)
    assert "\n" not in str(caught.value)
    assert {p: p.read_bytes() for p in [out, *out.rglob("*")] if p.is_file()} == before
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("suffix", ["nc", "parquet", "csv"])
def test_every_format_says_in_the_same_words_what_the_disk_said(tmp_path, suffix):
    resource = pytest.importorskip("resource")
    plan = lay_out("h100-sxm", "5nm", power_limit_w=np.linspace(300, 600, 200), volume=[1e4, 1e5])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        with pytest.raises(EstimatorError, match=rf"cannot write a\.{suffix}: .*File too large.*; nothing was changed"):
            write_layout(plan, tmp_path / f"a.{suffix}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fill", ["a folder", "a folder of someone else's zarr", "a sweep with a file in it"])
def test_only_a_sweep_is_replaced(tmp_path, fill):
    out = tmp_path / "a.zarr"
    plan = lay_out("h100-sxm", "5nm", power_limit_w=[300.0], outputs=["clock_ghz"])
    if fill == "a folder":
        out.mkdir()
    elif fill == "a sweep with a file in it":
        write_layout(plan, out)
    else:
        xr.Dataset({"a": ("x", [1.0])}).to_zarr(out, zarr_format=2)
    other = out / "thesis.txt"
    other.write_text("of three years")
    with pytest.raises(EstimatorError, match="holds other things than a sweep"):
        write_layout(plan, out, force=True)
    assert other.read_text() == "of three years"
    if fill == "a sweep with a file in it":
        other.unlink()
        assert write_layout(plan, out, force=True).points == 1


@pytest.mark.parametrize("suffix", ["nc", ""])
def test_results_larger_than_the_memory_are_refused_before_any_work(tmp_path, suffix):
    plan = lay_out(
        "h100-sxm", "5nm", power_limit_w=np.linspace(200, 1400, 100_000), volume=np.geomspace(1e4, 1e6, 100_000)
    )
    with pytest.raises(EstimatorError, match=r"10,000,000,000 points .* GB, and this machine has .*\.zarr"):
        write_layout(plan, tmp_path / "a.nc") if suffix else compute(plan)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_leaves_the_earlier_result(tmp_path, number):
    out, file = tmp_path / "a.zarr", tmp_path / "big.toml"
    save(sweep("h100-sxm", "5nm", power_limit_w=[300.0], outputs=["clock_ghz"]), out)
    file.write_text(
        'design = "h100-sxm"\nnode = "12nm"\noutputs = ["clock_ghz"]\n[options]\n'
        "power_limit_w = { from = 200, to = 1400, count = 20000 }\nvolume = { from = 1e4, to = 1e6, count = 20000 }\n"
    )
    command = [sys.executable, "-m", "estimator", "sweep", str(file), "--out", str(out), "--force", "--workers", "1"]
    heard = {"preexec_fn": lambda: signal.signal(number, signal.SIG_DFL)}  # a background job of a shell ignores SIGINT
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, **heard)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".*.part/*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(number)
    _, text = process.communicate(timeout=60)
    assert (process.returncode, text.strip()) == (130, "interrupted")
    assert leftovers(tmp_path) == []
    assert xr.open_zarr(out).sizes["power_limit_w"] == 1


def test_exit_code_survives_code_that_runs_from_a_string(tmp_path):
    """Of a module run with -m, CPython forgets it once a plain KeyboardInterrupt has left such code, handled or not."""
    (tmp_path / "asked.py").write_text(
        "import os, signal, sys\n"
        "from estimator.cli.interrupts import interruptible\n"
        "with interruptible() as check:\n"
        "    try:\n"
        "        exec('os.kill(os.getpid(), signal.SIGTERM)\\nwhile True: pass')\n"
        "    except KeyboardInterrupt:\n"
        "        pass\n"
        "    try:\n"
        "        check()\n"
        "    except KeyboardInterrupt:\n"
        "        sys.exit(130)\n"
    )
    where = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)])}
    ended = subprocess.run([sys.executable, "-m", "asked"], check=False, cwd=ROOT, env=where, timeout=60)
    assert ended.returncode == 130


@pytest.mark.slow
def test_killed_worker_loses_nothing(tmp_path):
    plan = big_plan(3)
    out = tmp_path / "a.zarr"
    with cluster(None, 2, plan.total) as client:
        workers = [w["pid"] for w in client.run(lambda: {"pid": os.getpid()}).values()]
        ready: list[int] = []

        def progress(points: int) -> None:
            if not ready:
                os.kill(workers[0], signal.SIGKILL)
            ready.append(points)

        done = write_layout(plan, out, client=client, progress=progress)
    assert done.points == plan.total == done.valid == sum(ready)
    assert len(ready) > 2
    ds = xr.open_zarr(out)
    assert done.feasible == int(ds.feasible.sum()) == int(ds.clock_ghz.notnull().sum()) > 0.9 * plan.total
    assert bool(ds.valid.all())
    part = sweep("h100-sxm", "12nm", volume=ds.volume.values[-1:], **BIG)
    np.testing.assert_allclose(ds.unit_cost_usd.isel(volume=-1), part.unit_cost_usd.isel(volume=0), rtol=1e-12)


@pytest.mark.slow
def test_lost_scheduler_ends_with_one_sentence_and_no_output(tmp_path):
    script = (
        "from distributed import LocalCluster\nimport time\n"
        "if __name__ == '__main__':\n"
        "    c = LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, silence_logs=50)\n"
        "    print(c.scheduler_address, flush=True)\n    time.sleep(120)\n"
    )
    (tmp_path / "scheduler.py").write_text(script)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(
        [sys.executable, str(tmp_path / "scheduler.py")], stdout=subprocess.PIPE, text=True, env=env
    )
    try:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        out = tmp_path / "a.zarr"
        save(sweep("h100-sxm", "5nm", power_limit_w=[300.0], outputs=["clock_ghz"]), out)
        plan = big_plan(60)
        killed = threading.Event()

        def progress(points: int) -> None:
            if not killed.is_set():
                killed.set()
                server.kill()

        with (
            pytest.raises(ClusterLostError, match="nothing was written") as caught,
            cluster(address, None, plan.total) as client,
        ):
            write_layout(plan, out, client=client, force=True, progress=progress)
        assert "\n" not in str(caught.value)
    finally:
        server.kill()
        server.wait(10)
    assert leftovers(tmp_path) == []
    assert xr.open_zarr(out).sizes["power_limit_w"] == 1


def test_scheduler_that_is_not_there(tmp_path):
    with pytest.raises(EstimatorError, match="cannot reach"), cluster("tcp://127.0.0.1:9", None, 10):
        pass


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("design = ", "not valid TOML"),
        ('desing = "h100-sxm"', "did you mean design"),
        ('design = "h100-sxm"\nnode = "5nm"\n[options]\npower_limit_w = { from = 1 }', "from, to, count"),
        ('design = "h100-sxm"\nnode = "5nm"\n[options]\npower_limit_w = { from = 1, to = 5, count = 0 }', "count"),
        (
            'design = "h100-sxm"\nnode = "5nm"\n[options]\nvolume = { from = 0, to = 5, count = 3, spacing = "log" }',
            "above 0",
        ),
    ],
)
def test_bad_sweep_files(tmp_path, text, message):
    file = tmp_path / "bad.toml"
    file.write_text(text)
    with pytest.raises(EstimatorError, match=message) as caught:
        read_sweep_file(file)
    assert "\n" not in str(caught.value)


def test_dotted_fields_quoted_or_not(tmp_path):
    file = tmp_path / "a.toml"
    file.write_text('design = "h100-sxm"\nnode = "5nm"\n[options]\nnode.supply_v = [0.7, 0.75]\n"design.units" = 144\n')
    call = read_sweep_file(file)
    assert call["node.supply_v"] == [0.7, 0.75]
    assert call["design.units"] == 144

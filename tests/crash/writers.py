"""Every writer of the project, killed again and again in processes of its own: says what lay on the disk afterwards."""

from __future__ import annotations

import contextlib
import functools
import gc
import json
import os
import random
import resource
import shutil
import signal
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "golden")]

from estimator import files  # noqa: E402
from estimator.errors import EstimatorError  # noqa: E402

KILLS, SEED = 4, 20_261_124
HEAVY = (
    "dask.array",
    "netCDF4",
    "pandas",
    "pyarrow.csv",
    "pyarrow.parquet",
    "xarray",
    "zarr",
    "plotly.graph_objects",
    "estimator.figures.validation",
    "estimator.calibration.fits",
    "estimator.cli.silicon",
    "estimator.validation.tool_rows",
    "record",
)
"""Loaded once and before the forks that need them: a child shall write, not load; and a small process forks quickly."""
Write = Callable[[Path, int], None]


@functools.cache
def plans() -> list[Any]:
    """Two sweeps of different size."""
    from estimator.sweeps.dataset import lay_out

    return [
        lay_out("h100-sxm", "12nm", power_limit_w=np.linspace(300, 700, n), outputs=["clock_ghz"]) for n in (40, 60)
    ]


@functools.cache
def sweeps() -> list[Any]:
    """Their results."""
    from estimator.sweeps.dataset import compute

    return [compute(plan) for plan in plans()]


@functools.cache
def cases() -> Any:
    """Stored rows of the validation."""
    from estimator.validation import report

    return report.stored()


def _text(path: Path, which: int) -> None:
    files.write_text(path, f"{which}\n" * 200_000)


def _folder(path: Path, which: int) -> None:
    with files.whole(path) as temporary:
        temporary.mkdir()
        for name in ("a", "b"):
            (temporary / name).write_text(f"{which}" * 1000)


def _save(path: Path, which: int) -> None:
    from estimator.sweeps.files import save

    save(sweeps()[which], path, force=True)


def _plan(path: Path, which: int) -> None:
    from estimator.sweeps.files import write_layout

    write_layout(plans()[which], path, force=True)


def _fit(path: Path, which: int) -> None:
    from estimator.calibration import fits

    row = {"low": 1.0, "central": 2.0 + which, "high": 4.0, "unit": "1", "kind": "fit"}
    fits.library.params_folder = lambda: path.parent.parent  # type: ignore[assignment]
    fits.FITS["voltage.toml"] = lambda: {f"node-{n}": {"threshold_v": row} for n in range(300)}
    fits.refit("voltage.toml")


def _report(path: Path, which: int) -> None:
    from estimator.validation import report

    report.library.params_folder = lambda: path.parent  # type: ignore[assignment]
    report.save(cases()[which : which + 300])


def _docs(path: Path, which: int) -> None:
    from estimator.cli.parser import build_parser
    from estimator.validation import report, tool_rows

    report.all_rows = lambda each: cases()[which : which + 100]  # type: ignore[assignment]
    report.fit_rows = lambda each: ()  # type: ignore[assignment]
    tool_rows.unit_fault = lambda: ""
    args = build_parser().parse_args(["validate", "--docs", str(path)])
    args.run(args)


def _figures(path: Path, which: int) -> None:
    from estimator.cli.silicon import write_figures

    write_figures([c for c in cases() if c.group == cases()[0].group][which:], path.parent)


def _golden(path: Path, which: int) -> None:
    import record

    changelog = path.with_name("CHANGELOG.md")
    if not changelog.exists():
        changelog.write_text("# Changelog\n\n## 0.1.0\n\n- First.\n")
    results = {"ladder": {f"case {n}": {"power_w": 1.0 + which} for n in range(300)}}
    record.record("a test", results, results=path, changelog=changelog)


WRITERS: dict[str, tuple[str, Write]] = {
    "text": ("a.md", _text),
    "folder": ("a.dir", _folder),
    "zarr": ("a.zarr", _save),
    "parquet": ("a.parquet", _save),
    "csv": ("a.csv", _save),
    "netcdf": ("a.nc", _save),
    "zarr by tiles": ("a.zarr", _plan),
    "parquet by tiles": ("a.parquet", _plan),
    "csv by tiles": ("a.csv", _plan),
    "netcdf of a plan": ("a.nc", _plan),
    "calibrate": ("fit/voltage.toml", _fit),
    "validate --save": ("validation_report.json", _report),
    "validate --docs": ("validation.md", _docs),
    "validate --figures": ("validation-1.html", _figures),
    "golden": ("results.toml", _golden),
}


def child(work: Callable[[], Any]) -> int:
    """Run something in a forked process with no output; gives its process id."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        code = int(work() or 0)
    finally:
        os._exit(code)


def finished(pid: int) -> int:
    """Exit code of a child; minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def state(path: Path) -> dict[str, bytes]:
    """What is there: the bytes of a file, or of all files of a folder."""
    return {str(p.relative_to(path)): p.read_bytes() for p in sorted([path, *path.rglob("*")]) if p.is_file()}


def leftovers(folder: Path) -> list[str]:
    """Temporary files under a folder."""
    return [p.name for p in folder.rglob("*") if ".part" in p.name or ".tmp" in p.name]


def references(path: Path, write: Write) -> tuple[list[dict[str, bytes]], float]:
    """Both contents that the writer can leave, and the seconds one writing takes."""
    out = []
    for which in (0, 1):
        assert finished(child(lambda which=which: write(path, which))) == 0, f"{path.name} cannot be written at all"
        out.append(state(path))
    assert out[0] != out[1]

    def timed() -> None:
        write(path, 0)
        start = time.monotonic()
        write(path, 1)
        path.with_name("seconds").write_text(str(time.monotonic() - start))

    assert finished(child(timed)) == 0
    return out, float(path.with_name("seconds").read_text())


def killed_at_random(path: Path, write: Write, rng: random.Random) -> dict[str, Any]:
    """Kill a process that writes one content after the other; what was there each time, and after a last undisturbed one."""
    known, seconds = references(path, write)
    found: dict[str, Any] = {"old": 0, "new": 0, "faults": []}
    for _ in range(KILLS):
        ready, said = os.pipe()

        def work(said: int = said) -> None:
            for k in range(100_000):
                write(path, k % 2)
                os.write(said, b"x")

        pid = child(work)
        os.read(ready, 1)
        time.sleep(rng.uniform(0, 2 * seconds))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(ready)
        os.close(said)
        now = state(path)
        if now in known:
            found[("old", "new")[known.index(now)]] += 1
        else:
            found["faults"].append(f"{path.name} is neither the old nor the new one: {sorted(now)[:5]}")
    assert finished(child(lambda: write(path, 1))) == 0
    if state(path) != known[1]:
        found["faults"].append("the next writing did not work")
    found["left"] = leftovers(path.parent)
    return found


def killed_at_each_line(path: Path, write: Write, *, exchange: bool) -> dict[str, Any]:
    """Kill a process at the first line, the second, ... that it runs of the module which puts files in place."""
    known, _ = references(path, write)
    found: dict[str, Any] = {"steps": 0, "put back": 0, "faults": []}
    done = False
    while not done and found["steps"] < 500:
        found["steps"] += 1
        files._clear_stale(path)  # so that every step starts from the same
        if state(path) != known[0]:
            assert finished(child(lambda: write(path, 0))) == 0
        pid = child(functools.partial(_killed_at, found["steps"], path, write, exchange))
        done = finished(pid) == 0
        if not state(path) and not exchange:  # between two renames: the next writer puts it back, even one that fails
            with contextlib.suppress(RuntimeError), files.whole(path):
                raise RuntimeError
            found["put back"] += 1
        if state(path) not in known:
            found["faults"].append(f"step {found['steps']}: neither the old nor the new one")
    if state(path) != known[1]:
        found["faults"].append("the undisturbed writing did not work")
    found["left"] = leftovers(path.parent)
    return found


def _killed_at(step: int, path: Path, write: Write, exchange: bool) -> None:
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if frame.f_code.co_filename != files.__file__:
            return trace if event == "call" else None
        if event == "line":
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    if not exchange:
        files._exchange = lambda one, other: False  # type: ignore[assignment]
    sys.settrace(trace)
    write(path, 1)
    sys.settrace(None)


def full_disk(path: Path, write: Write) -> dict[str, Any]:
    """Write where no file may grow beyond some bytes; the sentence that came of it, and whether the old file stayed."""
    assert finished(child(lambda: write(path, 0))) == 0
    before, said = state(path), path.with_name("said")

    def work() -> None:
        message = "nothing was raised"
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
        try:
            write(path, 1)
        except EstimatorError as error:
            message = str(error)
        except BaseException as error:
            message = f"{type(error).__name__} escaped: {error}"
        resource.setrlimit(
            resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
        )
        said.write_text(message)

    code = finished(child(work))
    return {
        "code": code,
        "said": said.read_text() if said.exists() else "",
        "kept": state(path) == before,
        "left": leftovers(path.parent),
    }


def load() -> None:
    """Load what the heavier writers use."""
    for name in HEAVY:
        import_module(name)
    sweeps()
    cases()
    gc.freeze()  # the children copy less of this process


def main(folder: Path) -> None:
    """Print what happened to every writer, as JSON."""
    rng = random.Random(SEED)
    out: dict[str, Any] = {}

    def fresh(name: str) -> Path:
        shutil.rmtree(folder / "run", ignore_errors=True)
        path = folder / "run" / WRITERS[name][0]
        path.parent.mkdir(parents=True)
        return path

    for name in ("text", "folder"):
        write = WRITERS[name][1]
        out[name] = {
            "lines": killed_at_each_line(fresh(name), write, exchange=True),
            "lines without exchange": killed_at_each_line(fresh(name), write, exchange=False),
        }
    for name, (_, write) in WRITERS.items():
        if name == "zarr":
            load()
        found = {"random": killed_at_random(fresh(name), write, rng), "full": full_disk(fresh(name), write)}
        out[name] = out.get(name, {}) | found
    print(json.dumps(out))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Command line of sweeps: ``sweep FILE.toml --out RESULT`` and ``best DESIGN NODE --over ...``."""

from __future__ import annotations

import argparse
import json
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from estimator.cli.interrupts import interruptible
from estimator.errors import InputError, said, unknown_name
from estimator.parameters.library import read_text
from estimator.parameters.toml import parse_toml
from estimator.sweeps.layout import Plan

SMALL = 2_000_000  # points that one process computes before a cluster has started
_FILE_KEYS = ("title", "design", "node", "points", "sampling", "samples", "seed", "outputs", "options", "figure")


def read_sweep_file(path: str | Path) -> dict[str, Any]:
    """Arguments of `estimator.sweep` from a TOML file.

    Top-level keys are ``design``, ``node``, ``points``, ``sampling``, ``samples``, ``seed``, ``outputs``; a table
    ``[options]`` holds the others, each a value, a list, or ``{from, to, count}`` with ``spacing = "log"`` if wanted
    (without ``count``: the range of a design of experiments).
    """
    path = Path(path)
    file = said(path.name)
    data = parse_toml(read_text(path), where=file)
    for key in data:
        if key not in _FILE_KEYS:
            raise unknown_name(f"key of {file}", key, _FILE_KEYS)
    options = data.pop("options", {})
    if not isinstance(options, dict):
        raise InputError(f"{file}: options must be a table")
    call = {k: v for k, v in data.items() if k not in ("title", "figure")}
    if isinstance(call.get("points"), str):
        call["points"] = path.parent / call["points"]
    for name, value in _flat(options).items():
        if name in call:
            raise InputError(f"{file}: {name} is given twice")
        call[name] = _axis(name, value) if isinstance(value, dict) else value
    return call


def _flat(options: dict[str, Any]) -> dict[str, Any]:
    """Dotted names, quoted or as sub-tables: ``node.supply_v = [..]`` in TOML is a table ``node``."""
    out: dict[str, Any] = {}
    for name, value in options.items():
        if isinstance(value, dict) and not {"from", "to"} & set(value):
            out.update({f"{name}.{k}": v for k, v in value.items()})
        else:
            out[name] = value
    return out


def _axis(name: str, value: dict[str, Any]) -> Any:
    spare = set(value) - {"from", "to", "count", "spacing"}
    if spare or not {"from", "to"} <= set(value):
        raise InputError(f"{name}: an axis is a list or {{from, to, count}}, not {sorted(map(str, value))}")
    low, high = value["from"], value["to"]
    if not all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in (low, high)):
        raise InputError(f"{name}: from and to must be numbers")
    if "count" not in value:
        return (low, high)
    count = value["count"]
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= 100_000_000:
        raise InputError(f"{name}: count = {count!r} must be an integer from 1 to 100000000")
    if value.get("spacing", "linear") == "log":
        if low <= 0 or high <= 0:
            raise InputError(f"{name}: a logarithmic axis needs from and to above 0")
        return np.geomspace(low, high, count)
    if value.get("spacing", "linear") != "linear":
        raise InputError(f"{name}: spacing must be 'linear' or 'log'")
    return np.linspace(low, high, count)


@contextmanager
def cluster(scheduler: str | None, workers: int | None, points: int) -> Iterator[Any]:
    """A Dask client: of a scheduler, of a local cluster on all cores, or None where one process is quicker."""
    cores = workers or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1))
    if scheduler is None and (cores == 1 or (points <= SMALL and workers is None)):
        yield None
        return
    import distributed

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    dask: Any = distributed
    local = None
    try:
        if scheduler is None:
            local = dask.LocalCluster(
                n_workers=cores, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL
            )
        client = dask.Client(local or scheduler, timeout="10s")
    except (OSError, TimeoutError, ValueError) as error:
        raise InputError(f"cannot reach the scheduler {scheduler}: {str(error)[:120]}") from None
    try:
        yield client
    finally:
        client.close(timeout=2)
        if local is not None:
            local.close(timeout=5)


def run_sweep(
    plan: Plan,
    out: str | Path,
    *,
    scheduler: str | None,
    workers: int | None,
    force: bool,
    resume: bool = False,
    check: Callable[[], None],
) -> str:
    """Run a plan into a file with a progress bar (on a terminal only), until `check` raises; gives the closing sentence."""
    from tqdm import tqdm

    from estimator.sweeps.files import check_out, write_plan

    check_out(Path(out), force=force)
    with (
        cluster(scheduler, workers, plan.total) as client,
        tqdm(total=plan.total, unit=" points", unit_scale=True, disable=None, smoothing=0.1) as bar,
    ):

        def progress(points: int) -> None:
            bar.update(points)
            check()

        done = write_plan(plan, out, client=client, force=force, resume=resume, progress=progress)
    return f"{Path(out).name}: {done.points:,} points, {done.valid:,} valid, {done.feasible:,} feasible"


def _sweep(args: argparse.Namespace) -> int:
    from estimator.sweeps.dataset import plan_sweep
    from estimator.sweeps.files import check_out

    check_out(Path(args.out), force=args.force)
    plan = plan_sweep(**read_sweep_file(args.file))
    print(
        run_sweep(
            plan,
            args.out,
            scheduler=args.scheduler,
            workers=args.workers,
            force=args.force,
            resume=args.resume,
            check=args.check,
        )
    )
    return 0


def _range(text: str) -> tuple[str, Any]:
    """``name=low:high`` (either may be empty) or ``name=a,b,c``."""
    name, sign, value = text.partition("=")
    if not sign or not value:
        raise InputError(f"{text!r} must be name=low:high or name=a,b,c")
    if ":" in value:
        ends = value.split(":")
        try:
            low, high = (float(e) if e else None for e in ends)
        except ValueError:
            raise InputError(f"{text!r} must be name=low:high with numbers") from None
        return name, (low, high)
    parts = value.split(",")
    try:
        return name, [float(p) for p in parts]
    except ValueError:
        return name, parts


def _ranges(option: str, texts: list[str]) -> dict[str, Any]:
    """The ranges of one option by name; a name given twice is refused."""
    found: dict[str, Any] = {}
    for name, value in map(_range, texts):
        if name in found:
            raise InputError(f"{option} {name} is given twice")
        found[name] = value
    return found


def _best(args: argparse.Namespace) -> int:
    from estimator.cli.settings import parse_settings
    from estimator.sweeps.optimize import best

    found = best(
        args.design,
        args.node,
        objective=args.objective,
        over=_ranges("--over", args.over),
        subject_to=_ranges("--subject-to", args.subject_to or []),
        seed=args.seed,
        **parse_settings(args.set),
    )
    print(json.dumps(found.to_dict(), indent=2, allow_nan=False) if args.json else found)
    return 0


def add_sweep_commands(commands: Any) -> None:
    """Add the commands ``sweep`` and ``best`` to the subparsers of a command line."""
    sweep = commands.add_parser("sweep", help="run a sweep file", description="Run a sweep file and write its result.")
    sweep.add_argument("file", metavar="FILE.toml", help="the sweep; examples in params/sweeps/")
    sweep.add_argument("--out", required=True, help="result.zarr, .parquet, .csv or .nc")
    sweep.add_argument("--scheduler", help="address of a Dask scheduler, e.g. tcp://10.0.0.1:8786")
    sweep.add_argument("--workers", type=int, help="processes of a cluster on this machine (default: all cores)")
    sweep.add_argument("--force", action="store_true", help="replace an existing result")
    sweep.add_argument(
        "--resume", action="store_true", help="keep what an interrupted run wrote, and go on from there (zarr)"
    )
    sweep.set_defaults(run=_sweep)
    best = commands.add_parser("best", help="the best clone", description="Find the best clone within ranges.")
    best.add_argument("design")
    best.add_argument("node")
    best.add_argument("--objective", default="usd_per_tflops", help="an output; its better direction is known")
    best.add_argument(
        "--over", nargs="+", action="extend", required=True, metavar="name=low:high", help="what may vary"
    )
    best.add_argument("--subject-to", nargs="+", action="extend", metavar="output=low:high", help="bounds on outputs")
    best.add_argument("--set", nargs="+", action="extend", metavar="key=value", help="fixed options")
    best.add_argument("--seed", type=int, default=0)
    best.add_argument("--json", action="store_true", help="print JSON")
    best.set_defaults(run=_best)


def main(arguments: Sequence[str]) -> int:
    """Run ``sweep`` or ``best``; a polite kill ends as an interrupt does, with nothing half-written."""
    parser = argparse.ArgumentParser(prog="chip-scaling")
    add_sweep_commands(parser.add_subparsers(dest="command", required=True))
    args = parser.parse_args(list(arguments))
    if getattr(args, "workers", None) is not None and args.workers < 1:
        raise InputError(f"--workers {args.workers} is out of range: it must be at least 1")
    with interruptible() as args.check:
        code: int = args.run(args)
    return code

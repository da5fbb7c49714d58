"""Commands ``sweep FILE.toml --out RESULT`` (many points) and ``best DESIGN NODE --over ...`` (the best clone)."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from estimator.cli.commands import add_command, add_json, add_name, add_parameters, add_settings
from estimator.cli.interrupts import interruptible
from estimator.cli.terminal import print_json, say, working
from estimator.errors import InputError, check_installed

if TYPE_CHECKING:
    from estimator.cli.commands import Commands
    from estimator.sweeps.layout import Layout

SMALL = 2_000_000  # points that one process computes in the time a cluster needs to start


def add(commands: Commands) -> None:
    """Declare ``sweep`` and ``best``."""
    sweep = add_command(
        commands,
        "sweep",
        _sweep,
        "run a sweep file and write zarr, netCDF, parquet or csv",
        description="Run a sweep file and write its result.",
    )
    sweep.add_argument("file", metavar="FILE.toml", help="the sweep; examples in params/sweeps/")
    sweep.add_argument("--out", required=True, help="result.zarr, .parquet, .csv, .xlsx or .nc")
    sweep.add_argument("--scheduler", help="address of a Dask scheduler, e.g. tcp://10.0.0.1:8786")
    sweep.add_argument("--workers", type=int, help="processes of a cluster on this machine (default: all cores)")
    sweep.add_argument("--force", action="store_true", help="replace an existing result")
    sweep.add_argument(
        "--resume", action="store_true", help="keep what an interrupted run wrote, and go on from there (zarr)"
    )
    best = add_command(
        commands,
        "best",
        _best,
        "find the best clone within ranges",
        description="Find the best clone within ranges.",
    )
    add_name(best, "design", kinds=("design",), help="name or TOML file of a design")
    add_name(best, "node", kinds=("node",), help="name, alias or TOML file of a node; for a job several, with commas")
    best.add_argument(
        "--objective", help="an output (usd_per_tflops), its better direction is known; of a job cost, energy or gpus"
    )
    best.add_argument("--over", nargs="+", action="extend", metavar="name=low:high", help="what may vary")
    best.add_argument("--train", metavar="RUN:DAYS", help="as many clones as train a published run in days")
    best.add_argument("--serve", type=float, metavar="TOKENS_S", help="as many clones as generate tokens at a rate")
    best.add_argument("--prices", action="store_true", help="also what each limit costs")
    best.add_argument("--subject-to", nargs="+", action="extend", metavar="output=low:high", help="bounds on outputs")
    add_settings(best, "fixed options")
    best.add_argument("--seed", type=int, default=0)
    add_json(best)
    for command in (sweep, best):
        add_parameters(command)


@contextmanager
def cluster(scheduler: str | None, workers: int | None, points: int) -> Iterator[Any]:
    """A Dask client of the given scheduler or of a local cluster; None if one process is quicker."""
    cores = workers or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1))
    if scheduler is None and (cores == 1 or (points <= SMALL and workers is None)):
        yield None
        return
    import logging

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
    layout: Layout,
    out: str | Path,
    *,
    scheduler: str | None,
    workers: int | None,
    force: bool,
    resume: bool = False,
    check: Callable[[], None],
) -> str:
    """Run a layout, write it to a file and give a sentence that sums it up; a terminal shows a progress bar.

    `check` is called after each tile and stops the run by raising.
    """
    from tqdm import tqdm

    from estimator.sweeps.files import check_out, write_layout

    check_out(Path(out), force=force)
    with (
        cluster(scheduler, workers, layout.total) as client,
        tqdm(total=layout.total, unit=" points", unit_scale=True, disable=None, smoothing=0.1) as bar,
    ):

        def progress(points: int) -> None:
            bar.update(points)
            check()

        done = write_layout(layout, out, client=client, force=force, resume=resume, progress=progress)
    return f"{Path(out).name}: {done.points:,} points, {done.valid:,} valid, {done.feasible:,} feasible"


def _sweep(args: argparse.Namespace) -> int:
    from estimator.cli.sweep_file import read_sweep_file
    from estimator.sweeps.dataset import lay_out
    from estimator.sweeps.files import check_out

    if args.workers is not None and args.workers < 1:
        raise InputError(f"--workers {args.workers} is out of range: it must be at least 1")
    check_installed("sweep", "sweep", "xarray", "dask", "distributed", "tqdm")
    with interruptible() as check:
        check_out(Path(args.out), force=args.force)
        layout = lay_out(**read_sweep_file(args.file))
        print(
            run_sweep(
                layout,
                args.out,
                scheduler=args.scheduler,
                workers=args.workers,
                force=args.force,
                resume=args.resume,
                check=check,
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
    """The ranges of one option by name; giving a name twice is an error."""
    found: dict[str, Any] = {}
    for name, value in map(_range, texts):
        if name in found:
            raise InputError(f"{option} {name} is given twice")
        found[name] = value
    return found


def _job(args: argparse.Namespace) -> dict[str, Any]:
    """Arguments of `redesign` that name the job."""
    if args.train is None:
        return {"serve_tokens_s": args.serve}
    run, sign, days = args.train.rpartition(":")
    try:
        return {"train": run if sign else days, "days": float(days) if sign else None, "serve_tokens_s": args.serve}
    except ValueError:
        raise InputError(f"--train {args.train!r} must be RUN:DAYS, e.g. deepseek-v3:60") from None


def _best(args: argparse.Namespace) -> int:
    from estimator.cli.settings import parse_settings
    from estimator.sweeps.optimize import best
    from estimator.uses.redesign import redesign

    call: dict[str, Any] = {
        "subject_to": _ranges("--subject-to", args.subject_to or []),
        "seed": args.seed,
        **parse_settings(args.set),
    }
    over = _ranges("--over", args.over or [])
    with interruptible():
        with working(f"the best of {args.design} on {args.node}"):
            if args.train is None and args.serve is None:
                found = best(args.design, args.node, objective=args.objective or "usd_per_tflops", over=over, **call)
            else:
                job = _job(args)
                found = redesign(
                    args.design,
                    args.node.split(","),
                    objective=args.objective or "cost",
                    over=over or None,
                    **job,
                    **call,
                )
            prices = found.shadow_prices() if args.prices else []
        if args.json:
            print_json({**found.to_dict(), **({"prices": [p._asdict() for p in prices]} if args.prices else {})})
        else:
            for line in repr(found).splitlines():
                say(line, "note" if line.startswith("  note: ") else "", indent=2)
            for price in prices:
                say(f"  1 % more of {price.limit}: {price.change_percent:+.2f} %", indent=2)
    return 0

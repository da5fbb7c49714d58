"""Benchmarks: the table of docs/performance.md, measured in one run (``--write`` records it, ``--quick`` skips 10^8)."""

from __future__ import annotations

import argparse
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import page_speed  # noqa: E402

from estimator import estimate  # noqa: E402
from estimator.files import write_text  # noqa: E402
from estimator.model.batch import BLOCK, Points  # noqa: E402
from estimator.physics.wafer import gross_dies  # noqa: E402
from estimator.physics.yields import yield_fraction  # noqa: E402
from estimator.sweeps.dataset import compute, lay_out  # noqa: E402
from estimator.sweeps.layout import Layout  # noqa: E402

NAMES = {
    "design": ["h100-sxm"],
    "node": ["3nm", "5nm", "7nm", "8nm", "12nm", "16nm", "28nm", "gf-12lp"],
    "cooling": ["air-server", "cold-plate", "immersion"],
}
FOUR = ["clock_ghz", "power_w", "die_area_mm2", "unit_cost_usd"]
LIMIT_NS = 84.0
"""What a core without AVX-512 needs at least for the counted operations of a point (docs/performance.md)."""
VERDICTS = {True: "met", False: "**missed**", None: ""}
Row = tuple[str, str, str, bool | None]


def quickest(run: Callable[[], Any], repeat: int = 5, clock: Callable[[], float] = time.perf_counter) -> float:
    """Shortest time of some runs, s."""
    times = []
    for _ in range(repeat):
        start = clock()
        run()
        times.append(clock() - start)
    return min(times)


def columns(n: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Independent points: no two alike in anything."""
    rng = np.random.default_rng(1)
    index = {k: rng.integers(0, len(v), n) for k, v in NAMES.items()}
    numbers = {
        "power_limit_w": rng.uniform(200, 1400, n),
        "defect_density_per_cm2": rng.uniform(0.02, 0.4, n),
        "volume": rng.uniform(1e4, 1e6, n),
        "wafer_cost_usd": rng.uniform(3e3, 2e4, n),
        "workload_intensity_flop_byte": rng.uniform(50, 500, n),
        "clustering_alpha": rng.uniform(1, 4, n),
        "units_enabled": rng.integers(100, 145, n).astype(float),
    }
    return index, numbers


def full_chain() -> list[Row]:
    """All outputs of independent points on one core, and how far that is from the limit of a machine."""
    n = 500_000
    index, numbers = columns(n)
    points = Points(NAMES, list(numbers))
    seconds = quickest(lambda: points.evaluate(index, numbers), 8, time.process_time) / n
    rate, ns = 1e-6 / seconds, 1e9 * seconds
    return [
        (
            "full chain, all outputs, independent points, one core",
            "at least 2 M points/s",
            f"{rate:.2f} M points/s",
            rate >= 2,
        ),
        (
            "  distance to the machine's limit, 84 ns without AVX-512",
            "none set",
            f"{ns / LIMIT_NS:.1f} x ({ns:.0f} ns a point)",
            None,
        ),
    ]


def scalar() -> list[Row]:
    """One estimate in a warm process."""
    times = []
    for _ in range(60):
        start = time.perf_counter()
        estimate("h100-sxm", "12nm", power_limit_w=700.0)
        times.append(time.perf_counter() - start)
    ms = statistics.median(times) * 1e3
    return [("one estimate(), warm", "at most 2 ms", f"{ms:.2f} ms", ms <= 2)]


def peer_pair(area: float, width: float, height: float, density: float) -> tuple[float, float]:
    """What the quickest peers compute per call: negative binomial yield and gross dies, in plain Python."""
    good = (1.0 + area * density / 100.0 / 2.0) ** -2.0
    site = (width + 0.1) * (height + 0.1)
    gross = math.pi * (294.0 / 2) ** 2 / site - math.pi * 294.0 / math.sqrt(2.0 * site)
    return good, max(gross, 0.0)


def pair() -> list[Row]:
    """Yield and dies alone, against the peers' plain Python."""
    n = 400_000
    rng = np.random.default_rng(2)
    width, height, density = rng.uniform(5, 26, n), rng.uniform(5, 33, n), rng.uniform(0.02, 0.4, n)
    area = width * height
    few = [tuple(map(float, row)) for row in zip(area[:50_000], width, height, density, strict=False)]
    theirs = quickest(lambda: [peer_pair(*row) for row in few]) / len(few)

    def ours() -> None:
        for i in range(0, n, BLOCK):
            s = slice(i, i + BLOCK)
            yield_fraction(die_area_mm2=area[s], defect_density_per_cm2=density[s])
            gross_dies(width_mm=width[s], height_mm=height[s])

    ratio = theirs / (quickest(ours) / n)
    return [("yield and gross dies alone, over plain Python", "at least 20 x", f"{ratio:.0f} x", ratio >= 20)]


def grid(points: float) -> Layout:
    """A grid of about this many points and four outputs, longer along its first axis only: each block alike."""
    return lay_out(
        "h100-sxm",
        "12nm",
        outputs=FOUR,
        power_limit_w=np.linspace(200, 1400, round(points / 2500)),
        defect_density_per_cm2=np.linspace(0.02, 0.4, 50),
        wafer_cost_usd=np.linspace(3e3, 2e4, 50),
    )


def discard(plan: Layout) -> int:
    """Compute a part and keep nothing."""
    return int(compute(plan).valid.sum())


def scaling(quick: bool) -> list[Row]:
    """Two processes over one, and cost per point from 10^5 to 10^8 points."""
    from distributed import Client, LocalCluster

    plan = grid(6e7)
    sizes = plan.tile_sizes()
    parts = [plan.part(w) for w in plan.tiles(sizes)]
    seconds = {}
    for workers in (1, 2):
        with (
            LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster,
            Client(cluster) as client,
        ):
            client.gather(client.map(discard, parts[: 2 * workers], pure=False))  # parameters read, heap settled
            seconds[workers] = quickest(lambda c=client: c.gather(c.map(discard, parts, pure=False)), 3)
    gain = seconds[1] / seconds[2]
    per_point = {}
    for exponent in (5, 6, 7) if quick else (5, 6, 7, 8):
        big = grid(10.0**exponent)

        def run(big: Layout = big) -> None:
            for where in big.tiles(big.tile_sizes()):
                discard(big.part(where))

        repeat = {5: 20, 6: 8, 7: 3}.get(exponent, 1)
        per_point[exponent] = quickest(run, repeat, time.process_time) / big.total * 1e9
    spread = max(per_point.values()) / min(per_point.values()) - 1
    shown = ", ".join(f"10^{e}: {ns:.0f} ns" for e, ns in per_point.items())
    return [
        ("two cores over one (two Dask processes)", "at least 1.8 x", f"{gain:.2f} x", gain >= 1.8),
        (
            "cost per point, grid, four outputs, nothing written",
            "flat within 20 %",
            f"{shown} (spread {spread:.0%})",
            spread <= 0.2,
        ),
    ]


def memory(quick: bool) -> list[Row]:
    """Resident memory of all processes of a sweep to zarr."""
    import psutil

    side = 100 if quick else 1000
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "big.toml"
        file.write_text(
            f'design = "h100-sxm"\nnode = ["5nm", "12nm"]\noutputs = {FOUR}\n[options]\n'
            f"power_limit_w = {{ from = 200, to = 1400, count = {side} }}\n"
            "defect_density_per_cm2 = { from = 0.02, to = 0.4, count = 500 }\n"
            "wafer_cost_usd = { from = 3000, to = 20000, count = 100 }\n"
        )
        command = [
            sys.executable,
            "-m",
            "estimator",
            "sweep",
            str(file),
            "--out",
            f"{folder}/big.zarr",
            "--workers",
            "2",
        ]
        start, peak = time.perf_counter(), 0
        process = psutil.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        while process.poll() is None:
            total = 0
            for one in [process, *process.children(recursive=True)]:
                try:
                    total += one.memory_info().rss
                except psutil.Error:
                    continue
            peak = max(peak, total)
            time.sleep(0.2)
        seconds = time.perf_counter() - start
    points = 2 * side * 500 * 100
    gib = peak / 2**30
    return [
        (
            f"memory, {points:.0e} points of four outputs to zarr, all processes".replace("e+0", "e"),
            "at most 1.5 GiB",
            f"{gib:.2f} GiB (sum of resident sets; {points / seconds / 1e6:.1f} M points/s written)",
            gib <= 1.5,
        )
    ]


def cold() -> list[Row]:
    """A cold process."""
    rows = []
    for what, code, limit in (
        ("import estimator, cold process", "import estimator", 0.6),
        ("estimate() once, cold process", "import estimator; estimator.estimate('h100-sxm', '12nm')", 1.2),
    ):
        seconds = quickest(lambda c=code: subprocess.run([sys.executable, "-c", c], check=True, cwd=ROOT), 3)
        rows.append((what, f"at most {limit} s", f"{seconds:.2f} s", seconds <= limit))
    return rows


def machine() -> str:
    """Processor, cores and versions."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = dict(line.split(":", 1) for line in info.read_text().splitlines() if ":" in line)
        lines = {k.strip(): v.strip() for k, v in lines.items()}
        wide = "with" if "avx512f" in lines.get("flags", "") else "without"
        model = f"{lines.get('model name', model)} (family {lines.get('cpu family', '?')}, {wide} AVX-512)"
    return f"{model}, {os.cpu_count()} cores; Python {platform.python_version()}, NumPy {np.__version__}"


def main() -> int:
    """Measure, print the table, and record it if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out the sweeps of 10^8 points")
    parser.add_argument("--write", action="store_true", help="record the table in docs/performance.md")
    args = parser.parse_args()
    rows: list[Row] = []
    parts = (full_chain, scalar, pair, lambda: scaling(args.quick), lambda: memory(args.quick), cold)
    for part in (*parts, page_speed.server_time, page_speed.in_browser):
        for row in part():
            rows.append(row)
            print(f"{row[0]:62s} {row[1]:24s} {row[2]} {'  << missed' if row[3] is False else ''}", flush=True)
    if args.write:
        table = ["| what | target | measured | |", "|---|---|---|---|"]
        table += [f"| {w.strip()} | {t} | {m} | {VERDICTS[ok]} |" for w, t, m, ok in rows]
        path = ROOT / "docs" / "performance.md"
        text = path.read_text("utf-8")
        head, rest = text.split("<!-- table -->")[0], text.split("<!-- end -->")[1]
        stamp = f"{machine()}; {date.today().isoformat()}."
        write_text(path, f"{head}<!-- table -->\n{stamp}\n\n" + "\n".join(table) + f"\n<!-- end -->{rest}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

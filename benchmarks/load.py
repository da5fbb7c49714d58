"""Load test: many visitors at once on the page, each of which checks its own numbers; prints latency, faults and memory."""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
import psutil
from scipy.stats import theilslopes

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks"), str(ROOT / "tests" / "browser")]

import server  # noqa: E402
import visitors  # noqa: E402
from session import Session, Shown, cookie_of  # noqa: E402

CORES = 2
P95_S = 2.0
SLOPE_MIB_MIN = 2.0
WAIT_S = 60.0  # a change without an answer for so long is an error
SHORT_S = 240.0  # a shorter run says nothing about memory
WARM_S = 150.0  # arrivals over 30 s, and 120 s for which Streamlit keeps the session of a lost connection
MIB = 2**20


@dataclass
class Record:
    """What was measured, as it comes in."""

    changes: list[tuple[str, float]] = field(default_factory=list)
    openings_s: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    mismatches: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)
    received_bytes: int = 0
    memory: list[tuple[float, float]] = field(default_factory=list)

    def check(self, page: str, shown: Shown, seen: visitors.Seen, who: str) -> None:
        """Hold what the page shows against what this visitor must see."""
        self.received_bytes += shown.received_bytes
        self.errors += [f"{who}: {e.type} {e.message}"[:300] for e in shown.of_kind("exception")]
        self.refused[page] += len(seen) == 1
        found = visitors.seen_on(page, shown)
        if found != seen:
            self.mismatches.append(f"{who}: shown {found}, must be {seen}")


async def timed(session: Session, page: str = "", **changes: Any) -> tuple[Shown, float]:
    """One run of the page, and its time from sending to the end of the script."""
    start = time.perf_counter()
    shown = await asyncio.wait_for(session.run(page, **changes), WAIT_S)
    return shown, time.perf_counter() - start


async def one_visit(address: str, cookie: str, who: str, visit: visitors.Visit, until: float, record: Record) -> None:
    """Arrive, change one thing after the other, and leave."""
    session = Session(address)
    session.query = dict(visit.query)
    await session.connect(cookie)
    shown, seconds = await timed(session, visit.page)
    record.openings_s.append(seconds)
    record.check(visit.page, shown, visit.seen, f"{who}, opening")
    seen = visit.seen
    for step in visit.steps:
        await asyncio.sleep(min(step.pause_s, max(until - time.monotonic(), 0)))
        if time.monotonic() >= until:
            break
        shown, seconds = await timed(session, **{step.key: step.value})
        record.changes.append((step.key, seconds))
        seen = step.seen
        record.check(visit.page, shown, seen, f"{who}, {step.key} = {step.value}")
    record.endings[visit.ending] += 1
    if visit.ending == "gone in a run":
        await session.send(maturity=5.0)
        session.drop()
        return
    if visit.ending == "line broke":
        session.drop()
        before = session.id
        await session.connect(cookie)
        shown, seconds = await timed(session)
        record.check(visit.page, shown, seen, f"{who}, after the line broke")
        if session.id != before:
            record.errors.append(f"{who}: the session did not go on after the line broke")
    await session.leave()


async def visitor(
    address: str, number: int, visits: list[visitors.Visit], start: float, until: float, record: Record
) -> None:
    """One visitor from the first arrival to the end of the test; a fault ends the visit, not the visitor."""
    await asyncio.sleep(max(start - time.monotonic(), 0))
    cookie = await asyncio.to_thread(cookie_of, address)
    for n, visit in enumerate(visits):
        if time.monotonic() >= until:
            return
        who = f"visitor {number}, visit {n}"
        try:
            await one_visit(address, cookie, who, visit, until, record)
        except Exception as error:
            record.errors.append(f"{who}: {type(error).__name__}: {error}"[:300])
            await asyncio.sleep(1)


async def watch(process: psutil.Process, every_s: float, start: float, record: Record) -> None:
    """Resident memory of the server over time."""
    while True:
        record.memory.append((time.monotonic() - start, process.memory_info().rss / MIB))
        await asyncio.sleep(every_s)


async def crowd(
    address: str, process: psutil.Process, journeys: list[list[visitors.Visit]], seconds: float, record: Record
) -> None:
    """All visitors at once; they arrive over the first tenth of the time."""
    start = time.monotonic()
    watcher = asyncio.create_task(watch(process, min(5.0, seconds / 10), start, record))
    arrivals = start + np.linspace(0, seconds / 10, len(journeys), endpoint=False)
    await asyncio.gather(
        *(
            visitor(address, i, visits, arrives, start + seconds, record)
            for i, (visits, arrives) in enumerate(zip(journeys, arrivals, strict=True))
        )
    )
    watcher.cancel()


def memory_line(memory: list[tuple[float, float]], seconds: float) -> tuple[str, list[str]]:
    """Resident memory and its trend after the warm-up (median of the slopes of all pairs), and whether it surely grows."""
    warm_s = min(WARM_S, 0.5 * seconds)
    t, mib = np.array(memory).T
    line = f"{mib[0]:.0f} MiB at the start, {mib[t >= warm_s][0]:.0f} after {warm_s:.0f} s, {mib[-1]:.0f} at the end"
    if seconds < SHORT_S:
        return f"{line}; too short for a trend", []
    middle, _, low, high = theilslopes(mib[t >= warm_s], t[t >= warm_s] / 60, 0.95)
    line += f"; after that {middle:+.2f} MiB/min (95 %: {low:+.2f} to {high:+.2f}; bound: {SLOPE_MIB_MIN:g})"
    broken = [f"memory grows by at least {low:.2f} MiB/min, above {SLOPE_MIB_MIN:g}"] if low > SLOPE_MIB_MIN else []
    return line, broken


def summary(record: Record, seconds: float) -> tuple[dict[str, str], list[str]]:
    """What was measured by name, and which bounds are broken."""
    if not record.changes:
        return {}, ["no change was answered in the time", *(f"error: {e}" for e in record.errors[:10])]
    times = np.array([s for _, s in record.changes])
    p50, p95, p99 = np.percentile(times, (50, 95, 99))
    by_key = defaultdict(list)
    for key, s in record.changes:
        by_key[key].append(s)
    opened = np.array(record.openings_s)
    answers = times.size + opened.size + record.endings["line broke"]
    memory, grows = memory_line(record.memory, seconds)
    lines = {
        "changes": f"{times.size}, {times.size / seconds:.1f} a second; {sum(record.refused.values())} answered by a sentence "
        "(impossible, or a sweep too large)",
        "latency": f"of a change, sent to script finished: p50 {p50:.2f} s, p95 {p95:.2f} s, p99 {p99:.2f} s, "
        f"max {times.max():.2f} s (bound: p95 {P95_S:g} s)",
        "by control": ", ".join(
            f"{k.removeprefix('_')} {np.median(v):.2f} s ({len(v)})"
            for k, v in sorted(by_key.items(), key=lambda kv: -len(kv[1]))
        ),
        "openings": f"{opened.size}: p50 {np.median(opened):.2f} s, p95 {np.percentile(opened, 95):.2f} s; "
        + ", ".join(f"{v} {k}" for k, v in record.endings.items()),
        "errors": f"{len(record.errors)} (bound: 0)",
        "mismatches": f"{len(record.mismatches)} of {answers} answers, each checked by its visitor (bound: 0)",
        "received": f"{record.received_bytes / MIB:.0f} MiB",
        "memory": memory,
    }
    slow = [f"p95 of a change is {p95:.2f} s, above {P95_S:g} s"] if p95 > P95_S else []
    faults = [f"error: {e}" for e in record.errors[:10]] + [f"mismatch: {m}" for m in record.mismatches[:10]]
    return lines, [*faults, *slow, *grows]


def log_errors(log: IO[str]) -> list[str]:
    """Faults which the server wrote down."""
    log.seek(0)
    return [f"log of the server: {line.strip()}" for line in log if "Traceback" in line or "ERROR" in line]


def run(count: int, seconds: float, seed: int = 1, log_file: str = "") -> tuple[dict[str, str], list[str], Record]:
    """Run the load test: what was measured by name, what is broken, and the record."""
    journeys = [visitors.journey(random.Random(f"{seed}/{i}").getrandbits(32), seconds) for i in range(count)]
    record, me = Record(), psutil.Process()
    if hasattr(me, "cpu_affinity"):
        me.cpu_affinity(sorted(me.cpu_affinity())[:CORES])  # the server inherits it
    kept = open(log_file, "w+") if log_file else tempfile.TemporaryFile("w+")  # noqa: SIM115
    with kept as log, server.running(log=log) as address:
        process = next(p for p in me.children() if "streamlit" in p.cmdline())
        before = [sum(p.cpu_times()[:2]) for p in (process, me)]
        load, start = os.getloadavg()[0], time.monotonic()
        asyncio.run(crowd(address, process, journeys, seconds, record))
        took = time.monotonic() - start
        used = [(sum(p.cpu_times()[:2]) - b) / took for p, b in zip((process, me), before, strict=True)]
        record.errors += log_errors(log)
    lines, broken = summary(record, took)
    lines["processor"] = (
        f"server {used[0]:.2f}, visitors {used[1]:.2f} of {CORES} cores; load of the machine {load:.1f} before, "
        f"{os.getloadavg()[0]:.1f} after"
    )
    return lines, broken, record


def main() -> int:
    """Run as asked; exit code 1 if a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", default="", metavar="FILE", help="keep what the server says")
    args = parser.parse_args()
    print(f"{args.visitors} visitors for {args.seconds:g} s on {CORES} cores, seed {args.seed}. Each changes one thing")
    print("{:g} to {:g} s after it saw the last, ".format(*visitors.PAUSE_S), end="")
    print("and leaves after {:g} to {:g} s to come back as a new one.".format(*visitors.VISIT_S), flush=True)
    lines, broken, _ = run(args.visitors, args.seconds, args.seed, args.log)
    for name, text in lines.items():
        print(f"{name:12s} {text}")
    print("\n".join(broken) or "All bounds hold.")
    return bool(broken)


if __name__ == "__main__":
    raise SystemExit(main())

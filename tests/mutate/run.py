"""``make mutate``: change one law of ``estimator/physics`` at a time and see which tests and which validation rows notice.

Each mutation (see `tests.mutate.mutations`) is tried in a copy of the tree, for a bounded time, by the tests of its module
first and then by those of the physics and the model; a part of the stored results and the medians of the validation groups are
computed too. What no test notices survives: it needs a test, or a line in ``tests/mutate/explained.toml`` with the reason why
nothing can notice it. The table goes to ``artifacts/mutate.csv``. Runs where processes can be forked.
"""

from __future__ import annotations

import argparse
import csv
import json
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.mutate.mutations import Mutation, mutations
from tests.mutate.trial import trial
from tests.root import ROOT

EXPLAINED = Path(__file__).parent / "explained.toml"
TABLE = ROOT / "artifacts" / "mutate.csv"
PATIENCE = 4.0  # times the processor seconds that things take as they are: beyond it a mutation makes something hang
HANGS_S = 1200.0  # by the clock, for what hangs without working
COPIED = ("estimator", "params", "tests", "page", "pyproject.toml", "CHANGELOG.md", "app.py")
LOADED = ("numpy", "scipy.optimize", "scipy.stats", "pydantic", "pytest", "hypothesis.extra.numpy")
"""Libraries that are loaded once, before the processes are forked."""
COLUMNS = ("mutation", "noticed", "tests", "stored results", "validation groups that moved")


def wanted(only: str) -> list[Mutation]:
    """Mutations of all modules of physics/, or of those whose name starts so: ``power``, ``power.dynamic_power``."""
    files = sorted((ROOT / "estimator" / "physics").glob("[!_]*.py"))
    found = [m for path in files for m in mutations(path.stem, path.read_text("utf-8"))]
    return [m for m in found if not only or f"{m.where}.".startswith(f"{only}.") or m.where.startswith(only + "_")]


def explained() -> dict[str, str]:
    """Mutations that nothing can notice, each with the reason."""
    return {k: str(v) for k, v in tomllib.loads(EXPLAINED.read_text("utf-8")).items()}


def copies(folder: Path, count: int) -> list[Path]:
    """Copies of the tree, with compiled modules, so that only a mutated one is compiled anew."""
    made = []
    for k in range(count):
        place = folder / f"copy{k}"
        place.mkdir()
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, place / name, copy_function=shutil.copy2)
            else:
                shutil.copy2(source, place / name)
        made.append(place)
    return made


class Slot:
    """A copy of the tree and the process that works in it."""

    def __init__(self, copy: Path) -> None:
        self.copy, self.answer = copy, copy / "answer.json"
        self.process: Any = None
        self.mutation: Mutation | None = None

    def start(self, mutation: Mutation | None, usual: dict[str, float] | None = None, seconds: float = HANGS_S) -> None:
        """Try one mutation, or with none see what holds as things are; in so many seconds of the processor."""
        self.answer.unlink(missing_ok=True)
        self.mutation, self.until = mutation, time.monotonic() + HANGS_S
        module, source = (mutation.where.split(".")[0], mutation.source) if mutation else ("", None)
        target = (str(self.copy), module, source, usual, str(self.answer), seconds)
        self.process = multiprocessing.get_context("fork").Process(target=trial, args=target)
        self.process.start()

    def result(self) -> dict[str, Any] | None:
        """What came of it; None while it still runs. The module is put back."""
        if self.process.is_alive() and time.monotonic() < self.until:
            return None
        late = self.process.is_alive()
        self.process.kill()
        self.process.join()
        late = late or self.process.exitcode == -signal.SIGXCPU
        if self.mutation:
            name = f"{self.mutation.where.split('.')[0]}.py"
            shutil.copy2(ROOT / "estimator" / "physics" / name, self.copy / "estimator" / "physics" / name)
        found: dict[str, Any] = json.loads(self.answer.read_text()) if self.answer.exists() else {}
        if not found.get("tests") and (late or not found):
            found["tests"] = ["does not end in time" if late else "ends the process"]
        return found


def tried(found: list[Mutation], workers: int) -> Iterator[tuple[Mutation, dict[str, Any]]]:
    """Each mutation with what noticed it, as they are finished."""
    for name in LOADED:
        __import__(name)
    with tempfile.TemporaryDirectory() as folder:
        slots = [Slot(c) for c in copies(Path(folder), workers)]
        slots[0].start(None)
        while (usual := slots[0].result()) is None:
            time.sleep(0.05)
        if usual["tests"] or usual.get("golden"):
            raise SystemExit(f"first mend what fails without any mutation: {usual['tests'] + usual.get('golden', [])}")
        seconds = PATIENCE * usual["seconds"] + 5
        waiting, running = list(reversed(found)), []
        while waiting or running:
            for slot in slots:
                if slot not in running and waiting:
                    slot.start(waiting.pop(), usual["medians"], seconds)
                    running.append(slot)
            for slot in list(running):
                result = slot.result()
                if result is not None:
                    running.remove(slot)
                    assert slot.mutation is not None
                    yield slot.mutation, result
            time.sleep(0.02)


def row(mutation: Mutation, found: dict[str, Any], reasons: dict[str, str]) -> dict[str, str]:
    """One line of the table."""
    golden, moved = found.get("golden", []), found.get("moved", {})
    noticed = (
        "yes"
        if found.get("tests")
        else "stored results"
        if golden
        else "explained"
        if mutation.key in reasons
        else "NO"
    )
    return dict(
        zip(
            COLUMNS,
            (
                mutation.key,
                noticed,
                "; ".join(found.get("tests", [])),
                ", ".join(golden[:5]) + (f" and {len(golden) - 5} more" if len(golden) > 5 else ""),
                "; ".join(f"{group} {100 * change:+.1f}" for group, change in moved.items()),
            ),
            strict=True,
        )
    )


def shown(line: dict[str, str]) -> str:
    """One line of the table for the terminal."""
    first = line["tests"].split("; ")[0].split("/")[-1]
    groups = len([g for g in line["validation groups that moved"].split("; ") if g])
    return f"{line['noticed']:14s} {groups:2d} groups  {line['mutation'][:80]:80s} {first[:70]}"


def main(argv: list[str] | None = None) -> int:
    """Try the mutations, print and save the table; fails where one survives without an explanation."""
    parser = argparse.ArgumentParser(prog="make mutate", description=__doc__)
    parser.add_argument("only", nargs="?", default="", help="a module or function of physics/, such as power")
    parser.add_argument("--workers", type=int, default=min(os.cpu_count() or 2, 4))
    args = parser.parse_args(argv)
    found, reasons, start = wanted(args.only), explained(), time.monotonic()
    if not found:
        print(f"no law is named {args.only!r}", file=sys.stderr)
        return 2
    lines = []
    for mutation, result in tried(found, args.workers):
        lines.append(row(mutation, result, reasons))
        print(shown(lines[-1]), flush=True)
    order = {m.key: k for k, m in enumerate(found)}
    lines.sort(key=lambda line: order[line["mutation"]])
    TABLE.parent.mkdir(exist_ok=True)
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(lines)
    counts = {
        name: sum(line["noticed"] == name for line in lines) for name in ("yes", "stored results", "explained", "NO")
    }
    moved = sum(bool(line["validation groups that moved"]) for line in lines)
    print(
        f"{len(lines)} mutations in {time.monotonic() - start:.0f} s: {counts['yes']} noticed by a test, "
        f"{counts['stored results']} by stored results alone, {counts['explained']} explained, {counts['NO']} survive; "
        f"{moved} move a validation group. "
        f"{TABLE.relative_to(ROOT)}"
    )
    gone = [key for key in reasons if key.split(".")[0] in {m.where.split(".")[0] for m in found} and key not in order]
    for key in gone if not args.only else []:
        print(f"explained.toml names {key!r}, which is no mutation", file=sys.stderr)
    return 1 if counts["NO"] or (gone and not args.only) else 0


if __name__ == "__main__":
    sys.exit(main())

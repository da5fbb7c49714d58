"""Stored results of the model: compute them, compare them, and record changed ones (``make golden REASON="why"``)."""

from __future__ import annotations

import argparse
import hashlib
import math
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import tomli_w

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import estimator  # noqa: E402
from estimator import claims  # noqa: E402
from estimator.errors import EstimatorError, InfeasibleError  # noqa: E402
from estimator.files import write_text  # noqa: E402
from estimator.model.options import NAME_OPTIONS  # noqa: E402
from estimator.parameters import library  # noqa: E402
from estimator.physics.yields import YIELD_MODELS  # noqa: E402
from estimator.uses import plans, training  # noqa: E402
from estimator.uses.export_rules import export_class  # noqa: E402

RESULTS = Path(__file__).parent / "results.toml"
HEADER = '# Written by `make golden REASON="why"`. Do not edit: CHANGELOG.md records this file\'s digest.\n'
CHANGELOG = ROOT / "CHANGELOG.md"
TOLERANCES = {
    "ladder": 1e-6,
    "options": 1e-6,
    "causes": 1e-6,
    "work": 1e-6,
    "claims": 1e-6,
    "best": 1e-5,
    "sampled": 1e-4,
}
"""Relative tolerance by group. Rounding differences between releases of NumPy and SciPy stay below it."""
DESIGNS = ("h100-sxm", "a100-sxm-80", "v100-sxm2", "rtx-4090", "mi250x", "mi300x", "gtx-1080-ti")
NODES = ("3nm", "5nm", "7nm", "12nm", "16nm", "28nm")
OUTPUTS = (
    "die_area_mm2",
    "dies",
    "gross_dies_per_wafer",
    "yield_fraction",
    "sellable_fraction",
    "units_enabled",
    "clock_ghz",
    "relative_performance",
    "supply_v",
    "junction_c",
    "power_w",
    "power_leakage_w",
    "die_cost_usd",
    "silicon_cost_usd",
    "package_cost_usd",
    "unit_cost_usd",
    "full_cost_usd",
    "tensor_tflops",
    "memory_bw_gb_s",
    "memory_gb",
    "seconds_per_eflop",
    "energy_per_eflop_j",
    "usd_per_tflops",
    "limited_by",
)
SAMPLED = ("die_area_mm2", "clock_ghz", "power_w", "full_cost_usd", "tensor_tflops")
SAMPLES, SEED = 512, 0

Case = dict[str, float | str]
Results = dict[str, dict[str, Case]]


class Change(NamedTuple):
    """One stored result that the model no longer gives; `old` is None for a new one, `new` for one that is gone."""

    group: str
    case: str
    output: str
    old: float | str | None
    new: float | str | None

    @property
    def relative(self) -> float:
        """New over old, less one; infinite if that has no meaning (a text, a new row, a change from zero)."""
        if (
            isinstance(self.old, float)
            and isinstance(self.new, float)
            and self.old
            and math.isfinite(self.new - self.old)
        ):
            return self.new / self.old - 1.0
        return math.inf

    def __str__(self) -> str:
        size = (
            f"{100 * self.relative:+.3g} %"
            if math.isfinite(self.relative)
            else f"{_shown(self.old)} -> {_shown(self.new)}"
        )
        return f"`{self.output}` {size} ({self.group}, {self.case})"


def _shown(value: float | str | None) -> str:
    return "none" if value is None else f"{value:.6g}" if isinstance(value, float) else value


def _main_outputs(results: Mapping[str, Any]) -> Case:
    return {n: results[n] if isinstance(results[n], str) else float(results[n]) for n in OUTPUTS}


def _clone(design: str, node: str, *, plan: str = "same-units", **options: Any) -> Case:
    try:
        return _main_outputs(
            estimator.estimate(design, node, **options, **plans.plan_options(design, node, plan)).clone
        )
    except InfeasibleError as error:
        return {"limited_by": f"{error.limited_by}: impossible"}


def _ladder() -> dict[str, Case]:
    out = {}
    for name in DESIGNS:
        out[f"{name} at home"] = _clone(name, library.load_design(name).node)
        out.update({f"{name} {node}": _clone(name, node) for node in NODES})
    return out


def _options() -> dict[str, Case]:
    """The H100 on 12 nm, one option after the other, and plans."""
    settings: list[dict[str, Any]] = [
        *({"cooling": c} for c in library.names("cooling")),
        *({"package": p} for p in library.names("package")),
        *({"yield_model": m} for m in YIELD_MODELS),
        *({"layout": v} for v in NAME_OPTIONS["layout"]),
        *({"port": v} for v in NAME_OPTIONS["port"]),
        *({"workload": v} for v in NAME_OPTIONS["workload"]),
        {"clock_ghz": 1.0},
        {"power_limit_w": 500.0},
        {"supply_v": 0.8},
        {"junction_max_c": 60.0},
        {"dies": 6.0},
        {"units": 72.0, "units_enabled": 66.0},
        {"memory_gb": 160.0},
        {"memory": "hbm2e"},
        {"volume": 1e4},
        {"defect_density_per_cm2": 0.2},
        {"maturity_quarters": 4.0},
        {"wafer_cost_usd": 6000.0},
        {"workload_intensity_flop_byte": 100.0},
        {"tensor_fraction": 0.5},
        {"reference_node": "3nm"},
    ]
    out = {" ".join(f"{k}={v}" for k, v in s.items()): _clone("h100-sxm", "12nm", **s) for s in settings}
    for design in ("h100-sxm", "rtx-4090"):
        for plan in ("one-reticle", "equal-throughput", "fewer-tensor-units"):
            out[f"{design} 12nm plan {plan}"] = _clone(design, "12nm", plan=plan)
    return out


def _causes() -> dict[str, Case]:
    out = {}
    for design, node in (("h100-sxm", "12nm"), ("a100-sxm-80", "28nm"), ("rtx-4090", "3nm"), ("mi300x", "7nm")):
        for headline, parts in estimator.estimate(design, node).causes.items():
            out[f"{design} {node} {headline}"] = {k: float(v) for k, v in parts.items()}
    return out


def _sampled() -> dict[str, Case]:
    out = {}
    for design, node in (("h100-sxm", "12nm"), ("rtx-4090", "16nm")):
        est = estimator.estimate(design, node, samples=SAMPLES, seed=SEED)
        case: Case = {}
        for name in SAMPLED:
            span = est.samples.interval(name)
            case.update({f"{name} low": float(span.low), f"{name} high": float(span.high)})
        out[f"{design} {node}"] = case
    return out


def _work() -> dict[str, Case]:
    """A training run on clones by two plans, and the export class of the ladder's designs."""
    out: dict[str, Case] = {}
    for plan, run in training.by_plan(
        "h800-sxm", "12nm", "deepseek-v3", plans=["same-units", "fewer-tensor-units"]
    ).items():
        out[f"deepseek-v3 on h800-sxm 12nm {plan}"] = (
            {"refused": run}
            if isinstance(run, str)
            else {
                n: float(getattr(run, n)) for n in ("gpus", "days", "gpu_hours", "energy_mwh", "cost_usd", "efficiency")
            }
        )
    for design in DESIGNS:
        both = export_class(estimator.estimate(design, "7nm"))
        out[f"export class {design} 7nm"] = {
            "tpp": float(both.clone.tpp),
            "original": both.original.label,
            "clone": both.clone.label,
        }
    return out


def _claims() -> dict[str, Case]:
    out: dict[str, Case] = {}
    for name in claims.names():
        result = claims.assess(name, samples=0)
        out[name] = {"verdict": result.verdict, **{t.measure: result.values[t.measure] for t in result.claim.tests}}
        out[name].update({f"flip {k + 1}": float(f.value) for k, f in enumerate(result.flips)})
    return out


def _best() -> dict[str, Case]:
    found = estimator.best("h100-sxm", "12nm", objective="usd_per_tflops", over={"supply_v": (0.65, 1.05)}, seed=SEED)
    return {"h100-sxm 12nm usd_per_tflops over supply_v": {"usd_per_tflops": float(found.value)}}


GROUPS: dict[str, Callable[[], dict[str, Case]]] = {
    "ladder": _ladder,
    "options": _options,
    "causes": _causes,
    "work": _work,
    "claims": _claims,
    "best": _best,
    "sampled": _sampled,
}


def compute() -> Results:
    """All results, computed now."""
    return {group: cases() for group, cases in GROUPS.items()}


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Results that differ by more than their group's tolerance, or that are in one of the two only."""
    return list(_changes(old, new))


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for group in dict.fromkeys([*old, *new]):
        before, after = old.get(group, {}), new.get(group, {})
        for case in dict.fromkeys([*before, *after]):
            a, b = before.get(case, {}), after.get(case, {})
            for output in dict.fromkeys([*a, *b]):
                x, y = a.get(output), b.get(output)
                if not _equal(x, y, TOLERANCES.get(group, 0.0)):
                    yield Change(group, case, output, x, y)


def _equal(x: float | str | None, y: float | str | None, tolerance: float) -> bool:
    if isinstance(x, float) and isinstance(y, float):
        return (math.isnan(x) and math.isnan(y)) or math.isclose(x, y, rel_tol=tolerance, abs_tol=1e-12)
    return x == y


def as_text(results: Mapping[str, Mapping[str, Mapping[str, float | str]]]) -> str:
    """The file's text: a table per case, numbers with ten significant digits, one value a line."""

    def short(values: Mapping[str, float | str]) -> Case:
        return {name: v if isinstance(v, str) else float(f"{v:.10g}") for name, v in values.items()}

    document = {group: {case: short(values) for case, values in cases.items()} for group, cases in results.items()}
    return HEADER + "\n" + tomli_w.dumps(document)


def digest(text: str) -> str:
    """Digest of the file's text, which the changelog records."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def recorded_digest(changelog: str) -> str:
    """Digest in the newest entry of the changelog; empty if there is none."""
    found = re.search(r"Stored results `([0-9a-f]{16})`", changelog)
    return found.group(1) if found else ""


def entry(reason: str, changed: list[Change], count: int, mark: str) -> str:
    """One line of the changelog: reason, largest change of every output, digest."""
    largest: dict[str, Change] = {}
    moved = [c for c in changed if c.old is not None and c.new is not None]
    for change in moved:
        known = largest.get(change.output)
        if known is None or abs(change.relative) > abs(known.relative):
            largest[change.output] = change
    order = sorted(largest.values(), key=lambda c: -abs(c.relative))
    what = f"{len(moved):,} of {count:,} stored results changed" + (
        ", most: " + "; ".join(map(str, order)) if order else ""
    )
    new, gone = sum(c.old is None for c in changed), sum(c.new is None for c in changed)
    what += (f"; {new:,} new" if new else "") + (f"; {gone:,} gone" if gone else "")
    return f"- {date.today().isoformat()}: {reason.rstrip('.')}. {what}. Stored results `{mark}`."


def with_entry(changelog: str, line: str) -> str:
    """The changelog with a new first line in "Changed results" under "Unreleased"; missing headings are added."""
    if "\n## Unreleased\n" not in changelog:
        head, sign, rest = changelog.partition("\n## ")
        changelog = f"{head.rstrip()}\n\n## Unreleased\n{sign}{rest}"
    head, _, rest = changelog.partition("\n## Unreleased\n")
    section, sign, older = rest.partition("\n## ")
    if "### Changed results" in section:
        section = section.replace("### Changed results\n\n", f"### Changed results\n\n{line}\n", 1)
    else:
        section = f"{section.rstrip()}\n\n### Changed results\n\n{line}\n"
    return f"{head}\n## Unreleased\n{section}{sign}{older}"


def record(reason: str, new: Results, *, results: Path = RESULTS, changelog: Path = CHANGELOG) -> str:
    """Write the results and the changelog's entry, and give a sentence that says what was done.

    Changes within the tolerance are not written. The same values in another layout are, with an entry that says so.
    The changelog is written first. If the run is stopped after that, the next one finds by the digest which file to write.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise EstimatorError('give a reason: make golden REASON="why the results changed"')
    before = results.read_text("utf-8") if results.exists() else ""
    said = changelog.read_text("utf-8")
    text = as_text(new)
    stored = tomllib.loads(text)
    if recorded_digest(said) == digest(text):
        write_text(results, text)
        return "no stored result changed"
    old = tomllib.loads(before)
    changed = changes(old, stored)
    if not changed and old != stored and recorded_digest(said) == digest(before):
        return "no stored result changed beyond its tolerance"
    count = sum(len(values) for cases in stored.values() for values in cases.values())
    line = entry(reason, changed, count, digest(text))
    write_text(changelog, with_entry(said, line))
    write_text(results, text)
    return line.removeprefix("- ")


def main(argv: list[str] | None = None) -> int:
    """Record the results, with a reason."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reason", default="", help="why the results changed; a line of the changelog")
    args = parser.parse_args(argv)
    try:
        if not args.reason.strip():
            record("", {})
        print(record(args.reason, compute()))
    except EstimatorError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Command ``validate``: print the report, write data, figures and docs, and hold medians to their recorded values."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from estimator.errors import InputError
from estimator.files import make_folder, whole, write_text
from estimator.parameters import library
from estimator.validation import report
from estimator.validation.rows import Row
from estimator.validation.tool_rows import unit_fault

RECORDED = "validation"


def check_recorded(groups: dict[str, dict[str, float]]) -> list[str]:
    """Sentences on groups whose median is worse than recorded by more than the stated slack."""
    recorded = library.params_data(RECORDED)
    slack = float(recorded["slack"])
    out = []
    for group, value in recorded["median"].items():
        if group not in groups:
            out.append(f"group {group!r} is missing")
        elif groups[group]["median"] > float(value) + slack:
            out.append(
                f"{group}: median error {groups[group]['median']:.4f} is worse than the recorded {value:.4f} + {slack}"
            )
    return out


def check_stored(groups: dict[str, dict[str, float]]) -> list[str]:
    """Sentences on groups whose saved rows, which the page shows, are not those of this run."""
    saved = report.summary(report.stored())
    return [
        f"{group}: the saved rows differ from this run; run validate --save"
        for group, line in groups.items()
        if group not in saved or abs(saved[group]["median"] - line["median"]) > 1e-4
    ]


def write_figures(cases: Sequence[Row], folder: Path) -> None:
    """Write a figure per group as HTML, each file whole or not at all."""
    from estimator.figures.validation import scatter

    if not folder.parent.exists():
        raise InputError(f"--figures {str(folder)!r}: its parent folder does not exist")
    make_folder(folder)
    for number, group in enumerate(report.summary(cases)):
        figure = scatter([c for c in cases if c.group == group], title=group)
        with whole(folder / f"validation-{number + 1}.html") as temporary:
            figure.write_html(temporary, include_plotlyjs=True, div_id=f"validation-{number + 1}")


def main(argv: list[str]) -> int:
    """Run ``validate``; with ``--check`` exit with 1 when a group became worse."""
    parser = argparse.ArgumentParser(prog="chip-scaling validate", description="Hold the model against real silicon.")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--figures", metavar="DIR", help="write the figures there as HTML")
    parser.add_argument("--docs", metavar="FILE", help="write the report as Markdown")
    parser.add_argument("--save", action="store_true", help="save the rows that the page shows")
    parser.add_argument("--check", action="store_true", help="fail when a group's median is worse than recorded")
    args = parser.parse_args(argv[1:])
    cases = report.all_rows()
    if args.json:
        print(json.dumps(report.as_data(cases), indent=1))
    else:
        print("\n".join(report.text_lines(cases)))
        print()
        for group, line in report.summary(cases).items():
            print("\n".join(report.summary_lines(group, line)))
        print()
        print(unit_fault())
        print(report.honest_sentence(cases))
    if args.save:
        report.save(cases)
    if args.docs:
        write_text(args.docs, report.markdown(cases, [unit_fault()]))
    if args.figures:
        write_figures(cases, Path(args.figures))
    if args.check:
        worse = check_recorded(report.summary(cases)) + check_stored(report.summary(cases))
        print("\n".join(worse) if worse else "no group is worse than recorded")
        return 1 if worse else 0
    return 0

"""Commands on measured silicon: ``calibrate`` refits the parameters to it, ``validate`` holds the model against it."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from estimator.cli.commands import add_command, add_json
from estimator.cli.terminal import print_json, print_table, progress, say
from estimator.errors import InputError

if TYPE_CHECKING:
    from estimator.cli.commands import Commands
    from estimator.validation.report import Builder
    from estimator.validation.rows import Row


def add(commands: Commands) -> None:
    """Declare ``calibrate`` and ``validate``."""
    calibrate = add_command(
        commands,
        "calibrate",
        _calibrate,
        "refit the fitted parameters from their data",
        description="Refit the fitted parameters.",
    )
    calibrate.add_argument("--check", action="store_true", help="write nothing; fail where a file would change")
    validate = add_command(
        commands,
        "validate",
        _validate,
        "hold the model against real silicon",
        description="Hold the model against real silicon.",
    )
    add_json(validate)
    validate.add_argument("--rows", action="store_true", help="print every row before the tables")
    validate.add_argument("--fits", action="store_true", help="report on the fits and formulas by themselves instead")
    validate.add_argument("--figures", metavar="DIR", help="write the figures there as HTML")
    validate.add_argument("--docs", metavar="FILE", help="write the report as Markdown")
    validate.add_argument("--readme", metavar="FILE", help="write the README's block on accuracy from the saved rows")
    validate.add_argument("--save", action="store_true", help="save the rows that the page shows")
    validate.add_argument("--record", action="store_true", help="record medians and missed targets for --check")
    validate.add_argument("--check", action="store_true", help="fail when a group's median is worse than recorded")


def _calibrate(args: argparse.Namespace) -> int:
    """Refit each file of params/fit and write it; with ``--check`` only compare, and exit with 1 where one differs."""
    from estimator.calibration.fits import FITS, refit

    changed, lines = False, []
    for name in progress(list(FITS), unit="files"):
        done = refit(name, write=not args.check)
        lines.append(f"{name}: {done.tables} tables, {'changed' if done.changed else 'unchanged'}")
        changed |= done.changed
    print("\n".join(lines))
    return 1 if args.check and changed else 0


def _validate(args: argparse.Namespace) -> int:
    """Print the report and write what was asked for; with ``--check`` exit with 1 when a group became worse."""
    from estimator.files import write_text
    from estimator.validation import report, tables
    from estimator.validation.tool_rows import unit_fault

    def bar(builders: Sequence[Builder]) -> Iterable[Builder]:
        return progress(builders, unit="tables")

    rows = report.fit_rows(bar) if args.fits else report.all_rows(bar)
    if args.json:
        print_json(report.as_data(rows))
    else:
        _print_report(rows, each_row=args.rows)
        print()
        say(unit_fault() if args.fits else report.honest_sentence(rows))
    if args.save:
        report.save(rows)
    if args.record:
        report.record(rows)
    if args.readme:
        path = Path(args.readme)
        write_text(path, tables.with_block(path.read_text("utf-8"), report.stored()))
    if args.docs:
        write_text(args.docs, tables.markdown(rows, () if args.fits else report.fit_rows(bar), [unit_fault()]))
    if args.figures:
        write_figures(rows, Path(args.figures))
    if args.check:
        worse = check_recorded(rows) + check_stored(rows)
        print("\n".join(worse) if worse else "no group is worse than recorded")
        return 1 if worse else 0
    return 0


def _print_report(rows: Sequence[Row], *, each_row: bool) -> None:
    """Tables of the groups, with what misses its target; before them every row, if asked for."""
    from estimator.validation import report, tables

    if each_row:
        for group, members in report.by_group(rows).items():
            say(group, "head")
            print_table(tables.CASE_HEAD, [tables.case_cells(r) for r in members])
            print()
    for head, body in tables.group_tables(rows):
        print_table(head, body)
        print()
    say(tables.LEGEND)
    print()
    say(tables.missed_line(rows))


def check_recorded(rows: Sequence[Row]) -> list[str]:
    """A sentence for each group whose median is worse than recorded, and for each target that is missed or met anew."""
    from estimator.validation import report

    recorded, groups = report.recorded(), report.summary(rows)
    slack = float(recorded["slack"])
    out = []
    for group, value in recorded["median"].items():
        if group not in groups:
            out.append(f"group {group!r} is missing")
        elif groups[group]["median"] > float(value) + slack:
            out.append(
                f"{group}: median error {groups[group]['median']:.4f} is worse than the recorded {value:.4f} + {slack}"
            )
    missed, known = set(report.misses(rows)), set(recorded["missed"])
    out += [f"{name}: misses its target" for name in sorted(missed - known)]
    out += [f"{name}: meets its target now; record it" for name in sorted(known - missed)]
    return out


def check_stored(rows: Sequence[Row]) -> list[str]:
    """A sentence for each group whose saved rows, which the page and README show, differ from this run."""
    from estimator.validation import report

    saved, groups = report.summary(report.stored()), report.summary(rows)
    return [
        f"{group}: the saved rows differ from this run; run validate --save"
        for group, line in groups.items()
        if group not in saved or abs(saved[group]["median"] - line["median"]) > 1e-4
    ]


def write_figures(rows: Sequence[Row], folder: Path) -> None:
    """Write one figure per group as HTML, each file whole or not at all."""
    from estimator.figures.validation import scatter
    from estimator.files import make_folder, whole
    from estimator.validation import report

    if not folder.parent.exists():
        raise InputError(f"--figures {str(folder)!r}: its parent folder does not exist")
    make_folder(folder)
    for number, group in enumerate(report.by_group(rows)):
        figure = scatter([c for c in rows if c.group == group], title=group)
        with whole(folder / f"validation-{number + 1}.html") as temporary:
            figure.write_html(temporary, include_plotlyjs=True, div_id=f"validation-{number + 1}")

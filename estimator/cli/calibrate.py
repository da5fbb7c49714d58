"""Command ``calibrate``: refit every fitted parameter from its data and write params/fit."""

from __future__ import annotations

import argparse

from estimator.calibration.fitfile import fit_text
from estimator.calibration.fits import FITS, refit
from estimator.parameters import library


def main(argv: list[str]) -> int:
    """Run ``calibrate``; with ``--check`` compare with the files on disk and exit with 1 where they differ."""
    parser = argparse.ArgumentParser(prog="chip-scaling calibrate", description="Refit the fitted parameters.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a file would change")
    args = parser.parse_args(argv[1:])
    changed = []
    for name, tables in FITS.items():
        path = library.params_folder() / "fit" / name
        before = path.read_text("utf-8") if path.exists() else ""
        after = fit_text(tables()) if args.check else refit(name)
        if before != after:
            changed.append(name)
        print(
            f"{name}: {after.count('[') - after.count('= [')} tables, {'changed' if before != after else 'unchanged'}"
        )
    return 1 if args.check and changed else 0

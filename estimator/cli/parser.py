"""Command line: ``python -m estimator`` or ``chip-scaling``; every command calls the same chain as Python does."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from estimator import __version__
from estimator.errors import EstimatorError, InfeasibleError, InputError, unknown_name

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the fits solve many small systems: threads only cost

EXIT_BAD_INPUT = 2
EXIT_INFEASIBLE = 3
EXTRA_COMMANDS = {
    "sweep": "estimator.cli.sweep",
    "best": "estimator.cli.sweep",
    "calibrate": "estimator.cli.calibrate",
    "validate": "estimator.cli.validate",
    "claim": "estimator.cli.claims",
    "claims": "estimator.cli.claims",
}
_HELP = {
    "sweep": "run a sweep file and write zarr, netCDF, parquet or csv",
    "best": "find the best clone within ranges",
    "calibrate": "refit the fitted parameters from their data",
    "validate": "hold the model against real silicon",
    "claim": "put one claim to the test",
    "claims": "list all claims with their verdicts",
}


def _estimate(args: argparse.Namespace) -> int:
    from estimator.cli.settings import parse_settings
    from estimator.estimation import estimate

    est = estimate(
        args.design,
        args.node,
        reference_node=args.reference_node,
        samples=args.samples,
        seed=args.seed,
        strict=args.strict,
        **parse_settings(args.set),
    )
    if args.json:
        print(json.dumps(est.to_dict(), indent=2, allow_nan=False))
    else:
        print(est)
        print()
        print(est.explain())
    return 0


_COLUMNS = (
    ("area", "mm2", "die_area_mm2", True),
    ("dies", "", "dies", False),
    ("yield", "", "yield_fraction", False),
    ("sellable", "", "sellable_fraction", False),
    ("clock", "GHz", "clock_ghz", False),
    ("supply", "V", "supply_v", False),
    ("Tj", "C", "junction_c", False),
    ("power", "W", "power_w", True),
    ("unit cost", "USD", "unit_cost_usd", True),
    ("tensor", "TFLOPS", "tensor_tflops", False),
    ("time/work", "s/EFLOP", "seconds_per_eflop", True),
    ("USD/TFLOPS", "", "usd_per_tflops", True),
)


def _compare(args: argparse.Namespace) -> int:
    from estimator.cli.settings import parse_settings
    from estimator.estimation import estimate
    from estimator.model.words import number

    options = parse_settings(args.set)
    for name, value in options.items():
        if isinstance(value, list):
            raise InputError(
                f"--set {name} has {len(value)} values: compare has one row for each node, so give a single number"
            )
    rows: list[list[str]] = []
    data: list[dict[str, Any]] = []
    head = ["node"] + [f"{t} {u}".strip() + (" (x)" if x else "") for t, u, _, x in _COLUMNS] + ["limited by"]
    for node in args.nodes:
        try:
            est = estimate(
                args.design, node, reference_node=args.reference_node, samples=args.samples, seed=args.seed, **options
            )
        except InfeasibleError as error:
            rows.append([node, *["-"] * len(_COLUMNS), f"{error.limited_by}: impossible"])
            data.append({"node": node, "infeasible": str(error), "limited_by": error.limited_by})
            continue
        data.append(est.to_dict())
        cells = []
        for _, _, name, with_ratio in _COLUMNS:
            text = number(est.clone[name])
            cells.append(f"{text} ({number(est.ratio[name])})" if with_ratio else text)
        rows.append([node, *cells, est.limited_by])
    if args.json:
        print(json.dumps({"design": args.design, "rows": data}, indent=2, allow_nan=False))
    else:
        _print_table(head, rows)
    return 0


def _print_table(head: list[str], rows: list[list[str]]) -> None:
    widths = [max(len(r[i]) for r in [head, *rows]) for i in range(len(head))]
    for k, row in enumerate([head, *rows]):
        cells = [c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))]
        print("  ".join(cells).rstrip())
        if k == 0:
            print("  ".join("-" * w for w in widths))


def _nodes(args: argparse.Namespace) -> int:
    from estimator.parameters import library

    alias: dict[str, list[str]] = {}
    for short, name in library.aliases().items():
        alias.setdefault(name, []).append(short)
    nodes = sorted(
        (library.load_node(n) for n in library.names("node")),
        key=lambda n: (n.line, float(n.generation_nm or 0), -float(n.volume_year or 0)),
    )
    _print_table(
        ["name", "label", "aliases", "volume", "logic MTr/mm2", "supply V", "wafer USD"],
        [
            [
                n.name,
                n.label,
                " ".join(alias.get(n.name, [])),
                f"{float(n.volume_year or 0):.1f}",
                f"{n.logic_density_mtr_mm2:.3g}",
                f"{n.supply_v:.2f}",
                f"{n.wafer_cost_usd:,.0f}",
            ]
            for n in nodes
        ],
    )
    return 0


def _designs(args: argparse.Namespace) -> int:
    from estimator.parameters import library

    designs = [library.load_design(n) for n in library.names("design")]
    _print_table(
        ["name", "label", "node", "dies", "area mm2", "clock GHz", "power W", "tensor TFLOPS"],
        [
            [
                d.name,
                d.label,
                d.node,
                str(sum(k.count for k in d.die_kinds)),
                f"{sum(float(k.area_mm2) * k.count for k in d.die_kinds):,.0f}",
                f"{d.clock_ghz:.2f}",
                f"{d.power_w:,.0f}",
                f"{float(d.tensor_tflops or 0):,.0f}",
            ]
            for d in designs
        ],
    )
    return 0


def _entity(name: str) -> Any:
    from estimator.parameters import library

    kinds = ("design", "node", "cooling", "package", "memory")
    for kind in kinds:
        known = library.names(kind) + (tuple(library.aliases()) if kind == "node" else ())
        if name in known:
            return library.load(kind, name)
    raise unknown_name("name", name, [n for k in kinds for n in library.names(k)] + list(library.aliases()))


def _show(args: argparse.Namespace) -> int:
    entity = _entity(args.name)
    print(f"{entity.name}: {entity.label}" + (f"\n  {entity.note}" if entity.note else ""))
    parts = [("", entity)] + [(f"{d.role} die, x{d.count}, {d.node}", d) for d in getattr(entity, "dies", ())]
    for title, part in parts:
        if title:
            print(f"\n[{title}]")
        for name, p in part.parameters.items():
            print(
                f"  {name} = {float(p):g} {p.unit} ({p.low:g} to {p.high:g}; {p.kind})"
                + (f"; source: {', '.join(p.source)}" if p.source else "")
            )
            if p.note:
                print(f"      {p.note}")
    return 0


def _sources(args: argparse.Namespace) -> int:
    from estimator.parameters import library

    for key, s in sorted(library.sources().items()):
        print(f"{key}: {s.get('author', '')}: {s.get('title', '')} ({s.get('year', '')}) {s.get('url', '')}".rstrip())
    return 0


def _check(args: argparse.Namespace) -> int:
    from pathlib import Path

    from estimator.parameters import library

    path = Path(args.file)
    if not os.path.isfile(path):
        raise InputError(f"file {args.file[:120]!r} " + ("is not a file" if os.path.exists(path) else "does not exist"))
    data = library.read_file(path)
    kind = library.kind_of(data)
    entity = library.load(kind, path)
    if kind == "design":
        from estimator.estimation import estimate

        print(estimate(entity, entity.node))
    elif kind == "node":
        from estimator.estimation import estimate

        print(estimate("h100-sxm", entity))
    print(f"{path.name} is a valid {kind} with {len(entity.parameters)} numbers")
    return 0


def build_parser() -> argparse.ArgumentParser:
    """The parser with all commands; the heavier ones add their own arguments when they are named."""
    parser = argparse.ArgumentParser(
        prog="chip-scaling", description="What an existing GPU becomes on another process node, and why."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        return command

    for name, run, text in (
        ("estimate", _estimate, "one design on one node, with causes"),
        ("compare", _compare, "one design on several nodes, one row each"),
    ):
        command = add(name, run, text)
        command.add_argument("design", help="name or TOML file of a design")
        if name == "estimate":
            command.add_argument("node", help="name, alias (12nm) or TOML file of a node")
            command.add_argument("--strict", action="store_true", help="refuse results outside the model's range")
        else:
            command.add_argument("nodes", nargs="+", metavar="node", help="names, aliases or TOML files of nodes")
        command.add_argument(
            "--set", nargs="+", action="extend", metavar="key=value", help="options, e.g. power_limit_w=700"
        )
        command.add_argument("--reference-node", help="compare with the same design built there")
        command.add_argument("--samples", type=int, help="sample the parameters for 80 %% intervals, e.g. 4096")
        command.add_argument("--seed", type=int, default=0, help="seed of the sampling")
        command.add_argument("--json", action="store_true", help="print JSON")
    add("nodes", _nodes, "list the processes")
    add("designs", _designs, "list the designs")
    add("show", _show, "show parameters with their sources").add_argument("name")
    add("sources", _sources, "list the bibliography")
    add("check", _check, "check a TOML file of your own").add_argument("file")
    for name, text in _HELP.items():
        commands.add_parser(name, help=text, add_help=False)
    return parser


def _drop_output() -> None:
    """Send what is left of the output nowhere, so that the interpreter does not fail over it again at its end."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # not a real file, as in tests
        return


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; bad input exits with 2 and one sentence, what physics forbids with 3."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        if arguments and arguments[0] in EXTRA_COMMANDS:
            from importlib import import_module

            command: Callable[[list[str]], int] = import_module(EXTRA_COMMANDS[arguments[0]]).main
            return command(arguments)
        args = build_parser().parse_args(arguments)
        run: Callable[[argparse.Namespace], int] = args.run
        code = run(args)
        sys.stdout.flush()  # a full disk shows here and not at exit
        return code
    except InfeasibleError as error:
        print(f"infeasible: {error}", file=sys.stderr)
        return EXIT_INFEASIBLE
    except EstimatorError as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        print(f"error: {error.strerror or error}", file=sys.stderr)
        _drop_output()
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130

"""Commands on what there is: ``nodes``, ``designs``, ``show``, ``sources``, and ``check`` for a file of your own."""

from __future__ import annotations

import argparse
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from estimator.cli.commands import add_command, add_files, add_name
from estimator.cli.tables import write
from estimator.cli.terminal import print_table, say
from estimator.errors import UnknownNameError, unknown_name

if TYPE_CHECKING:
    from estimator.cli.commands import Commands
    from estimator.parameters.schema import Node


def add(commands: Commands) -> None:
    """Declare ``nodes``, ``designs``, ``show``, ``sources`` and ``check``."""
    add_files(add_command(commands, "nodes", _nodes, "list the processes"))
    add_files(add_command(commands, "designs", _designs, "list the designs"))
    show = add_command(commands, "show", _show, "show parameters with their sources")
    add_name(show, "name", kinds=KINDS, help="name of a design, node, cooling, package or memory type")
    add_command(commands, "sources", _sources, "list the bibliography")
    add_command(commands, "check", _check, "check a TOML file of your own").add_argument("file")


KINDS = ("design", "node", "cooling", "package", "memory")
"""Kinds of things that ``show`` knows."""
NODE_HEAD = ("name", "label", "aliases", "volume", "logic MTr/mm2", "supply V", "wafer USD")
DESIGN_HEAD = ("name", "label", "node", "dies", "area mm2", "clock GHz", "power W", "tensor TFLOPS")


def nodes_by_line() -> list[Node]:
    """Every process of the library, by line of a foundry, size and date."""
    from estimator.parameters import library

    nodes = (library.load_node(n) for n in library.names("node"))
    return sorted(nodes, key=lambda n: (n.line, float(n.generation_nm or 0), -float(n.volume_year or 0)))


def _nodes(args: argparse.Namespace) -> int:
    from estimator.parameters import library

    alias: dict[str, list[str]] = {}
    for short, name in library.aliases().items():
        alias.setdefault(name, []).append(short)
    cells: list[list[Any]] = [
        [
            n.name,
            n.label,
            " ".join(alias.get(n.name, [])),
            n.volume_year,
            float(n.logic_density_mtr_mm2),
            float(n.supply_v),
            float(n.wafer_cost_usd),
        ]
        for n in nodes_by_line()
    ]
    if not write(args, NODE_HEAD, cells):
        formats = (".3g", ".2f", ",.0f")
        rows = [[*r[:3], _when(r[3]), *(f"{c:{f}}" for c, f in zip(r[4:], formats, strict=True))] for r in cells]
        print_table(NODE_HEAD, rows, texts=3)
    return 0


def _when(year: float | None) -> str:
    """A date of volume production in words."""
    from estimator.quantities import quarter

    return "-" if year is None else quarter(year)


def _designs(args: argparse.Namespace) -> int:
    from estimator.parameters import library

    cells = [
        [
            d.name,
            d.label,
            d.node,
            sum(k.count for k in d.die_kinds),
            sum(float(k.area_mm2) * k.count for k in d.die_kinds),
            float(d.clock_ghz),
            float(d.power_w),
            float(d.tensor_tflops or 0),
        ]
        for d in map(library.load_design, library.names("design"))
    ]
    if not write(args, DESIGN_HEAD, cells):
        formats = ("", "", "", "", ",.0f", ".2f", ",.0f", ",.0f")
        print_table(
            DESIGN_HEAD,
            [[f"{c:{f}}" if f else str(c) for c, f in zip(r, formats, strict=True)] for r in cells],
            texts=3,
        )
    return 0


def _entity(name: str) -> Any:
    from estimator.parameters import library

    for kind in KINDS:
        if name in library.names(kind):
            return library.load(kind, name)
    for kind in KINDS:
        with suppress(UnknownNameError):
            return library.load(kind, name)
    raise unknown_name("name", name, [n for k in KINDS for n in library.names(k)] + list(library.aliases()))


def _show(args: argparse.Namespace) -> int:
    from estimator.quantities import quarter, with_unit

    entity = _entity(args.name)
    say(f"{entity.name}: {entity.label}", "head")
    if entity.note:
        say(f"  {entity.note}")
    parts = [("", entity)] + [(f"{d.role} die, x{d.count}, {d.node}", d) for d in getattr(entity, "dies", ())]
    for title, part in parts:
        if title:
            print()
            say(f"[{title}]", "head")
        if offered := getattr(part, "packages_available", ()):
            say(f"  packages_available = {', '.join(offered)}", indent=4)
        if getattr(part, "volume_year", None) is not None:
            say(f"  volume_year = {part.volume_year:g} ({quarter(part.volume_year)})")
        for year, area_mm2 in zip(getattr(part, "field_years", ()), getattr(part, "field_areas_mm2", ()), strict=True):
            say(f"  largest field from {quarter(year)}: {area_mm2:,.0f} mm2")
        for name, p in part.parameters.items():
            say(
                f"  {name} = {with_unit(f'{float(p):g}', p.unit)} ({p.low:g} to {p.high:g}; {p.kind})"
                + (f"; source: {', '.join(p.source)}" if p.source else ""),
                indent=4,
            )
            if p.note:
                say(f"      {p.note}")
    _show_series(entity)
    return 0


def _show_series(entity: Any) -> None:
    """Prices and capacities of a thing by year."""
    from estimator.model.prices import names_of
    from estimator.parameters import library
    from estimator.quantities import quarter, with_unit

    for series in library.all_series_of(*names_of(entity)):
        print()
        say(f"[{series.quantity} by year: {series.label}]", "head")
        for year, p in zip(series.years, series.values_by_year, strict=True):
            say(
                f"  {quarter(year)}: {with_unit(f'{float(p):g}', p.unit)} ({p.low:g} to {p.high:g}); {p.note}; "
                f"source: {', '.join(p.source)}",
                indent=4,
            )


def _sources(args: argparse.Namespace) -> int:
    from estimator.parameters import library

    for key, s in sorted(library.sources().items()):
        print(f"{key}: {s.get('author', '')}: {s.get('title', '')} ({s.get('year', '')}) {s.get('url', '')}".rstrip())
    return 0


def _check(args: argparse.Namespace) -> int:
    from estimator.parameters import library

    path = library.toml_file(args.file)
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

"""Commands on what a GPU is worth: ``tokens``, ``bins``, ``buy``; and ``area`` of a die that has not been built yet."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from estimator.cli.commands import add_command, add_files, add_json, add_name, add_parameters, add_point
from estimator.cli.tables import write
from estimator.cli.terminal import print_json, print_table, say
from estimator.errors import InputError

if TYPE_CHECKING:
    from estimator.cli.commands import Commands
    from estimator.estimation import Estimate
    from estimator.uses.bins import Sku

_TOKENS = (
    ("GPUs that hold the model", "gpus"),
    ("sequences in flight", "batch"),
    ("tokens/s of a GPU", "tokens_s"),
    ("tokens/s of a user", "tokens_s_per_user"),
    ("USD per million tokens", "usd_per_million_tokens"),
    ("joules per million tokens", "joules_per_million_tokens"),
    ("USD per GPU-hour", "usd_per_gpu_hour"),
    ("share of time in prompts", "prompt_share"),
)
"""Rows of ``tokens``: words and field of `estimator.uses.tokens.Tokens`."""


def add(commands: Commands) -> None:
    """Declare ``tokens``, ``bins``, ``buy`` and ``area``."""
    tokens = add_command(commands, "tokens", _tokens, "dollars and joules per million tokens, clone beside original")
    add_point(tokens)
    tokens.add_argument(
        "--model", default="llama-3-70b", help="language model, e.g. deepseek-v3 (default: llama-3-70b)"
    )
    tokens.add_argument("--input-tokens", type=float, default=1000.0, help="length of a prompt (default: 1000)")
    tokens.add_argument("--output-tokens", type=float, default=1000.0, help="length of an answer (default: 1000)")
    tokens.add_argument("--bytes", type=float, default=1.0, help="bytes of a weight (default: 1)")
    tokens.add_argument("--gpus", type=float, help="GPUs that hold the model (default: the fewest)")
    tokens.add_argument("--batch", type=float, help="sequences in flight (default: as many as fit)")
    tokens.add_argument("--price", type=float, metavar="USD", help="price of one GPU (default: what it costs)")

    bins = add_command(commands, "bins", _bins, "what the dies of a wafer can be sold as, and what that brings")
    add_point(bins)
    add_name(
        bins,
        "--skus",
        kinds=("design",),
        nargs="+",
        required=True,
        metavar="sku",
        help="designs that are sold from the die, or name=units,clock_ghz,price_usd[,memory_channels]",
    )
    bins.add_argument("--original", action="store_true", help="the original's dies instead of the clone's")
    bins.add_argument("--clock-spread", type=float, help="standard deviation of the logarithm of the clock, e.g. 0.03")
    bins.add_argument("--clock-reached", type=float, help="share of working dies that reach the full clock, e.g. 0.9")

    buy = add_command(commands, "buy", _buy, "what a sum buys or rents, beside what a foundry makes in a year")
    add_point(buy)
    buy.add_argument("--usd", type=float, required=True, help="the sum, e.g. 2.5e9")
    buy.add_argument("--price", type=float, metavar="USD", help="price of one original (default: its street price)")
    buy.add_argument("--smuggled", action="store_true", help="with the premium seen on smuggled parts")
    buy.add_argument("--rent", type=float, metavar="USD", help="rent of one for an hour (default: that of an H100)")
    buy.add_argument(
        "--run",
        dest="training_run",
        default="deepseek-v3",
        help="training run that they are counted in (default: deepseek-v3)",
    )
    buy.add_argument("--share", type=float, help="share of each capacity that the programme gets, e.g. 0.25")

    area = add_command(commands, "area", _area, "area of a GPU die from its transistor count")
    area.add_argument("transistors_mtr", type=float, help="transistors, millions, e.g. 76300")
    add_name(area, "node", kinds=("node",), help="name, alias (12nm) or TOML file of a node")
    area.add_argument("--maker", default="", help="amd, intel or nvidia")
    area.add_argument("--style", default="gpu", help="gpu: the only style that the densities are fitted to")
    area.add_argument("--sram-mbyte", type=float, help="registers, shared memory and caches in all, MB")
    area.add_argument("--memory-bus-bits", type=float, help="width of the memory interface")
    area.add_argument("--hbm", action="store_true", help="the interface drives memory stacks")
    area.add_argument("--links", type=float, default=0.0, help="chip-to-chip links")
    area.add_argument("--pcie-lanes", type=float, default=16.0, help="PCIe lanes (default: 16)")
    add_parameters(area)

    for command in (tokens, bins, buy, area):
        add_json(command)
    for command in (tokens, bins, buy):
        add_files(command)


def _show(args: argparse.Namespace, title: str, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table of numbers under its title, or write it to the files that were asked for."""
    if not write(args, head, rows):
        say(title, "head")
        print_table(head, [[_cell(c) for c in row] for row in rows])


def _cell(value: Any) -> str:
    from estimator.quantities import number

    return value if isinstance(value, str) else number(value)


def _name(est: Estimate) -> str:
    return f"{est.design.label or est.design.name} on {est.node.label or est.node.name}"


def _tokens(args: argparse.Namespace) -> int:
    from estimator.cli.settings import estimated
    from estimator.model.comparison import plain_table
    from estimator.uses.tokens import tokens

    est = estimated(args, "tokens")
    clone, original = (
        tokens(
            est,
            args.model,
            input_tokens=args.input_tokens,
            output_tokens=args.output_tokens,
            weight_bytes_per_parameter=args.bytes,
            gpus=args.gpus,
            batch=args.batch,
            original=original,
            price_usd=args.price,
        )
        for original in (False, True)
    )
    if args.json:
        sides = {"clone": asdict(clone), "original": asdict(original)}
        print_json({"design": est.design.name, "node": est.node.name, **plain_table(sides)})
        return 0
    rows = []
    for words, name in _TOKENS:
        here, there = float(getattr(clone, name)), float(getattr(original, name))
        rows.append([words, here, there, here / there if there else float("nan")])
    _show(args, f"{args.model} on {_name(est)}:", ["", "clone", "original", "ratio"], rows)
    for side, found in (("clone", clone), ("original", original)):
        if found.note:
            say(f"Note: {side}: {found.note}", "note")
    return 0


def parse_sku(text: str) -> str | Sku:
    """A product of ``--skus``: the name of a design, or ``name=units,clock_ghz,price_usd[,memory_channels]``.

    Examples
    --------
    >>> parse_sku("h20"), parse_sku("half=66,1.5,9000").price_usd
    ('h20', 9000.0)
    """
    from estimator.uses.bins import Sku

    name, sign, value = text.partition("=")
    if not sign:
        return text
    try:
        numbers = [float(p) for p in value.split(",")]
    except ValueError:
        numbers = []
    if not name or len(numbers) not in (3, 4):
        raise InputError(f"--skus {text!r} must be a design or name=units,clock_ghz,price_usd[,memory_channels]")
    return Sku(name, *numbers)


def _bins(args: argparse.Namespace) -> int:
    from estimator.cli.settings import estimated
    from estimator.model.comparison import plain_table
    from estimator.uses.bins import bins

    est = estimated(args, "bins")
    split = bins(
        est,
        [parse_sku(s) for s in args.skus],
        clock_spread=args.clock_spread,
        clock_reached=args.clock_reached,
        original=args.original,
    )
    if args.json:
        print_json({"design": est.design.name, "node": est.node.name, **plain_table(asdict(split))})
        return 0
    head = ["sold as", "units", "clock GHz", "price USD", "good for it", "sold", "USD/wafer", "alone USD/wafer"]
    rows = [
        [s.name, s.units, s.clock_ghz, s.price_usd, *numbers]
        for s, *numbers in zip(
            split.skus, split.eligible, split.shares, split.revenue_usd, split.alone_usd_per_wafer, strict=True
        )
    ]
    place = est.reference_node if args.original else est.node
    _show(args, f"Dies of {est.design.label or est.design.name} on {place.label or place.name}:", head, rows)
    say(
        f"{_cell(split.revenue_usd_per_wafer)} USD a wafer, {_cell(split.revenue_usd_per_die)} USD a die; "
        f"{_cell(split.scrap_fraction)} of the dies are good for none"
    )
    return 0


def _buy(args: argparse.Namespace) -> int:
    from estimator.cli.settings import estimated
    from estimator.model.comparison import plain_table
    from estimator.uses.buying import bought, made, rented

    est = estimated(args, "buy")
    fleets = {
        "bought": bought(est, args.usd, price_usd=args.price, smuggled=args.smuggled, run=args.training_run),
        "rented for a year": rented(est, args.usd, rent_usd_gpu_hour=args.rent, run=args.training_run),
        "made in a year": made(est, run=args.training_run, fab_share_fraction=args.share),
    }
    if args.json:
        data = plain_table({name: asdict(fleet) for name, fleet in fleets.items()})
        print_json({"design": est.design.name, "node": est.node.name, "usd": args.usd, **data})
        return 0
    head = ["", "GPUs", "H100-equivalents", f"{args.training_run} runs a year", "USD each"]
    rows = [[n, f.gpus, f.h100_equivalents, f.runs_per_year, f.usd_per_gpu] for n, f in fleets.items()]
    _show(args, f"{_cell(args.usd)} USD for originals, beside {_name(est)}, made in {est.date_words}:", head, rows)
    say("bought: with servers; rented: originals abroad; made: clones, as far as wafers, interposers and memory allow")
    return 0


def _area(args: argparse.Namespace) -> int:
    from estimator.quantities import number
    from estimator.uses.die_area import die_area

    names = ("transistors_mtr", "node", "maker", "style", "sram_mbyte", "memory_bus_bits", "hbm", "links", "pcie_lanes")
    found = die_area(**{name: getattr(args, name) for name in names})
    if args.json:
        print_json({**asdict(found), **found.fractions})
        return 0
    say(f"{number(found.area_mm2, 'mm2')} (80 %: {number(found.low)} to {number(found.high, 'mm2')})", "head")
    parts = {"logic": found.logic_mm2, "SRAM": found.sram_mm2, "analog, PHY and pads": found.analog_mm2}
    print_table(["", "mm2", "share"], [[n, number(a), number(a / found.area_mm2)] for n, a in parts.items()])
    for note in found.notes:
        say(f"Note: {note}", "note")
    return 0

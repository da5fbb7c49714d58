"""Options of an estimate on the command line: ``--set key=value``, ``--date``, ``--die-node`` and ``--plan``."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from estimator.errors import InputError, unknown_name
from estimator.model.options import OPTIONS, spread_die_nodes

if TYPE_CHECKING:
    from estimator.estimation import Estimate


def parse_setting(text: str) -> tuple[str, Any]:
    """Parse one ``key=value`` of ``--set``: a number, numbers separated by commas, or a name.

    Examples
    --------
    >>> parse_setting("power_limit_w=700"), parse_setting("clock_ghz=0.8,1.0"), parse_setting("cooling=air")
    (('power_limit_w', 700.0), ('clock_ghz', [0.8, 1.0]), ('cooling', 'air'))
    """
    key, sign, value = text.partition("=")
    if not sign or not key.strip() or not value.strip():
        raise InputError(f"--set {text!r} must be key=value, e.g. power_limit_w=700")
    parts = value.split(",")
    try:
        numbers = [float(p) for p in parts]
    except ValueError:
        return key.strip(), value.strip()
    return key.strip(), numbers[0] if len(numbers) == 1 else numbers


def parse_die_nodes(items: Sequence[str] | None) -> dict[str, str]:
    """Processes of dies by role from all ``role=node`` of ``--die-node``.

    Examples
    --------
    >>> parse_die_nodes(["cache=16nm", "io=tsmc-10ff"])
    {'cache': '16nm', 'io': 'tsmc-10ff'}
    """
    found: dict[str, str] = {}
    for item in items or []:
        role, sign, node = (part.strip() for part in item.partition("="))
        if not sign or not role or not node:
            raise InputError(f"--die-node {item!r} must be role=node, e.g. cache=tsmc-16ff")
        if role in found:
            raise InputError(f"--die-node {role} is given twice")
        found[role] = node
    return found


def parse_settings(items: Sequence[str] | None) -> dict[str, Any]:
    """Options from all ``key=value`` of ``--set``. Each key must be a known option or a dotted field, and given once."""
    options: dict[str, Any] = {}
    for item in items or []:
        key, value = parse_setting(item)
        if key in ("reference_node", "samples", "seed", "strict"):
            raise InputError(f"--set {key}: use the option --{key.replace('_', '-')} instead")
        if key not in OPTIONS and "." not in key:
            raise unknown_name("option", key, OPTIONS)
        if key in options:
            raise InputError(f"--set {key} is given twice")
        options[key] = value
    return options


def options_of(args: argparse.Namespace) -> dict[str, Any]:
    """Options of a command with ``--set``, ``--date`` and ``--die-node``."""
    options = parse_settings(args.set)
    if args.date is not None:
        if "date" in options:
            raise InputError("give either --date or --set date=..., not both")
        options["date"] = args.date
    return spread_die_nodes({**options, "die_nodes": parse_die_nodes(args.die_node)})


def single(options: Mapping[str, Any], command: str) -> None:
    """Refuse options with several values in a command that is of one point."""
    for name, value in options.items():
        if isinstance(value, list):
            raise InputError(
                f"--set {name} has {len(value)} values: {command} takes a single number for each point; "
                "`sweep` computes many points"
            )


def planned(design: Any, node: Any, options: Mapping[str, Any], plan: str | None) -> dict[str, Any]:
    """Options with those that carry out a plan on a node.

    Raises
    ------
    InputError
        For an option that the plan decides.
    InfeasibleError
        If the plan cannot be carried out there.
    """
    if plan is None:
        return dict(options)
    from estimator.uses.plans import plan_options

    decided = plan_options(design, node, plan, **options)
    keeps_dies = plan in ("same-units", "dies", "fewer-tensor-units")
    both = [name for name in (*decided, *(() if keeps_dies else ("dies",))) if name in options]
    if both and plan != "dies":
        raise InputError(f"--plan {plan} decides {both[0]}: leave --set {both[0]}=... out")
    return {**options, **decided}


def estimated(args: argparse.Namespace, command: str) -> Estimate:
    """The one point that a command with the arguments of `estimator.cli.commands.add_point` is of."""
    from estimator.estimation import estimate

    options = options_of(args)
    single(options, command)
    return estimate(args.design, args.node, **planned(args.design, args.node, options, args.plan))

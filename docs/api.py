"""Writes docs/api.md: the API reference, from the docstrings and the tables of the package (`make texts`)."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import griffe
from griffe2md import render_object_docs

import estimator
from estimator.checks import FLAG, FLAGS
from estimator.model.options import DIE_NODES, KIND_OPTIONS, NAME_OPTIONS, NUMBER_OPTIONS
from estimator.model.results import OUTPUT_STAGE
from estimator.parameters.schema import Entity, Parameter
from estimator.quantities import Field, describe

TARGET = Path(__file__).with_name("api.md")
MAIN = (
    ("Estimates", ("estimate", "Estimate")),
    ("Many points", ("sweep", "estimate_many", "best", "redesign")),
    (
        "Formulas",
        (
            "yield_fraction",
            "sellable_fraction",
            "defect_density",
            "dies_per_wafer",
            "die_area",
            "DieArea",
            "design_from_content",
        ),
    ),
    (
        "Library",
        ("overlay", "load_node", "load_design", "load_cooling", "load_package", "load_memory", "names", "sources"),
    ),
    ("Data", ("Design", "Die", "Node", "Cooling", "Package", "MemoryType", "Parameter")),
    ("Errors", ("EstimatorError", "InputError", "UnknownNameError", "InfeasibleError")),
)
"""Headings and the names of `estimator.__all__` below each."""
FORMULAS = tuple(
    f"physics.{m}"
    for m in (
        "area",
        "yields",
        "repair",
        "wafer",
        "packaging",
        "interfaces",
        "timing",
        "pipeline",
        "binning",
        "power",
        "heat",
        "operating_point",
        "cost",
        "carbon",
        "throughput",
    )
)
USES = (
    "uncertainty.intervals",
    "uncertainty.sensitivity",
    *(
        f"uses.{m}"
        for m in (
            "plans",
            "binning",
            "redesign",
            "content",
            "training",
            "serving",
            "tokens",
            "bins",
            "buying",
            "supply",
            "ownership",
            "porting",
            "export_rules",
            "wafermap",
            "bases",
            "barriers",
            "annual",
        )
    ),
    "claims",
    "uses.cset",
)
HEAD = """# API reference

Written by `make docs` from the docstrings. Do not edit.

Every name is `snake_case` with its unit at the end. Where a formula takes numbers, it takes arrays too, which broadcast
together. Shares are from 0 to 1. A value out of its range raises `InputError`; what physics forbids raises
`InfeasibleError` for a single point, and is NaN with `feasible` false in arrays. A formula without a reference is a
definition or a sum of its parts. The examples are run as tests.

The functions of `estimator.physics` are plain: they compute with what they are given. The same function with its numbers
held to the ranges below is `function.checked`, e.g. `estimator.physics.yields.poisson.checked`; the names of `estimator`
itself, and the paths of version 0.1 (`estimator.yields.poisson`, `estimator.thermal.junction_temperature`), are these
checked ones. All other functions here check always.
"""
LINK, WORDS = re.compile(r"\[([^\]]*)\]\([^)]*\)"), r"\1"
CONFIG: dict[str, Any] = {
    "docstring_section_style": "list",
    "docstring_style": "numpy",
    "show_root_full_path": False,
    "heading_level": 3,
    "members": False,
    "show_object_full_path": False,
    "show_root_members_full_path": False,
    "inherited_members": False,
    "summary": False,
    "show_bases": False,
}


def tidy(text: str) -> str:
    """Types as plain code (the tool links them to headings that are not there), and no trailing or double blank lines."""
    text = re.sub(r"<code>(.*?)</code>", lambda code: f"`{LINK.sub(WORDS, code.group(1))}`", text)
    text = re.sub(r"(?<!`)``(?!`)", "`", text.replace("\\[", "[").replace("\\]", "]"))
    text = re.sub(r"\[(\*\*.*?\*\*)\]\(#.*?\)( \(|$)", r"\1\2", text, flags=re.M)
    text = re.sub(r"\(`\(([^`]*)\)`\)", r"(`\1`)", re.sub(r" – \n", "\n", text))
    text = re.sub(r"<details[^>]*>\n<summary>(.*?)</summary>", r"**\1:**", text).replace("</details>", "")
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+$", "", text, flags=re.M)).strip() + "\n"


def render(package: Any, path: str, level: int = 3) -> str:
    """One object of the package, with the methods of a class and the ranges of a checked function."""
    module, _, name = path.rpartition(".")
    real = getattr(importlib.import_module(f"estimator.{module}"), name)
    parts = [tidy(render_object_docs(package[path], {**CONFIG, "heading_level": level}))]
    if isinstance(real, type) and issubclass(real, Entity):
        parts.append(entity_table(real))
    elif isinstance(real, type):
        own = [
            n for n, v in vars(real).items() if not n.startswith("_") and (inspect.isfunction(v) or hasattr(v, "func"))
        ]
        parts += [method(package, path, n, level + 1) for n in own]
    parts.append(ranges_table(getattr(real, "ranges", {})))
    return "\n".join(p for p in parts if p)


def method(package: Any, path: str, name: str, level: int) -> str:
    """A method or property of a class."""
    return tidy(render_object_docs(package[f"{path}.{name}"], {**CONFIG, "heading_level": level}))


def cells(rows: list[tuple[str, ...]], head: tuple[str, ...]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(r) + " |" for r in (head, ("---",) * len(head), *rows)]
    return "\n".join(lines) + "\n" if rows else ""


def row(name: str, field: Field) -> tuple[str, ...]:
    """Name, words, unit and range of a field."""
    unit = "" if field.unit in ("", "1") else field.unit
    span = field.range_text if field.high > field.low else ""
    return f"`{name}`", field.long_name, unit, re.sub(f" {re.escape(unit)}$", "", span) if unit else span


def range_rows(ranges: dict[str, Any]) -> list[tuple[str, ...]]:
    """What the arguments of a checked function may be."""
    return [(f"`{n}`", "true or false" if f in (FLAG, FLAGS) else f.range_text) for n, f in ranges.items()]


def ranges_table(ranges: dict[str, Any]) -> str:
    """The same as a table."""
    return cells(range_rows(ranges), ("argument", "range"))


def entity_table(model: type[Entity]) -> str:
    """Fields of a node, design, ...: those which are numbers with unit and range."""
    rows = []
    for name, info in model.model_fields.items():
        numeric = info.annotation in (Parameter, Parameter | None)
        must = "yes" if info.is_required() else ""
        rows.append(
            (*row(name, describe(name)), must) if numeric else (f"`{name}`", name.replace("_", " "), "", "", must)
        )
    return cells(rows, ("field", "what", "unit", "range", "must be given"))


def options_and_outputs() -> str:
    """Tables of the options and outputs of `estimate`."""
    options = [(f"`{n}`", ", ".join(f"`{v}`" for v in values), "", "") for n, values in NAME_OPTIONS.items()]
    options += [(f"`{n}`", f"a {n} by name, file or object", "", "") for n in KIND_OPTIONS]
    options += [
        (f"`{n}`", f"process of the {n.removesuffix('_node').replace('_', '-')} dies", "", "") for n in DIE_NODES
    ]
    options += [
        ("`die_nodes`", "processes of dies by role, `{'cache': 'tsmc-16ff'}`: the same as the options above", "", "")
    ]
    options += [row(n, describe(n)) for n in NUMBER_OPTIONS]
    outputs = [row(n, describe(n))[:3] for n in OUTPUT_STAGE]
    return "\n".join(
        [
            "### Options of `estimate`, `sweep` and `best`\n",
            cells(options, ("option", "what", "unit", "range")),
            "### Outputs\n",
            cells(outputs, ("output", "what", "unit")),
        ]
    )


def public(module: str) -> list[str]:
    """Public functions and classes that a module defines, in their order."""
    real = importlib.import_module(f"estimator.{module}")
    return [
        n
        for n, v in vars(real).items()
        if not n.startswith("_")
        and (inspect.isfunction(v) or inspect.isclass(v))
        and inspect.unwrap(v).__module__ == real.__name__
        and n not in estimator.__all__
        and inspect.getdoc(v)
    ]


def section(package: Any, module: str) -> str:
    """A module: its docstring and what it offers beyond the package's own names."""
    real = importlib.import_module(f"estimator.{module}")
    shown = [n for n in vars(real) if n in estimator.__all__ and estimator._HOME.get(n) == module]
    above = f"\nAlso here: {', '.join(f'`estimator.{n}`' for n in shown)}.\n" if shown else ""
    body = "\n".join(render(package, f"{module}.{n}") for n in public(module))
    return f"## `estimator.{module}`\n\n{inspect.getdoc(real)}\n{above}\n{body}"


def link(module: str) -> tuple[str, str]:
    """Short name of a module, and where its section is on the page."""
    return module.rpartition(".")[2], f"estimator{module.replace('.', '')}"


def reference() -> str:
    """The whole page."""
    loader = griffe.GriffeLoader(docstring_parser="numpy", search_paths=[Path(__file__).resolve().parents[1]])
    package = loader.load("estimator")
    parts: list[str] = [HEAD]
    for title, names in MAIN:
        parts += [f"## {title}\n", *(render(package, f"{estimator._HOME[n]}.{n}") for n in names)]
        if title == "Estimates":
            parts.append(options_and_outputs())
    sections = {m: section(package, m) for m in (*FORMULAS, *USES)}
    parts += sections.values()
    links = {
        "Package": [(t, t.lower().replace(" ", "-")) for t, _ in MAIN],
        "Modules of formulas": [link(m) for m in FORMULAS],
        "What can be done with an estimate": [link(m) for m in USES],
    }
    parts.insert(1, "\n".join(f"- {k}: " + ", ".join(f"[{t}](#{a})" for t, a in v) for k, v in links.items()) + "\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts))


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")

"""Builds the documentation site into artifacts/docs (`make docs`): offline, searchable, warnings are errors, links are checked.

The documents of docs/ are laid out in a folder of their own, with the pages that are written from the package: the API, the fields
of parameter files, every parameter with its source, and the bibliography. Sphinx runs the notebooks of docs/tutorials and builds.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import estimator
from docs import api
from estimator.files import markdown_text
from estimator.parameters import library
from estimator.parameters.schema import Entity

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
TARGET = ROOT / "artifacts" / "docs"
SOURCE = ROOT / "artifacts" / "docs-source"
NOT_SHOWN = {"api.md"}
"""The site has its own pages of the API."""
OUTWARD = re.compile(r"\[([^\]]+)\]\(\.\./([^)#]+)(?:#[^)]*)?\)")
"""A link from docs/ to a file of the checkout, which the site does not hold."""
KINDS = {
    "node": "Processes",
    "design": "Designs",
    "cooling": "Coolings",
    "package": "Packages",
    "memory": "Memory types",
}


def for_the_site(text: str) -> str:
    """A document of docs/ with the links that a reader of the site can follow; other files are named."""
    text = re.sub(
        r"\[`?api\.md`?\]\(api\.md(#data)?\)", lambda m: "[fields](fields.md)" if m[1] else "[API](reference.md)", text
    )
    return OUTWARD.sub(lambda m: m[1] if m[1].strip("`") in m[2] else f"{m[1]} (`{m[2]}`)", text)


def summary_of(names: list[str], module: str) -> str:
    """A table of names of a module, each with a page of its own."""
    return "\n".join(
        [
            "```{eval-rst}",
            f".. currentmodule:: {module}",
            "",
            ".. autosummary::",
            "   :toctree: api",
            "",
            *(f"   {n}" for n in names),
            "```\n",
        ]
    )


def reference() -> str:
    """The page of the API: the package's own names, then its modules of formulas and of uses."""
    parts = [api.HEAD.replace("Written by `make docs` from the docstrings. Do not edit.\n\n", "")]
    parts.append("Options, outputs and the fields of parameter files are [on a page of their own](fields.md).\n")
    parts.append("```{toctree}\n:hidden:\n\nfields\n```\n")
    for title, names in api.MAIN:
        parts += [f"## {title}\n", summary_of(list(names), "estimator")]
    for title, modules in (("Formulas by module", api.FORMULAS), ("What can be done with an estimate", api.USES)):
        parts.append(f"## {title}\n")
        for module in modules:
            if names := api.public(module):
                parts += [f"### {module}\n", summary_of(names, f"estimator.{module}")]
    return "\n".join(parts)


def fields() -> str:
    """The page of options, outputs and fields of parameter files."""
    models = [getattr(estimator, name) for name in dict(api.MAIN)["Data"] if name != "Parameter"]
    tables = [f"### {m.__name__}\n\n{api.entity_table(m)}" for m in models if issubclass(m, Entity)]
    return "\n".join(
        ["# Options, outputs and fields\n", api.options_and_outputs(), "## Fields of parameter files\n", *tables]
    )


def parameter_rows(thing: Entity) -> Iterator[tuple[Any, ...]]:
    """Every number of a thing and of its dies, with the years of its sources."""
    works = library.sources()
    parts = [("", thing)] + [(f"{die.role}: ", die) for die in getattr(thing, "dies", ())]
    for before, part in parts:
        for name, p in part.parameters.items():
            cited = ", ".join(f"[{key}](sources.md#{key})" if key in works else key for key in p.source)
            years = sorted({str(works[key]["year"]) for key in p.source if works.get(key, {}).get("year")})
            yield f"{before}`{name}`", p.low, p.central, p.high, p.unit, p.kind, cited, ", ".join(years), p.note


def parameters(kind: str) -> str:
    """The page of every parameter of a kind of things."""
    head = ("number", "low", "central", "high", "unit", "kind", "source", "year", "note")
    things = (library.load(kind, name) for name in library.names(kind))
    sections = (f"## {t.name}\n\n{t.label}\n\n{markdown_text(head, parameter_rows(t))}" for t in things)
    return "\n".join([f"# Parameters: {KINDS[kind].lower()}\n", *sections])


def bibliography() -> str:
    """The page of all sources, each under its key."""
    lines = ["# Sources\n"]
    for key, work in sorted(library.sources().items()):
        title = str(work.get("title", "")).replace("<", "&lt;")
        where = f"[{title}](<{work['url']}>)" if work.get("url") else title
        said = ". ".join(str(part) for part in (work.get("author"), where, work.get("year"), work.get("note")) if part)
        lines.append(f"({key})=\n**{key}**: {said}\n")
    return "\n".join(lines)


def lay_out() -> None:
    """Write the site's source: documents, generated pages, and what the notebooks load in a browser."""
    import plotly.offline

    shutil.rmtree(SOURCE, ignore_errors=True)
    (SOURCE / "tutorials").mkdir(parents=True)
    (SOURCE / "parameters").mkdir()
    (SOURCE / "_files").mkdir()
    for path in [*DOCS.glob("*.md"), *DOCS.glob("tutorials/*.md")]:
        if path.name not in NOT_SHOWN:
            (SOURCE / path.relative_to(DOCS)).write_text(for_the_site(path.read_text("utf-8")), "utf-8")
    for path in DOCS.glob("*.png"):
        shutil.copy(path, SOURCE)
    shutil.copytree(DOCS / "hosting", SOURCE / "hosting")
    (SOURCE / "changelog.md").write_text((ROOT / "CHANGELOG.md").read_text("utf-8"), "utf-8")
    written = {"reference": reference(), "fields": fields(), "sources": bibliography()}
    for name, text in written.items():
        (SOURCE / f"{name}.md").write_text(text, "utf-8")
    for kind in KINDS:
        text = parameters(kind).replace("(sources.md#", "(../sources.md#")
        (SOURCE / "parameters" / f"{kind}.md").write_text(text, "utf-8")
    (SOURCE / "_files" / "site.css").write_text("h1, .prev-next-title {overflow-wrap: anywhere;}\n", "utf-8")
    (SOURCE / "_files" / "plotly.min.js").write_text(plotly.offline.get_plotlyjs(), "utf-8")


def add_ranges(_app: Any, _what: str, name: str, thing: Any, _options: Any, lines: list[str]) -> None:
    """Behind the docstring of a checked function: what its arguments may be."""
    ranges = getattr(thing, "ranges", None)
    if isinstance(ranges, dict) and name.startswith("estimator."):
        lines += ["", ".. rubric:: Ranges", ""]
        lines += [f"- ``{cells[0].strip('`')}``: {cells[1]}" for cells in api.range_rows(ranges)] + [""]


class Links(HTMLParser):
    """Addresses and anchors of a page; what it loads by itself is kept apart from what a reader may follow."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.followed: list[str] = []
        self.anchors: set[str] = {""}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the addresses and the anchor of an element."""
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if "src" in given:
            self.loaded.append(given["src"])
        if "href" in given:
            (self.loaded if tag == "link" else self.followed).append(given["href"])


def faults(folder: Path) -> list[str]:
    """What a reader would miss: links to pages or anchors that are not there, and anything loaded from another host."""
    pages = {
        path: Links(path.read_text("utf-8")) for path in sorted(folder.rglob("*.html")) if "_static" not in path.parts
    }
    found = []
    for path, links in pages.items():
        here = path.relative_to(folder)
        found += [f"{here} loads {a}" for a in links.loaded if urlsplit(a).netloc]
        for address in [*links.loaded, *links.followed]:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            to = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not to.is_file():
                found.append(f"{here} links to {address}, which is not there")
            elif to in pages and unquote(parts.fragment) not in pages[to].anchors:
                found.append(f"{here} links to {address}, which has no such place")
    for path in folder.rglob("*.css"):
        found += [
            f"{path.name} loads {a}" for a in re.findall(r"url\([\"']?(https?:[^)\"']+)", path.read_text("utf-8"))
        ]
    return found


def build() -> int:
    """Lay out, build and check; 0 if all is well."""
    lay_out()
    shutil.rmtree(TARGET, ignore_errors=True)
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "--keep-going",
        "-q",
        "-c",
        DOCS,
        "-d",
        SOURCE / ".cache",
        SOURCE,
        TARGET,
    ]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "DOCS_STATIC": str(SOURCE / "_files"), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([str(c) for c in command], cwd=ROOT, env=env, check=False)
    found = faults(TARGET) if done.returncode == 0 else []
    print("\n".join(found[:50]), file=sys.stderr)
    if done.returncode == 0 and not found:
        print(f"{TARGET / 'index.html'}: {len(list(TARGET.rglob('*.html')))} pages")
    return done.returncode or int(bool(found))


if __name__ == "__main__":
    sys.exit(build())

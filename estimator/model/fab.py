"""Fab: what a process takes of electricity and lets out of gases per area, by its class, and the grid that its fabs are on."""

from __future__ import annotations

import math

from estimator.arrays import Numbers
from estimator.parameters import library
from estimator.parameters.schema import Node, Parameter
from estimator.parameters.sets import ParameterSet, load_set

FAB_FIELDS = ("fab_energy_kwh_cm2", "fab_gas_kgco2e_cm2")
WORLD = "world"
FABS = "fabs_"  # before the name of a grid: foundries whose fabs are on it


def fab_numbers(node: Node) -> Numbers:
    """Electricity and gases of a process per cm2 of wafer, and what its fabs' electricity lets out, as far as it names none."""
    own: Numbers = {}
    table = load_set("work", "carbon")
    for name in FAB_FIELDS:
        if name not in node.parameters:
            own[name] = of_class(table, name, class_nm(node))
    if "fab_grid_kgco2e_kwh" not in node.parameters:
        own["fab_grid_kgco2e_kwh"] = load_set("work", "grids")[f"{grid_of(node)}.grid_kgco2e_kwh"]
    return own


def class_nm(node: Node) -> float:
    """Class of a process in nm, as it is labelled; where it is not, that of the library's process nearest in logic density."""
    if node.generation_nm is not None:
        return float(node.generation_nm)
    known = [n for n in map(library.load_node, library.names("node")) if n.generation_nm is not None]
    density = float(node.logic_density_mtr_mm2)
    nearest = min(known, key=lambda n: abs(math.log(float(n.logic_density_mtr_mm2) / density)))
    return float(nearest.generation_nm or 0.0)


def grid_of(node: Node) -> str:
    """Grid that a foundry's fabs are on, of ``params/work/grids.toml``; the world's where the foundry is not known."""
    texts = load_set("work", "grids").texts
    return next((g.removeprefix(FABS) for g, f in texts.items() if g.startswith(FABS) and node.foundry in f), WORLD)


def of_class(table: ParameterSet, name: str, nm: float) -> Parameter:
    """A number of a class of process: between two classes of the table as a power of nm, beyond its ends that of the end."""
    classes = sorted((float(table[f"{c}.generation_nm"]), c) for c in table.texts["classes"])
    below = max((c for c in classes if c[0] <= nm), default=classes[0])
    above = min((c for c in classes if c[0] >= nm), default=classes[-1])
    if below == above:
        return table[f"{below[1]}.{name}"]
    share = math.log(nm / below[0]) / math.log(above[0] / below[0])
    first, second = table[f"{below[1]}.{name}"], table[f"{above[1]}.{name}"]

    def between(a: float, b: float) -> float:
        return math.exp((1.0 - share) * math.log(a) + share * math.log(b))

    return Parameter(
        between(float(first), float(second)),
        low=between(first.low, second.low),
        high=between(first.high, second.high),
        unit=first.unit,
        kind="model",
        source=first.source,
        note=f"between {below[1]} and {above[1]}, as a power of the class in nm",
    )


def class_note(node: Node) -> str:
    """A sentence where no table of electricity and gases holds the class of a process; empty where one does."""
    if all(n in node.parameters for n in FAB_FIELDS):
        return ""
    classes = [
        float(load_set("work", "carbon")[f"{c}.generation_nm"]) for c in load_set("work", "carbon").texts["classes"]
    ]
    nm = class_nm(node)
    if min(classes) <= nm <= max(classes):
        return ""
    end = min(classes) if nm < min(classes) else max(classes)
    return (
        f"{node.label or node.name}: electricity and gases of a {nm:g} nm fab are not published; those of {end:g} nm are taken "
        "for its carbon"
    )

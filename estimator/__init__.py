"""Chip-scaling estimator: what an existing GPU becomes on another process node, and why."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"

# ruff: noqa: F401
if TYPE_CHECKING:
    from estimator.errors import EstimatorError, InfeasibleError, InputError, UnknownNameError
    from estimator.estimation import Estimate, estimate
    from estimator.parameters.library import (
        load_cooling,
        load_design,
        load_memory,
        load_node,
        load_package,
        names,
        sources,
    )
    from estimator.parameters.overlay import overlay
    from estimator.parameters.schema import Cooling, Design, Die, MemoryType, Node, Package, Parameter
    from estimator.physics.wafer import dies_per_wafer
    from estimator.physics.yields import defect_density, sellable_fraction, yield_fraction
    from estimator.sweeps.dataset import sweep
    from estimator.sweeps.designs import estimate_many
    from estimator.sweeps.optimize import best
    from estimator.uses.content import design_from_content
    from estimator.uses.die_area import DieArea, die_area
    from estimator.uses.redesign import redesign

_HOME = {
    **dict.fromkeys(("EstimatorError", "InfeasibleError", "InputError", "UnknownNameError"), "errors"),
    **dict.fromkeys(("Estimate", "estimate"), "estimation"),
    **dict.fromkeys(
        ("load_cooling", "load_design", "load_memory", "load_node", "load_package", "names", "sources"),
        "parameters.library",
    ),
    **dict.fromkeys(
        ("Cooling", "Design", "Die", "MemoryType", "Node", "Package", "Parameter"),
        "parameters.schema",
    ),
    "overlay": "parameters.overlay",
    "dies_per_wafer": "physics.wafer",
    **dict.fromkeys(("defect_density", "sellable_fraction", "yield_fraction"), "physics.yields"),
    "sweep": "sweeps.dataset",
    "estimate_many": "sweeps.designs",
    "best": "sweeps.optimize",
    "design_from_content": "uses.content",
    "redesign": "uses.redesign",
    **dict.fromkeys(("DieArea", "die_area"), "uses.die_area"),
}
"""Public name -> module below this package that holds it; loaded when first used."""

_MOVED = {
    **{name: f"physics.{name}" for name in ("area", "yields", "occupancy", "wafer", "timing", "power", "cost")},
    **{name: f"physics.{name}" for name in ("operating_point", "throughput")},
    "thermal": "physics.heat",
    **{name: f"parameters.{name}" for name in ("schema", "library", "silicon")},
    "parameter_sets": "parameters.sets",
    "toml_text": "parameters.toml",
    "case": "model.options",
    "anchor": "model.home",
    "chain": "model.chain",
    "contradictions": "model.validity",
    "points": "model.batch",
    "causes": "model.causes",
    "explain": "model.words",
    "sampling": "uncertainty.assumptions",
    "intervals": "uncertainty.intervals",
    "sensitivity": "uncertainty.sensitivity",
    "sweep_plan": "sweeps.layout",
    "sweeping": "sweeps.dataset",
    "sweep_files": "sweeps.files",
    "optimize": "sweeps.optimize",
    **{name: f"uses.{name}" for name in ("training", "serving", "supply", "ownership", "porting", "export_rules")},
    **{name: f"uses.{name}" for name in ("cset", "plans", "wafermap")},
    "claim_files": "claims.files",
    "claim_words": "claims.words",
    "claim_checks": "claims.checks",
    "fields": "quantities",
    "arguments": "quantities",
    "csv_text": "files",
}
"""Paths of version 0.1 -> where the module is now: ``estimator.cset.scenario`` still imports.

Formulas checked their arguments in 0.1, and under these paths they do: ``estimator.yields.poisson`` is
``estimator.physics.yields.poisson.checked``.
"""

__all__ = [*_HOME, "__version__"]  # noqa: PLE0604


def lazy_names(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """The ``__getattr__`` of a package whose public names live in the modules that `homes` maps them to.

    A module is one of the package, or with a dot before its path (``.sweeps.ladder``) one beside the package.
    """

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f".{homes[name]}", package), name)
        setattr(sys.modules[package], name, value)
        return value

    return load


def at_the_door(value: Any) -> Any:
    """What a caller from outside gets for a thing of this package: of a formula, the version that checks its arguments."""
    return getattr(value, "checked", value) if isinstance(value, FunctionType) else value


def __getattr__(name: str) -> Any:
    if name in _MOVED:
        return import_module(f"{__name__}.{name}")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = at_the_door(getattr(import_module(f"{__name__}.{_HOME[name]}"), name))
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])


class _Moved:
    """Finds a module under its path of version 0.1."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        """Spec of a moved module; None for every other name."""
        package, _, name = fullname.rpartition(".")
        loader: Any = self
        return ModuleSpec(fullname, loader) if package == __name__ and name in _MOVED else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module that took its place; of a module of formulas, a thin one with the checked versions."""
        path = _MOVED[spec.name.rpartition(".")[2]]
        home = import_module(f"{__name__}.{path}")
        spec.loader_state = home.__spec__
        if not path.startswith("physics."):
            return home
        door = ModuleType(spec.name, home.__doc__)
        vars(door).update({n: at_the_door(v) for n, v in vars(home).items() if not n.startswith("__")})
        return door

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is left to run; a module under another path keeps its own description."""
        if module.__spec__ is not None and module.__name__ != module.__spec__.name:
            module.__spec__ = module.__spec__.loader_state


sys.meta_path.append(_Moved())


class _Package(ModuleType):
    """This package: a public name stays the function when Python binds a submodule of the same name."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _HOME and isinstance(value, ModuleType):
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package

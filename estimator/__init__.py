"""Chip-scaling estimator: what an existing GPU becomes on another process node, and why."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from estimator.lazy import loader

__version__ = "0.1.0"

# ruff: noqa: F401
if TYPE_CHECKING:
    from estimator.errors import EstimatorError, InfeasibleError, InputError, UnknownNameError
    from estimator.estimation import Estimate, estimate
    from estimator.library import (
        load_cooling,
        load_design,
        load_memory,
        load_node,
        load_package,
        names,
        sources,
    )
    from estimator.optimize import best
    from estimator.schema import Cooling, Design, Die, MemoryType, Node, Package, Parameter
    from estimator.sweeping import sweep
    from estimator.wafer import dies_per_wafer
    from estimator.yields import defect_density, sellable_fraction, yield_fraction

_HOME = {
    "EstimatorError": "errors",
    "InfeasibleError": "errors",
    "InputError": "errors",
    "UnknownNameError": "errors",
    "Estimate": "estimation",
    "estimate": "estimation",
    "load_cooling": "library",
    "load_design": "library",
    "load_memory": "library",
    "load_node": "library",
    "load_package": "library",
    "names": "library",
    "sources": "library",
    "Cooling": "schema",
    "Design": "schema",
    "Die": "schema",
    "MemoryType": "schema",
    "Node": "schema",
    "Package": "schema",
    "Parameter": "schema",
    "dies_per_wafer": "wafer",
    "sweep": "sweeping",
    "best": "optimize",
    "defect_density": "yields",
    "sellable_fraction": "yields",
    "yield_fraction": "yields",
}

__all__ = [*_HOME, "__version__"]  # noqa: PLE0604


__getattr__ = loader(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])


class _Package(ModuleType):
    """This package: a public name stays the function when Python binds a submodule of the same name (`estimate`)."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _HOME and isinstance(value, ModuleType):
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package

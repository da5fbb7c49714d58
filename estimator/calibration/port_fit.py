"""What a port keeps of a density step: learnt from real ports of one design between two processes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.arrays import Array, Num
from estimator.calibration.area_classes import GLOBALS, class_areas, columns
from estimator.calibration.area_data import Port, area_nodes, dies, ports
from estimator.calibration.area_densities import node_densities
from estimator.calibration.area_fit import NU, AreaFit, fit_area
from estimator.calibration.priors import priors
from estimator.physics.area import analog_area, class_area
from estimator.quantities import NORMAL_90

KINDS = ("optical", "compatible", "port", "redesign")


@dataclass(frozen=True)
class PortFit:
    """Realisation per kind of layout work, its standard deviation, and the error of one port (log scale)."""

    realisation: dict[str, float]
    sd: dict[str, float]
    error: float
    rows: tuple[str, ...]


@dataclass(frozen=True)
class PortShape:
    """A port as the area chain sees it: areas per home die area, densities and analog factors of both nodes."""

    kind: str
    logic: float
    sram: float
    analog: float
    logic_density: tuple[float, float]
    sram_density: tuple[float, float]
    analog_factor: tuple[float, float]


@dataclass(frozen=True)
class PortShapes:
    """Ports side by side: the fields of `PortShape` as arrays, pairs with a leading axis of two."""

    optical: NDArray[np.bool_]
    logic: Array
    sram: Array
    analog: Array
    logic_density: Array
    sram_density: Array
    analog_factor: Array

    @classmethod
    def of(cls, items: Iterable[PortShape]) -> PortShapes:
        """Arrays of some ports, in their order."""
        kind, *numbers = zip(*(vars(item).values() for item in items), strict=True)
        return cls(np.array(kind) == "optical", *(np.array(column).T for column in numbers))


def shape(port: Port, fit: AreaFit, density: dict[str, float]) -> PortShape:
    """Composition and density steps of a port.

    Parameters
    ----------
    port : Port
    fit : AreaFit
        Gives the class areas of GPU dies; must not contain the port's family.
    density : dict
        Logic density of each node, see `node_densities`.

    Notes
    -----
    The shares are of the area on the first process; logic and analog are already multiplied by what the second chip
    has more of (transistors, width of its interfaces).
    """
    nodes = area_nodes()
    a, b = nodes[port.node_a], nodes[port.node_b]
    sram, analog, content, interfaces = port.sram_fraction, port.analog_fraction, port.content, port.analog_content
    if np.isnan(sram):
        pair = [next(d for d in dies() if d.chip == name) for name in port.dies[:2]]
        level = np.array([fit.level[n] for n in GLOBALS])
        _, bits, phy = class_areas(columns(pair), level, np.zeros(2))
        sram, analog = float(bits[0]) / port.area_a_mm2, float(phy[0]) / port.area_a_mm2
        interfaces = float(phy[1] / b.analog_factor) / float(phy[0] / a.analog_factor)
        content = port.transistors_b_mtr / port.transistors_a_mtr
    return PortShape(
        kind=port.kind,
        logic=(1 - sram - analog) * content,
        sram=sram * port.sram_content,
        analog=analog * interfaces,
        logic_density=(density[port.node_a], density[port.node_b]),
        sram_density=(a.sram_mbit_mm2, b.sram_mbit_mm2),
        analog_factor=(a.analog_factor, b.analog_factor),
    )


def area_ratio(of: PortShapes, realisation: Num) -> Array:
    """Area on the second process over area on the first, by the laws of `estimator.physics.area`.

    ``logic (rho_a / rho_b)**k + sram (sigma_a / sigma_b)**k + analog a_b / a_a``, k the realisation; in an optical
    shrink analog and pads follow logic.
    """

    def shrunk(area: Array, density: Array) -> Array:
        return class_area(home_area_mm2=area, home_density=density[0], density=density[1], realisation=realisation)

    kept = analog_area(home_area_mm2=of.analog, home_factor=of.analog_factor[0], factor=of.analog_factor[1])
    analog = np.where(of.optical, shrunk(of.analog, of.logic_density), kept)
    return np.asarray(shrunk(of.logic, of.logic_density) + shrunk(of.sram, of.sram_density) + analog)


def port_shapes(fit: AreaFit) -> dict[str, PortShape]:
    """All ports by id, seen with one density fit."""
    density = node_densities(fit)
    return {port.id: shape(port, fit, density) for port in ports()}


def fit_ports(
    *,
    exclude_families: Iterable[str] = (),
    shapes: dict[str, PortShape] | None = None,
) -> PortFit:
    """Fit the realisations to all ports outside the excluded families.

    Parameters
    ----------
    exclude_families : iterable of str
        Families of which no row is used.
    shapes : dict of str to PortShape, optional
        Rows by id, from `port_shapes`; made from a fit without the excluded families' dies by default.

    Notes
    -----
    Maximum a posteriori with normal priors (params/priors.toml) and Student t errors of log area ratio; Gauss-Newton with
    reweighting. Each kind has its own realisation, all share one error.
    """
    out = set(exclude_families)
    train = [p for p in ports() if p.family not in out and not p.repeat]
    if shapes is None:
        shapes = port_shapes(fit_area(exclude=family_dies(out)))
    rows, real = PortShapes.of(shapes[p.id] for p in train), np.log([p.area_ratio for p in train])
    kind = np.array([KINDS.index(p.kind) for p in train])
    prior = priors("port")
    mean = np.array([prior[k].central for k in KINDS])
    precision = np.array([prior[k].sd ** -2 for k in KINDS])
    start = prior["error"].central
    value, error, weight = mean.copy(), start, np.ones(len(train))
    information = precision
    for _ in range(40):
        guess = np.log(area_ratio(rows, value[kind]))
        slope = (np.log(area_ratio(rows, value[kind] + 1e-5)) - guess) / 1e-5
        residual = real - guess
        weight = (NU + 1) / (NU + (residual / error) ** 2)
        error = float(np.sqrt((2 * start**2 + np.sum(weight * residual**2)) / (2 + len(train))))
        information = precision + np.bincount(kind, weight * slope**2 / error**2, minlength=len(KINDS))
        push = np.bincount(kind, weight * slope * residual / error**2, minlength=len(KINDS))
        value = value + (push + precision * (mean - value)) / information
    return PortFit(
        realisation=dict(zip(KINDS, value.tolist(), strict=True)),
        sd=dict(zip(KINDS, (information**-0.5).tolist(), strict=True)),
        error=error,
        rows=tuple(p.id for p in train),
    )


def family_dies(families: Iterable[str]) -> tuple[str, ...]:
    """Chips of the density population that belong to product families."""
    wanted = set(families)
    return tuple(sorted({name for port in ports() if port.family in wanted for name in port.dies}))


def predict_port(fit: PortFit, item: PortShape) -> float:
    """Area ratio of a port."""
    return float(area_ratio(PortShapes.of([item]), fit.realisation[item.kind])[0])


def port_tables(fit: PortFit | None = None) -> dict[str, dict[str, dict[str, Any]]]:
    """Table for `params/fit/port.toml`: ``port_realisation`` of the model, with its 80 % range and rows.

    Notes
    -----
    The range is of the parameter alone; the error of a single port comes on top (`PortFit.error`).
    """
    fit = fit or fit_ports()
    value, half = fit.realisation["port"], NORMAL_90 * fit.sd["port"]
    kept = {k: round(fit.realisation[k], 3) for k in KINDS}
    return {
        "model": {
            "port_realisation": {
                "low": round(value - half, 3),
                "central": round(value, 3),
                "high": round(value + half, 3),
                "unit": "1",
                "kind": "fit",
                "source": ["silicon-pairs"],
                "note": f"share of the log density step of logic and SRAM that a port to another process keeps; "
                f"optical half nodes keep {kept['optical']} (analog too), "
                f"compatible processes {kept['compatible']}, redesigns by the same house {kept['redesign']}",
                "rows": list(fit.rows),
                "fit_error": round(fit.error, 3),
            }
        }
    }

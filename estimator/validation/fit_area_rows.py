"""Fits of area held against rows they did not see: shipped dies one by one, and ports with each product family left out.

What a user calls (`estimator.die_area`, `estimator.estimate`) is judged in `die_rows` and `port_rows`; here a die's own
generation stays in the fit, and a port's kind of layout is known.
"""

from __future__ import annotations

import math

from estimator.calibration.area_data import Port, dies, ports
from estimator.calibration.area_fit import OLD_NM, fit_area, predict
from estimator.calibration.port_fit import PortShape, family_dies, fit_ports, port_shapes, predict_port
from estimator.validation.area_baselines import die_baselines, port_baselines
from estimator.validation.rows import Row

NEW, OLD, PORTS = "fit of die areas, 28 nm to 4 nm", "fit of die areas, 90 nm to 40 nm", "fit of ports"
FOLDS = 8


def die_rows() -> list[Row]:
    """Die area of every used GPU from its count and composition, the die left out.

    Notes
    -----
    Densities, house styles and class areas are refitted without the die. Variance components come from a fit without the
    die and the others of its fold (every eighth die), so they have not seen it either.
    """
    population = dies()
    folds = [fit_area(exclude=[d.chip for d in population[k::FOLDS]], population=population) for k in range(FOLDS)]
    out = []
    for i, die in enumerate(population):
        guess = predict(fit_area(exclude=[die.chip], population=population, spread=folds[i % FOLDS].spread), die)
        out.append(
            Row(
                case=f"{die.vendor} {die.chip}",
                group=OLD if die.nm >= OLD_NM else NEW,
                family=f"{die.vendor} {die.style}",
                node=die.node,
                unit="mm2",
                real=die.area_mm2,
                predicted=guess["area_mm2"],
                low=math.nan,
                high=math.nan,
                source=die.source,
                removed=(die.chip,),
                baselines=die_baselines(die, population),
            )
        )
    return out


def port_rows() -> list[Row]:
    """Area ratio of every port of purity A and B with known nodes, its product family left out.

    Notes
    -----
    Both the realisations (all rows of the family) and the densities (all dies of the family) are refitted.
    """
    every = ports()
    out = []
    seen: dict[tuple[str, ...], dict[str, PortShape]] = {}
    for family in sorted({p.family for p in every}):
        gone = family_dies([family])
        if gone not in seen:
            seen[gone] = port_shapes(fit_area(exclude=gone))
        fit = fit_ports(exclude_families=[family], shapes=seen[gone])
        rows = [p for p in every if p.family == family]
        removed = tuple(p.id for p in rows) + gone
        out += [_port_row(p, predict_port(fit, seen[gone][p.id]), removed) for p in rows]
    order = {p.id: i for i, p in enumerate(every)}
    return sorted(out, key=lambda c: order[c.case.split(" ", 1)[0]])


def _port_row(port: Port, ratio: float, removed: tuple[str, ...]) -> Row:
    return Row(
        case=f"{port.id} {port.design}",
        group=PORTS,
        family=port.family,
        node=f"{port.node_a} > {port.node_b}",
        real=port.area_ratio,
        predicted=ratio,
        low=math.nan,
        high=math.nan,
        source=port.source,
        removed=removed,
        baselines=port_baselines(port),
    )

"""Validation of area: shipped GPU dies predicted with each left out, and ports with each product family left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from estimator.calibration.area_data import Port, ShippedDie, dies, ports
from estimator.calibration.area_fit import OLD_NM, AreaFit, fit_area, predict, with_intervals
from estimator.calibration.port_fit import PortShape, family_dies, fit_ports, port_shapes, predict_port
from estimator.calibration.port_fit import with_intervals as with_port_intervals
from estimator.parameters.silicon import read_silicon
from estimator.parameters.silicon_dies import GpuRow, PairRow
from estimator.validation.area_baselines import die_baselines, port_baselines
from estimator.validation.rows import Row

NEW, OLD, PORTS = "die area, 28 nm to 4 nm", "die area, 90 nm to 40 nm", "area of a port"
GROUPS = (NEW, OLD, PORTS)
FOLDS = 8


def _folds(population: Sequence[ShippedDie]) -> list[AreaFit]:
    """Fits without every eighth die: they give the variance components and interval widths for those dies."""
    return [
        with_intervals(fit_area(exclude=[d.chip for d in population[k::FOLDS]], population=population))
        for k in range(FOLDS)
    ]


def die_rows() -> list[Row]:
    """Die area of every used GPU from its count and composition, the die left out.

    Notes
    -----
    Densities, house styles and class areas are refitted without the die. Variance components and interval widths come
    from a fit without the die and the others of its fold (every eighth die), so they have not seen it either.
    """
    population = dies()
    folds = _folds(population)
    out = []
    for i, die in enumerate(population):
        fold = folds[i % FOLDS]
        fit = replace(fit_area(exclude=[die.chip], population=population, spread=fold.spread), widen=fold.widen)
        guess = predict(fit, die)
        out.append(
            Row(
                case=f"{die.vendor} {die.chip}",
                group=OLD if die.nm >= OLD_NM else NEW,
                family=f"{die.vendor} {die.style}",
                node=die.node,
                unit="mm2",
                real=die.area_mm2,
                predicted=guess["area_mm2"],
                low=guess["low"],
                high=guess["high"],
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
    notes = {row.id: row.changed for row in read_silicon(PairRow)}
    out = []
    seen: dict[tuple[str, ...], dict[str, PortShape]] = {}
    for family in sorted({p.family for p in every}):
        gone = family_dies([family])
        if gone not in seen:
            seen[gone] = port_shapes(fit_area(exclude=gone))
        shapes = seen[gone]
        fit = with_port_intervals(fit_ports(exclude_families=[family], shapes=shapes), shapes)
        rows = [p for p in every if p.family == family]
        removed = tuple(p.id for p in rows) + gone
        out += [_port_row(p, predict_port(fit, shapes[p.id]), removed, notes[p.id]) for p in rows]
    order = {p.id: i for i, p in enumerate(every)}
    return sorted(out, key=lambda c: order[c.case.split(" ", 1)[0]])


def _port_row(port: Port, guess: dict[str, float], removed: tuple[str, ...], note: str) -> Row:
    return Row(
        case=f"{port.id} {port.design}",
        group=PORTS,
        family=port.family,
        node=f"{port.node_a} > {port.node_b}",
        unit="1",
        real=port.area_ratio,
        predicted=guess["ratio"],
        low=guess["low"],
        high=guess["high"],
        source=port.source,
        removed=removed,
        baselines=port_baselines(port),
        note=note,
    )


def area_rows() -> list[Row]:
    """All validation rows of area, in the three groups."""
    return die_rows() + port_rows()


def excluded_rows() -> list[tuple[str, str, str]]:
    """Rows which are listed but not used: table, row, reason."""
    chips = [("gpus", row.chip, row.reason) for row in read_silicon(GpuRow) if not row.kept]
    return chips + [("pairs", f"{row.id} {row.design}", row.reason) for row in read_silicon(PairRow) if not row.kept]

"""Die area from a transistor count by `estimator.die_area`, the die's whole generation in no fit."""

from __future__ import annotations

from estimator.calibration.area_data import dies
from estimator.calibration.area_fit import OLD_NM
from estimator.parameters.silicon import read_silicon
from estimator.parameters.silicon_dies import DieCheckRow, GpuRow
from estimator.uses.die_area import OTHER_STYLES, die_area
from estimator.validation.area_baselines import accelerator_wall_area, die_baselines
from estimator.validation.held_out import densities_without, generation_dies, laid
from estimator.validation.port_rows import counted_area
from estimator.validation.rows import Row

NEW, OLD, UNSEEN = "die area, 28 nm to 4 nm", "die area, 90 nm to 40 nm", "die area of an unseen maker"
GROUPS = (NEW, OLD, UNSEEN)


def die_rows() -> list[Row]:
    """Area [mm2] of every used GPU die; its maker's generation is removed from densities, house styles and class areas."""
    population = dies()
    out: dict[str, Row] = {}
    for maker, style in dict.fromkeys((d.vendor, d.style) for d in population):
        gone = generation_dies(maker, style)
        others = [d for d in population if d.chip not in gone]
        with laid(densities_without(gone)):
            for die in (d for d in population if d.chip in gone):
                found = counted_area(die)
                shown = (
                    f"die_area(transistors_mtr={die.transistors_mtr:g}, node={die.node!r}, maker={die.vendor!r}, "
                    f"sram_mbyte={die.sram_mbit / 8.388608:.4g}, memory_bus_bits={die.bus_bits:g}, "
                    f"hbm={die.memory_type.startswith('HBM')}, links={die.links:g}, pcie_lanes={die.pcie_lanes:g}).area_mm2"
                )
                out[die.chip] = Row(
                    case=f"{die.vendor} {die.chip}",
                    group=OLD if die.nm >= OLD_NM else NEW,
                    family=f"{die.vendor} {die.style}",
                    node=die.node,
                    unit="mm2",
                    real=die.area_mm2,
                    predicted=found.area_mm2,
                    low=found.low,
                    high=found.high,
                    source=die.source,
                    removed=gone,
                    baselines=die_baselines(die, [die, *others]),
                    call=shown.replace("'", '"'),
                    split="calibration",
                )
    return [out[d.chip] for d in population]


def unseen_rows() -> list[Row]:
    """Area [mm2] of accelerators of makers that no fit knows."""
    out = []
    for row in (r for r in read_silicon(DieCheckRow) if r.style not in OTHER_STYLES):
        found = die_area(transistors_mtr=row.transistors_mtr, node=row.node, maker=row.maker, sram_mbyte=_known(row))
        sram = "" if _known(row) is None else f", sram_mbyte={row.sram_mbyte:g}"
        shown = (
            f"die_area(transistors_mtr={row.transistors_mtr:g}, node={row.node!r}, maker={row.maker!r}{sram}).area_mm2"
        )
        out.append(
            Row(
                case=row.chip,
                group=UNSEEN,
                family=row.chip,
                node=row.node,
                unit="mm2",
                real=row.area_mm2,
                predicted=found.area_mm2,
                low=found.low,
                high=found.high,
                source=row.source,
                removed=("in no fit",),
                baselines={"Accelerator Wall": accelerator_wall_area(transistors_mtr=row.transistors_mtr, nm=row.nm)},
                note="; ".join((row.note, *found.notes)),
                call=shown.replace("'", '"'),
                split="validation",
            )
        )
    return out


def _known(row: DieCheckRow) -> float | None:
    return None if row.sram_mbyte != row.sram_mbyte else row.sram_mbyte


def unused_rows() -> list[tuple[str, str, str]]:
    """Dies that are listed and not predicted: table, row, reason."""
    dies_left = [("gpus", row.chip, row.reason) for row in read_silicon(GpuRow) if not row.kept]
    styles = [
        ("die_checks", r.chip, f"a {r.style} part: die_area raises an error")
        for r in read_silicon(DieCheckRow)
        if r.style in OTHER_STYLES
    ]
    return dies_left + styles

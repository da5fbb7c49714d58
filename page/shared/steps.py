"""The model step by step: each equation with the current numbers put in."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from estimator.model import workings


class Step(NamedTuple):
    """One step: what it is, the equation, the same with numbers, and a sentence."""

    title: str
    equation: str
    numbers: str
    sentence: str


def _n(value: Any, digits: int = 4) -> str:
    v = float(value)
    if abs(v) >= 1000:
        return f"{v:,.0f}".replace(",", "{,}")
    if abs(v) >= 1e-3 or v == 0 or math.isnan(v):
        return f"{v:.{digits}g}"
    mantissa, exponent = f"{v:.2e}".split("e")
    return rf"{mantissa}\cdot 10^{{{int(exponent)}}}"


def steps(est: Any) -> list[Step]:
    """Equations of an estimate, from area to cost, in the order in which the model computes them."""
    c, r = est.clone, est.reference
    w = workings(est)
    silicon = {k: (float(r[f"area_{k}_mm2"]), float(c[f"area_{k}_mm2"])) for k in ("logic", "sram", "analog")}
    alpha = _n(w.clustering_alpha)
    return [
        Step(
            "1. Area: logic, SRAM and analog scale apart",
            r"A = A_\mathrm{logic} + A_\mathrm{SRAM} + A_\mathrm{analog} + A_\mathrm{links}",
            rf"{_n(silicon['logic'][1])} + {_n(silicon['sram'][1])} + {_n(silicon['analog'][1])} + {_n(c.area_link_mm2)} "
            rf"= {_n(c.die_area_mm2)}\ \mathrm{{mm^2}}",
            f"On the original: {silicon['logic'][0]:,.0f} + {silicon['sram'][0]:,.0f} + {silicon['analog'][0]:,.0f} mm². "
            f"Logic density goes from {w.home_logic_density_mtr_mm2:.3g} to "
            f"{w.logic_density_mtr_mm2:.3g} MTr/mm², SRAM from {w.home_sram_density_mb_mm2:.3g} to "
            f"{w.sram_density_mb_mm2:.3g} Mbit/mm²; pads and PHY hardly change.",
        ),
        Step(
            "2. Dies: what fits the reticle field",
            r"n \ge \frac{A}{w_\mathrm{field} \, h_\mathrm{field}}",
            rf"n = {_n(c.dies)} \ \ge\ \frac{{{_n(c.die_area_mm2)}}}{{{_n(w.reticle_width_mm)} \cdot "
            rf"{_n(w.reticle_height_mm)}}}",
            f"A compute die is {c.die_width_mm:.1f} × {c.die_height_mm:.1f} mm; about {float(c.gross_dies_per_wafer):.0f} of them "
            f"fit a {w.wafer_diameter_mm:g} mm wafer by the area formula that the cost uses.",
        ),
        Step(
            "3. Yield: defects that cluster, dies that are salvaged",
            r"Y = \left(1 + \frac{A_\mathrm{die} D}{\alpha}\right)^{-\alpha}",
            rf"\left(1 + \frac{{{_n(w.mean_defects)}}}{{{alpha}}}\right)^{{-{alpha}}} = {_n(w.yield_fraction)}",
            f"At {float(c.defect_density_per_cm2):.3g} defects per cm². With units switched off, "
            f"{100 * float(c.sellable_fraction):.0f} % of the dies can be sold.",
        ),
        Step(
            "4. Clock: gates and wires of the critical path",
            r"\frac{1}{f} = t_\mathrm{gates}(V) + t_\mathrm{wires}(V)",
            rf"{_n(w.gate_part_ns)} + {_n(w.wire_part_ns)} = {_n(w.gate_part_ns + w.wire_part_ns)}\ \mathrm{{ns}}"
            rf"\ \Rightarrow\ {_n(w.timing_clock_ghz)}\ \mathrm{{GHz\ at\ }}{_n(w.allowed_supply_v)}\ \mathrm{{V}}",
            f"What timing allows at the allowed supply. It runs at {float(c.clock_ghz):.3f} GHz and {float(c.supply_v):.3f} V; "
            f"what binds is {est.limited_by}. A unit has {float(c.unit_area_mm2):.2f} mm² instead of "
            f"{float(r.unit_area_mm2):.2f} mm².",
        ),
        Step(
            "5. Power: capacitance, voltage squared, clock, leakage, and what does not scale",
            r"P = \frac{k V^2 f + P_\mathrm{leak} + P_\mathrm{memory} + P_\mathrm{links}}{1 - \lambda}",
            rf"\frac{{{_n(w.switched_w)} \cdot {_n(c.supply_v)}^2 \cdot {_n(c.clock_ghz)} + {_n(c.power_leakage_w)} + "
            rf"{_n(c.power_memory_w)} + {_n(c.power_io_w)}}}{{1 - {_n(w.board_loss_fraction)}}} = {_n(c.power_w)}\ \mathrm{{W}}",
            f"Gates switch {w.gate_capacitance_ratio:.3g} × the capacitance of home, global wires are "
            f"{w.wire_length_ratio:.3g} × as long ({100 * w.interconnect_fraction:.0f} % of the dynamic power).",
        ),
        Step(
            "6. Temperature: heat flux against cooling, with leakage in the loop",
            r"T = T_\mathrm{coolant} + R \, P_\mathrm{die}",
            rf"{_n(w.coolant_c)} + {_n(w.resistance_k_w)} \cdot {_n(w.die_w)} = {_n(c.junction_c)}\ ^\circ\mathrm{{C}}",
            f"{float(c.heat_flux_w_mm2):.3f} W/mm² instead of {float(r.heat_flux_w_mm2):.3f}: leakage doubles every "
            f"{w.leakage_doubling_k:.0f} K.",
        ),
        Step(
            "7. Cost of a good die",
            r"C_\mathrm{die} = \frac{C_\mathrm{wafer}}{n_\mathrm{gross} \, Y_\mathrm{sellable}}",
            rf"\frac{{{_n(c.wafer_cost_usd)}}}{{{_n(c.gross_dies_per_wafer)} \cdot {_n(c.sellable_fraction)}}} "
            rf"= {_n(c.die_cost_usd)}\ \mathrm{{USD}}",
            "A sellable compute die; test, package and memory come on top.",
        ),
        Step(
            "8. Cost of one GPU",
            r"C = C_\mathrm{silicon} + C_\mathrm{memory} + C_\mathrm{package} + C_\mathrm{test} "
            r"+ C_\mathrm{scrap} + C_\mathrm{board} + C_\mathrm{cooler}",
            rf"{_n(c.silicon_cost_usd)} + {_n(c.memory_cost_usd)} + {_n(c.package_cost_usd)} + {_n(c.test_cost_usd)} + "
            rf"{_n(c.scrap_cost_usd)} + {_n(c.board_cost_usd)} + {_n(c.cooler_cost_usd)} = {_n(c.unit_cost_usd)}\ \mathrm{{USD}}",
            f"Design and masks add {float(c.nre_usd_per_unit):,.0f} USD to each unit.",
        ),
        Step(
            "9. Work: units, clock, and the memory's roof",
            r"R = \min\left(R_\mathrm{peak},\ I \, B\right)",
            rf"R_\mathrm{{peak}} = {_n(c.tensor_tflops)},\quad R = {_n(c.work_tflops)}\ \mathrm{{TFLOPS}}",
            f"Memory bandwidth of {float(c.memory_bw_gb_s):,.0f} GB/s does not change with the process of the logic.",
        ),
    ]


LEFT_OUT = (
    "Software: whether drivers and libraries run on a clone at all.",
    "Redesign of the architecture: the clone keeps units, caches and memory as they are.",
    "Speed bins: one clock stands for all dies sold.",
    "Aging, test escapes, and losses in the field.",
    "Prices as negotiated: wafer and memory prices are public estimates.",
)
"""What the model leaves out, in plain words."""

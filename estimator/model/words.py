"""Words for a result: summary table, notebook table and plain sentences on what causes what."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping

import numpy as np

from estimator.arrays import Num
from estimator.model.causes import HEADLINE_FIELD, ROLE_WORDS
from estimator.model.comparison import SAME_WORK, Comparison
from estimator.model.limits import LIMIT_WORDS
from estimator.quantities import describe, number

SUMMARY = (
    "die_area_mm2",
    "dies",
    "yield_fraction",
    "sellable_fraction",
    "clock_ghz",
    "relative_performance",
    "supply_v",
    "junction_c",
    "power_w",
    "heat_flux_w_mm2",
    "unit_cost_usd",
    "full_cost_usd",
    "gpus_per_wafer",
    "tensor_tflops",
    "tflops_per_w",
    "usd_per_tflops",
    "embodied_kgco2e",
    "operational_kgco2e",
    "kgco2e_per_eflop",
)
HEADLINE_WORD = {
    "area": ("smaller", "bigger"),
    "power": ("less power", "more power"),
    "cost": ("cheaper to make", "dearer to make"),
    "all-in": ("cheaper all-in", "dearer all-in"),
    "time": ("faster at work", "slower at work"),
    "embodied": ("less greenhouse gas to make", "more greenhouse gas to make"),
    "carbon": ("less greenhouse gas for the work", "more greenhouse gas for the work"),
}


def ratio_cell(est: Comparison, name: str) -> str:
    """Clone over reference of an output as text; of a temperature the difference, since its zero means nothing."""
    if describe(name).unit == "C":
        return cell(np.asarray(est.clone[name]) - est.reference[name], "K")
    return cell(est.ratio[name], "") if name in est.ratio else ""


def cell(value: Num, unit: str = "") -> str:
    """A number as text with its unit, or the range of an array."""
    array = np.asarray(value)
    if array.ndim == 0:
        return number(array, unit)
    if np.isnan(array).all():
        return "-"
    low, high = number(np.nanmin(array), unit), number(np.nanmax(array), unit)
    return high if low == high else f"{number(np.nanmin(array))} to {high}"


def title(est: Comparison) -> str:
    """What is compared with what, what limits it, and when it is made."""
    limited = np.unique(np.asarray(est.limited_by))
    return (
        f"{est.design.label or est.design.name} on {est.node.label or est.node.name}, "
        f"compared with {est.reference_node.label or est.reference_node.name}; limited by {', '.join(limited)}; "
        f"made in {est.date_words}"
    )


def summary_lines(est: Comparison) -> list[str]:
    """Lines of the readable ``repr``: clone, reference and ratio of the main outputs."""
    rows = [["", "clone", "reference", "ratio"]]
    rows += [
        [
            describe(n).long_name,
            *(cell(side[n], describe(n).unit) for side in (est.clone, est.reference)),
            ratio_cell(est, n),
        ]
        for n in SUMMARY
    ]
    rows += [[describe(n).long_name, cell(est.same_work[n], describe(n).unit), "", ""] for n in SAME_WORK]
    first, *others = (max(len(row[k]) for row in rows) for k in range(4))
    lines = [title(est)]
    for name, *cells in rows:
        columns = "".join(f"  {text:>{width}s}" for text, width in zip(cells, others, strict=True))
        lines.append(f"  {name:{first}s}{columns}".rstrip())
    lines += described_dies(est)
    lines += [f"  {line}" for line in impossible_entries(est)]
    lines += [f"  note: {note}" for note in est.notes]
    return lines


def impossible_entries(est: Comparison) -> list[str]:
    """A line with how many entries of an array have no result, and why; nothing where all have one.

    Examples
    --------
    >>> from estimator import estimate
    >>> impossible_entries(estimate("h100-sxm", "12nm", clock_ghz=[0.5, 1.0, 9.0]))
    ['1 of 3 points has no result, and is not in the ranges above: timing 1']
    """
    lost = ~np.asarray(est.clone["feasible"])
    if not lost.any():
        return []
    walls, counts = np.unique(np.asarray(est.clone["limited_by"])[lost], return_counts=True)
    why = ", ".join(f"{wall} {count}" for wall, count in zip(walls, counts, strict=True))
    verb = "has no result, and is" if lost.sum() == 1 else "have no result, and are"
    return [f"{lost.sum()} of {lost.size} points {verb} not in the ranges above: {why}"]


def described_dies(est: Comparison) -> list[str]:
    """A line for each kind of die of the clone, where there are several."""
    if len(est.clone.kinds) < 2:
        return []
    return [
        f"  {f'{ROLE_WORDS[k.role]} dies on {k.node}':42s}{cell(k.dies, ''):>4s} x {cell(k.die_area_mm2, 'mm2')}, "
        f"{cell(k.yield_fraction, '')} without defect, {cell(k.sellable_fraction, '')} sellable, "
        f"{cell(k.cost_usd, 'USD')} together"
        for k in est.clone.kinds
    ]


def summary_html(est: Comparison) -> str:
    """The summary as an HTML table for notebooks; every name is escaped."""
    head = html.escape(title(est))
    rows = []
    for name in SUMMARY:
        field = describe(name)
        cells = [
            field.long_name,
            cell(est.clone[name], field.unit),
            cell(est.reference[name], field.unit),
            ratio_cell(est, name),
        ]
        rows.append("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in cells) + "</tr>")
    return (
        f"<p>{head}</p><table><thead><tr><th></th><th>clone</th><th>reference</th><th>ratio</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def times(ratio: float) -> str:
    """A ratio as a person says it.

    Examples
    --------
    >>> times(3.71), times(1.023), times(0.5)
    ('3.7 times', '1.02 times', '0.5 times')
    """
    digits = 3 if 0.95 < ratio < 1.05 else 2
    return f"{ratio:.{digits}g} times" if ratio < 9.95 else f"{ratio:,.0f} times"


def change(now: float, was: float, unit: str) -> str:
    """A quantity of the clone against the original's, with digits that show a difference only where there is one.

    Examples
    --------
    >>> change(1610.2, 700.0, "W"), change(700.0, 700.0, "W")
    ('1,610 W instead of 700 W', 'the same 700 W')
    """
    own, before = number(now, unit), number(was, unit)
    return f"the same {own}" if own == before else f"{own} instead of {before}"


def clones(count: float) -> str:
    """How many clones, as a person says it.

    Examples
    --------
    >>> clones(1.0), clones(1.668), clones(0.98)
    ('one clone', '1.67 clones', '0.98 clones')
    """
    text = f"{count:.3g}"
    return "one clone" if text == "1" else f"{text} clones"


def verdict(est: Comparison) -> str:
    """The answer for the same work: clones needed, their power and recurring cost, GPUs from a wafer, and what binds.

    All-in cost has a sentence of its own: the two are never compared with each other.
    """
    work, ref, clone = est.same_work, est.reference, est.clone
    where, volume = est.node.label or est.node.name, float(est.sides["clone"].build.inputs.plan.volume)
    was, now = (f"{float(side.gpus_per_wafer):,.0f}" for side in (ref, clone))
    binds = LIMIT_WORDS[est.limited_by].binds or est.limited_by
    return (
        f"The work of one {est.design.label or est.design.name} takes {clones(work.clones_for_same_work)} on {where}: "
        f"{change(work.power_for_same_work_w, ref.power_w, 'W')}, and a recurring cost of "
        f"{change(work.cost_for_same_work_usd, ref.unit_cost_usd, 'USD')}. With design and masks over {volume:,.0f} GPUs the "
        f"all-in cost is {change(work.all_in_for_same_work_usd, ref.full_cost_usd, 'USD')}. A wafer gives {was} originals or "
        f"{now} clones. What binds: {binds}."
    )


def one_clone(est: Comparison) -> str:
    """One sentence on a single clone: its silicon, clock, work and power."""
    r, c = est.ratio, est.clone
    dies = f"{c.dies:.0f} dies" if c.dies > 1 else "one die"
    slower = r.seconds_per_eflop
    speed = (
        f"work takes {times(slower)} as long"
        if slower > 1.05
        else f"work goes {times(1 / slower)} as fast"
        if slower < 0.95
        else "work takes about as long"
    )
    return (
        f"One clone takes {times(r.die_area_mm2)} the silicon ({dies}), runs at {c.clock_ghz:.2f} GHz instead of "
        f"{est.reference.clock_ghz:.2f} GHz ({speed}), and draws {change(c.power_w, est.reference.power_w, 'W')}."
    )


def shipped_clocks(est: Comparison) -> list[str]:
    """A sentence with the clock of graphics parts that shipped on the clone's process, where the table of clocks has some."""
    shipped = est.sides["clone"].build.shipped
    if shipped is None or est.node.name == est.reference_node.name:
        return []
    return [
        f"Graphics parts designed for {est.node.label or est.node.name} shipped at {shipped.clock_ghz:.2f} GHz "
        f"(median of {shipped.products:.0f} products)."
    ]


CAUSE_SENTENCES = {
    "logic density": "The process packs {less} logic into a mm2.",
    "SRAM density": "On-chip memory cells are {larger}.",
    "analog and PHY": "Interfaces and pads hardly change with the process.",
    "die-to-die links": "Splitting the chip over several dies adds interfaces between them.",
    "compute units built": "The plan builds another number of compute units.",
    "gate and local-wire capacitance": "Each operation switches {more} capacitance.",
    "longer global wires": "Signals travel {further} across the chip.",
    "registers of more stages": "A pipeline of more stages has more registers.",
    "compute units enabled": "Another number of compute units works in parallel.",
    "supply voltage": "The supply voltage differs; power goes with its square.",
    "clock": "The clock differs; dynamic power goes with it.",
    "leakage of process and area": "Idle leakage follows the process and the silicon area.",
    "leakage at this supply and heat": "Leakage follows supply voltage and junction temperature.",
    "memory": "Memory does not scale with the logic process.",
    "links and I/O": "Links and I/O do not scale with the logic process.",
    "silicon area": "There is {more} silicon to pay for.",
    "wafer price": "A wafer of the process costs {more}.",
    "dies lost at the wafer's edge": "{Larger} dies waste {more} of the round wafer.",
    "yield after salvage": "Another share of the dies can be sold.",
    "substrate and package assembly": "The substrate follows the silicon and memory that it carries.",
    "interposer area": "The interposer follows the silicon and memory that it carries.",
    "interposers lost at the wafer's edge": "Interposers are bought by the wafer, and {larger} ones waste {more} of it.",
    "interposer yield": "Another share of the interposers comes good.",
    "interposer wafer price": "A wafer of interposers of this class costs {more}.",
    "test and assembly": "Test follows the silicon area.",
    "parts lost in assembly": "Good parts are lost when bonding of any one fails.",
    "board and power delivery": "The board must deliver the power.",
    "cooler": "The cooler follows the silicon and the power.",
    "design effort": "Architecture, logic and software follow the size of the design, not the process.",
    "physical design": "Physical design follows the process.",
    "masks": "Masks follow the process.",
    "package design": "Design of the package follows its field.",
    "I/O dies": "The I/O dies change with what they are made on.",
    "cache dies": "The cache dies change with what they are made on.",
    "base dies": "The base dies change with what they are made on.",
    "memory base dies": "The memory base dies change with what they are made on.",
    "other dies": "The dies without compute units change with what they are made on.",
    "CPU dies": "The CPU dies change with what they are made on.",
    "slower gates of the process": "The transistors of the process switch {slower}.",
    "slowest of several dies": "Dies of one mask differ in speed, and those of one chip wait for the slowest.",
    "logic cut into more stages": "Logic is cut into more stages for the gates of the process.",
    "allowed supply voltage": "The allowed supply voltage gives the gates another overdrive.",
    "longer wires in a unit": "{Larger} compute units have {longer} wires on their critical path.",
    "clock held below timing": "Temperature, power or the request hold the clock below what timing allows.",
    "tensor units left out": "The plan keeps only some of the tensor units.",
    "work lost between dies": "A chip cut into dies loses work to the way and the traffic between them.",
    "memory interface of the process": "The process drives the pins of the memory {slower}.",
    "memory bandwidth": "Memory bandwidth bounds the work done.",
    "wafer area taken": "Making a GPU takes {more} wafer.",
    "greenhouse gases per wafer area": "A wafer of the process takes {more} electricity, gases and materials.",
    "making the memory": "Memory does not scale with the logic process.",
    "making the package": "The package follows the silicon and memory that it carries.",
    "making board and cooler": "Board and cooler follow the power.",
    "power in use": "In use the chip draws {more} power.",
    "work done": "The work of a life is another.",
}
_WORDS = {
    "less": ("more", "less"),
    "Larger": ("Smaller", "Larger"),
    "larger": ("smaller", "larger"),
    "more": ("less", "more"),
    "longer": ("shorter", "longer"),
    "further": ("less far", "further"),
    "slower": ("faster", "slower"),
}


def cause_sentence(name: str, factor: float) -> str:
    """One sentence for one cause with its factor."""
    side = int(factor >= 1.0)
    text = CAUSE_SENTENCES.get(name, name).format(**{k: v[side] for k, v in _WORDS.items()})
    return f"{text} (x {factor:.3g})"


def cause_sentences(factors: Mapping[str, Num]) -> list[str]:
    """Sentences on the causes of one headline, the strongest first; those below half a percent are left out.

    Examples
    --------
    >>> cause_sentences({"wafer price": 0.5, "memory": 1.0001, "silicon area": 3.7})
    ['There is more silicon to pay for. (x 3.7)', 'A wafer of the process costs less. (x 0.5)']
    """
    logs = {name: abs(math.log(float(factor))) for name, factor in factors.items()}
    return [cause_sentence(n, float(factors[n])) for n in sorted(logs, key=lambda n: -logs[n]) if logs[n] > 5e-3]


def headline_line(headline: str, ratio: float) -> str:
    """A headline with its ratio in words.

    Examples
    --------
    >>> headline_line("power", 1.37), headline_line("power", 1.002)
    ('More power: 1.4 times', 'Power: about the same')
    """
    if times(ratio) == times(1.0):
        return f"{headline.capitalize()}: about the same"
    return f"{HEADLINE_WORD[headline][int(ratio >= 1.0)].capitalize()}: {times(ratio)}"


def explain(est: Comparison) -> str:
    """The verdict for the same work, one clone by itself, and the causes of each headline by weight."""
    results = (*est.clone.values(), *est.reference.values())
    if any(np.ndim(v) for v in (*results, *(f for factors in est.causes.values() for f in factors.values()))):
        return "\n".join(summary_lines(est))
    return "\n".join(explain_lines(est))


def explain_lines(est: Comparison) -> list[str]:
    """Lines of `explain` for a single point."""
    lines = [verdict(est), one_clone(est), *shipped_clocks(est), f"Made in {est.date_words}, in dollars of that time."]
    for headline, factors in est.causes.items():
        ratio = est.ratio[HEADLINE_FIELD[headline]]
        lines.append(f"{headline_line(headline, ratio)}, because:")
        lines += [f"  {sentence}" for sentence in cause_sentences(factors)]
    return [*lines, *(f"Note: {note}" for note in est.notes)]

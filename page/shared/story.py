"""Words of the story: each step with its live numbers, how sure they are, and where in the tool they come from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from estimator.quantities import number
from estimator.uses import barriers_of, cost_on
from page.shared.headlines import answer, between, short, times
from page.shared.ui import safe

OF_CLOCK = {
    "slower gates of the process": "gates",
    "allowed supply voltage": "supply voltage",
    "longer wires in a unit": "wires in larger units",
    "logic cut into more stages": "logic cut into more stages",
    "clock held below timing": "held below what timing allows",
}
"""Causes of time that act on the clock -> their words; all others act on the work of a clock."""
TOLD_FROM = 0.005  # of a factor: what is closer to 1 is left out


class Told:
    """One scene in words."""

    def __init__(self, scene: Any, basis: str) -> None:
        self.scene, self.basis = scene, basis
        self.est = scene.est
        self.name = short(self.est.design.label or self.est.design.name)
        self.node = short(self.est.node.label or self.est.node.name)

    def answer(self) -> str:
        """The answer on this process in one line."""
        takes, wafers = answer(self.est, self.basis)
        return f"On {self.node} the work of one {self.name} takes {takes}. {wafers}."

    def wall(self) -> str:
        """Why it cannot be."""
        return f"Cannot be built today ({self.scene.wall.limited_by}); drawn as if a package could carry it"

    def sure(self, field: str) -> str:
        """80 % interval of a ratio."""
        span = self.scene.spans.get(field)
        return f"× {between(span)}" if span else ""


def _wafer(told: Told) -> str:
    r = told.est.reference
    home, sold = short(told.est.reference_node.label or told.est.reference_node.name), 100 * r.sellable_fraction
    return (
        f"One wafer of {safe(home)} gives **{r.gpus_per_wafer:,.0f}** {safe(told.name)}: dies of "
        f"{number(r.die_area_mm2 / r.dies, 'mm²')}, of which {sold:.0f} % can be sold."
    )


def _bigger(told: Told) -> str:
    c, ratio = told.est.clone, told.est.ratio
    dies = f"**{c.dies:.0f} dies**" if c.dies > 1 else "one die"
    return (
        f"The same transistors take **{times(ratio.die_area_mm2)}** the silicon on {safe(told.node)}: {dies} for one GPU, and "
        f"**{told.est.reference.gpus_per_wafer:,.0f} → {c.gpus_per_wafer:,.0f}** GPUs from a wafer."
    )


def _slower(told: Told) -> str:
    c, r, why = told.est.clone, told.est.reference, told.est.causes["time"]
    factors = {name: float(value) for name, value in why.items() if abs(float(value) - 1.0) >= TOLD_FROM}
    clock = [f"{OF_CLOCK[n]} {times(f)}" for n, f in factors.items() if n in OF_CLOCK]
    besides = [f"{n} {times(f)}" for n, f in factors.items() if n not in OF_CLOCK]
    return (
        f"The clock goes from {r.clock_ghz:.2f} to **{c.clock_ghz:.2f} GHz**{': ' + ', '.join(clock) if clock else ''}. "
        f"{'On top come ' + ', '.join(besides) + '. ' if besides else ''}The same work takes "
        f"**{times(float(told.est.ratio.seconds_per_eflop))}** the time, all of these multiplied."
    )


def _power(told: Told) -> str:
    work, r = told.est.same_work, told.est.reference
    return (
        f"It takes **{float(work.clones_for_same_work):.2f} clones** to do the work of one original. Together they draw "
        f"**{number(work.power_for_same_work_w, 'W')}**, not {number(r.power_w, 'W')}."
    )


def _walls(told: Told) -> str:
    found = barriers_of(told.est)
    if not found:
        return f"On {safe(told.node)} it stays within what is made today: reticle, package, memory and cooling."
    return " ".join(safe(b.sentence) for b in reversed(found))


def _cost(told: Told) -> str:
    money, c, r = cost_on(told.est, told.basis), told.est.clone, told.est.reference
    return (
        f"The work of one original costs **{number(money.same_work_usd, 'USD')}**, not {number(money.original_usd, 'USD')} "
        f"({told.basis}). A wafer costs {number(c.wafer_cost_usd, 'USD')}, not {number(r.wafer_cost_usd, 'USD')}, but each of "
        f"the {float(told.est.same_work.clones_for_same_work):.2f} clones has its own package and memory."
    )


class Opens(NamedTuple):
    """A control of the tool that a step rests on: its words, and what is set on the way."""

    label: str
    values: dict[str, str]


class Step(NamedTuple):
    """One step: its title where the ratio is above 1 or not, its words, their interval, and the control that it rests on."""

    titles: tuple[str, str]
    ratio: Callable[[Told], float]
    words: Callable[[Told], str]
    sure: Callable[[Told], str]
    opens: Opens

    def title(self, told: Told) -> str:
        """Its title, which follows its number."""
        return self.titles[0 if float(self.ratio(told)) > 0.995 else 1]


STEPS = (
    Step(
        ("A wafer of the original", "A wafer of the original"),
        lambda t: 1.0,
        _wafer,
        lambda t: "",
        Opens("the yield", {"tab": "Overview"}),
    ),
    Step(
        ("The same design is larger", "The same design is smaller"),
        lambda t: t.est.ratio.die_area_mm2,
        _bigger,
        lambda t: t.sure("die_area_mm2"),
        Opens("the density", {"tab": "Why", "headline": "area"}),
    ),
    Step(
        ("It runs slower", "It runs at least as fast"),
        lambda t: t.est.ratio.seconds_per_eflop,
        _slower,
        lambda t: t.sure("seconds_per_eflop"),
        Opens("the clock", {"tab": "Slow"}),
    ),
    Step(
        ("The same work takes more power", "The same work takes no more power"),
        lambda t: t.est.same_work.power_for_same_work_w / t.est.reference.power_w,
        _power,
        lambda t: t.sure("energy_per_eflop_j"),
        Opens("the power", {"tab": "Hot"}),
    ),
    Step(
        ("It outgrows what is made today", "It stays within what is made today"),
        lambda t: len(barriers_of(t.est)),
        _walls,
        lambda t: "",
        Opens("the plan", {"tab": "Overview"}),
    ),
    Step(
        ("The same work costs more", "The same work costs no more"),
        lambda t: cost_on(t.est, t.basis).same_work_usd / cost_on(t.est, t.basis).original_usd,
        _cost,
        lambda t: t.sure(f"same work: {t.basis}"),
        Opens("the cost", {"tab": "Cost"}),
    ),
)
"""The steps, in their order."""

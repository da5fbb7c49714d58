"""The headlines of the page: what the tiles show, their words, and the question and its answer in one sentence each."""

from __future__ import annotations

from typing import Any, NamedTuple

from estimator.model import LIMIT_WORDS
from estimator.quantities import number
from estimator.uses import COST_BASES, cost_on

HEADLINES = {
    "area": (("Smaller", "Bigger"), "die_area_mm2", "die_area_mm2"),
    "time": (("Faster", "Slow"), "seconds_per_eflop", "clock_ghz"),
    "power": (("Less power", "More power"), "power_w", "power_w"),
    "cost": (("Cheaper", "Expensive"), "unit_cost_usd", "unit_cost_usd"),
    "all-in": (("Cheaper all-in", "Expensive all-in"), "full_cost_usd", "full_cost_usd"),
}
"""Headline with causes -> its words (less, more), its ratio, and the value behind it."""
SAME = "Same"


class Tile(NamedTuple):
    """One of the four ratios: what it compares, both values with their unit, and where its interval and its causes are."""

    headline: str
    words: tuple[str, str]
    of: str
    ratio: float
    clone: str
    original: str
    field: str

    @property
    def word(self) -> str:
        """What the clone is, as far as the tile shows it."""
        return SAME if times(self.ratio) == times(1.0) else self.words[int(self.ratio >= 1.0)]


def tiles(est: Any, basis: str) -> list[Tile]:
    """Silicon and time of one clone; power and money of the clones that do one original's work."""
    ratio, work, own, was = est.ratio, est.same_work, est.clone, est.reference
    money = cost_on(est, basis)

    def both(unit: str, now: float, then: float) -> tuple[str, str]:
        return number(now, unit), number(then, unit)

    return [
        Tile(
            "area",
            ("Smaller", "Bigger"),
            "silicon",
            float(ratio.die_area_mm2),
            *both("mm²", own.die_area_mm2, was.die_area_mm2),
            "die_area_mm2",
        ),
        Tile(
            "time",
            ("Faster", "Slower"),
            "time per work",
            float(ratio.seconds_per_eflop),
            *both("GHz", own.clock_ghz, was.clock_ghz),
            "seconds_per_eflop",
        ),
        Tile(
            "power",
            ("Less", "More"),
            "power, same work",
            float(work.power_for_same_work_w / was.power_w),
            *both("W", work.power_for_same_work_w, was.power_w),
            "energy_per_eflop_j",
        ),
        Tile(
            "cost",
            ("Cheaper", "Dearer"),
            f"{'price' if basis == 'price' else 'cost'}, same work",
            float(money.same_work_usd / money.original_usd),
            *both("USD", money.same_work_usd, money.original_usd),
            "usd_per_tflops" if basis == "recurring" else "full_cost_usd",
        ),
    ]


def headline_word(est: Any, headline: str) -> str:
    """What the clone is: smaller or bigger, faster or slow, ..."""
    words, field, _ = HEADLINES[headline]
    return words[int(float(est.ratio[field]) >= 1.0)]


def times(ratio: float) -> str:
    """A ratio with two decimals below ten."""
    return f"× {ratio:.2f}" if ratio < 9.995 else f"× {ratio:.1f}"


def between(span: tuple[float, float, float] | None) -> str:
    """An 80 % interval of a ratio, or nothing."""
    return (
        ""
        if span is None
        else f"{span[0]:.2f} to {span[2]:.2f}"
        if span[2] < 9.995
        else f"{span[0]:.1f} to {span[2]:.1f}"
    )


def few(value: float, unit: str = "") -> str:
    """A large number with three digits that count, as a person says it."""
    rounded = float(f"{value:.3g}")
    text = (
        f"{rounded / 1e6:.3g} million" if rounded >= 1e6 else f"{rounded:,.0f}" if rounded >= 100 else f"{rounded:.3g}"
    )
    return f"{text} {unit}".strip()


def short(label: str) -> str:
    """A chip or process without its maker and what stands in brackets, for titles and tiles."""
    name = label.split(" (", maxsplit=1)[0]
    for maker in ("NVIDIA ", "AMD ", "Huawei "):
        name = name.removeprefix(maker)
    return name


def question(design: str, node: str) -> str:
    """The question of the page, by the labels of chip and process."""
    return f"Why not just build the {short(design)} on {short(node)}?"


def answer(est: Any, basis: str) -> tuple[str, str]:
    """The answer for the same work: what it takes, and how many GPUs a wafer gives."""
    work, was, money = est.same_work, est.reference, cost_on(est, basis)
    clones = float(work.clones_for_same_work)
    count = (
        "one clone"
        if f"{clones:.2f}" == "1.00"
        else f"{clones:.2f} clones"
        if clones < 9.995
        else f"{clones:,.0f} clones"
    )
    takes = (
        f"{count}, {number(work.power_for_same_work_w, 'W')} (not {number(was.power_w, 'W')}) and "
        f"{number(money.same_work_usd, 'USD')} (not {number(money.original_usd, 'USD')})"
    )
    now, then = (f"{float(side.gpus_per_wafer):,.0f}" for side in (est.clone, was))
    wafers = f"{now} GPUs from a wafer, not {then}" if now != then else f"{now} GPUs from a wafer, as before"
    return takes, wafers


def why_not(est: Any) -> str:
    """What binds the clock, in a few words."""
    return LIMIT_WORDS[est.limited_by].binds or str(est.limited_by)


def basis_words(basis: str) -> str:
    """A cost basis as a choice."""
    return {"recurring": "Recurring cost", "all-in": "All-in cost", "price": "Price"}[basis]


__all__ = [
    "COST_BASES",
    "HEADLINES",
    "Tile",
    "answer",
    "basis_words",
    "between",
    "few",
    "headline_word",
    "question",
    "short",
    "tiles",
    "times",
    "why_not",
]

"""The four headlines of the page (smaller, slow, hot, expensive): their outputs, words and numbers as shown."""

from __future__ import annotations

from typing import Any

HEADLINES = {
    "area": (("Smaller", "Bigger"), "die_area_mm2", "die_area_mm2"),
    "time": (("Faster", "Slow"), "seconds_per_eflop", "clock_ghz"),
    "power": (("Cooler", "Hot"), "power_w", "power_w"),
    "cost": (("Cheaper", "Expensive"), "unit_cost_usd", "unit_cost_usd"),
}
SAME = "Same"
TILE_WORDS = {
    "die_area_mm2": "silicon",
    "seconds_per_eflop": "time per work",
    "power_w": "power",
    "unit_cost_usd": "recurring cost",
}


def headline_word(est: Any, headline: str) -> str:
    """What the clone is: smaller or bigger, faster or slow, ..."""
    words, field, _ = HEADLINES[headline]
    return words[int(float(est.ratio[field]) >= 1.0)]


def tile_word(est: Any, headline: str) -> str:
    """`headline_word`, or that it is the same as far as the tile shows it."""
    return SAME if times(float(est.ratio[HEADLINES[headline][1]])) == times(1.0) else headline_word(est, headline)


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

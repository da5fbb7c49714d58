"""Plotly figures of the model's results: they draw what they are given, in a notebook as on the page.

May import `claims`, `uses`, `sweeps`, `model` for words, rows and curves that are computed there; no formula.
Start with `ladder_figure` or `dies_to_scale`; `style` holds the one look of all.
"""

from __future__ import annotations

from estimator import lazy_names

_HOME = {
    **dict.fromkeys(("CONFIG", "Palette", "alt_text", "axis_title", "palette", "plain", "unit_text"), "style"),
    "dies_to_scale": "dies",
    "wafer_figure": "wafers",
    **dict.fromkeys(("story_bars", "story_picture"), "story"),
    "supply_fan": "supply",
    **dict.fromkeys(("Panel", "tray_picture"), "tray"),
    "causes_waterfall": "causes",
    **dict.fromkeys(("ladder_figure", "lanes_figure", "small_multiples"), "ladder"),
    **dict.fromkeys(("LADDER_FIELDS", "ladder_rows"), ".sweeps.ladder"),
    **dict.fromkeys(("power_clock", "power_split", "voltage_frequency"), "operating"),
    "clock_sweep": ".sweeps.operating_curves",
    **dict.fromkeys(("cost_parts", "cost_waterfall"), "costs"),
    "stacked_split": "split",
    **dict.fromkeys(("RANKED", "interval_plot", "ranking_plot"), "sure"),
    "sweep_figure": "sweep",
    "time_against_cost": "training",
    **dict.fromkeys(("claim_figure", "margins_figure"), "claims"),
    **dict.fromkeys(("residuals", "scatter"), "validation"),
}
"""Public name -> module of this folder that holds it, or with a dot before it one beside the folder."""

__all__ = list(_HOME)

__getattr__ = lazy_names(__name__, _HOME)

"""Plotly figures of the model's results; they work in a notebook as on the page, and import no Streamlit."""

from __future__ import annotations

from estimator import lazy_names

_HOME = {
    "CONFIG": "style",
    "alt_text": "style",
    "palette": "style",
    "plain": "style",
    "unit_text": "style",
    "axis_title": "style",
    "dies_to_scale": "dies",
    "wafer_figure": "wafers",
    "causes_waterfall": "causes",
    "ladder_figure": "ladder",
    "ladder_rows": "ladder",
    "LADDER_FIELDS": "ladder",
    "small_multiples": "ladder",
    "voltage_frequency": "operating",
    "power_clock": "operating",
    "power_split": "operating",
    "cost_waterfall": "costs",
    "cost_parts": "costs",
    "clock_sweep": "operating",
    "stacked_split": "split",
    "interval_plot": "sure",
    "ranking_plot": "sure",
    "RANKED": "sure",
}
__all__ = list(_HOME)


__getattr__ = lazy_names(__name__, _HOME)

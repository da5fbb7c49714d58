"""A figure in the making: traces and layout as plain dicts, which become one Plotly figure at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go


class Sketch:
    """Traces and layout of a figure; ``panel`` is the number of a pair of axes (none for the first).

    Plotly's own ``add_`` and ``update_`` methods check each property as it is set, which takes nine tenths of the time of a
    figure. Here they are collected as they are; that Plotly knows every one of them is checked by a test. Names are those of
    Plotly's JSON: ``title={"text": ...}`` and not ``title_text``. What is None is left out.
    """

    def __init__(self, layout: Mapping[str, Any] | None = None) -> None:
        self.data: list[dict[str, Any]] = []
        self.layout: dict[str, Any] = dict(layout or {})

    def add(self, kind: str, **trace: Any) -> None:
        """Add a trace (``scatter, bar, heatmap``, ...)."""
        self.data.append(_known({"type": kind, **trace}))

    def add_annotation(self, **annotation: Any) -> None:
        """Add a text at a place."""
        self.layout.setdefault("annotations", []).append(_known(annotation))

    def add_shape(self, **shape: Any) -> None:
        """Add a line, rectangle or circle."""
        self.layout.setdefault("shapes", []).append(_known(shape))

    def line_across(self, axis: str, at: float, panel: str = "", **line: Any) -> None:
        """Add a straight line across a panel at a value of its axis (``x`` or ``y``)."""
        ends = {"x0": at, "x1": at, "y0": 0, "y1": 1} if axis == "x" else {"x0": 0, "x1": 1, "y0": at, "y1": at}
        refs = (
            {"xref": f"x{panel}", "yref": f"y{panel} domain"}
            if axis == "x"
            else {"xref": f"x{panel} domain", "yref": f"y{panel}"}
        )
        self.add_shape(type="line", **ends, **refs, line=line)

    def update_xaxes(self, **axis: Any) -> None:
        """Set properties of the horizontal axes."""
        self._update_axes("xaxis", axis)

    def update_yaxes(self, **axis: Any) -> None:
        """Set properties of the vertical axes."""
        self._update_axes("yaxis", axis)

    def update_layout(self, **layout: Any) -> None:
        """Set properties of the layout; those of an inner part join the ones it has."""
        _join(self.layout, _known(layout))

    def _update_axes(self, kind: str, axis: dict[str, Any]) -> None:
        for name in [k for k in self.layout if k.startswith(kind)] or [kind]:
            self.update_layout(**{name: axis})

    def figure(self) -> go.Figure:
        """All of it as a Plotly figure."""
        return go.Figure({"data": self.data, "layout": self.layout}, _validate=False)


def _known(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Properties without those that are None, as dicts of their own."""
    return {k: _known(v) if isinstance(v, Mapping) else v for k, v in properties.items() if v is not None}


def _join(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _join(into[key], value)
        else:
            into[key] = value

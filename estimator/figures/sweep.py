"""Figures of sweeps: families of lines along one axis, and heat maps with contours over two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from plotly.colors import get_colorscale

from estimator.errors import InputError, unknown_name
from estimator.figures.sketch import Sketch
from estimator.figures.style import DASHES, SYMBOLS, axis_title, finish, palette, plain, unit_text
from estimator.quantities import FIELDS

if TYPE_CHECKING:
    import xarray as xr

_MOST_LINES = 49


def sweep_figure(ds: xr.Dataset, output: str, *, dark: bool = False, height: int = 420) -> go.Figure:
    """The figure that suits a sweep: a heat map over two long numeric axes, else lines along the longest one.

    Examples
    --------
    >>> from estimator import sweep
    >>> ds = sweep("h100-sxm", ["5nm", "12nm"], power_limit_w=[300, 500, 700], outputs=["clock_ghz"])
    >>> [t.name for t in sweep_figure(ds, "clock_ghz").data]
    ['5nm', '12nm']
    """
    _check(ds, output)
    long = [d for d in ds[output].dims if _numeric(ds, str(d)) and ds.sizes[d] > 7]
    others = [d for d in ds[output].dims if d not in long and ds.sizes[d] > 1]
    if len(long) == 2 and not others:
        return heat_map(ds, output, x=str(long[1]), y=str(long[0]), dark=dark, height=height)
    return line_family(ds, output, dark=dark, height=height)


def line_family(
    ds: xr.Dataset, output: str, *, x: str | None = None, dark: bool = False, height: int = 420
) -> go.Figure:
    """Lines of an output along one axis, one for each combination of the others; gaps where infeasible."""
    _check(ds, output)
    dims = [str(d) for d in ds[output].dims]
    if not dims:
        raise InputError("a sweep without an axis has nothing to draw")
    x = x or max(dims, key=lambda d: (_numeric(ds, d), ds.sizes[d]))
    _check_dim(ds, x)
    others = [d for d in dims if d != x]
    lines = int(np.prod([ds.sizes[d] for d in others], dtype=int))
    if lines > _MOST_LINES:
        raise InputError(f"{lines} lines are too many for one figure; select some first, e.g. ds.sel({others[0]}=...)")
    p = palette(dark)
    varying = [d for d in others if ds.sizes[d] > 1]
    fig = Sketch()
    for i, position in enumerate(np.ndindex(*(ds.sizes[d] for d in others))):
        where = dict(zip(others, position, strict=True))
        name = ", ".join(_value(ds, d, where[d]) for d in varying) or plain(ds[output].attrs.get("long_name", output))
        colour, style = i % len(p.series), (i // len(p.series)) % len(DASHES)
        few = ds.sizes[x] <= 24
        fig.add(
            "scatter",
            x=ds[x].values,
            y=ds[output].isel(where).values,
            name=name,
            mode="lines+markers" if few else "lines",
            line={"color": p.series[colour], "dash": DASHES[style], "width": 2},
            marker={"symbol": SYMBOLS[colour], "size": 7},
            connectgaps=False,
            hovertemplate=f"{plain(name)}<br>{_title(x)}: %{{x:.4g}}<br>%{{y:.4g}} {_unit(output)}<extra></extra>"
            if _numeric(ds, x)
            else f"{plain(name)}<br>%{{x}}: %{{y:.4g}} {_unit(output)}<extra></extra>",
        )
    fig.update_xaxes(title={"text": _title(x)}, type=None if _numeric(ds, x) else "category")
    fig.update_yaxes(title={"text": _title(output)})
    fig.update_layout(showlegend=bool(varying))
    alt = f"{_title(output)} against {_title(x)}" + (
        f", one line per {', '.join(map(_title, varying))}" if varying else ""
    )
    return finish(fig, dark=dark, height=height, alt=alt)


def heat_map(
    ds: xr.Dataset, output: str, *, x: str, y: str, dark: bool = False, height: int = 460, contours: int = 12
) -> go.Figure:
    """An output over two axes as filled contours with their values; empty where it is not feasible."""
    _check(ds, output)
    for dim in (x, y):
        _check_dim(ds, dim)
    if x == y or any(ds.sizes[d] > 1 for d in ds[output].dims if d not in (x, y)):
        raise InputError("a heat map takes two different axes; select one value of every other axis first")
    p = palette(dark)
    values = ds[output].squeeze([d for d in ds[output].dims if d not in (x, y)], drop=True).transpose(y, x).values
    shown = values.astype(float)
    smooth = _numeric(ds, x) and _numeric(ds, y) and min(shown.shape) > 1
    common: dict[str, Any] = {
        "x": ds[x].values,
        "y": ds[y].values,
        "z": shown,
        "colorscale": get_colorscale("Cividis"),
        "colorbar": {"title": {"text": _unit(output), "side": "right"}, "thickness": 14},
        "hovertemplate": f"{_title(x)}: %{{x}}<br>{_title(y)}: %{{y}}<br>{_title(output)}: %{{z:.4g}}<extra></extra>",
    }
    fig = Sketch()
    if smooth:
        fig.add(
            "contour",
            **common,
            ncontours=contours,
            connectgaps=False,
            line={"width": 0.7, "color": p.text},
            contours={"showlabels": True, "labelfont": {"size": 11, "color": "#ffffff"}, "coloring": "heatmap"},
        )
    else:
        fig.add("heatmap", **common, texttemplate="%{z:.3g}" if shown.size <= 200 else None)
    fig.update_xaxes(title={"text": _title(x)}, type=None if _numeric(ds, x) else "category")
    fig.update_yaxes(title={"text": _title(y)}, type=None if _numeric(ds, y) else "category")
    fig.update_layout(title={"text": _title(output)}, plot_bgcolor=p.faint)
    hidden = int(np.isnan(shown).sum())
    alt = f"{_title(output)} over {_title(x)} and {_title(y)}" + (
        f"; {hidden} points infeasible, left empty" if hidden else ""
    )
    return finish(fig, dark=dark, height=height, alt=alt, top=44)


def _check(ds: xr.Dataset, output: str) -> None:
    if output not in ds.data_vars or ds[output].dtype.kind not in "fb":
        raise unknown_name("numeric output", output, [str(v) for v in ds.data_vars if ds[v].dtype.kind == "f"])


def _check_dim(ds: xr.Dataset, dim: str) -> None:
    if dim not in ds.sizes:
        raise unknown_name("axis", dim, [str(d) for d in ds.sizes])


def _numeric(ds: xr.Dataset, dim: str) -> bool:
    return ds[dim].dtype.kind in "iuf"


def _title(name: str) -> str:
    return plain(axis_title(name)) if name.rsplit(".", 1)[-1] in FIELDS else plain(name.replace("_", " "))


def _unit(name: str) -> str:
    return unit_text(name.removesuffix("_result"))


def _value(ds: xr.Dataset, dim: str, i: int) -> str:
    value = ds[dim].values[i]
    return f"{float(value):.4g} {unit_text(dim)}".strip() if _numeric(ds, dim) else plain(value)

"""Figures of sweeps: lines and heat maps of the values themselves, with units and an alternative text."""

import numpy as np
import pytest

from estimator.errors import InputError
from estimator.sweeps.dataset import sweep

pytest.importorskip("plotly")
from estimator.figures.style import alt_text
from estimator.figures.sweep import heat_map, line_family, sweep_figure


def test_lines_are_the_values_of_the_sweep(check_figure):
    ds = sweep("h100-sxm", ["5nm", "12nm"], power_limit_w=np.linspace(200, 900, 30), outputs=["clock_ghz"])
    fig = line_family(ds, "clock_ghz")
    assert [t.name for t in fig.data] == ["5nm", "12nm"]
    np.testing.assert_array_equal(fig.data[1].y, ds.clock_ghz.sel(node="12nm"))
    assert "GHz" in fig.layout.yaxis.title.text
    assert "power" in alt_text(fig).lower()
    check_figure(fig)


def test_two_long_axes_become_a_map_with_contours(check_figure):
    ds = sweep(
        "h100-sxm",
        "12nm",
        power_limit_w=np.linspace(100, 900, 12),
        outputs=["usd_per_tflops"],
        defect_density_per_cm2=np.linspace(0.05, 0.3, 9),
    )
    fig = sweep_figure(ds, "usd_per_tflops", dark=True)
    assert fig.data[0].type == "contour"
    assert np.shape(fig.data[0].z) == (12, 9)
    np.testing.assert_array_equal(fig.data[0].z, ds.usd_per_tflops)
    named = sweep(["h100-sxm", "mi300x"], ["5nm", "12nm"], outputs=["power_w"])
    cells = heat_map(named, "power_w", x="node", y="design")
    assert cells.data[0].type == "heatmap"
    check_figure(fig)
    check_figure(cells)


def test_what_cannot_be_drawn_says_so():
    ds = sweep(
        "h100-sxm",
        "12nm",
        power_limit_w=np.linspace(100, 900, 12),
        volume=np.linspace(1e4, 1e5, 60),
        outputs=["power_w"],
    )
    with pytest.raises(InputError, match="power_w"):
        line_family(ds, "powr_w")
    with pytest.raises(InputError, match="axis"):
        heat_map(ds, "power_w", x="volume", y="node")
    wide = sweep(
        "h100-sxm",
        ["5nm", "7nm", "12nm"],
        power_limit_w=np.linspace(100, 900, 30),
        volume=np.linspace(1e4, 1e5, 25),
        outputs=["power_w"],
    )
    with pytest.raises(InputError, match="too many"):
        line_family(wide, "power_w")

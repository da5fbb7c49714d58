"""Designs of shipped chips against a second source: area, clock, power, memory bandwidth and rate within three percent."""

import math

import pytest

from estimator.parameters import library
from estimator.parameters.silicon import read_silicon
from estimator.parameters.silicon_dies import HomeNumbersRow

ROWS = read_silicon(HomeNumbersRow)
QUANTITIES = ("area_mm2", "clock_ghz", "power_w", "memory_bw_gb_s", "tensor_tflops")


def of_library(name):
    """What the design says of each quantity; of the clock both that of the rate and the highest."""
    design = library.load_design(name)
    clocks = [c for c in (design.clock_ghz, design.clock_max_ghz) if c is not None]
    return {
        "area_mm2": [design.die_kinds[0].area_mm2],
        "clock_ghz": clocks,
        **{q: [getattr(design, q)] for q in QUANTITIES[2:]},
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.design)
def test_home_numbers_agree_with_a_second_source(row):
    ours = of_library(row.design)
    for quantity in QUANTITIES:
        other = getattr(row, quantity)
        if not math.isnan(other):
            off = min(abs(float(value) / other - 1.0) for value in ours[quantity])
            assert off <= 0.03, (quantity, other, [float(v) for v in ours[quantity]])


def test_the_table_is_wide_enough_and_sourced():
    assert len({r.design for r in ROWS}) == len(ROWS) >= 20
    assert {r.source for r in ROWS} <= set(library.sources())
    for quantity in QUANTITIES:
        assert sum(not math.isnan(getattr(r, quantity)) for r in ROWS) >= 15, quantity

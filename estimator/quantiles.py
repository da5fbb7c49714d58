"""The quantile that turns a standard deviation into an 80 % range: low and high of parameters, and intervals of results."""

from __future__ import annotations

NORMAL_90 = 1.2815515655446004
"""90 % quantile of the standard normal: 80 % of a normal quantity lie within so many standard deviations."""

"""Ladder over nodes: what runs through the chain at once equals what is asked node by node."""

import pytest

pytest.importorskip("plotly")

import estimator
from estimator.errors import EstimatorError
from estimator.figures.ladder import ladder_nodes, ladder_rows


@pytest.mark.parametrize(
    ("design", "options"),
    [("h100-sxm", {"clock_ghz": 1.2}), ("mi300x", {"power_limit_w": 300.0}), ("rtx-4090", {"dies": 1.0})],
)
def test_rows_at_once_equal_each_node_alone(design, options):
    rows = ladder_rows(design, ladder_nodes(), options)
    assert any(r["wall"] for r in rows)
    for row in rows:
        try:
            est = estimator.estimate(design, row["node"], **options)
        except EstimatorError as error:
            assert row["wall"] == getattr(error, "limited_by", "not applicable")
            assert row["node"] in row["sentence"]
        else:
            assert row["limited_by"] == est.limited_by
            assert row["ratios"]["unit_cost_usd"] == pytest.approx(float(est.ratio.unit_cost_usd), rel=1e-9)

"""Ladder over nodes: what runs through the chain at once equals what is asked node by node."""

from concurrent.futures import ThreadPoolExecutor

import pytest

pytest.importorskip("plotly")

import estimator
from estimator.errors import EstimatorError
from estimator.sweeps.ladder import ladder_nodes, ladder_rows


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


def test_threads_share_the_tables_of_nodes():
    """Visitors' runs are threads: each must get its own numbers from the tables that all of them read."""
    kinds = [{"power_limit_w": 300.0 + 10 * k} if k % 2 else {"maturity_quarters": float(k)} for k in range(40)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda options: ladder_rows("v100-sxm2", ladder_nodes(), options), kinds))
    assert together == [ladder_rows("v100-sxm2", ladder_nodes(), options) for options in kinds]

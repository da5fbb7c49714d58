"""Commands ``tokens``, ``bins``, ``buy`` and ``area`` print the numbers of the functions they call."""

import json

import pytest

from estimator import estimate
from estimator.cli import main
from estimator.uses import bins, buying, die_area, tokens


def told(capsys, *arguments):
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_tokens_of_clone_and_original(capsys):
    data = told(capsys, "tokens", "h100-sxm", "12nm", "--model", "deepseek-v3", "--batch", "64")
    est = estimate("h100-sxm", "12nm")
    for side in ("clone", "original"):
        found = tokens.tokens(est, "deepseek-v3", batch=64.0, original=side == "original")
        assert data[side]["usd_per_million_tokens"] == pytest.approx(found.usd_per_million_tokens)
    assert main(["tokens", "h100-sxm", "12nm"]) == 0
    assert "USD per million tokens" in capsys.readouterr().out
    assert main(["tokens", "h100-sxm", "12nm", "--model", "lama"]) == 2
    assert "did you mean llama" in capsys.readouterr().err


def test_bins_of_designs_and_of_a_product_by_hand(capsys):
    arguments = ["bins", "h100-sxm", "tsmc-4n", "--original", "--skus", "h100-sxm", "half=66,1.2,9000"]
    data = told(capsys, *arguments)
    split = bins.bins(estimate("h100-sxm", "tsmc-4n"), ["h100-sxm", bins.Sku("half", 66, 1.2, 9000)], original=True)
    assert data["shares"] == pytest.approx(split.shares)
    assert main(arguments) == 0
    assert "good for none" in capsys.readouterr().out
    assert main(["bins", "h100-sxm", "tsmc-4n", "--skus", "half=66"]) == 2
    assert "name=units,clock_ghz,price_usd" in capsys.readouterr().err


def test_buy_beside_made(capsys, tmp_path):
    arguments = ["buy", "h100-sxm", "smic-n+2", "--usd", "2.5e9", "--share", "0.1"]
    data = told(capsys, *arguments)
    est = estimate("h100-sxm", "smic-n+2")
    assert data["bought"]["gpus"] == pytest.approx(buying.bought(est, 2.5e9).gpus)
    assert data["made in a year"]["gpus"] == pytest.approx(buying.made(est, fab_share_fraction=0.1).gpus)
    assert main([*arguments, "--csv", str(tmp_path / "buy.csv")]) == 0
    assert len((tmp_path / "buy.csv").read_text().splitlines()) == 4


def test_area_from_transistors(capsys):
    arguments = ["area", "76300", "tsmc-4n", "--maker", "nvidia", "--sram-mbyte", "137.4", "--memory-bus-bits", "384"]
    found = die_area.die_area(
        transistors_mtr=76300, node="tsmc-4n", maker="nvidia", sram_mbyte=137.4, memory_bus_bits=384
    )
    assert told(capsys, *arguments)["area_mm2"] == pytest.approx(found.area_mm2)
    assert main(["area", "-5", "tsmc-4n"]) == 2
    assert "transistors_mtr = -5" in capsys.readouterr().err

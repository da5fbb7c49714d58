"""Tables of chips: each row its result or its sentence; files of tables; designs side by side."""

import csv
import json

import pytest

import estimator
from estimator import Design, InputError, cli, estimate, estimate_many, files

HEADINGS = """Hardware name,Manufacturer,Foundry,Process size (nm),Die Size (mm^2),TDP (W),Base clock (Hz),Boost clock (Hz)
Memory bandwidth (byte/s),Memory size per board (Byte),FP32 (single precision) performance (FLOP/s)
Number of transistors in million,Release date,Colour"""
ROWS = """Mine,Me,TSMC,7,400,250,1e9,1.5e9,9e11,3.2e10,2e13,30000,2021-03-01,red
No power,Me,TSMC,7,500,,1e9,1.5e9,,,,,2021,
No area,Me,Samsung,8,huge,100,1e9,,,,,,2021,
h100,,,,,,,,,,,,,
Unheard of,,,,,,,,,,,,,
"""


@pytest.fixture
def chips(tmp_path):
    path = tmp_path / "chips.csv"
    path.write_text(HEADINGS.replace("\n", ",") + "\n" + ROWS)
    return path


def test_a_table_of_accelerators_gives_each_row_its_result_or_its_sentence(chips):
    table = estimate_many(str(chips), ["12nm", "n7"], power_limit_w=1000)
    assert len(table) == 10
    assert table.attrs["not_read"] == ["Colour"]
    said = table.drop_duplicates("design").set_index("design").reason
    assert "states no power_w" in said["No power"]
    assert "'huge' is not a number" in said["No area"]
    assert "unknown design 'Unheard of'" in said["Unheard of"]
    assert table[table.reason == ""].design.unique().tolist() == ["Mine", "h100"]
    own = Design(
        name="Mine", vendor="Me", node="tsmc-n7", die_area_mm2=400, clock_ghz=1.5, power_w=250, memory_bw_gb_s=900,
        memory_gb=32, vector_tflops=20, transistors_mtr=30000, year=2021,
    )  # fmt: skip
    row = table[(table.design == "Mine") & (table.node == "12nm")].iloc[0]
    est = estimate(own, "12nm", power_limit_w=1000)
    assert row.clock_ghz == pytest.approx(est.clock_ghz)
    assert row.cost_for_same_work_usd == pytest.approx(est.same_work.cost_for_same_work_usd)


def test_names_objects_and_frames_give_the_same_table(chips):
    import pandas as pd

    frame = estimate_many(pd.DataFrame({"name": ["h20"]}), "7nm", outputs="power_w")
    assert frame.equals(
        estimate_many([estimator.load_design("h20")], ["7nm"], outputs=["power_w"]).assign(design="h20")
    )
    wall = estimate_many(["mi300x"], ["28nm"])
    assert wall.limited_by[0] == "package"
    assert "28hpm" in wall.reason[0]
    for bad, words in (([], "at least one"), (3, "must be a list"), ({"x": [1]}, "column with names")):
        with pytest.raises(InputError, match=words):
            estimate_many(bad, "7nm")
    with pytest.raises(InputError, match="no output"):
        estimate_many(["h20"], "7nm", outputs=["colour"])


@pytest.mark.parametrize(
    ("heading", "field", "factor"),
    [
        ("die_area_mm2", "die_area_mm2", 1),
        ("Die size (cm2)", "die_area_mm2", 100),
        ("boost_clock_mhz", "clock_ghz", 1e-3),
        ("TDP in W", "power_w", 1),
        ("Transistors, billion", "transistors_mtr", 1e3),
        ("Memory bandwidth (TB/s)", "memory_bw_gb_s", 1e3),
        ("Die area (acres)", "", 1),
        ("Ports", "", 1),
    ],
)
def test_headings_are_read_with_their_units(heading, field, factor):
    from estimator.sweeps.designs import _field

    assert _field(heading) == (field, pytest.approx(factor))


def test_compare_takes_a_table_and_writes_files(chips, tmp_path, capsys):
    out = {name: tmp_path / f"r{ending}" for name, ending in (("csv", ".csv"), ("xlsx", ".xlsx"), ("markdown", ".md"))}
    asked = ["compare", "--designs", str(chips), "12nm", "--csv", str(out["csv"]), "--markdown", str(out["markdown"])]
    assert cli.main(asked) == 0
    rows = list(csv.DictReader(out["csv"].open()))
    assert [r["design"] for r in rows] == ["Mine", "No power", "No area", "h100", "Unheard of"]
    assert out["markdown"].read_text().startswith("| design |")
    assert cli.main(["compare", "--designs", str(chips), "12nm", "--csv", str(out["xlsx"])]) == 2
    assert cli.main(["compare", "--designs", str(chips), "12nm", "--with", "h20"]) == 2
    assert cli.main(["compare", "--designs", str(chips), "12nm"]) == 0
    assert "Colour" in capsys.readouterr().out


def test_designs_stand_side_by_side_for_the_same_work(capsys):
    assert cli.main(["compare", "h100-sxm", "smic-n+2", "--with", "h20", "ascend-910b", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [r["as_sold"]["design"] for r in rows[1:]] == ["h20", "ascend-910b"]
    assert cli.main(["compare", "h100-sxm", "smic-n+2", "--with", "h100-sxm"]) == 0
    below = capsys.readouterr().out.partition("---\n")[2].splitlines()
    original, _, again = [line.split()[-5:] for line in below[:3]]
    assert again == original  # beside itself a design does its own work
    assert cli.main(["compare", "h100-sxm"]) == 2


def test_excel_files_hold_texts_and_numbers_and_no_formulas(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    path = tmp_path / "t.xlsx"
    files.write_table(path, ["name", "W"], [["=1+1", 400.0], ["b", float("nan")]])
    cells = list(openpyxl.load_workbook(path).active.values)
    assert cells == [("name", "W"), ("'=1+1", 400), ("b", None)]
    sweep = tmp_path / "s.toml"
    sweep.write_text('design = "h20"\nnode = ["7nm", "5nm"]\noutputs = ["clock_ghz"]\n')
    assert cli.main(["sweep", str(sweep), "--out", str(tmp_path / "r.xlsx")]) == 0
    rows = list(openpyxl.load_workbook(tmp_path / "r.xlsx").active.values)
    assert len(rows) == 3
    assert rows[1][rows[0].index("clock_ghz")] == pytest.approx(estimate("h20", "7nm").clock_ghz)


def test_listings_are_written_as_files(tmp_path):
    for command in ("nodes", "designs"):
        path = tmp_path / f"{command}.csv"
        assert cli.main([command, "--csv", str(path)]) == 0
        assert len(path.read_text().splitlines()) == 1 + len(estimator.names(command.removesuffix("s")))


def test_a_b200_follows_from_an_h100_with_other_counts():
    """Counts are in units of the original: an SM of Blackwell does twice the matrix work a clock, so 148 of 160 are 296 of 320."""
    est = estimate(
        "h100-sxm",
        "tsmc-4np",
        units=320,
        units_enabled=296,
        dies=2,
        memory="hbm3e",
        memory_stacks=8,
        power_limit_w=1000,
    )
    assert est.die_area_mm2 == pytest.approx(1600, rel=0.15)
    assert est.tensor_tflops == pytest.approx(2250, rel=0.15)
    assert est.power_w == pytest.approx(1000, rel=0.15)

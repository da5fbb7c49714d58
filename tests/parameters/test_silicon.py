"""Tables of real silicon: every file has a model, every cell is in its range, and a fault is one sentence that says where."""

import math

import pytest

import estimator
from estimator.errors import ParameterFileError
from estimator.parameters import library, sets, silicon_dies, silicon_electrical
from estimator.parameters.silicon import parse_silicon, read_silicon
from estimator.parameters.silicon_dies import BillRow, CsetRow
from estimator.parameters.silicon_electrical import PortPowerRow, StepRow, VoltagePointRow

TABLES = (*silicon_dies.TABLES, *silicon_electrical.TABLES)


def test_every_table_has_one_model_and_reads():
    files = sorted(p.stem for p in (library.params_folder() / "silicon").glob("*.csv"))
    assert sorted(model.table for model in TABLES) == files
    for model in TABLES:
        rows = read_silicon(model)
        assert rows
        assert all(isinstance(row, model) for row in rows)


@pytest.mark.parametrize("model", TABLES, ids=lambda m: m.table)
def test_rows_keep_every_cell(model):
    lines = library.params_text(f"silicon/{model.table}.csv").splitlines()
    for row in read_silicon(model):
        written = row.model_dump(by_alias=True)
        assert set(written) == set(lines[0].split(","))
        assert not any(isinstance(v, float) and math.isinf(v) for v in written.values())


def test_a_row_is_frozen_and_a_misspelt_column_is_no_attribute():
    row = read_silicon(CsetRow)[0]
    with pytest.raises(ValueError, match="frozen"):
        row.label = "91 nm"
    with pytest.raises(AttributeError):
        _ = row.lable


BILL = (
    "design,product_class,scope,split,usd,low_usd,high_usd,year,seller_margin,memory_usd_gb,wafer_cost_usd,note,source\n"
    "h100-sxm,module,all,calibration,3160,3000,3320,2023,0,,,,a\n"
)
STEP = (
    "id,family,node_old,node_new,kind,low,central,high,voltage_v,sd,used,reason,source,url\n"
    "S01,step x,tsmc-40,tsmc-28hpm,speed_iso_power,1.35,1.45,1.55,,0.12,yes,,a,\n"
)
POINT = (
    "chip,family,node,die_area_mm2,power_w,memory,clock_mhz,voltage_v,basis,use,reason,split,fit,source,url,note\n"
    "x,y,tsmc-n7,300,200,gddr6,1000,0.8,measured,1,,calibration,0,a,,\n"
)


@pytest.mark.parametrize(
    ("model", "text", "sentence"),
    [
        (BillRow, BILL.replace("3160", "abc"), "t.csv, row 2 (h100-sxm): usd = 'abc' must be a number above 0"),
        (BillRow, BILL.replace("3160", "-1"), "t.csv, row 2 (h100-sxm): usd = '-1' must be a number above 0"),
        (BillRow, BILL.replace("3160", "nan"), "t.csv, row 2 (h100-sxm): usd = 'nan' must be a number above 0"),
        (BillRow, BILL.replace("3160", "inf"), "t.csv, row 2 (h100-sxm): usd = 'inf' must be a number above 0"),
        (BillRow, BILL.replace(",a\n", ",\n"), "t.csv, row 2 (h100-sxm): source = '' must not be blank"),
        (BillRow, BILL.replace(",a\n", ",a,b\n"), "t.csv, row 2 (h100-sxm): has 14 cells, and the header has 13"),
        (BillRow, BILL.replace("low_usd", "low_us"), "t.csv: unknown column 'low_us' (did you mean low_usd?)"),
        (BillRow, BILL.replace("low_usd", "usd"), "t.csv: column 'usd' is there twice"),
        (BillRow, BILL.split("\n", maxsplit=1)[0].removesuffix(",source") + "\n", "t.csv: column 'source' is missing"),
        (BillRow, "", "t.csv: column 'design' is missing"),
        (
            BillRow,
            BILL.replace("3000", "3200"),
            "t.csv, row 2 (h100-sxm): low_usd, usd, high_usd = 3200, 3160, 3320 must be ascending",
        ),
        (
            StepRow,
            STEP.replace("speed_iso", "sped_iso"),
            "t.csv, row 2 (S01): kind = 'sped_iso_power' must be 'speed_iso_power' or 'power_iso_speed'",
        ),
        (StepRow, STEP.replace("yes", "maybe"), "t.csv, row 2 (S01): used = 'maybe' must be yes or no"),
        (
            StepRow,
            STEP.replace("yes", "no"),
            "t.csv, row 2 (S01): reason is blank: a row that is not used must say why",
        ),
        (StepRow, STEP.replace("0.12", ""), "t.csv, row 2 (S01): sd is blank: a row that is used must hold it"),
        (
            StepRow,
            STEP.replace("1.55,,", "1.55,0,"),
            "t.csv, row 2 (S01): voltage_v = '0' must be a number above 0 or blank",
        ),
        (VoltagePointRow, POINT.replace(",1,,", ",2,,"), "t.csv, row 2 (x): use = '2' must be 1 or 0"),
        (
            VoltagePointRow,
            POINT.replace("calibration,0", "validation,1"),
            "t.csv, row 2 (x): fitted goes with a row that is used and of split = calibration alone",
        ),
    ],
)
def test_a_bad_table_is_one_sentence(model, text, sentence):
    with pytest.raises(ParameterFileError) as caught:
        parse_silicon(model, text, where="t.csv")
    assert str(caught.value) == sentence


def test_a_good_row_holds_numbers_and_blank_ones_are_nan():
    (row,) = parse_silicon(StepRow, STEP, where="t.csv")
    assert (row.low, row.central, row.sd, row.used, row.kept) == (1.35, 1.45, 0.12, True, True)
    assert math.isnan(row.voltage_v)
    (left_out,) = parse_silicon(VoltagePointRow, POINT.replace(",1,,", ",0,idle,"), where="t.csv")
    assert (left_out.used, left_out.kept, left_out.reason) == (False, False, "idle")
    share = next(r for r in read_silicon(PortPowerRow) if r.id == "W01")
    assert (share.share_1, share.node_a2) == (1.0, "")


def test_shares_stay_within_one():
    header = library.params_text("silicon/port_power.csv").splitlines()[:2]
    cells = header[1].split(",")
    cells[header[0].split(",").index("share_1")] = "1.5"
    with pytest.raises(ParameterFileError, match=r"share_1 = '1\.5' must be a number from 0 to 1$"):
        parse_silicon(PortPowerRow, "\n".join([header[0], ",".join(cells)]), where="t.csv")


def test_every_question_to_the_library_is_counted(monkeypatch):
    asked = []
    monkeypatch.setattr(library, "opened", lambda kind, name="": asked.append((kind, name)) if kind != "file" else None)
    node = estimator.load_node("12nm")
    library.part_of(estimator.load_design("h100-sxm"), "memory")
    library.constants()
    sets.load_set("work", "ownership")
    read_silicon(CsetRow)
    wanted = [("node", "12nm"), ("design", "h100-sxm"), ("memory", "hbm3"), ("constants", "")]
    assert asked[:4] == wanted
    assert ("work", "ownership") in asked
    assert ("silicon", "cset_2020") in asked
    before = len(asked)
    assert estimator.load_node(node) is node
    assert len(asked) == before
    estimator.load_node("12nm")  # kept from before, and counted all the same
    assert asked[-1] == ("node", "12nm")

"""The command line in process: exit code 0, 2 or 3 and one sentence, whatever the arguments; never a traceback."""

import contextlib
import io
import json
import math
import sys

from hostile import TAKEN, attempt, budget, mostly, sentence
from hypothesis import given
from hypothesis import strategies as st
from test_files import OWN, SWEEP_KEYS, axes, document, lines, mutations, toml_values

from estimator import claims, cli
from estimator.model.options import NUMBER_OPTIONS
from estimator.model.results import OUTPUT_STAGE
from estimator.parameters import library

LONG = ("validate", "calibrate")  # developers' commands without input: minutes of fitting
words = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=8)
numbers = st.sampled_from(
    ("1", "0", "-1", "700", "1e400", "nan", "inf", "-inf", "5e-324", "1,2", "1,", "0.8,1.0", "1_0", "١", "", "x")
)
designs = mostly(st.sampled_from(("h100-sxm", "mi300x", "rtx-4090", "OWN")), words | st.just("none.toml"))
nodes = mostly(st.sampled_from(("12nm", "5nm", "tsmc-28hpm", "intel-45")), words | st.just("/dev/null"))


@st.composite
def settings_(draw):
    """Values for ``--set``."""
    out = []
    for _ in range(draw(st.integers(0, 3))):
        name = draw(
            mostly(st.sampled_from((*NUMBER_OPTIONS, "cooling", "layout", "node.supply_v", "seed", "samples")), words)
        )
        value = draw(mostly(numbers, st.sampled_from(("air", "port", "0.9", "1.1", "400", "2")), one_in=2))
        out.append(draw(mostly(st.just(f"{name}={value}"), words)))
    return ["--set", *out] if out or draw(st.integers(0, 9)) == 9 else []


@st.composite
def arguments(draw):
    """Arguments of any command; OWN and SWEEP stand for files that the test writes."""
    command = draw(
        mostly(
            st.sampled_from(
                (
                    "estimate",
                    "estimate",
                    "compare",
                    "show",
                    "check",
                    "nodes",
                    "claim",
                    "sweep",
                    "sweep",
                    "best",
                    "designs",
                    "sources",
                    "--version",
                    "--help",
                )
            ),
            words,
            one_in=20,
        )
    )
    if command in LONG:
        command = "nodes"
    out = [command]
    if command == "estimate":
        out += [draw(designs), draw(nodes), *draw(settings_())]
    elif command == "compare":
        out += [draw(designs), *draw(st.lists(nodes, max_size=3)), *draw(settings_())]
    elif command == "show":
        out += [draw(mostly(st.sampled_from(("12nm", "h100-sxm", "air", "hbm3")), words))]
    elif command == "check":
        out += [draw(mostly(st.just("OWN"), words))]
    elif command == "claim":
        assumed = ["--assume", draw(numbers)] if draw(st.booleans()) else []
        out += [
            draw(mostly(st.sampled_from((*claims.names()[:4], "2")), words)),
            "--samples",
            draw(mostly(st.just("0"), numbers)),
            *assumed,
        ]
    elif command == "sweep":
        out += [
            draw(mostly(st.just("SWEEP"), words)),
            "--out",
            draw(mostly(st.sampled_from(("out.csv", "out.parquet", "out.nc", "out.zarr")), words)),
            "--workers",
            draw(mostly(st.just("1"), numbers, one_in=30)),
        ]
    elif command == "best":
        over = mostly(
            st.sampled_from(("power_limit_w=300:900", "supply_v=0.8:0.9", "node=5nm,12nm", "dies=4:8")), words
        )
        out += [draw(designs), draw(nodes), "--over", *draw(st.lists(over, min_size=1, max_size=2)), *draw(settings_())]
        out += ["--objective", draw(mostly(st.sampled_from(tuple(OUTPUT_STAGE)), words))]
    flags = (
        ["--json"],
        ["--seed", "1"],
        ["--seed", "x"],
        ["--samples", "16"],
        ["--samples", "3"],
        ["--strict"],
        ["--force"],
        ["--reference-node", "5nm"],
        ["--reference-node", "x"],
        ["--x"],
        ["-"],
        ["--subject-to", "power_w=:700"],
    )
    for flag in draw(st.lists(st.sampled_from(flags), max_size=2)):
        out += flag
    return [a for a in out if a not in LONG]


@st.composite
def files(draw):
    """A design or node file, and a sweep file; usable ones most of the time."""
    own = draw(
        mostly(
            st.just(OWN),
            st.one_of(
                mutations("design"), mutations("node"), mutations("cooling"), st.lists(lines, max_size=4).map("\n".join)
            ),
            one_in=2,
        )
    )
    data = {"design": "h100-sxm", "node": ["12nm", "5nm"], "outputs": ["clock_ghz"]}
    data |= draw(
        mostly(
            st.just({}),
            st.dictionaries(
                st.sampled_from(SWEEP_KEYS),
                toml_values.filter(lambda v: not isinstance(v, int) or v < 1000),
                max_size=1,
            ),
            one_in=3,
        )
    )
    data["options"] = {"power_limit_w": draw(mostly(st.just({"from": 100, "to": 900, "count": 3}), axes))}
    return own, document(data)


def run(arguments):
    """Exit code and what was printed."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = cli.main(arguments)
        except SystemExit as end:  # argparse: usage and one line
            code = end.code or 0
    return code, out.getvalue(), err.getvalue()


@budget(4)
@given(argv=arguments(), text=files())
def test_any_arguments(argv, text, tmp_path_factory):
    folder = getattr(test_any_arguments, "folder", None) or tmp_path_factory.mktemp("fuzz")
    test_any_arguments.folder = folder
    (folder / "own.toml").write_text(text[0], "utf-8", errors="replace")
    (folder / "sweep.toml").write_text(text[1], "utf-8", errors="replace")
    places = {"OWN": str(folder / "own.toml"), "SWEEP": str(folder / "sweep.toml")}
    argv = [str(folder / a) if a.startswith("out.") else places.get(a, a) for a in argv]
    with contextlib.chdir(folder):
        code, out, err = attempt("command line", run, argv)
    assert code in (0, 2, 3), (argv, code, err)
    assert "Traceback" not in err + out
    TAKEN["command line"] -= code != 0
    if code:
        lines = err.strip().splitlines()
        assert lines, argv
        sentence(lines[-1])
        assert len(lines) == 1 or lines[0].startswith("usage:"), err
    elif "--json" in argv and out.startswith("{"):
        data = json.loads(out, parse_constant=lambda name: math.nan if name else None)
        assert "NaN" not in out
        assert data


def test_developers_commands_are_left_out_on_purpose():
    for command in LONG:
        code, out, _ = run([command, "--help"])
        assert code == 0
        assert out.startswith(f"usage: chip-scaling {command} ")
    assert library.names("design")
    assert sys.version_info >= (3, 11)

"""What a visitor sends is data: no path, no code, no unbounded work, no formula; and the server keeps to itself."""

import ast
import asyncio
import base64
import csv
import io
import json
import math
import os
import socket
import sys
import threading
import urllib.error
import urllib.request
import uuid
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import estimator
from estimator.errors import EstimatorError, InputError
from estimator.files import as_text, csv_text
from estimator.parameters import library
from estimator.parameters.toml import MAX_DEPTH, UPLOAD, parse_toml
from estimator.sweeps import files as sweep_files
from estimator.sweeps.dataset import lay_out
from tests.root import ROOT

DESIGN = {"name": "own", "node": "tsmc-28hpm", "die_area_mm2": 348, "clock_ghz": 0.8, "power_w": 140}
DIES = '[[dies]]\narea_mm2 = 300\nnode = "tsmc-n7"\n[[dies]]\narea_mm2 = 100\nrole = "io"\nnode = {name}\n'
PATHS = (
    "../x.toml",
    "own.toml",
    "/etc/passwd",
    "/etc/passwd.toml",
    "~/x.toml",
    "~root/.toml",
    "C:\\x.toml",
    "\\\\host\\share\\x.toml",
    "//host/share/x.toml",
    "file:///etc/hosts.toml",
    "http://127.0.0.1/x.toml",
    "/dev/zero",
    "/dev/stdin",
    "/proc/self/environ",
    "/proc/self/fd/0",
    "link.toml",
    "NUL",
    "CON.toml",
    "tsmc-n7.toml",
    "tsmc-n7/../../x",
    "tsmc-n7\u0000.toml",
    "nodes/tsmc-n7",
    "x" * 3000 + ".toml",
    "${HOME}/x.toml",
    "$(id).toml",
    "",
    " ",
    ".",
    "..",
)


def toml(**fields):
    """A flat TOML text; JSON strings are TOML strings."""
    return "".join(f"{k} = {json.dumps(v, ensure_ascii=False)}\n" for k, v in fields.items())


# --- names, never paths


@pytest.fixture
def workshop(tmp_path, monkeypatch):
    """A folder in which a path of the list would be found, as a file and as a symbolic link."""
    (tmp_path / "own.toml").write_text(toml(name="own", base="tsmc-n7"))
    (tmp_path / "link.toml").symlink_to(tmp_path / "own.toml")
    monkeypatch.chdir(tmp_path)
    opened = []
    real = Path.open
    monkeypatch.setattr(Path, "open", lambda self, *a, **k: (opened.append(str(self)), real(self, *a, **k))[1])
    yield opened
    ours = (str(library.params_folder()), sys.prefix)  # numbers, and what Python reads when it imports a library
    assert not [p for p in opened if not p.startswith(ours)]


@pytest.mark.parametrize("name", PATHS)
def test_an_upload_names_other_things_by_known_names_only(name, workshop):
    quoted = json.dumps(name, ensure_ascii=False).replace("\x00", "\\u0000")
    dies = toml(**{k: v for k, v in DESIGN.items() if k != "die_area_mm2"}) + DIES.format(name=quoted)
    files = [("design", dies), ("design", toml(**DESIGN, base="h100-sxm").replace('"h100-sxm"', quoted))]
    fields = ("node", "cooling", "package", "memory")
    files += [("design", toml(**{**DESIGN, field: "?"}).replace('"?"', quoted)) for field in fields]
    files += [(kind, f"base = {quoted}\n") for kind in ("node", "cooling", "package", "memory")]
    for kind, text in files:
        try:
            made = library.from_toml(kind, text)
        except EstimatorError as error:
            assert "\n" not in str(error)
            assert len(str(error)) < 600
        else:  # an empty text is "not given"
            assert name == "", (kind, text)
            assert made.name == "own"


@pytest.mark.parametrize("name", PATHS)
def test_a_scenario_and_a_link_name_things_by_known_names_only(name, workshop):
    code = pytest.importorskip("page.shared.code")
    from page.shared import links
    from page.shared import state as states

    good = parse_toml(code.as_scenario(states.defaults()), where="the file")
    assert code.from_scenario(good) == states.defaults()
    upload = toml(**{**DESIGN, "node": name or "?"}) if name.isprintable() else f"node = {name!r}"
    changes = [{key: name} for key in ("design", "node", "reference_node")]
    changes += [{"options": {"cooling": name}}, {"options": {"memory": name}}]
    changes += [{"page": {"node": name}}, {"page": {"cooling": name}}]
    changes += [{"uploads": {"design": upload}}, {"uploads": {name: upload}}]
    for change in changes:
        with pytest.raises(EstimatorError):
            code.from_scenario(good | change)
    for key in ("design", "node", "against", "cooling", "plan"):
        assert links.parse({key: name}).faults
        assert key not in links.parse({key: name}).values
    link = links.parse({"design": "own", "design_toml": links.pack(upload)})
    assert link.faults
    assert not link.values


def test_an_upload_in_a_link_unpacks_to_a_short_text_or_not_at_all():
    links = pytest.importorskip("page.shared.links")
    bomb = base64.urlsafe_b64encode(zlib.compress(b"# " + b"x" * 10**7, 9)).decode()
    for packed in (
        bomb[:6000],
        base64.urlsafe_b64encode(zlib.compress(b"#" * 10**6, 9)).decode(),
        "!",
        "eJw",
        "A" * 10**6,
    ):
        with pytest.raises(InputError):
            links.unpack(packed)


def test_python_and_the_command_line_may_use_paths(tmp_path, capsys):
    from estimator import cli

    own = tmp_path / "mine.toml"
    own.write_text(toml(name="mine", base="tsmc-n7"))
    assert estimator.load_node(str(own)).name == estimator.load_node(own).name == "mine"
    for path in ("/dev/zero", "/proc/self/environ", str(tmp_path), "a\0.toml", "x" * 5000 + ".toml"):
        assert cli.main(["check", path]) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
    with pytest.raises(InputError, match="is not a file"):
        library.load("node", Path("/dev/zero"))


def test_an_upload_under_a_shipped_name_changes_no_shipped_result():
    before = dict(estimator.estimate("h100-sxm", "7nm").clone)
    own = library.from_toml("node", toml(name="tsmc-n7", base="tsmc-n7", wafer_cost_usd=50_000))
    assert estimator.estimate("h100-sxm", own).unit_cost_usd > before["unit_cost_usd"]
    assert dict(estimator.estimate("h100-sxm", "7nm").clone) == before


# --- bounded work

HOSTILE = {
    "a key of many parts": ".".join("a" * 16_000) + " = 1",
    "the same, quoted": '."" '.join('"a"' * 1 for _ in range(8000)) + "= 1",
    "the same after a text that hides it": 'x = "\\"" #"\n' + ".".join("a" * 16_000) + " = 1",
    "the same after a longer text": 'x = """"a\\"""""""\n' + ".".join("a" * 16_000) + " = 1",
    "a long header": "[" + ".".join("a" * 16_000) + "]",
    "a deep array": "x = " + "[" * 50_000,
    "a deep table": "x = " + "{a=" * 20_000,
    "too deep for a file": "x = " + "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
    "many values": "x = [" + "1," * 40_000 + "]",
    "many keys": "\n".join(f"k{i} = 1" for i in range(8000)),
    "many tables": "[[a]]\n" * 15_000,
    "a long integer": "power_w = " + "9" * 90_000,
    "a long hexadecimal integer": "power_w = 0x" + "f" * 90_000,
    "a hexadecimal integer as a name": "name = 0x" + "f" * 4000,
    "an integer beyond 64 bits": "power_w = 18446744073709551616",
    "infinite": "power_w = inf",
    "overflow": "power_w = 1e999",
    "not a number": "power_w = nan",
    "a date": "year = 2024-01-01",
    "a time": "power_w = 07:32:00",
    "a long key": f"{'k' * 5000} = 1",
    "too many bytes": "# " + "x" * 1000 * UPLOAD.kilobytes,
    "many bytes in few characters": "# " + "€" * 500 * UPLOAD.kilobytes,
    "lone surrogate": "name = '\ud800'",
    "escape sequence": 'name = "\\u001b[31m red"',
    "zero byte": 'name = "a\\u0000b"',
    "turned direction": 'name = "a\\u202Ecod.exe"',
    "zero width": 'label = "tsmc\\u200b-n7"',
    "turned direction in a key": '"a\\u202E" = 1',
    "carriage return": 'label = "good\\rbad"',
    "unterminated": 'name = "' + '\\"' * 40_000,
    "nothing but quotes": '"' * 90_000,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_texts_are_refused_in_one_short_sentence(what):
    for kind in ("design", "node"):
        with pytest.raises(EstimatorError) as caught:
            library.from_toml(kind, HOSTILE[what])
        assert len(str(caught.value)) < 600
        assert "\n" not in str(caught.value)
        assert str(caught.value).isprintable()


def test_depth_is_refused_before_the_parser_sees_it(monkeypatch):
    """Its time grows with the square of a key's parts: a key of an upload's size would take it minutes."""
    import tomllib

    monkeypatch.setattr(tomllib, "loads", lambda text: pytest.fail("parsed"))
    for text in (".".join("a" * 50_000), "[" + ' . "b" . '.join("a" * 9000) + "]", "x = {" + ".".join("a" * 40_000)):
        with pytest.raises(InputError, match="deeper than"):
            parse_toml(text, where="the file")


@pytest.mark.parametrize(
    "text",
    [
        "x = 'a.b.c.d.e.f.g.h.i'",
        '# a.b.c.d.e.f.g.h\nx = "a.b.c.d.e.f.g.h"',
        'x = """\n"a.b.c.d" "" e.f.g.h.i.j.k"""""',
        "a.b.c.d = 1.5",
        "x = '''a.b.c.d.e.f.g.h'''",
        'x = "\\"a.b.c.d.e.f.g.h\\\\"',
        '"a.b.c.d.e.f.g.h.i" = 1',
    ],
)
def test_dots_in_texts_are_no_depth(text):
    import tomllib

    assert parse_toml(text, where="the file") == tomllib.loads(text)


PIECES = st.lists(
    st.sampled_from(
        [
            '"',
            "'",
            '"""',
            "'''",
            "\\",
            "#",
            "\n",
            "a",
            ".",
            "a.b",
            " = ",
            "1",
            "[",
            "]",
            "[[",
            "]]",
            "{",
            "}",
            ",",
            "é",
            "name",
            "node",
            "base",
            '"tsmc-n7"',
            "dies",
            "-1",
            "1e400",
            "0xff",
            "true",
            "inf",
            " ",
        ]
    ),
    max_size=30,
)


@given(PIECES)
def test_any_text_is_data_or_refused(pieces):
    for kind in ("design", "node", "cooling"):
        try:
            made = library.from_toml(kind, "".join(pieces))
        except EstimatorError as error:
            assert str(error)
        else:
            assert made.name


def test_no_text_of_an_upload_is_long():
    from estimator.parameters.schema import MAX_NAME, MAX_TEXT

    for field, most in {"name": MAX_NAME, "label": MAX_NAME, "note": MAX_TEXT, "vendor": MAX_TEXT}.items():
        assert library.from_toml("design", toml(**{**DESIGN, field: "x" * most}))
        with pytest.raises(InputError, match=f"{field}.* {most} characters"):
            library.from_toml("design", toml(**{**DESIGN, field: "x" * (most + 1)}))
    with pytest.raises(InputError, match="one line"):
        library.from_toml("design", toml(**{**DESIGN, "label": "a\nb"}))
    number = '[wafer_cost_usd]\ncentral = 1\nunit = "USD"\nkind = "estimate"\n'
    long = "x" * 5000
    for extra in (
        f'note = "{long}"',
        f'note = "x"\nsource = ["{long}"]',
        'note = "x"\nfit_error = "x"',
        'note = "x"\nrows = "x"',
    ):
        with pytest.raises(InputError, match="wafer_cost_usd"):
            library.from_toml("node", f'base = "tsmc-n7"\n{number}{extra}\n')
    for field in ("generation_nm", "volume_year"):
        with pytest.raises(InputError, match=field):
            library.from_toml("node", toml(base="tsmc-n7", **{field: 1e300}))


# --- exports

FORMULAS = (
    "=1+1",
    "+1",
    "-1+1|cmd",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    '=HYPERLINK("http://evil.example")',
    "  =1+1",
    "＝1+1",
)


def runs(cell):
    """Whether a spreadsheet would take a cell of a CSV for a formula: no plain number, and begins as one."""
    try:
        float(cell)
    except ValueError:
        return cell.strip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
    return False


def cells(text):
    return [c for row in csv.reader(io.StringIO(text, newline="")) for c in row]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_is_a_formula(formula):
    assert runs(formula) or formula == "+1"  # a number is no harm
    found = cells(csv_text([formula], [[formula, -2.5, math.inf, "plain"]]))
    assert found == ["'" + formula, "'" + formula, "-2.5", "inf", "plain"]
    assert as_text(-2.5) == -2.5


def own_node(name):
    return library.from_toml("node", toml(name=name, label=name, base="tsmc-n7", note=name))


def test_saved_sweeps_hold_no_formula(tmp_path):
    name = '=HYPERLINK("http://evil.example")'
    call = {
        "design": estimator.load_design("h100-sxm").replace(name="@own"),
        "node": [own_node(name), own_node("-1+1")],
        "power_limit_w": [1.0, 400.0],
        "outputs": ["clock_ghz"],
    }
    ds = estimator.sweep(**call)
    sweep_files.save(ds, tmp_path / "a.csv")
    sweep_files.write_layout(lay_out(**call), tmp_path / "b.csv")
    for text in (sweep_files.to_csv(ds).decode(), (tmp_path / "a.csv").read_text(), (tmp_path / "b.csv").read_text()):
        assert name in text.replace('""', '"')
        assert not [c for c in cells(text) if runs(c)]
        rows = list(csv.DictReader(io.StringIO(text)))
        clocks = [float(r["clock_ghz"]) for r in rows if r["clock_ghz"] not in ("", "nan")]
        assert clocks == pytest.approx(ds.clock_ghz.values[np.isfinite(ds.clock_ghz.values)].tolist())


def test_exports_of_the_page_hold_no_formula_and_no_nan():
    pytest.importorskip("streamlit")
    from page.shared import code
    from page.shared import state as states

    text = toml(name="=own()", label="@own()", base="tsmc-n7", note="=1+1")
    state = states.with_values(states.defaults(), {"node": "own", "node_toml": text})
    est = states.estimate_of(state)
    assert not [c for c in cells(code.as_csv(est)) if runs(c)]
    assert json.loads(code.as_json(est), parse_constant=pytest.fail)["clone"]


def test_tables_of_the_page_hold_no_formula(monkeypatch):
    """Every table of the page goes through one function: the browser saves it as CSV and copies it by itself."""
    ui = pytest.importorskip("page.shared.ui")
    shown = []
    monkeypatch.setattr(ui.st, "dataframe", lambda rows, **options: shown.extend(rows))
    ui.data_table([{"text": f, "number": -1.5} for f in FORMULAS])
    assert [r["text"] for r in shown] == ["'" + f for f in FORMULAS]
    assert {r["number"] for r in shown} == {-1.5}
    for path in sorted((ROOT / "page").rglob("*.py")):
        assert path.name == "ui.py" or not {"st.dataframe", "st.table", "st.data_editor"} & called(path), path


def test_only_sources_of_our_own_become_links():
    parameters = pytest.importorskip("page.shared.parameters")
    from page.shared import state as states

    number = '[supply_v]\nlow = 0.7\ncentral = 0.75\nhigh = 0.8\nunit = "V"\nkind = "measured"\nsource = {}\n'
    for source in ("javascript:alert(1)", "http://evil.example", "https://evil.example", "data:text/html,x", "../x"):
        text = toml(name="own", base="tsmc-n7") + number.format(json.dumps([source]))
        state = states.with_values(states.defaults(), {"node": "own", "node_toml": text})
        row = next(r for r in parameters.rows(state) if r["source"] == source)
        assert row["link"] is None
    assert {str(s["url"]).split(":")[0] for s in library.sources().values() if s.get("url")} <= {"https", "http"}


# --- the code

SOURCES = [ROOT / "app.py", *sorted((ROOT / "page").rglob("*.py")), *sorted((ROOT / "estimator").rglob("*.py"))]
FORBIDDEN_CALLS = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "system",
    "popen",
    "Popen",
    "read_pickle",
    "to_pickle",
    "unsafe_load",
}
FORBIDDEN_MODULES = {
    "pickle",
    "marshal",
    "shelve",
    "dill",
    "cloudpickle",
    "jsonpickle",
    "yaml",
    "subprocess",
    "pty",
    "codeop",
}
FORBIDDEN_OPTIONS = {"shell", "allow_pickle", "unsafe_allow_html", "unsafe_allow_javascript"}
FILE_CALLS = {
    "open",
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "unlink",
    "mkdir",
    "read_csv",
    "read_parquet",
    "save",
}


def tree(path):
    return ast.parse(path.read_text("utf-8"))


def called(path):
    """Names of all functions and methods that a file calls."""
    calls = [n.func for n in ast.walk(tree(path)) if isinstance(n, ast.Call)]
    return {f.attr if isinstance(f, ast.Attribute) else getattr(f, "id", "") for f in calls} | {
        ast.unparse(f) for f in calls
    }


def imported(path):
    """Top-level names of all modules that a file imports, in functions too."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {a.name.split(".")[0] for a in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").split(".")[0])
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_source_runs_texts_or_shells_or_unpickles(path):
    methods = {"compile"} if "re" in imported(path) else set()  # re.compile
    assert not called(path) & (FORBIDDEN_CALLS - methods)
    assert not imported(path) & FORBIDDEN_MODULES
    options = {k.arg for n in ast.walk(tree(path)) if isinstance(n, ast.Call) for k in n.keywords}
    assert not options & FORBIDDEN_OPTIONS


def test_html_of_ours_stands_in_known_places_and_the_page_opens_no_file():
    """What stands there is argued in docs/security.md: a style sheet, the escaped link for print, a drawing made of numbers."""
    page = [p for p in SOURCES if p.name == "app.py" or p.is_relative_to(ROOT / "page")]
    html = [str(p.relative_to(ROOT)) for p in page if {"html", "iframe"} & called(p)]
    assert set(html) <= {"app.py", "page/shared/controls.py", "page/shared/embed.py", "page/shared/panels.py"}
    for path in page:
        assert not called(path) & FILE_CALLS, path


def test_an_audit_that_looked_nothing_up_does_not_pass_as_one():
    from tests.house import audit

    good = {"name": "a", "version": "1", "vulns": []}
    bad = {"name": "b", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}
    skipped = {"name": "c", "skip_reason": "not found"}
    assert audit.verdict([good, good]) == (0, "2 packages audited, no known vulnerability.")
    assert audit.verdict([skipped, skipped]) == (0, audit.UNREACHED)
    assert audit.verdict([good, bad]) == (1, "b 2: CVE-1, mended in 3")
    assert audit.verdict([good, skipped]) == (1, "c: not audited")


# --- the server


@pytest.fixture(scope="module")
def trap():
    """A proxy that nobody needs: whatever the server asks another host for is asked there, and noted."""
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def note():
            while True:
                try:
                    with listener.accept()[0] as caller:
                        asked.append(caller.recv(200).split(b"\r\n")[0].decode("latin-1"))
                except OSError:
                    return

        threading.Thread(target=note, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked


@pytest.fixture(scope="module")
def served(trap, tmp_path_factory):
    """Address of a running page, and what its server said."""
    pytest.importorskip("streamlit")
    sys.path.insert(0, str(ROOT / "tests" / "browser"))
    import server

    log = tmp_path_factory.mktemp("served") / "log"
    with log.open("w") as file, pytest.MonkeyPatch.context() as patch:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"):
            patch.setenv(name, trap[0])
        patch.setenv("NO_PROXY", "")
        patch.setenv("no_proxy", "")
        urllib.request.install_opener(
            urllib.request.build_opener(urllib.request.ProxyHandler({}))
        )  # we ask the server itself
        try:
            with server.running(log=file) as address:
                yield address, log
        finally:
            urllib.request.install_opener(None)


def ask(address, method="GET", body=None, **headers):
    """Status, headers and body of a request."""
    named = {k.replace("_", "-"): v for k, v in headers.items()}
    request = urllib.request.Request(address, data=body, method=method, headers=named)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()
    except urllib.error.URLError as error:  # the server hung up while we were still sending
        assert isinstance(error.reason, (BrokenPipeError, ConnectionResetError))
        return "hung up", {}, b""


async def _connect(address, origin, then):
    import websockets

    url = address.replace("http", "ws") + "/_stcore/stream"
    async with websockets.connect(url, origin=origin, subprotocols=["streamlit"], max_size=None, proxy=None) as socket_:
        return await then(socket_)


async def _start(socket_):
    """Run the page once; the session's name and the parts that were sent."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    message = BackMsg()
    message.rerun_script.query_string = ""
    await socket_.send(message.SerializeToString())
    name = ""
    while True:
        answer = ForwardMsg()
        answer.ParseFromString(await asyncio.wait_for(socket_.recv(), 60))
        name = answer.new_session.initialize.session_id or name
        if answer.WhichOneof("type") == "script_finished":
            return name


def connect(address, origin, then=_start):
    with ThreadPoolExecutor(1) as own:  # a browser test of the same session keeps a loop in this thread
        return own.submit(lambda: asyncio.run(_connect(address, origin, then))).result()


def test_server_keeps_to_itself(served, trap):
    """No telemetry, no look-up of its own address: not at its start, not for a visitor, not for a foreign origin."""
    import websockets

    address, log = served
    assert connect(address, address)
    for _ in range(2):
        with pytest.raises(websockets.InvalidStatus, match="403"):
            connect(address, "http://evil.example")
    assert trap[1] == []
    said = log.read_text()
    assert f"URL: http://localhost:{address.rsplit(':')[-1]}" in said
    for word in ("External URL", "Network URL", "external IP", "Email", "statistics"):
        assert word not in said


def test_effective_options():
    """As `streamlit run` of this folder reads them."""
    pytest.importorskip("streamlit")
    import subprocess

    wanted = {
        "server.enableXsrfProtection": True,
        "server.enableCORS": True,
        "server.corsAllowedOrigins": [],
        "server.address": "127.0.0.1",
        "server.enableStaticServing": False,
        "server.enableAgentApi": False,
        "server.maxUploadSize": 1,
        "server.headless": True,
        "server.showEmailPrompt": False,
        "browser.gatherUsageStats": False,
        "client.allowedOrigins": [],
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
    }
    code = f"import json; from streamlit import config; print(json.dumps({{n: config.get_option(n) for n in {list(wanted)!r}}}))"
    clean = {k: v for k, v in os.environ.items() if not k.startswith("STREAMLIT_")}
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=clean, capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == wanted


def test_no_other_origin_is_let_in_and_no_host_may_steer_the_page(served):
    address, _ = served
    for path in ("", "/_stcore/health", "/_stcore/host-config"):
        _, headers, _ = ask(address + path, Origin="http://evil.example")
        assert headers["Access-Control-Allow-Origin"] is None
    assert json.loads(ask(f"{address}/_stcore/host-config")[2])["allowedOrigins"] == []
    assert ask(f"{address}/_stcore/agent/interact", "POST", b"{}")[0] in (403, 404, 405)


@pytest.mark.parametrize(
    "path",
    [
        "/app/static/app.py",
        "/static/../app.py",
        "/static/%2e%2e/%2e%2e/app.py",
        "/media/../app.py",
        "/component/../../app.py",
        "/..%2fapp.py",
        "/static//etc/passwd",
        "/media/%2fetc%2fpasswd",
    ],
)
def test_no_file_is_served_by_path(served, path):
    _, _, body = ask(served[0] + path)
    assert b"set_page_config" not in body
    assert b"root:" not in body


def upload(address, session, body, *, xsrf=True, chunked=False):
    """Status of an upload as the page's own script sends it, or without its token."""
    cookie = next(c for c in ask(f"{address}/_stcore/health")[1].get_all("Set-Cookie") if "xsrf" in c).split(";")[0]
    token = {"X_Xsrftoken": cookie.split("=", 1)[1]} if xsrf else {}
    edge = uuid.uuid4().hex
    start = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="../../x.toml"\r\n\r\n'.encode()
    whole = start + body + f"\r\n--{edge}--\r\n".encode()
    pieces = (whole[i : i + 65536] for i in range(0, len(whole), 65536)) if chunked else whole
    path = f"{address}/_stcore/upload_file/{session}/{uuid.uuid4()}"
    return ask(path, "PUT", pieces, Cookie=cookie, Content_Type=f"multipart/form-data; boundary={edge}", **token)[0]


def test_uploads_need_a_session_and_a_token_and_are_bounded(served):
    address, _ = served
    megabyte = 2**20

    async def while_open(socket_):
        session = await _start(socket_)
        loop = asyncio.get_running_loop()
        sent = {
            "good": ({}, session, b"x" * 1000),
            "forged": ({"xsrf": False}, session, b"x"),
            "stranger": ({}, str(uuid.uuid4()), b"x"),
            "path": ({}, "..%2f..", b"x"),
            "large": ({}, session, b"x" * (megabyte + 1)),
            "large in pieces": ({"chunked": True}, session, b"x" * (3 * megabyte)),
        }
        return {
            k: await loop.run_in_executor(None, lambda s=s: upload(address, s[1], s[2], **s[0]))
            for k, s in sent.items()
        }

    found = connect(address, address, while_open)
    assert found["good"] == 204
    assert found["forged"] == 403
    assert found["stranger"] == 400
    assert found["path"] in (400, 404)
    assert {found["large"], found["large in pieces"]} <= {413, "hung up"}
    assert connect(address, address)  # and the server goes on


def test_large_or_broken_messages_end_the_connection_only(served):
    import websockets

    address, _ = served

    async def send(socket_, what):
        with pytest.raises(websockets.ConnectionClosed):
            await socket_.send(what)
            while True:
                await asyncio.wait_for(socket_.recv(), 20)

    for what in (b"\xff" * 100, "text", b"\0" * (3 * 10**6), b"\0" * (25 * 10**6)):
        with suppress(websockets.ConnectionClosed):
            connect(address, address, lambda s, what=what: send(s, what))
    assert connect(address, address)

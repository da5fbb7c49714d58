"""The API reference is that of the docstrings; every public formula shows how it is called; defaults are those of params."""

import importlib
import importlib.util
import inspect
import re

import pytest

import estimator
from estimator.parameters import library
from tests.root import ROOT

SPEC = importlib.util.spec_from_file_location("api", ROOT / "docs" / "api.py")
api = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(api)
DATA = importlib.util.spec_from_file_location("data", ROOT / "docs" / "data.py")
data = importlib.util.module_from_spec(DATA)
DATA.loader.exec_module(data)
site = importlib.import_module("docs.site")
CALLS = {
    f"{module}.{name}": function
    for module in (*api.FORMULAS, *api.USES)
    for name, function in vars(importlib.import_module(f"estimator.{module}")).items()
    if hasattr(function, "ranges") and not name.startswith("_")
}


def test_the_reference_is_current():
    assert api.TARGET.read_text("utf-8") == api.reference(), "run make texts"


def test_the_list_of_designs_and_processes_is_current():
    assert data.TARGET.read_text("utf-8") == data.text(), "run make texts"


def test_the_reference_holds_every_name_of_the_package():
    listed = [name for _, names in api.MAIN for name in names]
    assert sorted(listed) == sorted(n for n in estimator.__all__ if n != "__version__")


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_formula_says_what_it_takes_and_shows_a_call(name):
    text = inspect.getdoc(CALLS[name])
    assert ">>>" in text, "an example is missing"
    for argument in CALLS[name].ranges:
        assert f"\n{argument} : " in text, argument


def test_defaults_of_formulas_are_the_central_values_of_the_parameters():
    constants = library.constants()
    found = 0
    for name, function in CALLS.items():
        for argument, given in inspect.signature(function).parameters.items():
            if argument in constants and isinstance(given.default, float):
                assert given.default == float(constants[argument]), f"{name}({argument})"
                found += 1
    assert found > 5


CONTRIBUTING = (ROOT / "docs" / "contributing.md").read_text("utf-8")
ANSWERS = re.findall(r"\[`([\w./]+)`\]\(\.\./([\w./-]+)\)", CONTRIBUTING)


@pytest.mark.parametrize(("name", "file"), sorted(set(ANSWERS)))
def test_an_answer_of_contributing_is_where_it_says(name, file):
    path = ROOT / file
    assert path.is_file()
    if not name.endswith((".py", ".toml")) and "/" not in name:
        assert re.search(rf"^(def |class |\[)? *{re.escape(name)}\b", path.read_text("utf-8"), re.MULTILINE), (
            name,
            file,
        )


def test_the_questions_of_a_newcomer_are_answered():
    assert len(ANSWERS) > 12
    for question in (
        "a yield model",
        "the price of HBM",
        "how the Hot chart draws its walls",
        "what `--set` accepts",
        "a new output",
    ):
        assert f"| {question} |" in CONTRIBUTING


@pytest.mark.parametrize("path", sorted(ROOT.glob("docs/**/*.md")), ids=lambda p: p.stem)
def test_a_file_that_a_document_links_to_is_there(path):
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)[^)]*\)", path.read_text("utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] in ([], ["sources.md"])  # the site writes it


def test_the_site_finds_what_a_reader_would_miss(tmp_path):
    (tmp_path / "a.html").write_text(
        '<p id="here">x</p><a href="b.html#there">b</a><a href="https://example.org">c</a>'
    )
    (tmp_path / "b.html").write_text('<h1 id="there">y</h1><a href="a.html#here">a</a><img src="p.png">')
    (tmp_path / "p.png").write_bytes(b"")
    assert site.faults(tmp_path) == []
    (tmp_path / "b.html").write_text('<script src="https://cdn.example/x.js"></script><a href="gone.html">a</a>')
    (tmp_path / "s.css").write_text("@font-face {src: url(https://fonts.example/f.woff2)}")
    said = site.faults(tmp_path)
    assert len(said) == 4
    for word in ("cdn.example", "gone.html", "b.html#there", "fonts.example"):
        assert any(word in line for line in said)


def test_the_site_names_files_that_it_does_not_hold():
    assert site.for_the_site("[`Rule`](../estimator/model/validity.py)") == "`Rule` (`estimator/model/validity.py`)"
    assert site.for_the_site("[Dockerfile](../Dockerfile), [a](hosting.md)") == "Dockerfile, [a](hosting.md)"
    assert site.for_the_site("[api.md](api.md#data)") == "[fields](fields.md)"

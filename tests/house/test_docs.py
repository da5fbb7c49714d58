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

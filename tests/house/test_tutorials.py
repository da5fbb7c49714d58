"""The code of the tutorials runs, cell by cell, as a reader would run it (`make docs` runs them as notebooks)."""

import contextlib
import io
import re

import pytest

from tests.root import ROOT

TUTORIALS = sorted(p for p in (ROOT / "docs" / "tutorials").glob("*.md") if p.stem != "index")
CELL = re.compile(r"^```\{code-cell\}\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.slow
@pytest.mark.parametrize("path", TUTORIALS, ids=lambda p: p.stem)
def test_a_tutorial_runs(path):
    cells = [cell for cell in CELL.findall(path.read_text("utf-8")) if "remove-cell" not in cell]
    assert len(cells) > 3
    names: dict[str, object] = {"__name__": path.stem}
    with contextlib.redirect_stdout(io.StringIO()) as said:
        for cell in cells:
            exec(compile(cell, path.name, "exec"), names)
    assert said.getvalue().strip()

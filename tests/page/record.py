"""Record anew what links and scenario files of version 0.1 show: ``python -m tests.page.record``; addresses stay as they are."""

from __future__ import annotations

import json
import tomllib
from urllib.parse import parse_qs

from streamlit.testing.v1 import AppTest

from estimator.errors import InfeasibleError
from page.shared import code, links
from page.shared import state as states
from tests.root import ROOT

FOLDER = ROOT / "tests" / "page" / "recorded"


def _tiles(query, upload=None):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.query_params.update(query)
    app.switch_page("page/clone.py").run()
    if upload:
        app.file_uploader(key="_upload").upload(upload.name, upload.read_bytes(), "application/toml").run()
    return [[m.label, m.value] for m in app.metric][:4]


def _recorded(kept, state):
    """The entry with the numbers of today, under the names it has."""
    try:
        est = states.estimate_of(state)
    except InfeasibleError as wall:
        return {k: v for k, v in kept.items() if k not in ("clone", "reference")} | {"impossible": wall.limited_by}
    sides = {
        side: {n: v if isinstance(v := getattr(est, side)[n], str) else float(f"{float(v):.10g}") for n in kept[side]}
        for side in ("clone", "reference")
        if side in kept
    }
    return kept | sides


def main():
    """Write links.json and scenarios.json."""
    told = json.loads((FOLDER / "links.json").read_text("utf-8"))
    for k, link in enumerate(told):
        query = parse_qs(link["query"], keep_blank_values=True)
        state = states.with_values(states.defaults(), links.parse(query).values)
        told[k] = _recorded(link, state) | {"tiles": _tiles(query)}
    (FOLDER / "links.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    told = json.loads((FOLDER / "scenarios.json").read_text("utf-8"))
    for k, scenario in enumerate(told):
        file = FOLDER / scenario["file"]
        state = code.from_scenario(tomllib.loads(file.read_text("utf-8")))
        told[k] = _recorded(scenario, state) | {"tiles": _tiles({}, file)}
    (FOLDER / "scenarios.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

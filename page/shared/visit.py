"""One visit: what its session holds (controls, uploads, edits), read from its link at the start and kept in its address."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import streamlit as st

from estimator import InfeasibleError, InputError
from estimator.parameters import UPLOAD, parse_toml
from page.shared import code, links, parameters
from page.shared import state as states
from page.shared.choices import OWN, PRESETS
from page.shared.state import NUMBERS, State, defaults

SCENARIO = UPLOAD._replace(kilobytes=3 * UPLOAD.kilobytes)  # it may hold two uploads
KEPT = (*states.LINKED, *links.VIEW, "share", "capacity", "counted")
"""Controls that keep their value while other pages are open."""
STORY = "story"
"""Mark of an address of the story: without it, a link at the start of the site is one to the tool, as links always were."""
Query = dict[str, list[str]]


def start(page: str) -> bool:
    """Read the address where it says something new: a link that is opened, or a step back in the browser's history.

    Controls are not bound to the address one by one: it is written as a whole, by names, from what they hold. So each change is
    an entry of the history, and going back to it sets all controls as they were. Gives whether the address was read.
    """
    session, query = st.session_state, _query()
    first = "_address" not in session
    if first:
        session["_first"] = (page, not query)
    told = bool(query) if first else _went_back(page, query)
    if not first and page != session["_page"]:
        for key, value in session[
            "_kept"
        ].items():  # a control of another page is a new one: it starts with what is set
            session[key] = session.get(key, value)
    session["_page"] = page
    if told:
        _open(query)
    return told


def _query() -> Query:
    return {k: st.query_params.get_all(k) for k in st.query_params}


def _went_back(page: str, query: Query) -> bool:
    """Whether the address was changed in the browser. A control that was moved sends the address of before the move along."""
    session = st.session_state
    if query == session["_address"] or _held() != session["_held"]:
        return False
    return bool(query) or session["_first"] == (page, True) == (session["_page"], True)


def _held() -> tuple[Any, ...]:
    """All that the address tells, as the controls hold it now."""
    return current(), tuple(view().items()), tuple(pins())


def _open(query: Query) -> None:
    """Set all controls as an address says; what it does not say is as usual."""
    session = st.session_state
    link = links.parse({k: v for k, v in query.items() if k != STORY})
    said = []
    if link.faults:
        more = f" (and {len(link.faults) - 1} more)" if len(link.faults) > 1 else ""
        said.append(f"Part of the link could not be used, defaults stand in: {link.faults[0]}{more}.")
    apply(link.values)
    _take(link.values)
    for key, values in links.VIEW.items():
        if key in link.view or key in session:
            session[key] = link.view.get(key, values[0])
    session["_pins"] = list(link.pins)
    if changed := links.moved(current(), link.shown):
        said.append(changed)
    if said:
        session["_link_fault"] = " ".join(said)


def is_link_to_tool() -> bool:
    """Whether the address at the start of the site is a link to a chip on a process, as version 0.1 wrote them."""
    query = _query()
    return bool(query) and STORY not in query


def _take(values: Mapping[str, Any]) -> None:
    """Uploads and edits of a link or a scenario become this visit's."""
    for key in links.UPLOADS:
        st.session_state[f"_{key}"] = values.get(key, "")
    st.session_state["_edits"] = dict(values.get("edits", ()))


def view() -> dict[str, str]:
    """The choices made in tabs and figures, on whichever page."""
    return {key: st.session_state.get(key) or values[0] for key, values in links.VIEW.items()}


def pins() -> list[str]:
    """Scenarios pinned for comparison, each as the text of its link."""
    return list(st.session_state.get("_pins", ()))


def show_in_address() -> None:
    """Write the address from what the controls hold: by names, only what differs from the usual."""
    session = st.session_state
    if session.get("tab", "Share") != "Share":
        session["_last_tab"] = session["tab"]
    wanted: Query = links.query(current(), view(), pins())
    if session.get("_page") == "":
        wanted[STORY] = ["1"]
    if len(wanted) == 1 or wanted == {"v": [links.VERSION], STORY: ["1"]}:
        wanted = {}
    query = _query()
    if wanted != query:
        st.query_params.from_dict(wanted)
    session["_address"], session["_held"] = wanted, _held()
    session["_kept"] = {key: session[key] for key in KEPT if session.get(key) is not None}


def apply(values: dict[str, Any]) -> None:
    """Set controls to the defaults with some values changed (presets, reset)."""
    start_values = defaults()
    for key in states.LINKED:
        st.session_state[key] = values.get(key, getattr(start_values, key))


def follow_design() -> None:
    """A newly chosen design brings its own power and clock as starting values."""
    try:
        design = states.design_of(current())
    except ValueError:
        return
    low, high, _ = NUMBERS["power"]
    st.session_state["power"] = int(min(max(round(float(design.power_w) / 10) * 10, low), high))
    st.session_state["clock"] = round(float(design.clock_ghz), 2)


def current() -> State:
    """The state as the controls stand now."""
    session = st.session_state
    values = {k: session[k] for k in states.LINKED if k in session}
    return states.with_values(
        defaults(),
        {
            **values,
            "design_toml": session.get("_design_toml", ""),
            "node_toml": session.get("_node_toml", ""),
            "edits": tuple(sorted(session.get("_edits", {}).items())),
        },
    )


def preset_chosen() -> None:
    name = st.session_state.get("_preset")
    if name in PRESETS:
        apply(PRESETS[name][1])
        if "power" not in PRESETS[name][1] and "clock" not in PRESETS[name][1]:
            follow_design()


def uploaded() -> None:
    """Check an uploaded file as data; a fault is one sentence, a good one is chosen at once."""
    st.session_state["_upload_fault"] = ""
    file = st.session_state.get("_upload")
    if file is None:
        return
    try:
        text = file.getvalue().decode("utf-8").replace("\r\n", "\n")
        data = parse_toml(text, where="the file", limits=SCENARIO)
        if code.is_scenario(data):
            _use_scenario(code.from_scenario(data))
            return
        kind, _ = states.check_upload(text)
    except UnicodeDecodeError:
        st.session_state["_upload_fault"] = "The file is not text in UTF-8."
        return
    except ValueError as error:
        st.session_state["_upload_fault"] = str(error)
        return
    st.session_state[f"_{kind}_toml"] = text
    st.session_state[kind] = OWN
    if kind == "design":
        follow_design()


def _use_scenario(state: State) -> None:
    """All controls, uploads and edits as in a scenario file."""
    values = asdict(state)
    apply({k: values[k] for k in states.LINKED})
    _take({k: getattr(state, k) for k in (*links.UPLOADS, "edits")})


def edit(key: str, value: float) -> None:
    """Edit one parameter for this visit; a fault is kept for the page to say."""
    try:
        state = parameters.with_edits(current(), {key: value})
        if len(state.edits) > links.MAX_EDITS:
            raise InputError(f"At most {links.MAX_EDITS} numbers can be edited at once")
        states.estimate_of(state)
    except InfeasibleError:
        pass  # physics says no: the page shows that answer
    except ValueError as error:
        st.session_state["_edit_fault"] = str(error)
        return
    st.session_state["_edits"] = dict(state.edits)


def drop_edits() -> None:
    st.session_state.pop("_edits", None)


def reset() -> None:
    apply({})
    for key in ("_edits", "_design_toml", "_node_toml"):
        st.session_state.pop(key, None)
    st.session_state["_preset"] = None


def set_values(values: dict[str, Any]) -> None:
    """Set some controls (a button's callback)."""
    for key, value in values.items():
        st.session_state[key] = value


def nearest_setting(name: str, value: float) -> tuple[str, Any]:
    """The control and its feasible step nearest to a feasible value: rounded to the possible side."""
    key = {"clock_ghz": "clock", "power_w": "power", "dies": "dies"}.get(name, "")
    if not key:
        return "", value
    low, high, step = NUMBERS[key]
    steps = math.ceil(value / step - 1e-9) if key == "dies" else math.floor(value / step + 1e-9)
    kind = type(getattr(defaults(), key))
    return key, kind(min(max(round(steps * step, 6), low), high))


def address(state: State, clone: Mapping[str, Any] | None = None) -> str:
    """The link that reproduces a state, with the view; with a clone also the numbers that it was made with."""
    base = (st.context.url or "").split("?")[0].rstrip("/").removesuffix(
        "/clone"
    ) + "/"  # a link to the start opens the tool
    seen = view()
    if seen["tab"] == "Share":
        seen["tab"] = st.session_state.get("_last_tab", "")
    shown = "" if clone is None else f"&shown={links.shown_text(clone)}"
    return f"{base}?{links.as_text(state, seen)}{shown}"

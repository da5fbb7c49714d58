"""One visit: what its session holds (controls, uploads, edits), read from its link at the start and kept in its address."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException

from estimator import InfeasibleError, InputError
from estimator.parameters import UPLOAD, parse_toml
from page.shared import code, links, parameters
from page.shared import state as states
from page.shared.choices import OWN, PRESETS
from page.shared.state import NUMBERS, State, defaults

SCENARIO = UPLOAD._replace(kilobytes=3 * UPLOAD.kilobytes)  # it may hold two uploads
PAGE_KEYS = ("claim",)  # of a link: read by a page of its own, not by the controls of a chip


def start() -> None:
    """First run of a visit: read the link, value by value; later runs: nothing.

    Controls write to the address what they show. A link by names is therefore rewritten before the first control exists:
    a bound control would drop a value that it does not show.
    """
    session = st.session_state
    for key, value in session.pop("_from_link", {}).items():
        session[key] = value
    if session.get("_started"):
        _address_of_new_sliders()
        return
    session["_started"] = True
    query = {k: st.query_params.get_all(k) for k in st.query_params if k not in PAGE_KEYS}
    link = links.parse(query)
    if link.faults:
        more = f" (and {len(link.faults) - 1} more)" if len(link.faults) > 1 else ""
        session["_link_fault"] = f"Part of the link could not be used, defaults stand in: {link.faults[0]}{more}."
    if not query:
        return
    for key in query:
        if key in states.LINKED and key not in link.values:
            del st.query_params[key]
    _take(link.values)
    values = {k: v for k, v in link.values.items() if k in states.LINKED}
    for key, value in values.items():
        st.query_params[key] = links.live_text(key, value) or query[key]
    st.query_params.pop("shown", None)  # of the link as it was made, not of what the visitor makes of it
    if changed := links.moved(states.with_values(defaults(), {**values, **_carried(link.values)}), link.shown):
        session["_link_fault"] = " ".join(filter(None, (session.get("_link_fault"), changed)))
    session["_from_link"] = values | {k: v for k, v in link.view.items() if k != "tab"}
    st.rerun()


SHOWN_WITH = {
    "dies": ("plan", ("dies",)),
    "power": ("policy", ("limit", "power")),
    "clock": ("policy", ("clock",)),
    "defects": ("own_defects", (True,)),
}
"""Slider -> the control which decides whether it is there, and with which choices."""


def _address_of_new_sliders() -> None:
    """A slider that appears with a value set by code would leave it out of the address: it is written before it exists."""
    session, usual = st.session_state, defaults()
    for key, (control, values) in SHOWN_WITH.items():
        value = session.get(key, getattr(usual, key))
        if session.get(control) in values and value != getattr(usual, key) and key not in st.query_params:
            try:
                st.query_params[key] = str(value)
            except StreamlitAPIException:  # the slider is there already and writes its own
                continue


def _take(values: Mapping[str, Any]) -> None:
    """Uploads and edits of a link or a scenario become this visit's."""
    for key in links.UPLOADS:
        st.session_state[f"_{key}"] = values.get(key, "")
    st.session_state["_edits"] = dict(values.get("edits", ()))


def _carried(values: Mapping[str, Any]) -> dict[str, Any]:
    """Uploads and edits among the values of a link."""
    return {k: v for k, v in values.items() if k in links.UPLOADS or k == "edits"}


def view() -> dict[str, str]:
    """What a friend should see first: the last tab before *Share*, and the choices made in tabs."""
    session = st.session_state
    if session.get("tab", "Share") != "Share":
        session["_last_tab"] = session["tab"]
    return {"tab": session.get("_last_tab", ""), **{k: session.get(k, "") for k in ("headline", "field")}}


def show_in_address(state: State) -> None:
    """Keep in the address what no bound control keeps there: edits, uploads, choices made in tabs."""
    wanted = links.extra_query(state) | {k: [v] for k, v in view().items() if v in links.VIEW[k][1:] and k != "tab"}
    for key in ("edit", *links.UPLOADS, "headline", "field"):
        if key not in wanted:
            if key in st.query_params:
                del st.query_params[key]
        elif st.query_params.get_all(key) != wanted[key]:
            st.query_params[key] = wanted[key]


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
    base = (st.context.url or "").split("?")[0].rstrip("/") + "/"
    shown = "" if clone is None else f"&shown={links.shown_text(clone)}"
    return f"{base}?{links.as_text(state, view())}{shown}"

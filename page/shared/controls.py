"""Controls: the row that names the chip and the process, and the sidebar with all that can be chosen."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException

from estimator.errors import InfeasibleError, InputError
from estimator.parameters import library
from estimator.parameters.toml import UPLOAD, parse_toml
from estimator.quantities import describe
from page.shared import bounds, code, links, parameters
from page.shared import state as states
from page.shared.state import NUMBERS, OWN, State, choices, defaults, label
from page.shared.ui import safe

_BOUND: dict[str, Any] = {"bind": "query-params"}
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


def _follow_design() -> None:
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


def _select(key: str, title: str, *, extra: tuple[str, ...] = (), **more: Any) -> None:
    options = (*extra, *choices(key))
    st.selectbox(
        title,
        options,
        index=options.index(getattr(defaults(), key)),
        format_func=lambda n: label(key, n),
        key=key,
        **_BOUND,
        **more,
    )


def _slider(key: str, title: str, **more: Any) -> None:
    low, high, step = NUMBERS[key]
    value = getattr(defaults(), key)
    kind = type(value)
    st.slider(title, kind(low), kind(high), value, kind(step), key=key, **_BOUND, **more)


def chip_row() -> None:
    """Which chip, on which process, compared with what."""
    own_design = (OWN,) if st.session_state.get("_design_toml") else ()
    own_node = (OWN,) if st.session_state.get("_node_toml") else ()
    left, middle, right = st.columns([1, 1, 1])
    with left:
        _select(
            "design",
            "Take this chip",
            extra=own_design,
            on_change=_follow_design,
            help="A GPU at its home process. Its published area, clock and power anchor the model.",
        )
    with middle:
        _select(
            "node",
            "and build it on",
            extra=own_node,
            help="Target process; a bare number such as 12nm is a documented default.",
        )
    with right:
        _select(
            "against",
            "compared with",
            help="The original as it is sold, or the same design built anew on another process.",
        )


def _help(name: str, default: str, note: str = "") -> str:
    f = describe(name)
    unit = f" in {f.unit}" if f.unit not in ("", "1") else ""
    parameter = library.constants().get(name)
    source = ""
    if parameter is not None:
        source = f" Source: {', '.join(parameter.source)} ({parameter.kind}): {parameter.note}."
    return f"{f.long_name.capitalize()}{unit}. Default: {default}. {note}{source}"


def sidebar() -> None:
    """All other choices, grouped."""
    d = defaults()
    with st.sidebar:
        st.selectbox(
            "Examples",
            list(states.PRESETS),
            index=None,
            key="_preset",
            placeholder="Choose an example …",
            on_change=_preset_chosen,
            format_func=str,
        )
        st.subheader("Plan", divider="gray")
        _select(
            "plan", "What to build", help="The clone keeps the architecture; the plan says how many units and dies."
        )
        if st.session_state.get("plan") == "dies":
            _slider("dies", "Dies per GPU", help=_help("dies", "as few as fit the reticle field"))
        _select("cooling", "Cooling", help="How the heat is taken away. Default: what the design is sold with.")
        st.subheader("Clock and power", divider="gray")
        st.radio(
            "How it runs",
            choices("policy"),
            index=0,
            format_func=lambda n: label("policy", n),
            key="policy",
            **_BOUND,
            help="As fast as timing and cooling allow; under a ceiling on module power; at exactly this module power; or "
            "at exactly this clock.",
        )
        policy = st.session_state.get("policy", d.policy)
        if policy in ("limit", "power"):
            _slider(
                "power",
                "Module power [W]",
                format="%d W",
                help=_help("power_w", "the original's", "Memory and board losses are part of it."),
            )
        if policy == "clock":
            _slider("clock", "Clock [GHz]", format="%.2f GHz", help=_help("clock_ghz", "the original's"))
        st.subheader("Factory", divider="gray")
        _slider(
            "maturity",
            "Process maturity [quarters]",
            format="%d quarters",
            disabled=bool(st.session_state.get("own_defects")),
            help=_help("maturity_quarters", f"{d.maturity} quarters"),
        )
        st.toggle(
            "Set the defect density myself",
            key="own_defects",
            **_BOUND,
            help="Otherwise it follows from the process and its maturity.",
        )
        if st.session_state.get("own_defects"):
            _slider(
                "defects",
                "Defect density [1/cm²]",
                format="%.2f per cm²",
                help=_help("defect_density_per_cm2", "from the process and its maturity"),
            )
        st.select_slider(
            "Units made",
            states.VOLUMES,
            value=d.volume,
            format_func=lambda v: f"{v:,}",
            key="volume",
            **_BOUND,
            help=_help("volume", f"{d.volume:,}", "Design and masks are spread over them."),
        )
        with st.expander("Your own chip or process", expanded=bool(st.session_state.get("_upload_fault"))):
            st.file_uploader(
                "TOML file: chip, process or scenario",
                type="toml",
                key="_upload",
                on_change=_uploaded,
                max_upload_size=1,
                help="A design needs node, die_area_mm2, clock_ghz and power_w; a node may name a base; a scenario "
                "from *Share* brings back everything it was saved with.",
            )
            if fault := st.session_state.get("_upload_fault"):
                st.error(safe(fault), icon=":material/error:")
        st.button("Reset all", on_click=_reset, icon=":material/restart_alt:", width="stretch")


def _preset_chosen() -> None:
    name = st.session_state.get("_preset")
    if name in states.PRESETS:
        apply(states.PRESETS[name][1])
        if "power" not in states.PRESETS[name][1] and "clock" not in states.PRESETS[name][1]:
            _follow_design()


def _uploaded() -> None:
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
        _follow_design()


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


def _reset() -> None:
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


def address(state: State) -> str:
    """The link that reproduces a state, with the view."""
    base = (st.context.url or "").split("?")[0].rstrip("/") + "/"
    return f"{base}?{links.as_text(state, view())}"


def link_in_print() -> None:
    """What a printed page was made of: its link, which is seen on paper only."""
    try:
        link = address(current())
    except ValueError:
        return
    st.html(f'<p class="print-only">{html.escape(link)}</p>')


def _seek_plan(state: State) -> None:
    """The best plan takes a search, within the bounds of one visitor; the page's panels then find it in a cache."""
    try:
        with bounds.granted("best", hash(state)):
            states.call_of(state)
    except bounds.RefusedError as error:
        st.warning(safe(error), icon=":material/hourglass_top:")
        st.stop()
    except ValueError:
        pass  # the page itself says why it cannot be


def page_start() -> State:
    """Controls of a page about one chip: the row, the sidebar, and what is to be said about the link and edits."""
    chip_row()
    sidebar()
    if fault := st.session_state.pop("_link_fault", None):
        st.warning(safe(fault), icon=":material/link_off:")
    if fault := st.session_state.pop("_edit_fault", None):
        st.error(safe(fault), icon=":material/error:")
    state = current()
    try:
        edited = states.edits_in_use(state)
    except ValueError as error:
        st.error(safe(error), icon=":material/error:")
        st.stop()
    show_in_address(state)
    if state.plan == "best":
        _seek_plan(state)
    if edited:
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.warning(safe(f"Edited values in use: {parameters.told(state, edited)}."), icon=":material/edit:")
        right.button("Drop the edits", on_click=_drop_edits, key="_drop_edits", width="stretch")
    return state


def _drop_edits() -> None:
    st.session_state.pop("_edits", None)

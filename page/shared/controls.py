"""Controls: the row that names the chip and the process, and the sidebar with all that can be chosen."""

from __future__ import annotations

import html
from typing import Any

import streamlit as st

from estimator.parameters import constants
from estimator.quantities import describe
from page.shared import bounds, links, parameters, visit
from page.shared import state as states
from page.shared.choices import OWN, PRESETS, VOLUMES, choices, label
from page.shared.headlines import question, short
from page.shared.state import NUMBERS, State, defaults
from page.shared.ui import safe

_KEPT: dict[str, Any] = {"persist_state": "session"}
"""A control keeps its value while another page is open."""


def _select(key: str, title: str, *, extra: tuple[str, ...] = (), **more: Any) -> None:
    options = (*extra, *choices(key))
    st.selectbox(
        title,
        options,
        index=options.index(getattr(defaults(), key)),
        format_func=lambda n: label(key, n),
        key=key,
        **_KEPT,
        **more,
    )


def _slider(key: str, title: str, **more: Any) -> None:
    low, high, step = NUMBERS[key]
    value = getattr(defaults(), key)
    kind = type(value)
    st.slider(title, kind(low), kind(high), value, kind(step), key=key, **_KEPT, **more)


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
            on_change=visit.follow_design,
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
    parameter = constants().get(name)
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
            list(PRESETS),
            index=None,
            key="_preset",
            placeholder="Choose an example …",
            on_change=visit.preset_chosen,
            format_func=str,
        )
        st.subheader("Plan", divider="gray")
        _select(
            "plan", "What to build", help="The clone keeps the architecture; the plan says how many units and dies."
        )
        if st.session_state.get("plan") == "dies":
            _slider("dies", "Dies per GPU", help=_help("dies", "as few as fit the reticle field"))
        _select("cooling", "Cooling", help="How the heat is taken away. Default: what the design is sold with.")
        _select(
            "workload",
            "At work on",
            help="What it computes: power follows from how much of the chip each kind of work switches. Default: the work for "
            "which the power is published.",
        )
        st.subheader("Clock and power", divider="gray")
        st.radio(
            "How it runs",
            choices("policy"),
            index=0,
            format_func=lambda n: label("policy", n),
            key="policy",
            **_KEPT,
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
            "Process maturity [quarters; -1: by the calendar]",
            format="%d quarters",
            disabled=bool(st.session_state.get("own_defects")),
            help=_help("maturity_quarters", "by the calendar: from its first year to the date of the data"),
        )
        st.toggle(
            "Set the defect density myself",
            key="own_defects",
            **_KEPT,
            help="Otherwise it follows from the process and its maturity.",
        )
        if st.session_state.get("own_defects"):
            _slider(
                "defects",
                "Defect density [1/cm²]",
                format="%.2f per cm²",
                help=_help("defect_density_per_cm2", "from the process and its maturity"),
            )
        _slider(
            "sold",
            "Share of dies that sell, if you know it [%; 0: computed]",
            format="%d %%",
            help=_help("sellable_fraction", "computed from area, defects and what can be switched off"),
        )
        st.select_slider(
            "Units made",
            VOLUMES,
            value=d.volume,
            format_func=lambda v: f"{v:,}",
            key="volume",
            **_KEPT,
            help=_help("volume", f"{d.volume:,}", "Design and masks are spread over them."),
        )
        _slider(
            "date",
            "Made in [year]",
            format="%.1f",
            help="Processes age, packages grow and prices move with the date. Default: the date of the data.",
        )
        with st.expander("Your own chip or process", expanded=bool(st.session_state.get("_upload_fault"))):
            st.file_uploader(
                "TOML file: chip, process or scenario",
                type="toml",
                key="_upload",
                on_change=visit.uploaded,
                max_upload_size=1,
                help="A design needs node, die_area_mm2, clock_ghz and power_w; a node may name a base; a scenario "
                "from *Share* brings back everything it was saved with.",
            )
            if fault := st.session_state.get("_upload_fault"):
                st.error(safe(fault), icon=":material/error:")
        st.button("Reset all", on_click=visit.reset, icon=":material/restart_alt:", width="stretch")


def _assumed() -> str:
    """What differs from the usual, in words for a printed page."""
    state = visit.current()
    changed = {k: v for k, v in links.plain_query(state).items() if k not in ("v", "design", "node")}
    return ", ".join(f"{k} {v}" for k, v in changed.items()) or "all as usual"


def link_in_print() -> None:
    """What a printed page was made of: its link, which is seen on paper only."""
    try:
        link = visit.address(visit.current())
    except ValueError:
        return
    told = f"Assumed: {_assumed()}. Every number has its source on the page Method of the link. {link}"
    st.html(f'<p class="print-only">{html.escape(told)}</p>')


def _named(kind: str, name: str) -> str:
    """Label of the chosen chip or process, without its short name."""
    try:
        thing = states.design_of(visit.current()) if kind == "design" else states.node_of(visit.current())
    except ValueError:
        return label(kind, name)
    return thing.label or thing.name


def _credit(state: State) -> str:
    """Chip, process, date and address, for pictures that are saved."""
    chip, process = (short(_named(kind, getattr(state, kind))) for kind in ("design", "node"))
    site = (st.context.url or "").split("//")[-1].split("/")[0]
    return f"{chip} on {process}, made in {state.date:g} · {site}".rstrip(" ·")


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


def page_start(*, asked: bool = False) -> State:
    """Controls of a page about one chip: the question, the row, the sidebar, and what is to be said about the link and edits."""
    if asked:
        now = visit.current()
        st.title(safe(question(_named("design", now.design), _named("node", now.node))), anchor=False)
    chip_row()
    sidebar()
    if fault := st.session_state.pop("_link_fault", None):
        st.warning(safe(fault), icon=":material/link_off:")
    if fault := st.session_state.pop("_edit_fault", None):
        st.error(safe(fault), icon=":material/error:")
    state = visit.current()
    try:
        edited = states.edits_in_use(state)
    except ValueError as error:
        st.error(safe(error), icon=":material/error:")
        st.stop()
    if state.plan == "best":
        _seek_plan(state)
    st.session_state["_credit"] = _credit(state)
    if edited:
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.warning(safe(f"Edited values in use: {parameters.told(state, edited)}."), icon=":material/edit:")
        right.button("Drop the edits", on_click=visit.drop_edits, key="_drop_edits", width="stretch")
    return state

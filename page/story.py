"""Start page: why they cannot just build it bigger, in six steps with one picture, which ends in the tool."""

from __future__ import annotations

import streamlit as st

from estimator import EstimatorError, figures
from page.shared import panels, results, visit
from page.shared import state as states
from page.shared.choices import STORY_NODES, label
from page.shared.headlines import question, short
from page.shared.story import STEPS, Told
from page.shared.ui import chart, is_dark, safe

PLAY_S = 1.6
OLDER_WINS = "Where the older node wins"
dark = is_dark()


def nodes() -> list[str]:
    """Processes of the control, new to old, with the one that is chosen."""
    names = list(STORY_NODES)
    chosen = visit.current().node
    if chosen not in names:
        when = states.node_of(visit.current()).generation_nm or 0
        at = next((k for k, n in enumerate(names) if (results.generation_nm(n)) > when), len(names))
        names.insert(at, chosen)
    return names


def chosen() -> None:
    """The control of the story sets the process of the whole visit."""
    st.session_state["node"] = st.session_state["_story_node"]


def play() -> None:
    """Start from the newest process, or stop."""
    session = st.session_state
    session["_playing"] = not session.get("_playing")
    if session["_playing"]:
        session["node"] = nodes()[0]


def advance() -> None:
    """While it plays: the next older process."""
    session, names = st.session_state, nodes()
    at = names.index(visit.current().node)
    if at + 1 < len(names):
        session["node"] = names[at + 1]
    else:
        session["_playing"] = False
        st.rerun()


@st.fragment(run_every=PLAY_S if st.session_state.get("_playing") else None)
def story() -> None:
    """Control, picture and steps, which change together."""
    session = st.session_state
    if session.get("_playing") and session.get("_ticked"):
        advance()
    session["_ticked"] = session.get("_playing", False)
    state = visit.current()
    visit.show_in_address()
    session["_story_node"] = state.node
    try:
        scene = results.scene(state)
    except EstimatorError as error:
        st.error(safe(error), icon=":material/error:")
        return
    picture, text = st.columns([1.75, 1], gap="medium")
    with picture, st.container(key="stage"):
        control()
        if scene is None:
            st.info(
                "Neither a package nor a cooling of any kind carries the chip on this process.", icon=":material/block:"
            )
            return
        basis = panels.cost_basis()
        figure = figures.story_picture(scene.est, scene.wafers, basis=basis, possible=scene.wall is None, dark=dark)
        chart(figure, "story")
    with text:
        steps(Told(scene, basis))


def control() -> None:
    """The process, and a button that goes through all of them."""
    left, right = st.columns([3, 0.9], vertical_alignment="bottom")
    left.select_slider(
        "Build it on (drag from new to old)",
        nodes(),
        format_func=lambda n: short(label("node", n)).split(" · ")[-1],
        key="_story_node",
        on_change=chosen,
    )
    playing = st.session_state.get("_playing")
    icon = ":material/pause:" if playing else ":material/play_arrow:"
    right.button("Stop" if playing else "Play", on_click=play, icon=icon, key="_play", width="stretch")


def steps(told: Told) -> None:
    """The answer and the six steps, each with a way to the control that it rests on."""
    st.markdown(f"##### {safe(told.answer())}")
    if told.scene.wall:
        st.markdown(f":orange-badge[:material/block: {safe(told.wall())}]")
    for number, step in enumerate(STEPS, 1):
        sure = step.sure(told)
        with st.container(border=True, gap="xsmall"):
            st.markdown(
                f"**{number}. {safe(step.title(told))}**  \n{step.words(told)}"
                + (f" :small[80 %: {sure}.]" if sure else "")
            )
            if st.button(f"Change {step.opens.label}", key=f"_step_{number}", type="tertiary", icon=":material/tune:"):
                visit.set_values(dict(step.opens.values))
                st.switch_page("page/clone.py")


state_ = visit.current()
design = states.design_of(state_)
st.title("Why can't they just build it bigger?", anchor=False)
st.markdown(
    f"Take the {safe(short(design.label or design.name))}, and build the same design on an older process: larger, slower, hotter "
    "for the same work. How much of each is computed here, with its uncertainty."
)
story()
with st.container(border=True):
    st.markdown(
        "**And where does an older process win?** Where few are made. Design and masks of the newest process cost more than all "
        "the silicon of a small run, and an old process costs a tenth of them."
    )
    if st.button("Show me one where it wins", icon=":material/thumb_up:"):
        st.session_state["_preset"] = OLDER_WINS
        visit.preset_chosen()
        st.session_state["basis"] = "all-in"
        st.switch_page("page/clone.py")
left_, middle_, right_ = st.columns(3)
left_.page_link(
    "page/clone.py",
    label=f"Try it: {question(design.label or design.name, states.node_of(state_).label)}",
    icon=":material/tune:",
)
middle_.page_link("page/supply.py", label="How many could they really make?", icon=":material/factory:")
right_.page_link("page/compare.py", label="Compare with other chips", icon=":material/compare:")

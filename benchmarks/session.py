"""One visitor's session with the page over Streamlit's own websocket protocol: sends widget values, reads what is shown."""

from __future__ import annotations

import re
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

WIDGET_ID = re.compile(r"\$\$ID-[0-9a-f]+-(.+)")
VALUE_FIELDS = {
    "slider": "double_array_value",
    "select_slider": "string_array_value",
    "selectbox": "string_value",
    "radio": "string_value",
    "checkbox": "bool_value",
    "button": "trigger_value",
    "tab_container": "string_value",
    "button_group": "string_array_value",
    "number_input": "double_value",
    "text_input": "string_value",
    "multiselect": "string_array_value",
}
"""Kind of a widget -> field of its value in `WidgetState`."""


@dataclass
class Widget:
    """A widget as the page showed it last."""

    id: str
    kind: str
    proto: Any
    fragment_id: str = ""


@dataclass
class Shown:
    """What one run of the page showed."""

    elements: dict[tuple[int, ...], Element] = field(default_factory=dict)
    widgets: dict[str, Widget] = field(default_factory=dict)
    received_bytes: int = 0

    def of_kind(self, kind: str) -> list[Any]:
        """Elements of a kind, from top to bottom."""
        found = sorted(p for p, e in self.elements.items() if e.WhichOneof("type") == kind)
        return [getattr(self.elements[p], kind) for p in found]


class Session:
    """A connection as a browser's tab has one: cookie and origin, widget values, address, one run at a time."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.id = ""
        self.query: dict[str, str] = {}
        self.values: dict[str, Any] = {}
        self.shown = Shown()
        self._page = ""
        self._socket: Any = None

    async def connect(self, cookie: str) -> None:
        """Open the websocket; with an id of before, the same session goes on."""
        token = cookie.partition("=")[2] or "none"
        self._socket = await websockets.connect(
            self.address.replace("http", "ws", 1) + "/_stcore/stream",
            subprotocols=[websockets.Subprotocol(p) for p in ("streamlit", token, self.id) if p],
            origin=websockets.Origin(self.address),
            additional_headers={"Cookie": cookie} if cookie else {},
            max_size=None,
            compression=None,
            open_timeout=60,
        )

    async def leave(self) -> None:
        """Close the tab."""
        await self._socket.close()

    def drop(self) -> None:
        """Lose the connection without a word."""
        self._socket.transport.abort()

    async def run(self, page: str = "", **changes: Any) -> Shown:
        """Set widgets by key (a first call sets none, and may name a page), let the page run, read all until it has finished."""
        await self.send(page, **changes)
        return await self.finished()

    async def send(self, page: str = "", **changes: Any) -> None:
        """Ask for a run with changed widgets; one in a fragment runs that fragment alone."""
        widgets = self.shown.widgets
        pressed = {key for key in changes if widgets[key].kind == "button"}
        self.values |= {key: value for key, value in changes.items() if key not in pressed}
        for key, value in changes.items():
            if parameter := getattr(widgets[key].proto, "query_param_key", ""):
                self.query[parameter] = value if isinstance(value, str) else f"{value:g}"
        message = BackMsg()
        request = message.rerun_script
        request.query_string, request.page_script_hash = urlencode(self.query), self._page
        request.page_name = page
        request.context_info.color_scheme = "light"
        request.context_info.url = self.address
        fragments = {widgets[key].fragment_id for key in changes}
        request.fragment_id = fragments.pop() if len(fragments) == 1 else ""
        for key, value in {**self.values, **dict.fromkeys(pressed, True)}.items():
            if key in widgets:
                request.widget_states.widgets.append(widget_state(widgets[key], value))
        await self._socket.send(message.SerializeToString())

    async def finished(self) -> Shown:
        """Read until the page's script has finished."""
        now = Shown()
        received = 0
        async for data in self._socket:
            received += len(data)
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.id = message.new_session.initialize.session_id
                self._page = message.new_session.page_script_hash
                now = Shown()
            elif kind == "page_info_changed":
                self.query = dict(parse_qsl(message.page_info_changed.query_string))
            elif kind == "navigation":
                self._page = message.navigation.page_script_hash
            elif kind == "delta":
                self._read(message, now)
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                if message.script_finished == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY:
                    now = Shown(self.shown.elements | now.elements, self.shown.widgets | now.widgets)
                elif message.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                    raise RuntimeError("the page's script does not compile")
                now.received_bytes = received
                self.shown = now
                self.values = {k: v for k, v in self.values.items() if k in now.widgets}
                return now
        raise ConnectionError("the server closed the connection")

    def _read(self, message: Any, now: Shown) -> None:
        delta = message.delta
        kind = delta.WhichOneof("type")
        if kind == "new_element":
            now.elements[tuple(message.metadata.delta_path)] = delta.new_element
            name = delta.new_element.WhichOneof("type")
            proto = getattr(delta.new_element, name)
        elif kind == "add_block":
            name = delta.add_block.WhichOneof("type")
            proto = getattr(delta.add_block, name, None)
        else:
            return
        match = WIDGET_ID.fullmatch(getattr(proto, "id", ""))
        if name == "slider" and proto.type == proto.SELECT_SLIDER:
            name = "select_slider"
        if match is None or name not in VALUE_FIELDS:
            return
        key = match[1]
        now.widgets[key] = Widget(proto.id, name, proto, delta.fragment_id)
        if getattr(proto, "set_value", False):  # the page moved it
            self.values[key] = _set_by_page(name, proto)


def _set_by_page(kind: str, proto: Any) -> Any:
    """Value that the page gave to a widget, as the browser would send it back."""
    if kind == "slider":
        return list(proto.value) if len(proto.value) > 1 else proto.value[0]
    if kind in ("select_slider", "button_group", "multiselect"):
        values = getattr(proto, "raw_value", None) or getattr(proto, "raw_values", ())
        return list(values)
    return proto.raw_value if hasattr(proto, "raw_value") else proto.value


def widget_state(widget: Widget, value: Any) -> WidgetState:
    """A widget's value as the browser would send it."""
    state = WidgetState(id=widget.id)
    name = VALUE_FIELDS[widget.kind]
    if name.endswith("array_value"):
        getattr(state, name).data.extend(value if isinstance(value, list) else [value])
    else:
        setattr(state, name, value)
    return state


def cookie_of(address: str) -> str:
    """The cookie that a first request gets."""
    with urllib.request.urlopen(address + "/_stcore/health", timeout=5) as answer:
        return str(answer.headers.get("Set-Cookie", "")).split(";")[0]

"""Links: the page's state as query parameters and back; anything may stand in a link, so it is read as data and checked."""

from __future__ import annotations

import base64
import binascii
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, urlencode

from estimator import claims, figures
from estimator.errors import InfeasibleError, InputError, did_you_mean
from estimator.model import HEADLINE_FIELD
from estimator.parameters import aliases
from estimator.quantities import describe, number
from estimator.uses import COST_BASES
from page.shared import parameters
from page.shared import state as states
from page.shared.choices import OWN, VOLUMES, choices, label
from page.shared.state import LINKED, NUMBERS, State, defaults

VERSION = "1"
TABS = ("Overview", "Slow", "Hot", "Cost", "Why", "How sure", "Share")
VIEW: dict[str, tuple[str, ...]] = {
    "tab": TABS,
    "headline": ("time", *(h for h in HEADLINE_FIELD if h != "time")),
    "field": tuple(figures.LADDER_FIELDS),
    "basis": tuple(COST_BASES),
    "nodes_field": tuple(figures.LADDER_FIELDS),
    "nodes_kind": ("ratios", "values"),
    "claim": ("", *claims.names()),
}
"""What a link may say about the view, next to the state: key -> its values, the usual one first."""
UPLOADS = {"design_toml": "design", "node_toml": "node"}
MAX_UPLOAD_BYTES = 20_000
MAX_PACKED = 6000
MAX_EDITS = 60
SHOWN = ("die_area_mm2", "clock_ghz", "power_w", "unit_cost_usd")
"""Numbers of the clone that a link says it was made with, under the key ``shown``."""
LEAST_MOVE = 0.005  # of a number, from which a link says that it moved: less is rounding
MAX_PINS = 4


class Link(NamedTuple):
    """What a link says: values of the state, of the view, and a clause per part that could not be used."""

    values: dict[str, Any]
    view: dict[str, str]
    faults: list[str]
    pins: list[str]
    shown: str = ""  # numbers that it was made with, as `shown_text` writes them


def pack(text: str) -> str:
    """An uploaded text as it stands in a link: compressed, in letters that need no escape; empty where it is too long."""
    raw = text.encode()
    packed = base64.urlsafe_b64encode(zlib.compress(raw, 9)).rstrip(b"=").decode()
    return packed if len(raw) <= MAX_UPLOAD_BYTES and len(packed) <= MAX_PACKED else ""


def unpack(packed: str) -> str:
    """Text of `pack`; raises `InputError` where it does not unpack to a short text."""
    if len(packed) > MAX_PACKED:
        raise InputError(f"it is longer than {MAX_PACKED} characters")
    stream = zlib.decompressobj()
    try:
        data = base64.b64decode(packed.encode("ascii") + b"=" * (-len(packed) % 4), b"-_", validate=True)
        raw = stream.decompress(data, MAX_UPLOAD_BYTES)
        if stream.unconsumed_tail:
            raise InputError(f"it unpacks to more than {MAX_UPLOAD_BYTES // 1000} kB")
        if not stream.eof or stream.unused_data:
            raise InputError("it is incomplete")
        return raw.decode()
    except (zlib.error, binascii.Error, UnicodeError):
        raise InputError("it is damaged") from None


def _number(key: str, text: str) -> Any:
    low, high, step = NUMBERS[key]
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{key} = {text[:40]!r} is not a number") from None
    if not math.isfinite(value) or not low <= value <= high:
        raise InputError(f"{key} = {text[:40]} is out of range: it must be from {low:g} to {high:g}")
    if isinstance(getattr(State, key), int):
        if value != int(value):
            raise InputError(f"{key} = {text[:40]} must be a whole number")
        return int(value)
    return round(round(value / step) * step, 6)


def _choice(key: str, text: str, own: tuple[str, ...]) -> Any:
    if key == "volume":
        digits = text.replace(",", "")[:12]
        if digits.isascii() and digits.isdigit() and int(digits) in VOLUMES:
            return int(digits)
        raise InputError(f"volume = {text[:40]!r} must be one of {VOLUMES[0]:,} to {VOLUMES[-1]:,} in steps of 1, 2, 5")
    options = (*own, *choices(key))
    if text in options:
        return text
    for name in options:  # the live address carries what the control shows
        if label(key, name) == text:
            return name
    if key in ("node", "against") and text.lower() in aliases() and aliases()[text.lower()] in options:
        return aliases()[text.lower()]
    raise InputError(f"{key} = {text[:40]!r} does not exist{did_you_mean(text[:40], options)}")


def _one(key: str, text: str, uploaded: Mapping[str, Any]) -> Any:
    """One value of the state, checked."""
    if key not in LINKED:
        raise InputError(f"{key[:40]!r} is unknown{did_you_mean(key[:40], LINKED)}")
    if key == "own_defects":
        if text.lower() not in ("true", "false", "1", "0"):
            raise InputError(f"own_defects = {text[:40]!r} must be true or false")
        return text.lower() in ("true", "1")
    if key in NUMBERS:
        return _number(key, text)
    return _choice(key, text, (OWN,) if f"{key}_toml" in uploaded else ())


def _upload(key: str, packed: str) -> str:
    """An upload in a link, checked as every upload is."""
    try:
        text = unpack(packed)
        kind, _ = states.check_upload(text)
        if kind != UPLOADS[key]:
            raise InputError(f"it is a {kind}")
    except ValueError as error:
        raise InputError(f"{key}: {error}") from None
    return text


def _edits(values: Mapping[str, Any], texts: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """Edited parameters in a link, checked as every edit is, for the state that the link gives."""
    if len(texts) > MAX_EDITS:
        raise InputError(f"{len(texts)} edits are more than {MAX_EDITS}")
    found: dict[str, float] = {}
    for text in texts:
        key, sign, number = text.rpartition("=")
        try:
            found[key] = float(number)
        except ValueError:
            sign = ""
        if not sign:
            raise InputError(f"edit = {text[:60]!r} must be parameter=number")
    state = states.with_values(defaults(), values)
    try:
        changed = parameters.with_edits(state, found)
        states.estimate_of(changed)
    except InfeasibleError:
        pass  # physics says no: the page shows that answer
    except ValueError as error:
        raise InputError(f"edit: {error}") from None
    return changed.edits


def parse(query: Mapping[str, str | Sequence[str]], uploads: Mapping[str, str] | None = None) -> Link:
    """Read a link, value by value: where one cannot be used, its default stands and a clause says so.

    ``uploads`` are texts that are there already and checked (``design_toml``, ``node_toml``).
    """
    texts = {k: [v] if isinstance(v, str) else list(v) for k, v in query.items()}
    link = Link(dict(uploads or {}), {}, [], [], texts.pop("shown", [""])[-1])
    version = texts.pop("v", [VERSION])[-1]
    if version != VERSION:
        link.faults.append(f"the link has version {version[:12]!r}, this page reads version {VERSION}")
        return link
    edits = texts.pop("edit", [])
    _pins(link, texts.pop("pin", []))
    for key in sorted(texts, key=lambda k: k not in UPLOADS):  # uploads first: choices may name them
        text = texts[key][-1]
        try:
            if key in VIEW:
                if text not in VIEW[key]:
                    raise InputError(f"{key} = {text[:40]!r} does not exist{did_you_mean(text[:40], VIEW[key])}")
                link.view[key] = text
            else:
                link.values[key] = _upload(key, text) if key in UPLOADS else _one(key, text, link.values)
        except InputError as error:
            link.faults.append(str(error))
    if edits:
        try:
            link.values["edits"] = _edits(link.values, edits)
        except InputError as error:
            link.faults.append(str(error))
    return link


def _pins(link: Link, texts: Sequence[str]) -> None:
    """Pinned scenarios, each a link by itself without uploads."""
    if len(texts) > MAX_PINS:
        link.faults.append(f"{len(texts)} pinned scenarios are more than {MAX_PINS}")
        return
    for text in texts:
        found = parse({k: v for k, v in parse_qs(text[:MAX_PACKED]).items() if k not in (*UPLOADS, "pin")})
        if found.faults:
            link.faults.append(f"a pinned scenario: {found.faults[0]}")
        else:
            link.pins.append(text)


def plain_query(state: State) -> dict[str, str]:
    """What differs from the defaults, by name, without uploads and edits."""
    start, now = asdict(defaults()), asdict(state)
    out = {"v": VERSION}
    for key in LINKED:
        value = now[key]
        if value != start[key]:
            out[key] = (
                str(value).lower()
                if isinstance(value, bool)
                else f"{value:g}"
                if isinstance(value, float)
                else str(value)
            )
    return out


def packed_uploads(state: State) -> dict[str, str]:
    """Uploads which the result rests on, packed; empty text where one is too long for a link."""
    return {key: pack(getattr(state, key)) for key, kind in UPLOADS.items() if getattr(state, kind) == OWN}


def extra_query(state: State) -> dict[str, list[str]]:
    """Uploads (but not those too long for a link) and edits which the result rests on."""
    out = {key: [text] for key, text in packed_uploads(state).items() if text}
    if edits := states.edits_in_use(state):
        out["edit"] = [f"{k}={v!r}" for k, v in edits.items()]
    return out


def query(state: State, view: Mapping[str, str] | None = None, pins: Sequence[str] = ()) -> dict[str, list[str]]:
    """Query parameters that reproduce a state, a view and what is pinned: a version, and what differs from the defaults."""
    too_long = [UPLOADS[key] for key, text in packed_uploads(state).items() if not text]
    plain = {k: [v] for k, v in plain_query(state).items() if k not in too_long}
    seen = {k: [v] for k, v in (view or {}).items() if k in VIEW and v in VIEW[k][1:]}
    return plain | seen | extra_query(state) | ({"pin": list(pins)} if pins else {})


def shown_text(clone: Mapping[str, Any]) -> str:
    """Numbers of a clone as they stand in a link."""
    return ",".join(f"{float(clone[name]):.5g}" for name in SHOWN)


def moved(state: State, shown: str) -> str:
    """A sentence with the numbers that a link was made with and that are others today; empty where none moved."""
    if not shown:
        return ""
    try:
        now = shown_text(states.estimate_of(state).clone)
        pairs = [(float(a), float(b)) for a, b in zip(shown.split(","), now.split(","), strict=True)]
    except ValueError:  # it says no numbers that can be read, or there are none today
        return ""
    told = [
        f"{describe(name).long_name} {number(was, describe(name).unit)}, now {number(today, describe(name).unit)}"
        for name, (was, today) in zip(SHOWN, pairs, strict=False)
        if math.isfinite(was) and abs(today / was - 1.0 if was else 1.0) > LEAST_MOVE
    ]
    return f"This link was made with other data: {'; '.join(told)}. The changelog says why." if told else ""


def as_text(state: State, view: Mapping[str, str] | None = None) -> str:
    """The query part of a link, readable where it can be."""
    return urlencode(query(state, view), doseq=True, quote_via=quote, safe=":=,")


def stays_here(state: State) -> str:
    """One sentence on what a link cannot carry, or nothing."""
    kinds = [UPLOADS[k] for k, text in packed_uploads(state).items() if not text]
    what = " and ".join(f"your own {kind}" for kind in kinds)
    return f"The file of {what} is too long for a link and stays with this visit: send it along." if kinds else ""

"""What the visitors of the load test do, drawn at random by a seed, and what each of them must then see."""

from __future__ import annotations

import base64
import json
import random
import re
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np

from estimator import estimate, sweep
from estimator.errors import InfeasibleError
from estimator.parameters import library
from estimator.quantities import describe
from page.shared import bounds, links
from page.shared import state as states
from page.shared.choices import VOLUMES, design_names, label, node_names
from page.shared.headlines import tiles, times
from page.shared.panels import infeasible_text
from page.shared.ui import title

TILES = (" silicon", " time per work", " power, same work", " cost, same work")
PAUSE_S = (3.0, 6.0)  # between what a visitor sees and the next change
VISIT_S = (45.0, 150.0)  # until a visitor leaves and comes back as a new one
SWEEPS = 0.1  # of all visits go to the page of sweeps
WITHIN_TABS = {"Overview": "field"}
"""Tab -> the control in it that runs only its own part of the page."""
FIELDS = ("power_w", "unit_cost_usd", "tensor_tflops", "clock_ghz")
WEIGHTS = {"maturity": 30, "number": 35, "node": 12, "design": 6, "tab": 10, "within": 3, "volume": 4}
ENDINGS = {"closed": 6, "gone in a run": 1, "line broke": 1}
"""How a visit ends, by weight; after the line broke, the same session goes on."""
SWEEP_NODES = ("tsmc-12ffn", "tsmc-n7", "tsmc-n5")
SWEEP_OUTPUT = "tensor_tflops"
Seen = tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """What a visitor has chosen on the start page."""

    design: str = "h100-sxm"
    node: str = "tsmc-12ffn"
    policy: str = "fast"
    power: int = 700
    clock: float = 1.4
    maturity: int = states.defaults().maturity  # by the calendar
    volume: int = 500_000

    def link(self) -> dict[str, str]:
        """The address that opens the page like this."""
        return links.plain_query(states.with_values(states.defaults(), self.__dict__))

    def options(self) -> dict[str, Any]:
        """The same as options of `estimator.estimate`."""
        held = {"limit": {"power_limit_w": float(self.power)}, "clock": {"clock_ghz": self.clock}}.get(self.policy, {})
        age = {"maturity_quarters": float(self.maturity)} if self.maturity >= 0 else {}
        return {**age, "volume": float(self.volume), **held}


@dataclass(frozen=True)
class Step:
    """One change after a pause: the control, its value, and what the visitor must see then."""

    pause_s: float
    key: str
    value: Any
    seen: Seen


@dataclass
class Visit:
    """From the arrival by a link to the leaving."""

    page: str
    query: dict[str, str]
    seen: Seen
    steps: list[Step] = field(default_factory=list)
    ending: str = "closed"


@cache
def expected(choice: Choice) -> Seen:
    """Ratios of a choice with both values as the tiles write them, or the one sentence that says why it is impossible."""
    try:
        est = estimate(choice.design, choice.node, **choice.options())
    except InfeasibleError as error:
        return (infeasible_text(error),)
    shown = tiles(est, "recurring")
    return (*(times(t.ratio) for t in shown), *(f"{t.clone}, not {t.original}" for t in shown))


@cache
def expected_sweep(low: float, high: float, points: int) -> Seen:
    """Lines of a sweep over the power limit as digests of their values, or the one sentence that refuses it."""
    try:
        bounds.check_size("points", points * len(SWEEP_NODES))
    except bounds.RefusedError as error:
        return (str(error),)
    ds = sweep("h100-sxm", list(SWEEP_NODES), outputs=[SWEEP_OUTPUT], power_limit_w=np.linspace(low, high, points))
    return tuple(_digest(values) for values in ds[SWEEP_OUTPUT].transpose("node", "power_limit_w").values)


def seen_on(page: str, shown: Any) -> Seen:
    """What the visitor must check on a page, or its sentences."""
    if page == "sweep":
        found = [
            _digest(_array(line["y"])) for c in shown.of_kind("plotly_chart") for line in json.loads(c.spec)["data"]
        ]
    else:
        found = [m.body for m in shown.of_kind("metric") if m.label.endswith(TILES)]
        captions = (_plain(m.body) for m in shown.of_kind("markdown") if m.element_type == m.CAPTION)
        found += [c for c in captions if ", not " in c] if found else []
    return tuple(found) or tuple(_plain(a.body) for a in shown.of_kind("alert"))


def _digest(values: Any) -> str:
    values = np.asarray(values, float)
    return f"{values.size} values, mean {np.nanmean(values):.9g}, weighted {np.nansum(values * np.arange(values.size)):.9g}"


def _array(values: Any) -> Any:
    """Values of a figure: a list, or bytes with their type."""
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
    return [np.nan if v is None else v for v in values]


def _plain(text: str) -> str:
    """Markdown without its escapes."""
    return re.sub(r"\\(.)", r"\1", text)


def _changed(rng: random.Random, choice: Choice, tab: str) -> tuple[str, Any, Choice]:
    """One change: the control's key, its value as the browser sends it, and the choice after it."""
    names = [n for n in WEIGHTS if n != "within" or tab in WITHIN_TABS]
    name = rng.choices(names, [WEIGHTS[n] for n in names])[0]
    design = library.load_design(choice.design)
    if name == "number" and choice.policy == "limit":
        power = min(max(round(float(design.power_w) * rng.uniform(0.5, 2.0) / 10) * 10, 50), 6000)
        return "power", float(power), replace(choice, power=power)
    if name == "number" and choice.policy == "clock":
        clock = round(float(design.clock_ghz) * rng.uniform(0.3, 1.1), 2)
        return "clock", clock, replace(choice, clock=clock)
    if name == "node":
        node = rng.choice([n for n in node_names() if n != choice.node])
        return "node", label("node", node), replace(choice, node=node)
    if name == "design":
        new = library.load_design(rng.choice([n for n in design_names() if n != choice.design]))
        power, clock = round(float(new.power_w) / 10) * 10, round(float(new.clock_ghz), 2)
        return "design", label("design", new.name), replace(choice, design=new.name, power=power, clock=clock)
    if name == "volume":
        volume = rng.choice(VOLUMES)
        return "volume", f"{volume:,}", replace(choice, volume=volume)
    if name == "tab":
        return "tab", rng.choice([t for t in links.TABS if t != tab]), choice
    if name == "within":
        field_ = f"{title(describe(rng.choice(FIELDS)).long_name)}, over all nodes"
        return WITHIN_TABS[tab], field_, choice
    maturity = rng.randint(0, 40)
    return "maturity", float(maturity), replace(choice, maturity=maturity)


def _step(rng: random.Random, choice: Choice, tab: str) -> tuple[Step, Choice]:
    """A change that alters something; three of four impossible ones are drawn again."""
    while True:
        key, value, new = _changed(rng, choice, tab)
        outside = key in ("tab", *WITHIN_TABS.values())  # not a choice, and there only with a result
        if (len(expected(choice)) == 1) if outside else (new == choice):
            continue
        if len(expected(new)) > 1 or rng.random() < 0.25:
            return Step(rng.uniform(*PAUSE_S), key, value, expected(new)), new


def _start_page(rng: random.Random, seconds: float) -> Visit:
    choice = Choice()
    if rng.random() < 0.75:
        node = rng.choice(("tsmc-12ffn", "tsmc-n7", "tsmc-n5", "tsmc-28hpm"))
        choice = Choice(node=node, policy=rng.choice(("fast", "limit", "clock")))
    visit = Visit("clone", choice.link() if choice != Choice() else {}, expected(choice))
    tab = "Overview"
    while seconds > 0:
        step, choice = _step(rng, choice, tab)
        seconds -= step.pause_s
        visit.steps.append(step)
        tab = step.value if step.key == "tab" else tab
    return visit


def _sweep_page(rng: random.Random, seconds: float) -> Visit:
    low, high, points = 200.0, 1400.0, 41
    visit = Visit("sweep", {}, expected_sweep(low, high, points))
    while seconds > 0:
        key, value = "_sweep_range_1_power_limit_w", [float(rng.randint(100, 500)), float(rng.randint(600, 2000))]
        if rng.random() < 0.3:
            key, value = "_sweep_points", float(rng.choice((21, 101, 1001, 5001, 20_001)))
        low, high, points = (low, high, int(value)) if key == "_sweep_points" else (*value, points)
        step = Step(rng.uniform(*PAUSE_S), key, value, expected_sweep(low, high, points))
        seconds -= step.pause_s
        visit.steps.append(step)
    return visit


def journey(seed: int, seconds: float) -> list[Visit]:
    """All visits of one visitor over a time."""
    rng = random.Random(seed)
    visits, left = [], seconds
    while left > 0:
        length = min(rng.uniform(*VISIT_S), max(seconds / 2, PAUSE_S[0]))
        visits.append((_sweep_page if rng.random() < SWEEPS else _start_page)(rng, length))
        visits[-1].ending = rng.choices(list(ENDINGS), list(ENDINGS.values()))[0]
        left -= length
    return visits

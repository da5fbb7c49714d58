"""What the claims measure: one function for each, from the same chain as every estimate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from estimator import library
from estimator.causes import time_causes
from estimator.errors import InfeasibleError
from estimator.estimation import Results, estimate
from estimator.explain import number
from estimator.schema import Parameter

if TYPE_CHECKING:
    from estimator.claims import Claim, Number

Array = NDArray[np.float64]
Values = dict[str, Any]
Side = Mapping[str, Any]


class Setting(NamedTuple):
    """How a claim is to be measured: its options and numbers (either may be arrays), and how many samples."""

    claim: Claim
    options: dict[str, Any]
    numbers: dict[str, Any]
    ranges: dict[str, Number]
    samples: int


class Measured(NamedTuple):
    """Measured quantities, their samples, and lines of evidence."""

    values: Values
    samples: dict[str, Array]
    evidence: list[tuple[str, str]]


Check = Callable[[Setting], Measured]
CHECKS: dict[str, Check] = {}


def check(name: str) -> Callable[[Check], Check]:
    """Enter a function into the table of checks."""

    def enter(function: Check) -> Check:
        CHECKS[name] = function
        return function

    return enter


class View:
    """Draws of an estimate, in the shape that whatever takes an estimate reads: arrays over the draws."""

    def __init__(self, est: Any, clone: Values, reference: Values) -> None:
        self.design, self.node, self.options, self.reference_node = est.design, est.node, est.options, est.reference_node
        self.clone, self.reference = Results(clone), Results(reference)
        self._causes_of = (reference, clone, est._causes_of[2])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or "clone" not in self.__dict__:
            raise AttributeError(name)
        return getattr(self.__dict__["clone"], name)


def _view(est: Any) -> View:
    return View(est, *_sides(est))


def _sides(est: Any) -> tuple[Values, Values]:
    """All chain results of clone and reference; NaN where the clone is impossible."""
    reference, clone, _ = est._causes_of
    possible = np.asarray(clone["feasible"])
    masked = {k: np.where(possible, v, np.nan) if _is_float(v) else v for k, v in clone.items()}
    return masked, reference


def _is_float(value: Any) -> bool:
    return isinstance(value, (float, np.ndarray)) and np.asarray(value).dtype.kind == "f"


def _draws(est: Any, count: int) -> tuple[Values, Values, Array]:
    """Chain results of both sides over draws of all assumptions, and one more score for each of eight own numbers."""
    from estimator import sampling, uncertainty

    problem = uncertainty.build(est)
    root = np.linalg.cholesky(sampling.correlation(problem.assumptions, problem.nodes))
    z = np.concatenate(list(sampling.score_blocks(len(root) + 8, count, 0, count)), axis=1)
    scores = root @ z[: len(root)]
    clone, reference, consistent = uncertainty.run(problem, {a: scores[i] for a, i in problem.assumptions.items()})
    kept = np.broadcast_to(consistent & clone["feasible"], z.shape[1:])

    def keep(q: Values) -> Values:
        return {k: np.broadcast_to(v, kept.shape)[kept] if np.ndim(v) <= 1 else v for k, v in q.items()}

    return keep(clone), keep(reference), z[len(root) :, kept]


def _own_draws(s: Setting, scores: Array) -> Values:
    """Numbers of the claim drawn from their ranges , as those of the model are."""
    from estimator.sampling import quantile

    out = dict(s.numbers)
    for (name, p), z in zip(s.ranges.items(), scores, strict=False):
        c = float(s.numbers[name])
        low, high = (v if v is not None else c for v in (p.low, p.high))
        out[name] = quantile(Parameter(c, low=low, high=high), z)
    return out


def _compare(
    s: Setting, quantities: Callable[[Any, Values], Values], evidence: Callable[[Any], list[tuple[str, str]]],
    *, node: str = "", **options: Any,
) -> Measured:  # fmt: skip
    """Quantities of one clone against its reference, with their samples."""
    est = estimate(s.claim.design, node or s.claim.node, **{**s.options, **options})
    values = quantities(_view(est), s.numbers)
    if not s.samples:
        return Measured(values, {}, [])
    clone, reference, scores = _draws(est, s.samples)
    drawn_values = quantities(View(est, clone, reference), _own_draws(s, scores))
    drawn = {k: np.broadcast_to(np.asarray(v, float), scores.shape[1:]) for k, v in drawn_values.items()}
    return Measured(values, drawn, [*evidence(est), *(("note", note) for note in est.notes)])


def _lines(est: Any, *fields: str) -> list[tuple[str, str]]:
    """Lines "clone, not original" of some outputs."""
    from estimator.fields import describe

    out = []
    for f in fields:
        unit = describe(f).unit
        out.append((describe(f).long_name, f"{number(est.clone[f], unit)}, not {number(est.reference[f], unit)}"))
    return out


def _work(clone: Side, reference: Side) -> Any:
    """Work per time of the clone over the original's."""
    return reference["seconds_per_eflop"] / clone["seconds_per_eflop"]


@check("bigger-die")
def bigger_die(s: Setting) -> Measured:
    """Performance of a die grown by a factor on the older node, against the newer one."""
    design = library.load_design(s.claim.design)
    built, enabled = float(design.units or 0), float(design.units_enabled or 0)
    factor = np.asarray(s.numbers["units_factor"], float)
    units = np.rint(built * factor)
    options: dict[str, Any] = {"units": units, "units_enabled": np.minimum(np.rint(enabled * factor), units)}
    if not np.ndim(factor):
        options = {k: float(v) for k, v in options.items()}
    reference_node = s.claim.other_nodes[0]
    est = estimate(s.claim.design, s.claim.node, reference_node=reference_node, **options)
    newer = estimate(s.claim.design, reference_node)
    scale = float(newer.seconds_per_eflop)

    def quantities(clone: Side) -> Values:
        return {"work": scale / clone["seconds_per_eflop"], "area": clone["die_area_mm2"] / float(newer.die_area_mm2),
                "power": clone["power_w"] / float(newer.power_w)}  # fmt: skip

    clone, _ = _sides(est)
    values = quantities(clone)
    if not s.samples:
        return Measured(values, {}, [])
    same = estimate(s.claim.design, s.claim.node, reference_node=reference_node)  # the ratio of rates per unit is kept
    c, r, _ = _draws(same, s.samples)
    grown = values["work"] * float(same.seconds_per_eflop) / scale
    drawn = {"work": _work(c, r) * grown}
    words = [
        ("silicon", f"{number(est.clone['die_area_mm2'], 'mm2')} in {est.dies:.0f} dies, not {number(newer.die_area_mm2, 'mm2')}"),
        ("clock", f"{number(est.clock_ghz, 'GHz')}, not {number(newer.clock_ghz, 'GHz')}"),
        ("power", f"{number(est.power_w, 'W')}, not {number(newer.power_w, 'W')}"),
        ("work per watt against the newer node", number(float(values["work"]) / float(values["power"]))),
    ]
    return Measured(values, drawn, words)


@check("fewer-tensor-units")
def fewer_tensor_units(s: Setting) -> Measured:
    """Time per work and cost of a clone that keeps a share of its tensor units."""

    def quantities(e: Any, n: Values) -> Values:
        clone, reference = e.clone, e.reference
        return {
            "time": clone["seconds_per_eflop"] / reference["seconds_per_eflop"],
            "cost": clone["unit_cost_usd"] / reference["unit_cost_usd"],
            "cost_per_work": clone["unit_cost_usd"] * clone["seconds_per_eflop"]
            / (reference["unit_cost_usd"] * reference["seconds_per_eflop"]),
        }  # fmt: skip

    def evidence(est: Any) -> list[tuple[str, str]]:
        from estimator.training import train

        own, clone = train(est, "deepseek-v3", original=True), train(est, "deepseek-v3")
        equal = train(est, "deepseek-v3", days=own.days)
        return [
            *_lines(est, "die_area_mm2", "tensor_tflops", "unit_cost_usd", "memory_cost_usd", "silicon_cost_usd"),
            *((f"DeepSeek-V3 on {r.gpus:,.0f} {who}", f"{r.days:.0f} days, {r.energy_mwh:,.0f} MWh, {r.cost_usd / 1e6:,.1f} M USD")
              for who, r in (("originals", own), ("clones", clone), ("clones, equal time", equal))),
        ]  # fmt: skip

    return _compare(s, quantities, evidence)


@check("slow-hot-expensive")
def slow_hot_expensive(s: Setting) -> Measured:
    """Time per work, power, cost and lost dies of the clone that keeps every unit."""

    def quantities(e: Any, _: Values) -> Values:
        clone, reference = e.clone, e.reference
        return {
            "slower": clone["seconds_per_eflop"] / reference["seconds_per_eflop"],
            "hotter": clone["power_w"] / reference["power_w"],
            "dearer": clone["unit_cost_usd"] / reference["unit_cost_usd"],
            "sellable": np.asarray(clone["sellable_fraction"]) + 0.0 * clone["clock_ghz"],
        }

    def evidence(est: Any) -> list[tuple[str, str]]:
        return [("the clone works", f"yes, {est.dies:.0f} dies at {number(est.clock_ghz, 'GHz')}"),
                *_lines(est, "power_w", "heat_flux_w_mm2", "junction_c", "unit_cost_usd", "yield_fraction",
                        "sellable_fraction")]  # fmt: skip

    return _compare(s, quantities, evidence)


def _variance_shares(values: Array) -> Array:
    """First-order shares of the variance over a full grid, one for each axis."""
    total = float(np.var(values))
    others = [tuple(j for j in range(values.ndim) if j != i) for i in range(values.ndim)]
    return np.asarray([float(np.var(values.mean(axis=o))) / total if total > 0 else np.nan for o in others])


def _yields(design: str, area: Array, axes: Mapping[str, Any]) -> tuple[Array, Array]:
    """Yield of a die of this design's kind without and with disabled units, over areas, densities and clustering."""
    from estimator import yields
    from estimator.case import complete_design

    loaded = library.load_design(design)
    d = complete_design(loaded, library.load_node(loaded.node))
    harvest = {k: float(d[k]) for k in ("units", "units_enabled", "unit_area_fraction", "memory_channels",
                                        "memory_channels_enabled", "memory_area_fraction")}  # fmt: skip
    plain = yields.yield_fraction(die_area_mm2=area, **axes)
    return plain, yields.sellable_fraction(die_area_mm2=area, **axes, **harvest)


@check("area-yield")
def area_yield(s: Setting) -> Measured:
    """Share of the spread of yield that die area causes, against defect density, clustering and salvage."""
    claim = s.claim
    node = library.load_node(claim.node)
    areas = [float(k.area_mm2) for d in library.names("design") for k in library.load_design(d).die_kinds
             if k.role == "compute"]  # fmt: skip
    points = 9
    area = np.quantile(areas, (np.arange(points) + 0.5) / points)
    low = float(node.defect_density_mature_per_cm2.low)
    alpha_p = node.clustering_alpha
    alpha = np.geomspace(alpha_p.low, alpha_p.high, 5)
    home = float(library.load_design(claim.design).die_kinds[0].area_mm2)
    shares = []
    for worst in np.ravel(np.asarray(s.numbers["worst_defect_density"], float)):
        density = np.geomspace(low, max(float(worst), low * 1.0001), points)
        axes = {"defect_density_per_cm2": density[None, :, None], "clustering_alpha": alpha[None, None, :]}
        yields_, sellable = _yields(claim.design, area[:, None, None], axes)
        shape = (points, points, len(alpha))
        both = np.stack([np.broadcast_to(v, shape) for v in (yields_, sellable)], axis=-1)
        shares.append(_variance_shares(both))
    table = np.asarray(shares)
    values = {"area_share": table[:, 0], "lead": table[:, 0] / table[:, 1:].max(axis=1)}
    if not np.ndim(s.numbers["worst_defect_density"]):
        values = {k: v[0] for k, v in values.items()}
    if not s.samples:
        return Measured(values, {}, [])
    names = ("die area", "defect density", "clustering", "salvage (disabled units)")
    words = [(f"share of the spread of yield: {n}", f"{100 * v:.0f} %") for n, v in zip(names, table[0], strict=True)]
    words.append(("die areas", f"{area[0]:.0f} to {area[-1]:.0f} mm2, as shipped ({len(areas)} designs)"))
    words.append(("reference die", f"{home:.0f} mm2"))
    drawn: dict[str, Array] = {}
    return Measured(values, drawn, words)


@check("power-is-cooling")
def power_is_cooling(s: Setting) -> Measured:
    """Share of GPUs, at home and as clones, whose clock cooling binds when the process runs at its highest supply."""
    factor = np.asarray(s.numbers["resistance_factor"], float)
    bound: dict[str, list[Any]] = {"at home": [], "as clones": []}
    growth: list[Any] = []
    for name in (s.claim.design, *s.claim.other_designs):
        design = library.load_design(name)
        cooling = library.load_cooling(design.cooling or "air")
        for where, node in (("at home", library.load_node(design.node)), ("as clones", library.load_node(s.claim.node))):
            options: dict[str, Any] = {
                "supply_v": float(node.supply_max_v),
                "cooling.resistance_area_k_mm2_w": factor * float(cooling.resistance_area_k_mm2_w),
                "cooling.resistance_sink_k_w": factor * float(cooling.resistance_sink_k_w),
            }  # fmt: skip
            try:
                q = estimate(design, node, **{**s.options, **{k: np.atleast_1d(v) for k, v in options.items()}})
            except InfeasibleError:
                bound[where].append(np.ones(factor.shape or (1,)))
                continue
            hot = np.isin(np.broadcast_to(q.limited_by, factor.shape or (1,)), ("temperature", "runaway"))
            bound[where].append(hot.astype(float))
            if where == "at home":
                growth.append(np.ravel(q.power_w)[0] / float(design.power_w))
    home, clones = (np.mean(bound[w], axis=0) for w in bound)
    values = {"home": home, "clones": clones}
    if not factor.ndim:
        values = {k: v[0] for k, v in values.items()}
    if not s.samples:
        return Measured(values, {}, [])
    count = len(bound["at home"])
    words = [
        ("GPUs that cooling binds, on their own process", f"{round(float(home[0]) * count)} of {count}"),
        (f"clones on {library.load_node(s.claim.node).label} that cooling binds", f"{round(float(clones[0]) * count)} of {count}"),
        ("power at that point over published power, median", number(np.median(growth))),
    ]
    return Measured(values, {}, words)


@check("wire-delay")
def wire_delay(s: Setting) -> Measured:
    """Share of the slowdown that longer wires cause, and the change of cache latency."""

    def quantities(e: Any, _: Values) -> Values:
        clone, reference = e.clone, e.reference
        causes = time_causes(dict(reference), dict(clone))
        logs = {k: np.log(v) for k, v in causes.items()}
        wires = logs["longer wires in a unit"]
        size = np.sum([np.abs(v) for v in np.broadcast_arrays(*logs.values())], axis=0)
        return {"wire_share": np.abs(wires) / np.maximum(size, 1e-12),
                "latency": clone["l2_latency_cycles"] / reference["l2_latency_cycles"],
                "wire_factor": np.exp(wires)}  # fmt: skip

    def evidence(est: Any) -> list[tuple[str, str]]:
        factors = sorted(est.causes["time"].items(), key=lambda kv: -abs(np.log(kv[1])))
        return [*((f"time per work: {k}", f"x {v:.3f}") for k, v in factors if abs(v - 1) > 5e-4),
                *_lines(est, "wire_share_fraction", "die_crossing_cycles", "l2_latency_cycles")]  # fmt: skip

    return _compare(s, quantities, evidence)


@check("port-distance")
def port_distance(s: Setting) -> Measured:
    """Design and mask cost of a copy, a port and a new design, and their share of a programme's cost."""
    near, far = s.claim.other_nodes
    home = library.load_design(s.claim.design).node
    volume = s.options.get("volume", float(library.constants()["volume"]))
    kinds = {"copy": (home, "copy"), "port": (near, "port"), "new": (far, "new")}
    nre = {k: estimate(s.claim.design, n, port=p, **s.options).nre_usd_per_unit * volume / 1e6 for k, (n, p) in kinds.items()}

    def quantities(e: Any, _: Values) -> Values:
        clone = e.clone
        return {"port_over_copy": nre["port"] / nre["copy"], "new_over_port": nre["new"] / nre["port"],
                "share": clone["nre_usd_per_unit"] / clone["full_cost_usd"]}  # fmt: skip

    def evidence(est: Any) -> list[tuple[str, str]]:
        label = {n: library.load_node(n).label for n in (home, near, far)}
        return [
            (f"copy on {label[home]}, design and masks", f"{nre['copy']:.0f} M USD"),
            (f"port to {label[near]}", f"{nre['port']:.0f} M USD"),
            (f"new design on {label[far]}", f"{nre['new']:.0f} M USD"),
            (f"new design on {est.node.label}", f"{est.nre_usd_per_unit * float(volume) / 1e6:.0f} M USD"),
            ("design and masks per GPU", number(est.nre_usd_per_unit, "USD")),
            ("recurring cost per GPU", number(est.unit_cost_usd, "USD")),
        ]

    return _compare(s, quantities, evidence)


@check("scale")
def scale(s: Setting) -> Measured:
    """GPUs' worth of work per year that a share of the node's capacity makes, against what is wanted."""
    from estimator.supply import supply

    def quantities(e: Any, n: Values) -> Values:
        one = supply(e, gpus=1.0, fab_share_fraction=1.0)
        made = 12.0 * np.asarray(n["wafers_per_month"]) * n["fab_share"] / one.wafers
        rate = _work(e.clone, e.reference)
        return {"rate": rate, "met": made * rate / n["wanted_per_year"], "made": made}

    def evidence(est: Any) -> list[tuple[str, str]]:
        q, n = quantities(_view(est), s.numbers), s.numbers
        lead = supply(est, gpus=float(n["wanted_per_year"]), fab_share_fraction=float(n["fab_share"]))
        return [
            ("clones made per year", f"{float(q['made']):,.0f}"),
            ("originals they are worth", f"{float(q['made'] * q['rate']):,.0f}"),
            ("wanted per year", f"{float(n['wanted_per_year']):,.0f} originals' worth"),
            ("wafers a month for that", f"{float(n['wafers_per_month'] * n['fab_share'] / q['met']):,.0f}"),
            ("first GPU after", f"{lead.lead_months:.1f} months"),
            *_lines(est, "dies", "tensor_tflops", "power_w", "sellable_fraction"),
        ]

    return _compare(s, quantities, evidence)


@check("training-run")
def training_run(s: Setting) -> Measured:
    """Time of published training runs on as many clones, and on as many chips of another maker."""
    from estimator.training import train

    shared = {k: v for k, v in s.options.items() if k == "workload_intensity_flop_byte"}
    other = library.load_design(s.claim.other_designs[0])
    there = estimate(other, other.node, **shared)
    runs = ("deepseek-v3", "minimax-m1")

    def quantities(e: Any, n: Values) -> Values:
        out = {}
        for run in runs:
            own = train(e, run, original=True)
            out[f"clone_{run}"] = train(e, run).days / own.days / np.asarray(n["efficiency"])
            out[f"other_{run}"] = train(there, run, original=True).days / own.days / np.asarray(n["efficiency"])
        return {"clone": out["clone_deepseek-v3"], "clone_minimax": out["clone_minimax-m1"],
                "other": out["other_deepseek-v3"], "other_minimax": out["other_minimax-m1"]}  # fmt: skip

    def evidence(est: Any) -> list[tuple[str, str]]:
        out = []
        for run, word in zip(runs, ("DeepSeek-V3", "MiniMax-M1"), strict=True):
            own, clone, chip = train(est, run, original=True), train(est, run), train(there, run, original=True)
            equal = train(est, run, days=own.days)
            for who, r in ((est.design.label, own), ("clones", clone), ("clones, equal time", equal), (other.label, chip)):
                out.append((f"{word} on {r.gpus:,.0f} {who}",
                            f"{r.days:.0f} days, {r.energy_mwh:,.0f} MWh, {r.cost_usd / 1e6:,.1f} M USD"))  # fmt: skip
        return out

    return _compare(s, quantities, evidence)


@check("export-part")
def export_part(s: Setting) -> Measured:
    """Work and bandwidth of a clone of the full part, against the cut-down parts sold in its place."""
    from estimator.export_rules import export_class

    parts = [library.load_design(d) for d in s.claim.other_designs]
    shared = {k: v for k, v in s.options.items() if k == "workload_intensity_flop_byte"}
    cut, near = (estimate(p, p.node, **shared) for p in parts)

    def quantities(e: Any, _: Values) -> Values:
        clone = e.clone
        bandwidth = np.asarray(clone["memory_bw_gb_s"]) + 0.0 * clone["clock_ghz"]
        return {
            "against_cut": np.asarray(cut.seconds_per_eflop) / clone["seconds_per_eflop"],
            "against_near": np.asarray(near.seconds_per_eflop) / clone["seconds_per_eflop"],
            "decode": bandwidth / float(cut.memory_bw_gb_s),
        }  # fmt: skip

    def evidence(est: Any) -> list[tuple[str, str]]:
        out = []
        for label, e in (("clone", est), *zip((p.label for p in parts), (cut, near), strict=True)):
            rates = f"{number(e.tensor_tflops, 'TFLOPS')}, {number(e.memory_bw_gb_s, 'GB/s')}, {number(e.power_w, 'W')}"
            out.append((f"{label}: tensor rate, bandwidth, power", rates))
        both = export_class(est)
        sides = [("clone", both.clone), (est.design.label, both.original)]
        sides += [(p.label, export_class(e).original) for p, e in zip(parts, (cut, near), strict=True)]
        for label, side in sides:
            out.append((f"{label}: performance, density, class ({both.rule})",
                        f"{side.tpp:,.0f}, {side.density_per_mm2:.2f} per mm2, {side.label}"))  # fmt: skip
        return out

    return _compare(s, quantities, evidence)


@check("more-memory")
def more_memory(s: Setting) -> Measured:
    """Cost and area of a GPU with more memory behind the same interface."""
    design = library.load_design(s.claim.design)
    base = float(library.load_memory(design.memory or "gddr6").cost_usd_gb)
    extra = float(s.options["memory_gb"]) - float(design.memory_gb or 0.0)

    def quantities(e: Any, n: Values) -> Values:
        clone, reference = e.clone, e.reference
        added = float(s.options["memory_gb"]) * (np.asarray(n["memory_usd_gb"]) - base)
        before = reference["unit_cost_usd"] + float(design.memory_gb or 0.0) * (np.asarray(n["memory_usd_gb"]) - base)
        after = clone["unit_cost_usd"] + added
        return {"capacity": np.asarray(clone["memory_gb"] / reference["memory_gb"]) + 0.0 * clone["clock_ghz"],
                "cost": after / before, "bandwidth": clone["memory_bw_gb_s"] / reference["memory_bw_gb_s"],
                "per_price": (after - before) / n["price_usd"]}  # fmt: skip

    def evidence(est: Any) -> list[tuple[str, str]]:
        return [*_lines(est, "memory_gb", "memory_bw_gb_s", "die_area_mm2", "memory_cost_usd", "unit_cost_usd"),
                ("memory added", f"{extra:.0f} GB at {number(s.numbers['memory_usd_gb'], 'USD/GB')}"),
                ("against the original's price", number(s.numbers["price_usd"], "USD"))]  # fmt: skip

    return _compare(s, quantities, evidence)


def _best_plan(s: Setting) -> Values:
    """Units and supply with the lowest cost of owning per work: a full grid, at the central assumptions."""
    from estimator.ownership import own

    design, node = library.load_design(s.claim.design), library.load_node(s.claim.node)
    built, enabled = float(design.units or 1), float(design.units_enabled or 1)
    units = np.unique(np.rint(built * np.linspace(0.25, 2.5, 19)))[:, None]
    supply = np.linspace(float(node.supply_min_v), float(node.supply_max_v), 17)[None, :]
    options = {k: v for k, v in s.options.items() if not np.ndim(v)}
    est = estimate(design, node, **{**options, "units": units, "units_enabled": np.floor(units * enabled / built),
                                    "supply_v": supply})  # fmt: skip
    cost = np.broadcast_to(np.asarray(own(_view(est)).clone.usd_per_eflop), (units.size, supply.size))  # type: ignore[arg-type]
    i, j = np.unravel_index(int(np.argmin(np.where(np.isfinite(cost), cost, np.inf))), cost.shape)
    chosen = float(units[i, 0])
    return {"units": chosen, "units_enabled": float(np.floor(chosen * enabled / built)), "supply_v": float(supply[0, j])}


@check("break-even")
def break_even(s: Setting) -> Measured:
    """Price of a bought original above which the best clone does the same work for less over its life."""
    from estimator.ownership import own

    plan = _best_plan(s)

    def quantities(e: Any, n: Values) -> Values:
        price = np.asarray(own(e, original_price_usd=n["street_usd"]).break_even_price_usd)
        return {"price": price, "over_street": price / n["street_usd"]}

    def evidence(est: Any) -> list[tuple[str, str]]:
        both = own(est, original_price_usd=float(s.numbers["street_usd"]))
        return [
            ("best plan", f"{plan['units_enabled']:.0f} of {plan['units']:.0f} units at {plan['supply_v']:.2f} V"),
            *_lines(est, "die_area_mm2", "dies", "clock_ghz", "power_w", "tensor_tflops", "unit_cost_usd", "full_cost_usd"),
            ("owning per 1e18 operations", f"{both.clone.usd_per_eflop * 1e6:.3g} USD per million, not "
                                           f"{both.original.usd_per_eflop * 1e6:.3g}"),
            ("break-even price of the original", number(both.break_even_price_usd, "USD")),
            ("street price; smuggled", f"{number(s.numbers['street_usd'], 'USD')}; "
             f"{number(s.numbers['street_usd'] * s.numbers['smuggled_premium'], 'USD')}"),
            ("volume at which it pays back", f"{both.break_even_volume:,.0f} GPUs"),
        ]  # fmt: skip

    return _compare(s, quantities, evidence, **plan)

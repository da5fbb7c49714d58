"""The public call: estimate a design on a node, and the result with its reference, ratios, causes and words."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from estimator.arrays import Array, Flags
from estimator.checks import MOST_SAMPLES, MOST_SEED, check_flag, check_whole
from estimator.errors import InfeasibleError, InputError
from estimator.model import chain
from estimator.model.build import package_numbers, resolve
from estimator.model.causes import HEADLINE_FIELD
from estimator.model.chain import cooler_limit_w
from estimator.model.comparison import Comparison, Results, plain_table
from estimator.model.evaluate import OUTPUTS, Evaluated, at_home, evaluate
from estimator.model.inputs import View, plain
from estimator.model.limits import LIMIT_WORDS
from estimator.model.nearest import nearest_feasible, told
from estimator.model.notes import collect_notes, of_memory, reason_of
from estimator.model.options import CLONE_SCOPES, Options, check_options
from estimator.model.packing import field_needed, largest_field
from estimator.model.validity import of_entries
from estimator.model.words import explain, summary_html, summary_lines
from estimator.parameters import library
from estimator.parameters.overlay import overlay
from estimator.parameters.schema import Design
from estimator.quantities import FIELDS, with_unit

if TYPE_CHECKING:
    from estimator.uncertainty.sensitivity import Influence


class Estimate(Comparison):
    """One design on one node: the clone's outputs as attributes, `reference`, `ratio`, `causes` and words.

    Attributes
    ----------
    design, node : Design, Node
    options : dict
        The options that were set.
    reference, ratio : Results
        The design at home (or on `reference_node`), and clone over reference.
    causes : dict
        Headline (area, power, cost, all-in, time) -> named cause -> factor; the factors multiply to the ratio.
    notes : list of str
        Where the model is outside its range or a value is coarse.
    samples : Samples or None
        Sampled outputs with intervals, when asked for.
    parameters : path, mapping or None
        The parameter set that was laid over the library, as it was given.
    sides : dict of Evaluated
        What ``"clone"`` and ``"reference"`` were computed from: the build, and the result of the chain.
    """

    samples: Any = None
    parameters: Any = None

    @property
    def reason(self) -> Any:
        """Why there is no result: empty text where there is one; of arrays one for each entry."""
        return reason_of(self.sides["clone"])

    def to_dict(self) -> dict[str, Any]:
        """Plain data: ``design, node, options, clone, reference, ratio, same_work, causes, notes`` (arrays as lists)."""
        data = super().to_dict()
        return data if self.samples is None else data | {"interval": plain_table(self.samples.to_dict())}

    def explain(self) -> str:
        """The result and its causes in plain sentences (scalar estimates only)."""
        return explain(self)

    def sensitivity(self, **options: Any) -> list[Influence]:
        """Rank the assumptions by first-order and total Sobol indices, per headline."""
        from estimator.uncertainty.sensitivity import sensitivity

        with _laid_over(self.parameters):
            return sensitivity(self, **options)

    def __repr__(self) -> str:
        return "\n".join(summary_lines(self))

    def _repr_html_(self) -> str:
        return summary_html(self)


def estimate(
    design: Any,
    node: Any,
    *,
    reference_node: Any = None,
    samples: int | None = None,
    seed: int = 0,
    strict: bool = False,
    parameters: Any = None,
    **options: Any,
) -> Estimate:
    """Build a design on another node and estimate area, yield, clock, power, temperature, cost and throughput.

    Parameters
    ----------
    design : str, path or Design
        A GPU by name (``"h100-sxm"``), a TOML file, or an object.
    node : str, path or Node
        The target process by name, alias (``"12nm"``), TOML file, or object.
    reference_node : str, path or Node, optional
        Compare with the same design built there under the same options, instead of with the published point at home.
        Overrides of ``node.`` and ``io_node.`` are the clone's process alone.
    samples : int, optional
        Also sample all parameters and report 80 % intervals (a power of two is best, e.g. 4096).
    seed : int
        Seed of the sampling; the same seed gives the same digits.
    strict : bool
        Raise where the result would carry a note that the model is outside its range.
    parameters : path or mapping, optional
        A parameter set laid over the library for this call, as in `estimator.overlay`. Name design and node by text then.
    **options
        Any of `estimator.model.options.OPTIONS` (``cooling, package, memory, product_class, io_node, cache_node, base_node,
        memory_base_node, cpu_node`` (or ``die_nodes``, a mapping of roles to processes) ``, layout, port, yield_model,
        defect_density_per_cm2, maturity_quarters, clustering_alpha, power_limit_w, power_w, clock_ghz, supply_v,
        junction_max_c, dies, units, units_enabled, memory_stacks, memory_gb, wafer_cost_usd, volume,
        workload_intensity_flop_byte, tensor_fraction``), and any field of a scope by dotted name (``**{"node.supply_v": 0.8}``). A
        numeric option may be an array; all outputs then have the broadcast shape. Of ``clock_ghz``, ``power_w`` and ``supply_v``
        one decides the others: give one of them at most.

    Returns
    -------
    Estimate

    Raises
    ------
    InputError
        For a value that is not usable; the sentence names the field, the value and the allowed range.
    InfeasibleError
        For a scalar call that physics forbids; it names the wall and the nearest feasible value. An array call instead
        returns ``feasible``, ``limited_by`` and NaN. One bad entry of an array does not harm the others: it is NaN, its
        ``limited_by`` is ``invalid``, and ``reason`` says why.

    Examples
    --------
    >>> est = estimate("h100-sxm", "12nm")
    >>> 3.3 < est.ratio.die_area_mm2 < 4.2
    True
    """
    with _laid_over(parameters):
        result = _estimate(design, node, reference_node, samples=samples, seed=seed, strict=strict, options=options)
    result.parameters = parameters
    return result


def _laid_over(parameters: Any) -> AbstractContextManager[Any]:
    """Within it a parameter set lies over the library, if there is one."""
    return nullcontext() if parameters is None else overlay(parameters)


def _estimate(
    design: Any,
    node: Any,
    reference_node: Any,
    *,
    samples: int | None,
    seed: int,
    strict: bool,
    options: dict[str, Any],
) -> Estimate:
    """`estimate` under the parameter set that lies over the library."""
    design_, node_ = library.load_design(design), library.load_node(node)
    options, faults = of_entries(options)
    checked = check_options(options)
    check_flag("strict", strict)
    seed = check_whole("seed", seed, 0, MOST_SEED)
    if samples is not None:
        samples = check_whole("samples", samples, 16, MOST_SAMPLES)
    made = evaluate(design_, node_, checked, faults=faults)
    if reference_node is None:
        against = at_home(design_, checked)
    else:
        rest = {k: v for k, v in checked.items() if not k.startswith(CLONE_SCOPES)}
        against = evaluate(design_, library.load_node(reference_node), rest)
    clone, reference = made.outputs, dict(against.outputs)
    _refuse_infeasible(design_, against, reference, "the reference")
    _refuse_infeasible(design_, made, clone, "")
    notes = collect_notes(made)
    if strict and notes:
        raise InputError(f"strict: {notes[0]}")
    notes = [*library.how_read(design, design_, node), *notes]
    result = Estimate(design_, {"clone": made, "reference": against}, clone, reference, notes)
    if samples is not None:
        from estimator.uncertainty.draws import sample_estimate

        result.samples = sample_estimate(result, samples=samples, seed=seed)
        if outside := result.samples.outside():
            named, share = ", ".join(dict.fromkeys(outside)), result.samples.feasible_share
            result.notes.append(
                f"the answer lies at the edge of what is possible: {share:.0%} of the samples are, most of these to "
                f"one side of it in {named}; the intervals are widened to it"
            )
    return result


def _refuse_infeasible(design: Design, side: Evaluated, values: Mapping[str, Any], who: str) -> None:
    """Raise the answer "impossible" of a scalar point, with the wall and the nearest feasible value."""
    if not isinstance(values.get("feasible"), bool) or values["feasible"]:
        return
    wall, node, options = values["limited_by"], side.build.node, side.build.options
    blamed = ("dies",) if wall == "reticle" else ("units", "memory_stacks", "dies") if wall == "package" else _ASKED
    wanted = next(
        (f"{k} = {with_unit(f'{options[k]:g}', FIELDS[k].unit)}" for k in blamed if k in options), "this plan"
    )
    nearest: dict[str, float] = {}
    hint = ""
    if wall == "reticle":
        free = evaluate(design, node, {k: v for k, v in options.items() if k != "dies"}).result
        need, most = float(free["reticle_fields"]), FIELDS["dies"].high
        nearest = {"dies": need} if need <= most else {}
        hint = f"; it takes at least {need:g} dies" + ("" if nearest else f", more than the {most:g} of a package")
    elif wall == "package":
        nearest, hint = package_plans(design, side)
    elif set(_ASKED) & set(options):
        nearest = _nearest(design, side)
        hint = "".join(
            f"; the nearest feasible {k} is {with_unit(told(v, float(np.asarray(options[k], float))), FIELDS[k].unit)}"
            for k, v in nearest.items()
        )
    if wall == "cooling":
        hint += _stronger_cooler(side)
    name = f"{who} {design.name}" if who else design.name
    raise InfeasibleError(
        f"{name} on {node.name}: {wanted} is not possible: {LIMIT_WORDS[wall].wall} ({wall}){hint}",
        limited_by=wall,
        nearest=nearest,
    )


def _stronger_cooler(side: Evaluated) -> str:
    """What the cooler takes at most, and the next class of coolers that takes more."""
    most = float(cooler_limit_w(side.build.inputs))
    others = [c for c in map(library.load_cooling, library.names("cooling")) if c.module_power_max_w is not None]
    more = sorted((float(c.module_power_max_w or 0.0), c.name) for c in others if (c.module_power_max_w or 0.0) > most)
    said = f"; {side.build.entities.cooling.name} takes {most:,.0f} W at most"
    return f"{said}, cooling={more[0][1]!r} {more[0][0]:,.0f} W" if more else said


def package_plans(design: Design, side: Evaluated) -> tuple[dict[str, float], str]:
    """Plans that a package does carry: fewer units, a larger class of package, several packages; and the sentence about them."""
    geometry, things = side.result.geometry, side.build.entities
    needed, most = float(geometry.interposer_mm2), float(geometry.package_field_mm2)
    package = things.packages[int(geometry.package_index)]
    words = [f"it takes {needed:,.0f} mm2, and {package.label or package.name} ends at {most:,.0f}"]
    built, enabled = (float(side.build.numbers["design"][n]) for n in ("units", "units_enabled"))
    units = np.arange(1.0, float(side.build.inputs.plan.units or built) + 1.0)
    own = {k: v for k, v in side.build.options.items() if k not in ("units", "units_enabled")}
    fits = np.flatnonzero(
        np.broadcast_to(
            chain.geometry(resolve(design, things.node, {**own, "units": units}).inputs).fits_package, units.shape
        )
    )
    nearest: dict[str, float] = {}
    if len(fits):
        left = float(units[fits[-1]])
        nearest = {"units": left, "units_enabled": max(1.0, float(np.floor(left * enabled / built)))}
        words.append(f"the most that fits is {left:g} of {built:g} units, {nearest['units_enabled']:g} of them enabled")
    else:
        words.append("no number of units fits")
    x = side.build.inputs
    larger = [
        (largest_field(x, numbers), other)
        for other in (library.load_package(name) for name in library.names("package"))
        if other.supports_hbm
        for numbers in (View(package_numbers(other), plain),)
        if float(largest_field(x, numbers)) >= float(field_needed(x, numbers, geometry.footprint_mm2))
    ]
    if larger:
        field, other = min(larger, key=lambda found: float(found[0]))
        words.append(f"package={other.name!r} of up to {float(field):,.0f} mm2 would carry it")
    if most > 0:
        words.append(f"else it takes {int(np.ceil(needed / most))} packages")
    words += of_memory(side)
    return nearest, "".join(f"; {w}" for w in words)


_ASKED = ("clock_ghz", "power_w", "power_limit_w")
"""Options of which the nearest possible value is told, the first that has one."""


def _nearest(design: Design, side: Evaluated) -> dict[str, float]:
    """The nearest value of a clock or power asked for at which the plan runs; empty where no value of any does."""
    node, options = side.build.node, side.build.options
    free = evaluate(design, node, {k: v for k, v in options.items() if k not in _ASKED}).result
    for name in (n for n in _ASKED if n in options):
        others = {k: v for k, v in options.items() if k != name}

        def runs(values: Array, name: str = name, others: Options = others) -> Flags:
            return evaluate(design, node, {**others, name: values}).result.operation.feasible

        known = float(free["power_w" if name == "power_limit_w" else name])
        found = nearest_feasible(FIELDS[name], float(np.asarray(options[name], float)), runs, also=(known,))
        if found is not None:
            return {name: found}
    return {}


__all__ = ["HEADLINE_FIELD", "OUTPUTS", "Estimate", "Evaluated", "Results", "estimate"]

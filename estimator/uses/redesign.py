"""Redesign for a job: the clone that trains a published run in given days, or serves a rate, at least cost or energy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from estimator.arrays import Array, Numbers, Values
from estimator.errors import InputError
from estimator.model.build import numbers_of, part_of, pin_rate
from estimator.model.inputs import View
from estimator.model.plan import has_tensor_units
from estimator.parameters import library
from estimator.parameters.schema import Design, MemoryType, Node, Product, check_number
from estimator.parameters.sets import load_set
from estimator.physics.cost import LEAST_YIELD
from estimator.quantities import ARGUMENTS, FIELDS, Field
from estimator.sweeps.optimize import Best, best
from estimator.uses.ownership import ownership_cost, working_hours
from estimator.uses.serving import decode_tokens_s
from estimator.uses.training import calibrate, gpus_for_days, has_fp8, method_efficiency, run_energy_mwh

JOB_OUTPUTS = ("job_gpus", "job_cost_usd", "job_energy_mwh", "job_power_mw", "job_wafers")
OBJECTIVES = {"cost": "job_cost_usd", "energy": "job_energy_mwh", "gpus": "job_gpus"}
"""What a redesign may minimise -> its output."""
HOURS_PER_YEAR = 8766.0
_TOKENS = Field("serve_tokens_s", "tokens/s", "rate of generated tokens", 1.0, 1e12)


@dataclass(frozen=True)
class _Cluster:
    """What GPUs of one design share in a job: what a GPU's place costs, and how long the job lasts."""

    hours: float
    host_power_w: float
    ownership: Numbers = field(repr=False)

    def outputs(self, gpus: Array, values: Values) -> Values:
        """Outputs of the job from the number of GPUs and the outputs of one; NaN where there is no number."""
        power = np.asarray(values["power_w"], float)
        life = ownership_cost.plain(price_usd=values["full_cost_usd"], power_w=power, **self.ownership)
        work = working_hours.plain(life_years=self.ownership["life_years"], utilisation=self.ownership["utilisation"])
        hours, pue = gpus * self.hours, self.ownership["pue"]
        energy = run_energy_mwh.plain(gpu_hours=hours, power_w=power, host_power_w=self.host_power_w, pue=pue)
        return {
            "job_gpus": gpus,
            "job_cost_usd": hours * life / work,
            "job_energy_mwh": energy,
            "job_power_mw": energy / self.hours,
            "job_wafers": gpus / np.maximum(values["gpus_per_wafer"], LEAST_YIELD),
        }


_OF_GPU = ("power_w", "full_cost_usd", "gpus_per_wafer")


@dataclass(frozen=True)
class TrainingJob:
    """A published run in given days on as many GPUs as it takes."""

    cluster: _Cluster
    compute_flop: float
    days: float
    efficiency: float
    scale_out_gpus: float
    scale_out_exponent: float
    needs: tuple[str, ...] = ("work_tflops", "link_rate_share", *_OF_GPU)
    names: tuple[str, ...] = JOB_OUTPUTS

    def outputs(self, values: Values) -> Values:
        """Outputs of the job from those of one GPU."""
        hours = self.compute_flop / (np.asarray(values["work_tflops"], float) * self.efficiency * 3600e12)
        gpus = gpus_for_days.plain(
            days=self.days,
            work_gpu_hours=hours,
            scale_out_gpus=self.scale_out_gpus * np.asarray(values["link_rate_share"], float),
            scale_out_exponent=self.scale_out_exponent,
        )
        return self.cluster.outputs(gpus, values)


@dataclass(frozen=True)
class ServingJob:
    """A rate of generated tokens, over a year, on as many GPUs as it takes and at least those that hold the model."""

    cluster: _Cluster
    tokens_s: float
    model: Numbers = field(repr=False)
    needs: tuple[str, ...] = ("tensor_tflops", "split_efficiency", "memory_bw_gb_s", "memory_gb", *_OF_GPU)
    names: tuple[str, ...] = JOB_OUTPUTS

    def outputs(self, values: Values) -> Values:
        """Outputs of the job from those of one GPU."""
        p, share = self.model, np.asarray(values["split_efficiency"], float)
        cache = p["cache_bytes_per_sequence"] * p["batch"]
        room = p["memory_fill_fraction"] * np.asarray(values["memory_gb"], float) * 1e9 - cache
        holding = np.where(room > 0, np.ceil(p["stored_bytes"] / np.where(room > 0, room, np.nan) - 1e-9), np.nan)
        rate = decode_tokens_s.plain(
            peak_tflops=values["tensor_tflops"] * share,
            memory_bw_gb_s=values["memory_bw_gb_s"] * share,
            weight_bytes=np.minimum(p["weight_bytes"], p["stored_bytes"] / holding),
            active_parameters=p["active_parameters"],
            cache_bytes_per_sequence=p["cache_bytes_per_sequence"],
            batch=p["batch"],
            bandwidth_efficiency=p["decode_bandwidth_efficiency"],
            efficiency=p["prefill_efficiency"],
        )
        return self.cluster.outputs(np.maximum(self.tokens_s / rate, holding), values)


def redesign(
    design: Any,
    node: Any,
    *,
    train: str | None = None,
    days: float | None = None,
    serve_tokens_s: float | None = None,
    objective: str = "cost",
    over: Mapping[str, Any] | None = None,
    subject_to: Mapping[str, Any] | None = None,
    seed: int = 0,
    **options: Any,
) -> Best:
    """The clone, and how many of them, that does a job at least cost or energy: units, memory, dies, supply and process together.

    Parameters
    ----------
    design, node : str, path or object
        As in `estimator.estimate`; a list of nodes leaves the choice among them to the search.
    train, days : str, float
        A published run (`estimator.uses.training.run_names`), and the days it may take.
    serve_tokens_s : float
        Generated tokens a second in all, of the model of params/work/serving.toml.
    objective : {"cost", "energy", "gpus"}
        Cost of owning the GPUs for the job (design and masks over the plan's volume; electricity of hours without work left
        out), energy at the meter, or their number. Serving is counted over a year.
    over : mapping, optional
        What may vary, as in `estimator.best`. By default the compute units (a quarter to twice as many; those that work follow),
        tensor units, memory stacks and type (of those that interfaces on all the nodes have driven), dies, and supply.
    subject_to : mapping, optional
        Bounds, as in `estimator.best`: of one GPU (``power_w``, ``junction_c``) or of the job (``job_gpus``, ``job_power_mw``,
        ``job_wafers``, ``job_cost_usd``, ``job_energy_mwh``).
    seed, **options
        As in `estimator.best`.

    Returns
    -------
    Best
        ``job`` has the outputs of the job; ``shadow_prices()`` says which limit costs most.

    Examples
    --------
    >>> found = redesign("h800-sxm", "7nm", train="deepseek-v3", days=60, over={"supply_v": (0.65, 0.9)})
    >>> 1000 < found.job["job_gpus"] < 6000
    True
    """
    original = library.load_design(design)
    named = list(node) if isinstance(node, (list, tuple)) else [node]
    nodes = [library.load_node(n) for n in named]
    if objective not in OBJECTIVES:
        raise InputError(f"objective = {objective!r} must be one of {', '.join(OBJECTIVES)}")
    options = {"workload": "training" if serve_tokens_s is None else "decode", **options}
    job = _job(original, train, days, serve_tokens_s, options)
    free = dict(_free(original, nodes, options) if over is None else over)
    if len(nodes) > 1:
        free["node"] = named
    return best(
        original,
        None if "node" in free else named[0],
        objective=OBJECTIVES[objective],
        over=free,
        subject_to=subject_to,
        seed=seed,
        job=job,
        **options,
    )


def _job(
    design: Design, train: str | None, days: float | None, serve_tokens_s: float | None, options: Mapping[str, Any]
) -> TrainingJob | ServingJob:
    """The job asked for, of which there must be one."""
    if (train is None) == (serve_tokens_s is None) or (train is None) != (days is None):
        raise InputError("give one job: train and days, or serve_tokens_s")
    product: Product = library.load("product_class", options.get("product_class") or part_of(design, "product_class"))
    m = library.constants()
    own: Numbers = {n: float(m[n]) for n in ("pue", "electricity_usd_kwh", "life_years", "utilisation")}
    own |= {n: v for n, v in load_set("work", "ownership").values().items() if n != "smuggled_premium"}
    own |= {"host_cost_usd": float(product.host_cost_usd), "host_power_w": float(product.host_power_w)}
    if serve_tokens_s is not None:
        rate = check_number("serve_tokens_s", serve_tokens_s, _TOKENS)
        cluster = _Cluster(HOURS_PER_YEAR, float(product.host_power_w), own)
        return ServingJob(cluster, rate, {**load_set("work", "serving").values()})
    allowed = check_number("days", days, ARGUMENTS["days_allowed"])
    run, p = load_set("runs", str(train)), load_set("work", "training").values()
    method = method_efficiency.plain(
        fp8=run.texts["precision"] == "fp8" and has_fp8(design),
        mixture_of_experts=run.texts["mixture_of_experts"],
        fp8_gain=p["fp8_gain"],
        moe_efficiency=p["moe_efficiency"],
    )
    return TrainingJob(
        _Cluster(24.0 * allowed, float(product.host_power_w), own),
        float(run["compute_flop"]),
        allowed,
        calibrate.plain(run) * float(method),
        p["scale_out_gpus"],
        p["scale_out_exponent"],
    )


def _free(design: Design, nodes: Sequence[Node], options: Mapping[str, Any]) -> dict[str, Any]:
    """What a redesign may choose where nothing else is said, apart from what is fixed."""
    d = numbers_of(design)
    units, stacks = float(d["units"]), float(d["memory_stacks"])
    out: dict[str, Any] = {"units": (max(1.0, units // 4), min(2.0 * units, FIELDS["units"].high))}
    if bool(has_tensor_units(View(d), View(d))):
        out["tensor_fraction"] = (0.25, 1.0)
    memory: MemoryType = part_of(design, "memory")  # type: ignore[assignment]
    if stacks > 0:
        out["memory_stacks"] = (max(1.0, stacks // 2), 2.0 * stacks)
        driven = [m.name for m in library.memories() if m.unit_kind == memory.unit_kind and _driven(m, nodes)]
        if driven:
            out["memory"] = driven
    if sum(k.count for k in design.die_kinds) == 1:
        out["dies"] = (1.0, 8.0)
    if not {"clock_ghz", "power_w"} & set(options):
        out["supply_v"] = (min(float(n.supply_min_v) for n in nodes), max(float(n.supply_max_v) for n in nodes))
    return {k: v for k, v in out.items() if k not in options}


def _driven(memory: MemoryType, nodes: Sequence[Node]) -> bool:
    """Whether interfaces on all of the processes drive a memory type at its own rate, as far as is known."""
    stacked = memory.unit_kind == "stack"
    limits = [n.memory_pin_rate_max_gb_s if stacked else n.gddr_pin_rate_max_gb_s for n in nodes]
    return all(limit is None or pin_rate(memory) <= float(limit) for limit in limits)


__all__ = ["OBJECTIVES", "ServingJob", "TrainingJob", "redesign"]

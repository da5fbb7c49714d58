"""Training runs: a published run calibrates an efficiency, which is carried to another chip and another count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from estimator.arrays import Array, Num, unwrap
from estimator.checks import check_choice, check_scalars, check_whole, checked
from estimator.errors import InfeasibleError, InputError, shown
from estimator.parameters import library
from estimator.parameters.sets import ParameterSet, load_set, set_names
from estimator.physics.throughput import roofline_tflops
from estimator.quantities import NORMAL_90
from estimator.uses.ownership import BASES, gpu_hour
from estimator.uses.power import workload_power_w

if TYPE_CHECKING:
    from estimator.estimation import Estimate
    from estimator.parameters.schema import Design


@checked(gpus="cluster_gpus")
def scale_out_efficiency(*, gpus: Num, scale_out_gpus: Num, scale_out_exponent: Num) -> Array:
    """Share of the small-cluster rate that each of `gpus` keeps, 0..1.

    Parameters
    ----------
    gpus : float or array
        GPUs that train one model together, at least 1.
    scale_out_gpus : float or array
        Count at which half is left.
    scale_out_exponent : float or array
        Growth of communication over computation with count, at fixed global batch; 0.4 to 0.7.

    Notes
    -----
    ``1 / (1 + (n / n0)**b)``: communication time over computation time grows as a power of the count (Amdahl's law with
    an overhead that grows). Fitted to 43 and 41 % of peak at 8,192 and 16,384 H100; valid from about 64 to 50,000.

    References
    ----------
    .. [1] Llama Team, "The Llama 3 Herd of Models", arXiv:2407.21783 (2024), table 4.

    Examples
    --------
    >>> float(scale_out_efficiency(gpus=10000, scale_out_gpus=1e6, scale_out_exponent=0.5).round(4))
    0.9091
    """
    return np.asarray(1.0 / (1.0 + (np.asarray(gpus, float) / scale_out_gpus) ** scale_out_exponent))


@checked(fp8="flags", mixture_of_experts="flags")
def method_efficiency(*, fp8: Any, mixture_of_experts: Any, fp8_gain: Num, moe_efficiency: Num) -> Array:
    """Factor on the rate of a dense 16-bit run from 8-bit products (faster) and a mixture of experts (slower).

    Rates are measured against the 16-bit peak, so that an 8-bit run may gain; a chip without 8-bit floating-point
    units gets no gain.

    Examples
    --------
    >>> float(method_efficiency(fp8=True, mixture_of_experts=True, fp8_gain=1.4, moe_efficiency=0.75).round(4))
    1.05
    """
    gain = np.where(np.asarray(fp8, bool), fp8_gain, 1.0)
    return np.asarray(gain * np.where(np.asarray(mixture_of_experts, bool), moe_efficiency, 1.0))


@checked(attainable_tflops="rate_tflops", scale_out="efficiency")
def calibrated_efficiency(
    *, compute_flop: Num, gpu_hours: Num, attainable_tflops: Num, scale_out: Num, method: Num
) -> Array:
    """Share of the attainable 16-bit rate that a reported run reached, downtime included, apart from count and method.

    Examples
    --------
    >>> float(calibrated_efficiency(compute_flop=3.6e24, gpu_hours=1e6, attainable_tflops=1000, scale_out=1, method=2))
    0.5
    """
    rate = np.asarray(compute_flop, float) / (np.asarray(gpu_hours, float) * 3600e12)
    return np.asarray(rate / (np.asarray(attainable_tflops, float) * scale_out * method))


@checked(attainable_tflops="rate_tflops", scale_out="efficiency")
def run_gpu_hours(*, compute_flop: Num, attainable_tflops: Num, efficiency: Num, scale_out: Num, method: Num) -> Array:
    """GPU-hours that a run takes at an efficiency; the inverse of `calibrated_efficiency`, h.

    Examples
    --------
    >>> round(float(run_gpu_hours(compute_flop=3.6e24, attainable_tflops=1000, efficiency=0.5, scale_out=1, method=2)))
    1000000
    """
    rate = np.asarray(attainable_tflops, float) * efficiency * scale_out * method
    return np.asarray(compute_flop / (rate * 3600e12))


@checked(days="days_allowed", steps=None)
def gpus_for_days(
    *, days: Num, work_gpu_hours: Num, scale_out_gpus: Num, scale_out_exponent: Num, steps: int = 30
) -> Array:
    """GPUs that finish in given days; NaN where more GPUs would never get there.

    Parameters
    ----------
    days : float or array
        Wall-clock time allowed, d.
    work_gpu_hours : float or array
        GPU-hours without loss by scale-out, h.
    scale_out_gpus, scale_out_exponent : float or array
        Law of `scale_out_efficiency`.
    steps : int
        Newton steps in the logarithm (monotone for an exponent below 1; a handful converge).

    Examples
    --------
    >>> n = gpus_for_days(days=50, work_gpu_hours=1e6, scale_out_gpus=1e6, scale_out_exponent=0.5)
    >>> float((1e6 / (n * scale_out_efficiency(gpus=n, scale_out_gpus=1e6, scale_out_exponent=0.5)) / 24).round(6))
    50.0
    """
    steps = check_whole("steps", steps, 1, 1000)
    need = np.asarray(work_gpu_hours, float) / (np.asarray(days, float) * 24.0)
    need, n0, b = np.broadcast_arrays(need, np.asarray(scale_out_gpus, float), np.asarray(scale_out_exponent, float))

    def loss(x: Array) -> Array:
        return np.asarray(np.exp(np.minimum(b * (x - np.log(n0)), 500.0)))

    x = np.log(need)
    for _ in range(steps):  # n / (1 + (n/n0)^b) = need, solved for ln n
        slope = 1.0 - b * loss(x) / (1.0 + loss(x))
        x = x - np.where(slope > 1e-6, (x - np.log1p(loss(x)) - np.log(need)) / np.maximum(slope, 1e-6), 0.0)
    x = np.minimum(x, 700.0)
    good = np.abs(x - np.log1p(loss(x)) - np.log(need)) < 1e-6
    return np.asarray(np.where(good, np.exp(x), np.nan))


@checked(power_w="any_power_w")
def run_energy_mwh(*, gpu_hours: Num, power_w: Num, host_power_w: Num, pue: Num) -> Array:
    """Energy of a run at the meter: GPU, its share of server and network, and cooling, MWh.

    Examples
    --------
    >>> float(run_energy_mwh(gpu_hours=1e6, power_w=700, host_power_w=300, pue=1.3))
    1300.0
    """
    return np.asarray(np.asarray(gpu_hours, float) * (np.asarray(power_w, float) + host_power_w) * pue * 1e-6)


@dataclass(frozen=True)
class TrainingRun:
    """One training run on one kind of GPU.

    Attributes
    ----------
    run, chip : str
        Name of the run; the GPU it is on.
    gpus, days, gpu_hours, energy_mwh, cost_usd : float or array
        Size, wall-clock time, GPU-hours, energy at the meter, cost (equipment written off over its working hours, upkeep,
        facility, electricity).
    usd_per_gpu_hour : float or array
        The hour's cost behind it.
    efficiency : float or array
        Model operations over attainable 16-bit rate, with count and method, downtime included.
    rate_tflops : float or array
        Rate at which one GPU trains, TFLOPS.
    hours_log_sd : float
        Spread (standard deviation of the logarithm) of the GPU-hours carried from the published run.
    notes : tuple of str
        What the numbers rest on where it matters.
    """

    run: str
    chip: str
    gpus: Any
    days: Any
    gpu_hours: Any
    energy_mwh: Any
    cost_usd: Any
    usd_per_gpu_hour: Any
    efficiency: Any
    rate_tflops: Any
    hours_log_sd: float
    notes: tuple[str, ...]


def run_names() -> tuple[str, ...]:
    """Names of the published runs.

    Examples
    --------
    >>> run_names()
    ('deepseek-v3', 'gpt-3', 'llama-3.1-405b', 'minimax-m1', 'pangu-ultra', 'pangu-ultra-moe')
    """
    return set_names("runs")


def undisclosed_runs() -> tuple[str, ...]:
    """Sentences on training runs of which too little is published to carry them to another chip.

    Examples
    --------
    >>> undisclosed_runs()[0].startswith("GLM-Image (Z.ai")
    True
    """
    return tuple(load_set("work", "undisclosed").texts["runs"])


def has_fp8(design: Design) -> bool:
    """Whether a design's architecture has 8-bit floating-point matrix units (list in ``params/work/training.toml``).

    Examples
    --------
    >>> has_fp8(library.load_design("h100-sxm")), has_fp8(library.load_design("a100-sxm-40"))
    (True, False)
    """
    return library.load_design(design).architecture in load_set("work", "training").texts["fp8_architectures"]


@checked(design=None)
def design_attainable_tflops(design: Design, workload_intensity_flop_byte: Any) -> Array:
    """Roofline rate of a design as published, TFLOPS.

    Examples
    --------
    >>> float(design_attainable_tflops(library.load_design("h100-sxm"), 100.0))
    335.0
    """
    from estimator.model.build import numbers_of

    d = numbers_of(library.load_design(design))
    return roofline_tflops(
        peak_tflops=float(d["tensor_tflops"]),
        memory_bw_gb_s=float(d["memory_bw_gb_s"]),
        workload_intensity_flop_byte=workload_intensity_flop_byte,
    )


def _check_intensity(given: Mapping[str, Any]) -> None:
    check_scalars({k: v for k, v in given.items() if k != "run"})


@checked(_check_intensity, run=None)
def calibrate(run: str | ParameterSet, *, workload_intensity_flop_byte: Any = None) -> float:
    """Efficiency of a published run on its own chip, apart from its count and method (0..1).

    Examples
    --------
    >>> 0.3 < calibrate("llama-3.1-405b") < 0.5
    True
    """
    set_ = run if isinstance(run, ParameterSet) else load_set("runs", run)
    p = load_set("work", "training").values()
    chip = library.load_design(set_.texts["chip"])
    intensity = workload_intensity_flop_byte
    if intensity is None:
        intensity = library.constants()["workload_intensity_flop_byte"]
    value = calibrated_efficiency.plain(
        compute_flop=float(set_["compute_flop"]),
        gpu_hours=float(set_["gpu_hours"]),
        attainable_tflops=design_attainable_tflops.plain(chip, np.asarray(intensity, float)),
        scale_out=_scale_out(float(set_["gpus"]), p),
        method=_method(set_, has_fp8(chip), p),
    )
    return float(value)


def _scale_out(gpus: Any, p: dict[str, float]) -> Array:
    return scale_out_efficiency.plain(
        gpus=gpus, scale_out_gpus=p["scale_out_gpus"], scale_out_exponent=p["scale_out_exponent"]
    )


def _method(set_: ParameterSet, fp8: bool, p: dict[str, float]) -> Array:
    return method_efficiency.plain(
        fp8=set_.texts["precision"] == "fp8" and fp8,
        mixture_of_experts=set_.texts["mixture_of_experts"],
        fp8_gain=p["fp8_gain"],
        moe_efficiency=p["moe_efficiency"],
    )


def predict_gpu_hours(run: str, *, calibrated_on: str) -> tuple[float, float]:
    """GPU-hours of a published run predicted from another one's calibration, and the spread of their logarithm.

    Nothing of `run` but its compute, chip, count, precision and kind of model is used.

    Examples
    --------
    >>> hours, sd = predict_gpu_hours("llama-3.1-405b", calibrated_on="deepseek-v3")
    >>> abs(hours / 30.84e6 - 1) < 0.25
    True
    """
    target, base = load_set("runs", run), load_set("runs", calibrated_on)
    p = load_set("work", "training").values()
    chip = library.load_design(target.texts["chip"])
    gpus = float(target["gpus"])
    hours = run_gpu_hours.plain(
        compute_flop=float(target["compute_flop"]),
        efficiency=calibrate.plain(base),
        scale_out=_scale_out(gpus, p),
        attainable_tflops=design_attainable_tflops.plain(
            chip, float(library.constants()["workload_intensity_flop_byte"])
        ),
        method=_method(target, has_fp8(chip), p),
    )
    same_fp8 = (target.texts["precision"] == "fp8") == (base.texts["precision"] == "fp8")
    same_kind = target.texts["mixture_of_experts"] == base.texts["mixture_of_experts"]
    return float(hours), _log_sd(float(base["gpus"]), gpus, not same_fp8, not same_kind, between_runs=True)


def _log_sd(gpus_from: float, gpus_to: float, fp8: bool, moe: bool, *, between_runs: bool) -> float:
    """Spread of the logarithm of carried GPU-hours: what differs between the two runs, ranges taken as 80 % intervals."""
    p = load_set("work", "training")
    terms = (
        [float(p["training_error_log_sd"]) * np.sqrt(2.0)] if between_runs else [float(p["training_error_log_sd"]) / 2]
    )
    wide = 2.0 * NORMAL_90
    if fp8:
        terms.append(np.log(p["fp8_gain"].high / p["fp8_gain"].low) / wide)
    if moe:
        terms.append(np.log(p["moe_efficiency"].high / p["moe_efficiency"].low) / wide)
    ratios = []
    for bound in ("low", "high"):
        law = {
            "scale_out_gpus": getattr(p["scale_out_gpus"], bound),
            "scale_out_exponent": float(p["scale_out_exponent"]),
        }
        ratios.append(
            scale_out_efficiency.plain(gpus=gpus_to, **law) / scale_out_efficiency.plain(gpus=gpus_from, **law)
        )
    terms.append(abs(float(np.log(ratios[0] / ratios[1]))) / wide)
    return float(np.sqrt(np.sum(np.square(terms))))


def _check_size(given: Mapping[str, Any]) -> None:
    if given["gpus"] is not None and given["days"] is not None:
        raise InputError("give either gpus or days, not both")
    check_choice("basis", given["basis"], BASES)


@checked(
    _check_size,
    run=None,
    gpus="cluster_gpus",
    days="days_allowed",
    original="flag",
    price_usd="any_usd",
    basis=None,
    fp8="flag",
)
def train(
    est: Estimate,
    run: str,
    *,
    gpus: Any = None,
    days: Any = None,
    original: bool = False,
    price_usd: Any = None,
    basis: str = "full",
    fp8: bool | None = None,
) -> TrainingRun:
    """A published training run on clusters of the clone, or of the original.

    Parameters
    ----------
    est : Estimate
        Its clone (or, with ``original=True``, its reference) trains.
    run : str
        One of `run_names`.
    gpus, days : float or array, optional
        Size of the cluster, or wall-clock days it may take (which gives the size). By default the run's own number of GPUs
        (equal count); for equal time give the ``days`` of the original.
    original : bool
        Use the reference of the estimate.
    price_usd : float or array, optional
        Price of one GPU. By default the clone's cost to make and the original's reference price (its cost without one).
    basis : {"full", "unit"}
        Cost to make with or without design and masks.
    fp8 : bool, optional
        Whether this GPU gains from 8-bit products in a run that used them. By default if its architecture has them.

    Examples
    --------
    >>> from estimator import estimate
    >>> est = estimate("h800-sxm", "12nm")
    >>> own = train(est, "deepseek-v3", original=True)
    >>> round(own.gpu_hours / 2.788e6, 6)
    1.0
    >>> bool(train(est, "deepseek-v3", days=own.days).gpus > own.gpus)
    True
    """
    set_ = load_set("runs", run)
    t = load_set("work", "training")
    p = t.values()
    inputs = est.sides["clone"].build.inputs
    intensity = inputs.plan.workload_intensity_flop_byte
    side = est.reference if original else est.clone
    chip = est.design
    method = _method(set_, has_fp8(chip) if fp8 is None else fp8, p)
    base = (
        _calibrate_each(set_, intensity)
        if isinstance(intensity, np.ndarray)
        else calibrate.plain(set_, workload_intensity_flop_byte=intensity)
    )
    attainable = np.asarray(side.work_tflops, float)
    bare = run_gpu_hours.plain(
        compute_flop=float(set_["compute_flop"]),
        attainable_tflops=attainable,
        efficiency=base,
        scale_out=1.0,
        method=method,
    )
    reach = p["scale_out_gpus"] * np.asarray(side.link_rate_share)  # with slower links fewer GPUs lose as much
    if days is not None:
        n = gpus_for_days.plain(
            days=days,
            work_gpu_hours=bare,
            scale_out_gpus=reach,
            scale_out_exponent=p["scale_out_exponent"],
        )
    else:
        n = np.asarray(float(set_["gpus"]) if gpus is None else gpus, float)
    scale_out = scale_out_efficiency.plain(gpus=n, scale_out_gpus=reach, scale_out_exponent=p["scale_out_exponent"])
    hours = bare / scale_out
    hour = gpu_hour.plain(est, original=original, price_usd=price_usd, basis=basis)
    host_w = inputs.product.host_power_w
    training_w = workload_power_w.plain(est, "training", original=original)
    energy = run_energy_mwh.plain(gpu_hours=hours, power_w=training_w, host_power_w=host_w, pue=inputs.model.pue)
    own_chip = library.load_design(set_.texts["chip"])
    efficiency = base * scale_out * method
    notes = _notes(set_, chip, float(t["state_bytes_per_parameter"]), n, side.memory_gb, fp8)
    return TrainingRun(
        run=set_.name,
        chip=est.design.name + ("" if original else f" on {est.node.name}"),
        gpus=unwrap(n),
        days=unwrap(hours / n / 24.0),
        gpu_hours=unwrap(hours),
        energy_mwh=unwrap(energy),
        cost_usd=unwrap(hours * hour),
        usd_per_gpu_hour=unwrap(hour),
        efficiency=unwrap(efficiency),
        rate_tflops=unwrap(efficiency * attainable),
        hours_log_sd=_log_sd(
            float(set_["gpus"]),
            float(np.nanmax(n)) if np.isfinite(n).any() else float(set_["gpus"]),
            set_.texts["precision"] == "fp8" and has_fp8(own_chip) != has_fp8(chip),
            False,
            between_runs=False,
        ),
        notes=notes,
    )


@checked(
    _check_size,
    design=None,
    node=None,
    run=None,
    plans=None,
    gpus="cluster_gpus",
    days="days_allowed",
    price_usd="any_usd",
    basis=None,
)
def by_plan(
    design: Any,
    node: Any,
    run: str,
    *,
    plans: Sequence[str] | None = None,
    days: Any = None,
    gpus: Any = None,
    price_usd: Any = None,
    basis: str = "full",
    **options: Any,
) -> dict[str, TrainingRun | str]:
    """A run on the original and on the clone of every plan: name -> result, or the sentence that says why not.

    Parameters
    ----------
    design, node, **options
        As in `estimator.estimate`.
    run, days, gpus, price_usd, basis
        As in `train`; ``price_usd`` is that of the clones.
    plans : sequence of str, optional
        Names of `estimator.uses.plans.PLANS`; by default all of one GPU's plans that take no further number.

    Examples
    --------
    >>> sorted(by_plan("h800-sxm", "12nm", "deepseek-v3", plans=["same-units"]))
    ['original', 'same-units']
    """
    from estimator.estimation import estimate
    from estimator.uses.plans import PLANS, plan_options

    wanted = [p for p in PLANS if p != "dies"] if plans is None else plans
    if not isinstance(wanted, (list, tuple)):
        raise InputError(f"plans = {shown(plans)} must be a list of names, of {', '.join(PLANS)}")
    for plan in wanted:
        check_choice("plan", plan, PLANS)
    design_, node_ = library.load_design(design), library.load_node(node)
    size = {"gpus": gpus, "days": days}
    out: dict[str, TrainingRun | str] = {
        "original": train.plain(estimate(design_, design_.node), run, original=True, basis=basis, **size)
    }
    for plan in wanted:
        try:
            est = estimate(design_, node_, **{**options, **plan_options(design_, node_, plan, **options)})
            out[plan] = train.plain(est, run, price_usd=price_usd, basis=basis, **size)
        except (InfeasibleError, InputError) as error:
            out[plan] = str(error)
    return out


def _calibrate_each(set_: ParameterSet, intensity: Array) -> Any:
    flat = [calibrate.plain(set_, workload_intensity_flop_byte=float(x)) for x in np.ravel(intensity)]
    return np.reshape(np.asarray(flat), np.shape(intensity))


def _notes(
    set_: ParameterSet, chip: Design, bytes_per_parameter: float, gpus: Any, memory_gb: Any, fp8: bool | None
) -> tuple[str, ...]:
    notes = [set_.note] if set_.texts.get("compute_reported") is False else []
    if set_.texts["precision"] == "fp8" and not (has_fp8(chip) if fp8 is None else fp8):
        notes.append("the run used 8-bit products; this GPU has none and runs it at its 16-bit rate")
    need = float(set_["parameters_total"]) * bytes_per_parameter / 1e9
    if np.any(np.asarray(gpus) * np.asarray(memory_gb) < need):
        notes.append(f"the model's state of about {need:,.0f} GB does not fit the memory of the cluster")
    return tuple(notes)

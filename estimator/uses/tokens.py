"""Tokens: rate, dollars and joules per million tokens of a language model on the fewest GPUs that hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from estimator.arrays import Array, Num, unwrap
from estimator.checks import check_choice, checked
from estimator.errors import InputError
from estimator.parameters.sets import load_set
from estimator.uses.ownership import gpu_hour
from estimator.uses.power import workload_power_w
from estimator.uses.training import has_fp8

if TYPE_CHECKING:
    from estimator.estimation import Estimate

FP8_RATE = 2.0  # products of 8 over those of 16 bits, where a GPU has units for them
ACTIVATION_BYTES = 2.0  # of a value that goes over links
ALL_REDUCES_PER_LAYER = 2.0


def _check_experts(given: Mapping[str, Any]) -> None:
    if np.any(np.asarray(given["experts_per_token"]) > given["experts"]):
        sent, most = float(np.max(given["experts_per_token"])), float(np.min(given["experts"]))
        raise InputError(f"experts_per_token = {sent:g} is out of range: it must be at most experts = {most:g}")
    if np.any(np.asarray(given["expert_parameters"]) > given["parameters_total"]):
        raise InputError("expert_parameters is out of range: it must be at most parameters_total")


@checked(_check_experts)
def parameters_read(
    *, parameters_total: Num, expert_parameters: Num, experts: Num, experts_per_token: Num, batch: Num
) -> Array:
    """Parameters that one step reads: all that is shared, and the experts that at least one sequence of the batch is sent to.

    With uniform routing an expert is missed by all with probability ``(1 - k/E)^batch``.

    Examples
    --------
    >>> float(parameters_read(parameters_total=110, expert_parameters=100, experts=10, experts_per_token=1, batch=1).round(6))
    20.0
    """
    missed = (1.0 - np.asarray(experts_per_token, float) / experts) ** np.asarray(batch, float)
    return np.asarray(np.asarray(parameters_total, float) - expert_parameters * missed)


@checked(
    peak_tflops="rate_tflops",
    memory_bw_gb_s="bandwidth_any_gb_s",
    bandwidth_efficiency="efficiency",
    read_bytes="any_bytes",
    cache_bytes="any_bytes",
    link_seconds="any_seconds",
)
def step_seconds(
    *,
    peak_tflops: Num,
    memory_bw_gb_s: Num,
    read_bytes: Num,
    cache_bytes: Num,
    active_parameters: Num,
    batch: Num,
    matrix_efficiency: Num,
    bandwidth_efficiency: Num,
    link_seconds: Num,
) -> Array:
    """Time in which every sequence of a batch gets one token, s.

    Matrix products take the longer of reading the weights and of ``2 x active_parameters x batch`` operations (roofline,
    Williams et al., CACM 52, 2009); attention reads the cache, and links are waited for, one after the other. All numbers are
    those of the GPUs together.

    Examples
    --------
    >>> float(step_seconds(peak_tflops=1000, memory_bw_gb_s=1000, read_bytes=1e10, cache_bytes=1e10, active_parameters=5e9,
    ...     batch=1, matrix_efficiency=1, bandwidth_efficiency=1, link_seconds=0))
    0.02
    """
    rate = np.asarray(memory_bw_gb_s, float) * 1e9 * bandwidth_efficiency
    compute = (
        2.0 * np.asarray(active_parameters, float) * batch / (np.asarray(peak_tflops, float) * 1e12 * matrix_efficiency)
    )
    return np.asarray(np.maximum(read_bytes / rate, compute) + cache_bytes / rate + link_seconds)


@checked(peak_tflops="rate_tflops", link_seconds="any_seconds")
def prompt_seconds(
    *,
    peak_tflops: Num,
    active_parameters: Num,
    layers: Num,
    hidden_size: Num,
    input_tokens: Num,
    matrix_efficiency: Num,
    link_seconds: Num,
) -> Array:
    """Time in which one prompt is read (prefill), s: products with the weights, and attention of each token to those before it.

    ``2 A n + 2 L h n^2`` operations for n tokens, A active parameters, L layers of width h (Kaplan et al., arXiv:2001.08361).

    Examples
    --------
    >>> float(prompt_seconds(peak_tflops=100, active_parameters=5e9, layers=1, hidden_size=1, input_tokens=1000,
    ...     matrix_efficiency=1, link_seconds=0).round(4))
    0.1
    """
    n = np.asarray(input_tokens, float)
    operations = 2.0 * np.asarray(active_parameters, float) * n + 2.0 * np.asarray(layers, float) * hidden_size * n**2
    return np.asarray(operations / (np.asarray(peak_tflops, float) * 1e12 * matrix_efficiency) + link_seconds)


@checked(gpus="cluster_gpus", values="any_count", link_bw_gb_s="bandwidth_any_gb_s")
def link_seconds(
    *, gpus: Num, values: Num, layers: Num, hidden_size: Num, link_bw_gb_s: Num, link_latency_us: Num
) -> Array:
    """Time of the sums over GPUs that share the layers of a model (tensor parallel), s; 0 on one GPU.

    A ring moves ``2 (n - 1) / n`` of the data, twice a layer, at the rate of one direction (Shoeybi et al., arXiv:1909.08053).

    Examples
    --------
    >>> float(link_seconds(gpus=1, values=64, layers=80, hidden_size=8192, link_bw_gb_s=900, link_latency_us=9))
    0.0
    """
    n = np.asarray(gpus, float)
    data = ACTIVATION_BYTES * np.asarray(values, float) * hidden_size * 2.0 * (n - 1.0) / n
    each = data / (np.asarray(link_bw_gb_s, float) / 2.0 * 1e9) + np.asarray(link_latency_us, float) * 1e-6
    return np.asarray(np.where(n > 1, ALL_REDUCES_PER_LAYER * layers * each, 0.0))


@dataclass(frozen=True)
class Tokens:
    """A language model in service under full load.

    Attributes
    ----------
    model : str
        Name of the model, of ``params/work/models.toml``.
    gpus, batch : float or array
        GPUs that hold the model together; sequences in flight over them.
    tokens_s : float or array
        Tokens generated per second by one GPU, prompts read included.
    tokens_s_per_user : float or array
        Tokens per second that one sequence gets while it is generated.
    usd_per_million_tokens, joules_per_million_tokens : float or array
        Cost and energy of a million generated tokens, their prompts included.
    usd_per_gpu_hour : float or array
        The hour's cost behind it.
    prompt_share : float or array
        Share of the time that goes into prompts.
    note : str
        What the capacity asks for.
    """

    model: str
    gpus: Any
    batch: Any
    tokens_s: Any
    tokens_s_per_user: Any
    usd_per_million_tokens: Any
    joules_per_million_tokens: Any
    usd_per_gpu_hour: Any
    prompt_share: Any
    note: str


def model_names() -> tuple[str, ...]:
    """Names of the language models.

    Examples
    --------
    >>> "llama-3-70b" in model_names()
    True
    """
    return tuple(dict.fromkeys(n.split(".")[0] for n in load_set("work", "models").numbers))


def _check_model(given: Mapping[str, Any]) -> None:
    check_choice("model", given["model"], model_names())


@checked(
    _check_model,
    model=None,
    gpus="cluster_gpus",
    original="flag",
    price_usd="any_usd",
    usd_per_gpu_hour="any_usd",
)
def tokens(
    est: Estimate,
    model: str = "llama-3-70b",
    *,
    input_tokens: Any = 1000.0,
    output_tokens: Any = 1000.0,
    weight_bytes_per_parameter: Any = 1.0,
    gpus: Any = None,
    batch: Any = None,
    original: bool = False,
    price_usd: Any = None,
    usd_per_gpu_hour: Any = None,
) -> Tokens:
    """A language model under full load on the clone or the original: rate, dollars and joules per million tokens.

    Weights, cache and activations must fit the memory: else the model is spread over the fewest GPUs that hold it, which wait for
    their links. Prompts and generation share the GPUs (batches are refilled in flight).

    Parameters
    ----------
    est : Estimate
    model : str
        One of `model_names`.
    input_tokens, output_tokens : float or array
        Length of a prompt and of its answer.
    weight_bytes_per_parameter : float or array
        1 for 8 bits, which GPUs with 8-bit floating-point units compute at twice the 16-bit rate.
    gpus : float or array, optional
        GPUs that hold the model together; by default the fewest that hold its weights and one sequence.
    batch : float or array, optional
        Sequences in flight over these; by default as many as fit, at most `batch_most` of params/work/serving.toml.
    original : bool
        Use the reference.
    price_usd, usd_per_gpu_hour : float or array, optional
        Price of one GPU as in `estimator.uses.ownership.gpu_hour`, or what an hour of it costs.

    Raises
    ------
    InputError
        If the GPUs given do not hold the model, or `batch` sequences with it.

    Examples
    --------
    >>> from estimator import estimate
    >>> est = estimate("h100-sxm", "12nm")
    >>> own, clone = tokens(est, original=True), tokens(est)
    >>> clone.tokens_s < own.tokens_s, clone.joules_per_million_tokens > own.joules_per_million_tokens
    (True, True)
    >>> tokens(est, "deepseek-v3").note
    'the model needs 10 GPUs of 80 GB'
    """
    p = load_set("work", "serving").values()
    m = {
        n.partition(".")[2]: float(v)
        for n, v in load_set("work", "models").numbers.items()
        if n.startswith(f"{model}.")
    }
    side, design = (est.reference if original else est.clone), est.design
    stored = m["parameters_total"] * np.asarray(weight_bytes_per_parameter, float)
    cache = m["cache_bytes_per_token"] * (np.asarray(input_tokens, float) + np.asarray(output_tokens, float) / 2.0)
    room = p["memory_fill_fraction"] * np.asarray(side.memory_gb, float) * 1e9
    need = np.maximum(np.ceil((stored + cache) / room - 1e-9), 1.0)
    note = (
        f"the model needs {float(np.max(need)):,.0f} GPUs of {float(np.min(side.memory_gb)):g} GB"
        if np.any(need > 1)
        else ""
    )
    if gpus is not None and np.any(np.asarray(gpus, float) < need):
        raise InputError(f"gpus = {float(np.min(gpus)):g} is out of range: {note}")
    n = need if gpus is None else np.asarray(gpus, float)
    most = np.floor((n * room - stored) / cache + 1e-9)
    if batch is not None and np.any(np.asarray(batch, float) > most):
        raise InputError(
            f"batch = {float(np.max(batch)):g} is out of range: beside the weights {float(np.min(n)):g} GPUs hold the cache of at "
            f"most {float(np.min(most)):,.0f} sequences"
        )
    b = np.minimum(most, p["batch_most"]) if batch is None else np.asarray(batch, float)
    rate = FP8_RATE if has_fp8(design) and np.all(np.asarray(weight_bytes_per_parameter) <= 1) else 1.0
    undivided = np.asarray(side.split_efficiency, float)
    together: dict[str, Any] = {
        "peak_tflops": np.asarray(side.tensor_tflops, float) * rate * undivided * n,
        "active_parameters": m["active_parameters"],
        "matrix_efficiency": p["matrix_efficiency"] * _experts_efficiency(m),
    }
    link_bw = float(design.link_bw_gb_s or p["link_bw_gb_s"])
    links: dict[str, Any] = {
        "gpus": n,
        "layers": m["layers"],
        "hidden_size": m["hidden_size"],
        "link_bw_gb_s": link_bw * np.asarray(side.link_rate_share, float),
        "link_latency_us": p["link_latency_us"],
    }
    read = parameters_read.plain(
        parameters_total=m["parameters_total"],
        expert_parameters=m["expert_parameters"],
        experts=m["experts"],
        experts_per_token=m["experts_per_token"],
        batch=b,
    )
    step = step_seconds.plain(
        **together,
        memory_bw_gb_s=np.asarray(side.memory_bw_gb_s, float) * undivided * n,
        read_bytes=read * np.asarray(weight_bytes_per_parameter, float),
        cache_bytes=b * cache,
        batch=b,
        bandwidth_efficiency=p["decode_bandwidth_efficiency"],
        link_seconds=link_seconds.plain(values=b, **links),
    )
    prompt = prompt_seconds.plain(
        **together,
        layers=m["layers"],
        hidden_size=m["hidden_size"],
        input_tokens=input_tokens,
        link_seconds=link_seconds.plain(values=input_tokens, **links),
    )
    answer = np.asarray(output_tokens, float) * step / b  # time of the GPUs that one answer takes
    per_gpu = np.asarray(output_tokens, float) / ((prompt + answer) * n)
    share = prompt / (prompt + answer)
    hour = gpu_hour.plain(est, original=original, price_usd=price_usd) if usd_per_gpu_hour is None else usd_per_gpu_hour
    return Tokens(
        model=model,
        gpus=unwrap(n),
        batch=unwrap(b),
        tokens_s=unwrap(per_gpu),
        tokens_s_per_user=unwrap((1.0 - share) / step),
        usd_per_million_tokens=unwrap(np.asarray(hour, float) / 3600.0 / per_gpu * 1e6),
        joules_per_million_tokens=unwrap(_watts(est, share, original=original) / per_gpu * 1e6),
        usd_per_gpu_hour=unwrap(np.asarray(hour, float)),
        prompt_share=unwrap(share),
        note=note if gpus is None else "",
    )


def _experts_efficiency(m: Mapping[str, float]) -> float:
    """Efficiency of a mixture of experts against a dense model, as in training; 1 for a dense one."""
    return float(load_set("work", "training")["moe_efficiency"]) if m["experts"] > 1 else 1.0


def _watts(est: Estimate, prompt_share: Array, *, original: bool) -> Array:
    """Power at the meter of one GPU in service, W: its own by what it is at work on, host and building."""
    inputs = est.sides["clone"].build.inputs
    reads, writes = (
        np.asarray(workload_power_w.plain(est, w, original=original), float) for w in ("prefill", "decode")
    )
    own = prompt_share * reads + (1.0 - prompt_share) * writes
    return np.asarray((own + inputs.product.host_power_w) * inputs.model.pue)

"""Serving a language model: prefill bound by the matrix rate, decode by memory bandwidth until the batch is large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from estimator.arrays import Array, Num, unwrap
from estimator.checks import checked
from estimator.errors import InputError
from estimator.parameters.sets import load_set
from estimator.uses.power import workload_power_w

if TYPE_CHECKING:
    from estimator.estimation import Estimate


@checked(peak_tflops="rate_tflops")
def prefill_tokens_s(*, peak_tflops: Num, active_parameters: Num, efficiency: Num) -> Array:
    """Prompt tokens per second of one GPU: two operations per active parameter and token (attention left out).

    Examples
    --------
    >>> float(prefill_tokens_s(peak_tflops=1000, active_parameters=50e9, efficiency=0.5))
    5000.0
    """
    return np.asarray(np.asarray(peak_tflops, float) * 1e12 * efficiency / (2.0 * np.asarray(active_parameters, float)))


@checked(peak_tflops="rate_tflops", memory_bw_gb_s="bandwidth_any_gb_s", bandwidth_efficiency="efficiency")
def decode_tokens_s(
    *,
    peak_tflops: Num,
    memory_bw_gb_s: Num,
    weight_bytes: Num,
    active_parameters: Num,
    cache_bytes_per_sequence: Num,
    batch: Num,
    bandwidth_efficiency: Num,
    efficiency: Num,
) -> Array:
    """Generated tokens per second of one GPU over a batch of sequences.

    Parameters
    ----------
    peak_tflops, memory_bw_gb_s : float or array
        16-bit rate and memory bandwidth.
    weight_bytes : float or array
        Weights that one step reads on this GPU, B (all experts that the batch touches).
    active_parameters : float or array
        Parameters that one token uses.
    cache_bytes_per_sequence : float or array
        Keys and values read per sequence and step, B.
    batch : float or array
        Sequences in flight on this GPU, at least 1.
    bandwidth_efficiency, efficiency : float or array
        Shares of the two roofs that are reached, 0..1.

    Notes
    -----
    One step takes the longer of reading weights and caches once and of computing ``2 x active_parameters x batch``
    (roofline, Williams et al., CACM 52, 2009). Links between GPUs are left out.

    Examples
    --------
    >>> float(decode_tokens_s(peak_tflops=1000, memory_bw_gb_s=1000, weight_bytes=1e10, active_parameters=5e9,
    ...     cache_bytes_per_sequence=0, batch=1, bandwidth_efficiency=1, efficiency=1))
    100.0
    """
    sequences = np.asarray(batch, float)
    read = (np.asarray(weight_bytes, float) + cache_bytes_per_sequence * sequences) / (
        np.asarray(memory_bw_gb_s, float) * 1e9 * bandwidth_efficiency
    )
    compute = (
        2.0 * np.asarray(active_parameters, float) * sequences / (np.asarray(peak_tflops, float) * 1e12 * efficiency)
    )
    return np.asarray(sequences / np.maximum(read, compute))


@dataclass(frozen=True)
class Serving:
    """Tokens per second of one GPU in prefill and decode, its power in both (W), and whether memory bandwidth bounds the decode.

    ``gpus`` is how many hold the model together, ``note`` a sentence where one does not.
    """

    prefill_tokens_s: Any
    decode_tokens_s: Any
    decode_bound_by_memory: Any
    prefill_power_w: Any = None
    decode_power_w: Any = None
    gpus: Any = 1.0
    note: str = ""


@checked(original="flag")
def serve(
    est: Estimate,
    *,
    active_parameters: Any = None,
    weight_bytes: Any = None,
    cache_bytes_per_sequence: Any = None,
    batch: Any = None,
    stored_bytes: Any = None,
    gpus: Any = None,
    original: bool = False,
) -> Serving:
    """Prefill and decode of a language model on the clone or the original.

    Parameters
    ----------
    est : Estimate
    active_parameters, weight_bytes, cache_bytes_per_sequence, batch : float or array, optional
        As in `decode_tokens_s`; by default those of params/work/serving.toml (a model of the size of DeepSeek-V3).
    stored_bytes : float or array, optional
        Weights held in memory over all GPUs, B; by default those of the same model, or `weight_bytes` if that is given.
    gpus : float, optional
        GPUs that hold the model together; by default the fewest whose memory takes weights and caches. They share the
        weights, and each has `batch` sequences of its own.
    original : bool
        Use the reference.

    Raises
    ------
    InputError
        If `gpus` of them cannot hold the model, or the caches of one GPU do not fit its memory.

    Examples
    --------
    >>> from estimator import estimate
    >>> est = estimate("h100-sxm", "12nm")
    >>> serve(est, weight_bytes=1e12, batch=1).note
    'the model needs 14 GPUs of 80 GB'
    >>> own, clone = serve(est, original=True), serve(est)
    >>> bool(clone.prefill_tokens_s < own.prefill_tokens_s), bool(clone.decode_tokens_s <= own.decode_tokens_s)
    (True, True)
    """
    p = load_set("work", "serving").values()
    side = est.reference if original else est.clone
    waiting = est.sides["reference" if original else "clone"].result.rates.slowest
    given = {
        "active_parameters": active_parameters,
        "weight_bytes": weight_bytes,
        "cache_bytes_per_sequence": cache_bytes_per_sequence,
        "batch": batch,
    }
    work: dict[str, Any] = {
        "peak_tflops": np.asarray(side.tensor_tflops, float) * side.split_efficiency * waiting,
        **{k: p[k] if v is None else v for k, v in given.items()},
        "bandwidth_efficiency": p["decode_bandwidth_efficiency"],
        "efficiency": p["prefill_efficiency"],
    }
    stored = np.asarray(
        (p["stored_bytes"] if weight_bytes is None else weight_bytes) if stored_bytes is None else stored_bytes, float
    )
    cache = np.asarray(work["cache_bytes_per_sequence"], float) * work["batch"]
    need, note = _gpus_needed(stored, p["memory_fill_fraction"] * np.asarray(side.memory_gb, float) * 1e9 - cache, side)
    if gpus is not None:
        if np.any(np.asarray(gpus, float) < need):
            raise InputError(f"gpus = {float(np.min(gpus)):g} is out of range: {note or 'the model does not fit them'}")
        need, note = np.asarray(gpus, float), ""
    work["weight_bytes"] = np.minimum(np.asarray(work["weight_bytes"], float), np.maximum(stored / need, 1.0))
    bandwidth = (
        np.asarray(side.memory_bw_gb_s) * side.split_efficiency
    )  # what dies lose to each other, decode loses too
    decode = decode_tokens_s.plain(memory_bw_gb_s=bandwidth, **work)
    free = decode_tokens_s.plain(memory_bw_gb_s=1e12, **work)
    prefill = prefill_tokens_s.plain(
        peak_tflops=work["peak_tflops"], active_parameters=work["active_parameters"], efficiency=p["prefill_efficiency"]
    )
    bound = np.asarray(free > decode * (1 + 1e-9))
    return Serving(
        prefill_tokens_s=unwrap(prefill),
        decode_tokens_s=unwrap(decode),
        decode_bound_by_memory=bool(bound) if bound.ndim == 0 else bound,
        prefill_power_w=workload_power_w.plain(est, "prefill", original=original),
        decode_power_w=workload_power_w.plain(est, "decode", original=original),
        gpus=unwrap(need),
        note=note,
    )


def _gpus_needed(stored: Array, room_bytes: Array, side: Any) -> tuple[Array, str]:
    """Fewest GPUs whose room beside the caches (B) holds the weights, and a sentence where one does not."""
    if np.any(room_bytes <= 0):
        raise InputError(
            f"batch: the caches of so many sequences do not fit a GPU of {float(np.nanmin(side.memory_gb)):g} GB; give a smaller "
            "batch or cache_bytes_per_sequence"
        )
    need = np.maximum(np.ceil(stored / room_bytes - 1e-9), 1.0)
    if need.ndim or not need > 1:
        return need, ""
    return need, f"the model needs {float(need):,.0f} GPUs of {float(side.memory_gb):g} GB"

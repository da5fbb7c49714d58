"""Tokens: published rates of 70B models on H100, capacity, directions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import estimator
from estimator.errors import InputError
from estimator.uses.tokens import parameters_read, tokens

# NVIDIA, TensorRT-LLM 1.0: Llama 3.3 70B at 8 bits on two H100, tokens generated per second
TENSORRT_LLM = {(128, 128): 6378, (128, 2048): 6651, (500, 2000): 5222, (1000, 1000): 4205, (1000, 2000): 4146}
TENSORRT_LLM |= {(2048, 128): 762, (2048, 2048): 3082, (5000, 500): 898, (20000, 2000): 437}
MLPERF_OFFLINE = 24528.3 / 8  # MLPerf Inference 4.1, HPE, eight H100: Llama 2 70B, 265 tokens a sample


@pytest.fixture(scope="module")
def h100():
    return estimator.estimate("h100-sxm", "12nm")


@pytest.mark.parametrize("lengths", TENSORRT_LLM)
def test_llama_70b_on_two_h100(h100, lengths):
    made = tokens(h100, input_tokens=lengths[0], output_tokens=lengths[1], gpus=2, original=True)
    assert 2 * made.tokens_s == pytest.approx(TENSORRT_LLM[lengths], rel=0.25)


@pytest.mark.parametrize("prompt", [150, 300])  # their length is not in the result; OpenOrca questions
def test_llama_2_70b_of_mlperf(h100, prompt):
    made = tokens(h100, "llama-2-70b", input_tokens=prompt, output_tokens=265, gpus=2, original=True)
    assert made.tokens_s == pytest.approx(MLPERF_OFFLINE, rel=0.25)


def test_what_does_not_fit_takes_more_gpus_or_is_refused(h100):
    large = tokens(h100, "deepseek-v3")
    assert large.gpus == 10
    assert large.note == "the model needs 10 GPUs of 80 GB"
    with pytest.raises(InputError, match=r"gpus = 4 is out of range: the model needs 10 GPUs of 80 GB"):
        tokens(h100, "deepseek-v3", gpus=4)
    with pytest.raises(InputError, match="hold the cache of at most 311 sequences"):
        tokens(h100, gpus=2, batch=1000)
    with pytest.raises(InputError, match="llama-3-70b"):
        tokens(h100, "llama-3-70")


def test_dollars_and_joules_follow_hour_and_power(h100):
    own, clone = tokens(h100, original=True, gpus=2), tokens(h100, gpus=2)
    assert own.usd_per_million_tokens == pytest.approx(own.usd_per_gpu_hour / 3600 / own.tokens_s * 1e6)
    rented = tokens(h100, original=True, gpus=2, usd_per_gpu_hour=2 * own.usd_per_gpu_hour)
    assert rented.usd_per_million_tokens == pytest.approx(2 * own.usd_per_million_tokens)
    assert clone.joules_per_million_tokens > own.joules_per_million_tokens
    many = tokens(h100, gpus=np.array([1.0, 2.0, 4.0]))
    assert many.tokens_s[1] == pytest.approx(clone.tokens_s)


@settings(max_examples=25)
@given(st.floats(1, 1e4), st.integers(1, 512), st.integers(1, 8))
def test_a_larger_batch_reads_more_experts_and_never_more_than_all(batch, experts, k):
    model = {
        "parameters_total": 110.0,
        "expert_parameters": 100.0,
        "experts": experts,
        "experts_per_token": min(k, experts),
    }
    one, two = (float(parameters_read(**model, batch=b)) for b in (batch, 2 * batch))
    assert 10.0 <= one <= two <= 110.0

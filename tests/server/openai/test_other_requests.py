"""Requests to continue and to embed: texts, token numbers, and what is refused."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.errors import BadRequest
from hearth.messages import EmbedRequest, GenerateRequest, KeepAlive, Sampling
from hearth.server.body import decode_json
from hearth.server.openai.completions import Completions
from hearth.server.openai.decode import embed_request
from hearth.server.openai.wire import EmbeddingsBody

INPUTS: list[tuple[Any, tuple[Any, ...]]] = [
    ("a", ("a",)),
    (["a", "b"], ("a", "b")),
    ([1, 2], ((1, 2),)),
    ([[1, 2], [3]], ((1, 2), (3,))),
    (["a", [3]], ("a", (3,))),
]
NO_INPUTS: list[Any] = [
    None, "", [], [""], ["a", ""], [[]], [[1], []], [1, "a"], ["a", 1], [1.5], [True], [-1], [2**31], {}, 5,
    [None], [[["a"]]],
]  # fmt: skip


def completion(**fields: Any) -> list[GenerateRequest]:
    asked = Completions().decode(json.dumps({"model": "m", "prompt": "p", **fields}).encode())
    return [request for requests in asked.prompts for request in requests]


def embed(**fields: Any) -> EmbedRequest:
    body = json.dumps({"model": "m", "input": "a", **fields}).encode()
    return embed_request(decode_json(body, EmbeddingsBody))


def test_a_prompt_is_continued_as_it_is() -> None:
    assert completion() == [GenerateRequest("m", "p", raw=True)]


@pytest.mark.parametrize(("prompt", "inputs"), INPUTS)
def test_prompts_are_texts_or_token_numbers(prompt: Any, inputs: tuple[Any, ...]) -> None:
    assert [asked.tokens or asked.prompt for asked in completion(prompt=prompt)] == list(inputs)
    assert all(asked.raw for asked in completion(prompt=prompt))


@pytest.mark.parametrize("prompt", NO_INPUTS)
def test_no_prompt_is_refused(prompt: Any) -> None:
    with pytest.raises(BadRequest) as found:
        completion(prompt=prompt)
    assert found.value.field.startswith("prompt")


def test_every_prompt_is_answered_n_times() -> None:
    asked = completion(prompt=["a", "b"], n=2, best_of=2, seed=1)
    assert [(one.prompt, one.sampling.options["seed"]) for one in asked] == [
        ("a", 1), ("a", 2), ("b", 1), ("b", 2),
    ]  # fmt: skip


def test_filling_in_is_not_raw() -> None:
    assert completion(suffix="end") == [GenerateRequest("m", "p", suffix="end")]


def test_settings_of_a_completion() -> None:
    (asked,) = completion(max_tokens=5, stop=["x"], logprobs=2, logit_bias={"1": -5}, keep_alive="1m")
    assert asked.keep_alive == KeepAlive(60)
    assert asked.sampling == Sampling(
        options={"num_predict": 5, "stop": ["x"]}, logprobs=True, top_logprobs=2, logit_bias=((1, -5),)
    )
    assert completion(logprobs=0)[0].sampling.logprobs


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"best_of": 2}, "best_of"),
        ({"echo": True, "logprobs": 1}, "logprobs"),
        ({"logprobs": 21}, "logprobs"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"n": 0}, "n"),
        ({"model": ""}, "model"),
        ({"suffix": 1}, "suffix"),
    ],
)
def test_a_completion_that_cannot_be_had_is_refused_by_its_field(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as found:
        completion(**fields)
    assert found.value.field == param


@pytest.mark.parametrize(("value", "inputs"), INPUTS)
def test_texts_or_token_numbers_are_embedded_and_never_cut(value: Any, inputs: tuple[Any, ...]) -> None:
    assert embed(input=value) == EmbedRequest("m", inputs, truncate=False)


@pytest.mark.parametrize("value", NO_INPUTS)
def test_no_input_is_refused(value: Any) -> None:
    with pytest.raises(BadRequest) as found:
        embed(input=value)
    assert found.value.field.startswith("input")


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"dimensions": 0}, "dimensions"),
        ({"encoding_format": "hex"}, "encoding_format"),
        ({"model": ""}, "model"),
    ],
)
def test_an_embedding_that_cannot_be_had_is_refused_by_its_field(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as found:
        embed(**fields)
    assert found.value.field == param


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=6,
)
FIELDS = ["prompt", "suffix", "echo", "best_of", "n", "logprobs", "stop", "input", "dimensions", "logit_bias"]


@given(body=st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=5))
def test_any_json_is_a_request_or_a_bad_one(body: dict[str, Any]) -> None:
    with contextlib.suppress(BadRequest):
        assert all(isinstance(request, GenerateRequest) for request in completion(**body))
    with contextlib.suppress(BadRequest):
        assert isinstance(embed(**body), EmbedRequest)

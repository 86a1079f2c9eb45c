"""Chat requests as clients write them: every form that is meant, and a refusal by name for the rest."""

from __future__ import annotations

import base64
import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.errors import BadRequest
from hearth.messages import (
    ChatRequest,
    Format,
    Json,
    KeepAlive,
    Message,
    Sampling,
    Tool,
    ToolCall,
    ToolChoice,
)
from hearth.server.openai.chat import Chat
from hearth.server.openai.errors import Refused

PNG = b"\x89PNG\r\n\x1a\n and more"
DATA_URL = "data:image/png;base64," + base64.b64encode(PNG).decode()
HI = [{"role": "user", "content": "hi"}]
TOOL = {"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object"}}}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    "model", "messages", "n", "stop", "seed", "max_tokens", "max_completion_tokens", "temperature", "top_p",
    "frequency_penalty", "presence_penalty", "logit_bias", "logprobs", "top_logprobs", "response_format",
    "tools", "tool_choice", "parallel_tool_calls", "reasoning", "reasoning_effort", "stream",
    "stream_options", "options", "keep_alive", "truncate", "modalities", "store", "service_tier",
]  # fmt: skip
TURN_FIELDS = ["role", "content", "name", "refusal", "tool_calls", "tool_call_id", "audio", "reasoning"]


def every(**fields: Any) -> tuple[ChatRequest, ...]:
    """The requests, one for each answer, that a body with these fields asks for."""
    body = {"model": "m", "messages": HI, **fields}
    (requests,) = Chat().decode(json.dumps(body).encode()).prompts
    return requests


def chat(**fields: Any) -> ChatRequest:
    (request,) = every(**fields)
    return request


def messages(*turns: dict[str, Any]) -> tuple[Message, ...]:
    return chat(messages=list(turns)).messages


def refused(**fields: Any) -> BadRequest:
    with pytest.raises(BadRequest) as found:
        chat(**fields)
    return found.value


def test_what_is_not_given_stays_open() -> None:
    assert chat() == ChatRequest("m", (Message("user", "hi"),))


def test_nulls_and_what_has_no_effect_are_ignored() -> None:
    fields: dict[str, Any] = dict.fromkeys(FIELDS[2:])
    fields |= {"user": "u", "metadata": {"a": "b"}, "store": False, "service_tier": "auto", "zebra": [1]}
    fields |= {"prompt_cache_key": "k", "safety_identifier": "s", "modalities": ["text"], "prediction": {}}
    assert chat(**fields) == chat()


def test_the_sampler_s_fields_become_options() -> None:
    asked = chat(
        temperature=0, top_p=0.5, frequency_penalty=1, presence_penalty=-1.5, seed=7, max_tokens=9, stop="x"
    )
    assert asked.sampling.options == {
        "temperature": 0, "top_p": 0.5, "frequency_penalty": 1, "presence_penalty": -1.5, "seed": 7,
        "num_predict": 9, "stop": ["x"],
    }  # fmt: skip


def test_the_newer_bound_of_an_answer_goes_before_the_older() -> None:
    assert chat(max_completion_tokens=3, max_tokens=9).sampling.options == {"num_predict": 3}
    assert chat(max_tokens=-1).sampling.options == {"num_predict": -1}


def test_a_field_goes_before_the_same_of_hearth_s_own_options() -> None:
    asked = chat(options={"temperature": 1.0, "num_ctx": 512}, temperature=0.25, keep_alive="5m")
    assert asked.sampling.options == {"temperature": 0.25, "num_ctx": 512}
    assert asked.keep_alive == KeepAlive(300)


@pytest.mark.parametrize(
    ("value", "stops"), [("a", ["a"]), (["a", "b"], ["a", "b"]), ([], []), ("", []), (["", "a"], ["a"])]
)
def test_stop_is_a_text_or_texts_and_empty_ones_stop_nothing(value: Any, stops: list[str]) -> None:
    assert chat(stop=value).sampling.options == {"stop": stops}


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"model": ""}, "model"),
        ({"messages": []}, "messages"),
        ({"temperature": -1}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"top_p": True}, "top_p"),
        ({"seed": 2**70}, "seed"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_completion_tokens": -2}, "max_completion_tokens"),
        ({"stop": 1}, "stop"),
        ({"stop": ["a", 1]}, "stop"),
        ({"n": 0}, "n"),
        ({"n": 129}, "n"),
        ({"logit_bias": {"x": 1}}, "logit_bias"),
        ({"logit_bias": {"-1": 1}}, "logit_bias"),
        ({"logit_bias": {"²": 1}}, "logit_bias"),
        ({"logit_bias": {"9" * 99: 1}}, "logit_bias"),
        ({"top_logprobs": 3}, "top_logprobs"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
        ({"response_format": {"type": "xml"}}, "response_format.type"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema.schema"),
        ({"reasoning_effort": "huge"}, "reasoning_effort"),
        ({"reasoning": {"effort": "huge"}}, "reasoning.effort"),
        ({"tools": [{"type": "custom", "custom": {}}]}, "tools[0].type"),
        ({"tools": [{"type": "function", "function": {}}]}, "tools[0].function.name"),
        ({"tools": [TOOL], "tool_choice": "sometimes"}, "tool_choice"),
        ({"tools": [TOOL], "tool_choice": {"type": "custom", "custom": {"name": "f"}}}, "tool_choice"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": 1}]}]},
         "messages[0].content[0].text"),
        ({"messages": [{"role": 1}]}, "messages[0].role"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_used_is_refused_by_its_field(fields: dict[str, Any], param: str) -> None:
    assert refused(**fields).field == param


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"store": True}, "store"),
        ({"service_tier": "priority"}, "service_tier"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"audio": {"voice": "alloy", "format": "wav"}}, "audio"),
        ({"functions": [{"name": "f"}]}, "functions"),
        ({"function_call": "auto"}, "function_call"),
        ({"verbosity": "low"}, "verbosity"),
        ({"moderation": {"model": "x"}}, "moderation"),
        ({"web_search_options": {}}, "web_search_options"),
        ({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}, "messages[0].content[0]"),
        ({"messages": [{"role": "assistant", "audio": {"id": "a"}}]}, "messages[0].audio"),
        ({"messages": [{"role": "assistant", "function_call": {"name": "f"}}]}, "messages[0].function_call"),
    ],
)
def test_what_a_local_model_cannot_do_is_refused_by_its_name(fields: dict[str, Any], param: str) -> None:
    error = refused(**fields)
    assert isinstance(error, Refused)
    assert error.field == param


def test_several_answers_have_seeds_of_their_own() -> None:
    assert [asked.sampling.options["seed"] for asked in every(n=3, seed=5)] == [5, 6, 7]
    assert [asked.sampling.options.get("seed") for asked in every(n=3)] == [None, -1, -1]
    assert [asked.sampling.options["seed"] for asked in every(n=2, options={"seed": 1})] == [1, 2]
    assert [asked.sampling.options["seed"] for asked in every(n=2, seed=2**64 - 1)][1] != 2**64 - 1


def test_only_the_last_of_several_answers_may_unload_the_model() -> None:
    assert [asked.keep_alive for asked in every(n=3, keep_alive=0)] == [None, None, KeepAlive(0)]


def test_logit_bias_is_held_to_its_range() -> None:
    bias = chat(logit_bias={"5": 1.5, "7": 1000, "9": -1000}).sampling.logit_bias
    assert bias == ((5, 1.5), (7, 100), (9, -100))


def test_logprobs_and_their_alternatives() -> None:
    assert chat(logprobs=True, top_logprobs=3).sampling == Sampling(logprobs=True, top_logprobs=3)
    assert chat(logprobs=True).sampling == Sampling(logprobs=True)


def test_the_shape_of_an_answer() -> None:
    schema: dict[str, Json] = {"type": "object", "properties": {"b": {}, "a": {}}}
    assert chat(response_format={"type": "text"}).sampling.format is None
    assert chat(response_format={"type": "json_object"}).sampling.format == Format("json")
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": schema}}
    assert chat(response_format=wanted).sampling.format == Format("schema", schema=schema)


@pytest.mark.parametrize(
    ("effort", "think"),
    [
        ("none", False), ("minimal", "low"), ("low", "low"), ("medium", "medium"), ("high", "high"),
        ("xhigh", "max"), ("ultra", "max"), ("max", "max"), ("", None),
    ],
)  # fmt: skip
def test_effort_is_a_level_of_thinking(effort: str, think: Any) -> None:
    assert chat(reasoning_effort=effort).think == think
    assert chat(reasoning={"effort": effort}).think == think


def test_the_object_goes_before_the_plain_effort() -> None:
    assert chat(reasoning={"effort": "high"}, reasoning_effort="low").think == "high"


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, ToolChoice()),
        ("auto", ToolChoice()),
        ("none", ToolChoice("none")),
        ("required", ToolChoice("required")),
        ({"type": "function", "function": {"name": "f"}}, ToolChoice("named", "f")),
    ],
)
def test_tools_come_with_how_they_may_be_called(choice: Any, expected: ToolChoice) -> None:
    request = chat(tools=[TOOL], tool_choice=choice, parallel_tool_calls=False)
    assert request.tools == (Tool("f", "d", {"type": "object"}),)
    assert request.tool_choice == expected
    assert not request.parallel_tool_calls
    assert chat(tools=[TOOL]).parallel_tool_calls


def test_roles_and_plain_contents() -> None:
    assert messages(
        {"role": "developer", "content": "a"},
        {"role": "system", "content": "b"},
        {"role": "user", "content": "c", "name": "Ada"},
        {"role": "assistant", "content": "d", "reasoning_content": "r"},
    ) == (
        Message("system", "a"),
        Message("system", "b"),
        Message("user", "c"),
        Message("assistant", "d", thinking="r"),
    )


def test_an_unknown_role_is_refused_with_those_that_are_known() -> None:
    error = refused(messages=[{"role": "wizard", "content": "hi"}])
    assert "developer" in error.message
    assert error.field == "messages[0].role"


def test_parts_keep_their_order() -> None:
    image = {"type": "image_url", "image_url": {"url": DATA_URL, "detail": "low"}}
    text = {"type": "text", "text": "a"}
    assert messages({"role": "user", "content": [text, text]})[0].content == "a\na"
    assert messages({"role": "user", "content": [image, text]}) == (Message("user", "a", images=(PNG,)),)
    found = messages({"role": "user", "content": [image, text, image, text]})
    assert found == (Message("user", "a[img]a", images=(PNG, PNG)),)
    plain = messages({"role": "user", "content": [{"type": "image_url", "image_url": DATA_URL}]})
    assert plain == (Message("user", "", images=(PNG,)),)


@pytest.mark.parametrize(
    "url", ["https://example.com/a.png", "file:///etc/passwd", "data:image/png,abc", "", "x"]
)
def test_images_are_never_fetched(url: str) -> None:
    part = {"type": "image_url", "image_url": {"url": url}}
    error = refused(messages=[{"role": "user", "content": [part]}])
    assert isinstance(error, Refused)
    assert error.field == "messages[0].content[0].image_url.url"


def test_an_image_that_is_not_base64_is_refused_by_its_place() -> None:
    part = {"type": "image_url", "image_url": {"url": DATA_URL + "!"}}
    assert refused(messages=[{"role": "user", "content": [part]}]).field.endswith("image_url.url")


def test_a_refusal_is_what_the_assistant_said() -> None:
    assert messages({"role": "assistant", "refusal": "no"}) == (Message("assistant", "no"),)
    part = {"type": "refusal", "refusal": "no"}
    assert messages({"role": "assistant", "content": [part]}) == (Message("assistant", "no"),)


def test_only_an_assistant_that_calls_may_say_nothing() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"b": 1, "a": [2]}'}}
    found = messages(
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "3"}]},
        {"role": "tool", "tool_call_id": "zz", "content": "4"},
    )
    assert found == (
        Message("assistant", tool_calls=(ToolCall("f", {"b": 1, "a": [2]}, "c1"),)),
        Message("tool", "3", tool_name="f", tool_call_id="c1"),
        Message("tool", "4", tool_call_id="zz"),
    )
    for role in ("user", "system", "tool", "assistant"):
        assert refused(messages=[{"role": role, "content": None}]).field == "messages[0].content"


@pytest.mark.parametrize("arguments", ["[1]", "1", "{", '{"a":}', "nonsense", "[" * 5000])
def test_arguments_are_an_object_written_as_a_text(arguments: str) -> None:
    call = {"function": {"name": "f", "arguments": arguments}}
    error = refused(messages=[{"role": "assistant", "tool_calls": [call]}])
    assert error.field == "messages[0].tool_calls[0].function.arguments"


def test_no_arguments_are_an_empty_object() -> None:
    call = {"function": {"name": "f", "arguments": ""}}
    assert messages({"role": "assistant", "tool_calls": [call]})[0].tool_calls == (ToolCall("f", {}),)


def test_nothing_is_cut_unless_the_client_asks_for_it() -> None:
    assert chat(truncate=True).sampling.truncate
    assert not chat().sampling.truncate


@given(body=st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=6))
def test_any_json_is_a_request_or_a_bad_one(body: dict[str, Any]) -> None:
    _holds({"model": "m", "messages": HI, **body})


@given(
    turns=st.lists(st.dictionaries(st.sampled_from(TURN_FIELDS), ANYTHING), max_size=3), known=st.booleans()
)
def test_any_turn_is_a_message_or_a_bad_one(turns: list[dict[str, Any]], known: bool) -> None:
    roles = {"role": "assistant"} if known else {}
    _holds({"model": "m", "messages": [{**turn, **roles} for turn in turns]})


PARTS = st.dictionaries(
    st.sampled_from(["type", "text", "image_url", "url"]),
    ANYTHING | st.sampled_from(["text", "image_url", DATA_URL, "input_audio"]),
)


@given(parts=st.lists(PARTS, max_size=3))
def test_any_content_is_understood_or_refused(parts: list[dict[str, Any]]) -> None:
    _holds({"model": "m", "messages": [{"role": "user", "content": parts}]})


def _holds(body: dict[str, Any]) -> None:
    with contextlib.suppress(BadRequest):
        asked = Chat().decode(json.dumps(body).encode())
        assert all(isinstance(request, ChatRequest) for (request, *_) in asked.prompts)

"""Requests as clients write them: every form that is meant, and a clear refusal for the rest."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.errors import BadRequest, HearthError, ModelNotFound
from hearth.messages import (
    ChatRequest,
    Format,
    GenerateRequest,
    Json,
    KeepAlive,
    Message,
    Tool,
    ToolCall,
    ToolChoice,
)
from hearth.server.body import decode_json
from hearth.server.ollama.chat import Chat
from hearth.server.ollama.create import Create
from hearth.server.ollama.decode import embed_request, embeddings_request
from hearth.server.ollama.generate import Generate
from hearth.server.ollama.wire import CopyBody, EmbedBody, EmbeddingsBody, ShowBody

PNG = b"\x89PNG\r\n\x1a\n and more"
PNG64 = base64.b64encode(PNG).decode()


def generate(**fields: Any) -> GenerateRequest:
    return Generate().decode(json.dumps({"model": "m", **fields}).encode())


def chat(**fields: Any) -> ChatRequest:
    return Chat().decode(json.dumps({"model": "m", **fields}).encode())


def test_what_is_not_given_stays_open() -> None:
    assert generate() == GenerateRequest("m", "")
    assert chat() == ChatRequest("m", ())


def test_nulls_and_unknown_fields_are_ignored_and_keys_match_in_any_case() -> None:
    body = b'{"Model":"m","PROMPT":"hi","System":null,"images":null,"stream":null,"options":null,"zebra":[1]}'
    dialect = Generate()
    assert dialect.decode(body) == GenerateRequest("m", "hi")
    assert dialect.streaming


def test_keys_inside_messages_match_in_any_case_too() -> None:
    body = b'{"model":"m","Messages":[{"Role":"USER","CONTENT":"hi","x":1,"images":null}]}'
    assert Chat().decode(body).messages == (Message("user", "hi"),)


def test_option_names_are_kept_as_they_are() -> None:
    assert generate(options={"Seed": 1, "seed": None, "stop": ["a"]}).sampling.options == {
        "Seed": 1,
        "seed": None,
        "stop": ["a"],
    }


def test_empty_texts_count_as_absent() -> None:
    asked = generate(system="", template="", suffix="", format="")
    assert (asked.system, asked.template, asked.sampling.format) == (None, None, None)


def test_nothing_is_cut_unless_the_client_asks_for_it() -> None:
    assert not generate().sampling.truncate
    assert not generate(truncate=None, shift=None).sampling.shift
    asked = chat(truncate=True, shift=True).sampling
    assert asked.truncate
    assert asked.shift


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (0, 0), (300, 300), (1.5, 1.5), ("5m", 300), ("1h30m", 5400), ("0", 0), ("0s", 0), ("42", 42),
        (-1, None), (-0.5, None), ("-1s", None), ("-1m", None), ("-1", None), (1e300, None),
    ],
)  # fmt: skip
def test_keep_alive_is_seconds_or_a_duration_and_negative_is_for_ever(value: Any, seconds: Any) -> None:
    assert generate(keep_alive=value).keep_alive == KeepAlive(seconds)
    assert chat(keep_alive=value).keep_alive == KeepAlive(seconds)


@pytest.mark.parametrize("value", [True, [], {}, "soon", "", "5 m", "nan", "inf", "1e400"])
def test_any_other_keep_alive_is_refused(value: Any) -> None:
    with pytest.raises(BadRequest, match="keep_alive"):
        generate(keep_alive=value)


@pytest.mark.parametrize("value", [True, False, "low", "medium", "high", "max", None])
def test_think_is_a_boolean_or_a_level(value: Any) -> None:
    assert chat(think=value).think == value


@pytest.mark.parametrize("value", ["", "true", "LOW", 1, [], {}])
def test_any_other_think_is_refused(value: Any) -> None:
    with pytest.raises(BadRequest, match="think"):
        chat(think=value)


def test_format_is_json_or_a_schema() -> None:
    schema: dict[str, Json] = {"type": "object", "properties": {"b": {}, "a": {}}}
    assert chat(format="json").sampling.format == Format("json")
    found = chat(format=schema).sampling.format
    assert found == Format("schema", schema=schema)
    assert json.dumps(found.schema) == json.dumps(schema)


@pytest.mark.parametrize("value", ["xml", 1, True, ["json"], '{"type":"object"}'])
def test_any_other_format_is_refused(value: Any) -> None:
    with pytest.raises(BadRequest, match="invalid format"):
        chat(format=value)


def test_images_are_base64() -> None:
    wrapped = "\n".join(PNG64[i : i + 8] for i in range(0, len(PNG64), 8))
    assert generate(images=[PNG64, wrapped]).images == (PNG, PNG)
    assert chat(messages=[{"role": "user", "images": [PNG64]}]).messages[0].images == (PNG,)


@pytest.mark.parametrize(
    "image",
    [
        "", "\n", "a", "a===", "not base64!", PNG64[:-1], PNG64 + "=", PNG64 + "A", "ä" * 4,
        "data:image/png;base64," + PNG64,
    ],
)  # fmt: skip
def test_an_image_that_is_not_base64_is_refused_by_its_place(image: str) -> None:
    with pytest.raises(BadRequest, match=r"messages\[1\]\.images\[1\]"):
        chat(messages=[{"role": "user"}, {"role": "user", "images": [PNG64, image]}])


@pytest.mark.parametrize("value", [-1, 21])
def test_top_logprobs_are_bounded(value: int) -> None:
    with pytest.raises(BadRequest, match="top_logprobs must be between 0 and 20"):
        generate(top_logprobs=value)


def test_raw_excludes_what_would_change_the_prompt() -> None:
    for field, value in {"system": "s", "template": "t", "context": [1]}.items():
        with pytest.raises(BadRequest, match="raw mode does not support template, system, or context"):
            generate(raw=True, **{field: value})
    assert generate(raw=True, prompt="p").raw


def test_context_holds_token_numbers() -> None:
    assert generate(context=[1, 2]).context == (1, 2)
    for bad in ([-1], [2**31], ["1"], [1.5], "1"):
        with pytest.raises(BadRequest):
            generate(context=bad)


def test_tools_keep_the_order_of_their_schema() -> None:
    parameters: dict[str, Json] = {
        "type": "object",
        "required": ["z"],
        "properties": {"z": {"type": "string"}, "a": {}},
    }
    asked = chat(
        tools=[{"type": "function", "function": {"name": "f", "description": "d", "parameters": parameters}}]
    )
    assert asked.tools == (Tool("f", "d", parameters),)
    assert json.dumps(asked.tools[0].parameters) == json.dumps(parameters)


def test_a_call_can_be_forced_as_with_openai() -> None:
    tool = {"type": "function", "function": {"name": "f"}}
    asked = chat(tools=[tool], tool_choice=tool, parallel_tool_calls=False)
    assert (asked.tool_choice, asked.parallel_tool_calls) == (ToolChoice("named", "f"), False)
    assert (chat(tools=[tool]).tool_choice, chat(tools=[tool]).parallel_tool_calls) == (ToolChoice(), True)
    with pytest.raises(BadRequest, match="tool_choice"):
        chat(tools=[tool], tool_choice=1)


def test_earlier_tool_calls_and_their_results_come_through() -> None:
    call = {"id": "c1", "function": {"name": "f", "arguments": {"b": 1, "a": 2}}}
    asked = chat(
        messages=[
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "content": "22", "tool_name": "f", "tool_call_id": "c1"},
        ]
    )
    assert asked.messages[0].tool_calls == (ToolCall("f", {"b": 1, "a": 2}, "c1"),)
    assert list(asked.messages[0].tool_calls[0].arguments) == ["b", "a"]
    assert asked.messages[1] == Message("tool", "22", tool_name="f", tool_call_id="c1")


def test_a_wrong_type_is_refused_by_its_place() -> None:
    with pytest.raises(BadRequest, match=r"\$\.messages\[1\]\.content"):
        chat(messages=[{"role": "user"}, {"role": "user", "content": 5}])
    with pytest.raises(BadRequest, match=r"\$\.messages\[0\]\.tool_calls\[0\]\.function\.arguments"):
        chat(messages=[{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}])
    with pytest.raises(BadRequest, match=r"tools\[0\]\.function\.name is required"):
        chat(tools=[{"type": "function"}])


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "missing request body"),
        (b" \n", "missing request body"),
        (b"{", "not valid JSON"),
        (b'{"model":"m"} extra', "not valid JSON"),
        (b'{"model":"\xff"}', "not valid JSON"),
        (b'{"model":NaN}', "not valid JSON"),
        (b"[]", "must be a JSON object, not of type array"),
        (b"null", "must be a JSON object, not of type null"),
        (b"7", "must be a JSON object, not of type number"),
        (b'{"model":7}', r"\$\.model"),
        (b'{"model":"m","options":[]}', r"\$\.options"),
        (b'{"model":"m","stream":"yes"}', r"\$\.stream"),
        (b'{"options":' + b"[" * 100_000, "nested too deeply"),
    ],
)
def test_a_body_that_is_no_request_says_why(body: bytes, text: str) -> None:
    with pytest.raises(BadRequest, match=text):
        Generate().decode(body)


def test_a_model_must_be_named() -> None:
    with pytest.raises(ModelNotFound, match="model '' not found"):
        Generate().decode(b"{}")
    with pytest.raises(BadRequest, match="model is required"):
        Chat().decode(b"{}")


def embed_inputs(value: Any) -> tuple[str | tuple[int, ...], ...]:
    return embed_request(EmbedBody(model="m", input=value)).inputs


def test_inputs_to_embed_are_a_text_or_a_list_of_texts() -> None:
    assert [embed_inputs(value) for value in (None, "", [], "a", ["a", "b"])] == [
        (),
        (),
        (),
        ("a",),
        ("a", "b"),
    ]
    refused: list[Any] = [5, {}, ["a", 1], [["a"]]]
    for bad in refused:
        with pytest.raises(BadRequest, match="invalid input type"):
            embed_inputs(bad)


def test_embedding_cuts_long_texts_by_default_but_not_in_the_older_call() -> None:
    assert embed_request(EmbedBody(model="m")).truncate
    assert not embed_request(EmbedBody(model="m", truncate=False)).truncate
    older = embeddings_request(EmbeddingsBody(model="m", prompt="a"))
    assert older.inputs == ("a",)
    assert not older.truncate


def test_dimensions_are_not_negative() -> None:
    assert embed_request(EmbedBody(model="m", dimensions=0)).dimensions is None
    assert embed_request(EmbedBody(model="m", dimensions=8)).dimensions == 8
    with pytest.raises(BadRequest, match="dimensions"):
        embed_request(EmbedBody(model="m", dimensions=-1))


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
JSON_VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    (
        "model prompt suffix system template context stream raw format keep_alive images options think "
        "truncate shift logprobs top_logprobs messages tools tool_choice role content tool_calls function "
        "name arguments id input dimensions source destination verbose from files adapters license "
        "parameters MODEL Messages"
    ).split()
)
OBJECTS = st.dictionaries(KEYS, JSON_VALUES | st.dictionaries(KEYS, JSON_VALUES, max_size=4), max_size=6)
NESTED = OBJECTS | st.builds(
    lambda outer, turns: outer | {"model": "m", "messages": turns, "tools": turns},
    OBJECTS,
    st.lists(st.dictionaries(KEYS, JSON_VALUES | OBJECTS, max_size=4), max_size=2),
)
DECODERS: tuple[Callable[[bytes], object], ...] = (
    lambda body: Generate().decode(body),
    lambda body: Chat().decode(body),
    lambda body: Create().decode(body),
    lambda body: embed_request(decode_json(body, EmbedBody)),
    lambda body: embeddings_request(decode_json(body, EmbeddingsBody)),
    lambda body: decode_json(body, ShowBody),
    lambda body: decode_json(body, CopyBody),
)


def statuses(body: bytes) -> set[int]:
    """With which statuses the body is refused; anything but a HearthError fails the test."""
    found = set()
    for decoder in DECODERS:
        try:
            decoder(body)
        except HearthError as error:
            found.add(error.status)
    return found


@given(NESTED)
def test_any_json_gives_a_request_or_a_refusal(value: Any) -> None:
    assert statuses(json.dumps(value).encode()) <= {400, 404}


@given(st.binary(max_size=60))
def test_any_bytes_give_a_request_or_a_refusal(body: bytes) -> None:
    assert statuses(body) <= {400, 404}

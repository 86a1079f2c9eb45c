"""Requests as clients of the Messages API write them: every form that is meant, and refusals by name."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.errors import BadRequest
from hearth.messages import ChatRequest, Format, KeepAlive, Message, Sampling, Tool, ToolCall, ToolChoice
from hearth.server.anthropic.count import Count
from hearth.server.anthropic.messages import Messages
from hearth.server.ollama.chat import Chat

PNG = b"\x89PNG\r\n\x1a\n and more"
IMAGE: dict[str, Any] = {
    "type": "image",
    "source": {"type": "base64", "media_type": "image/png", "data": base64.b64encode(PNG).decode()},
}
HI = [{"role": "user", "content": "hi"}]
SCHEMA: dict[str, Any] = {"type": "object", "properties": {"city": {"type": "string"}}}
TOOL: dict[str, Any] = {"name": "weather", "description": "The weather", "input_schema": SCHEMA}


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": words, **more}


def ask(**fields: Any) -> ChatRequest:
    body = {"model": "m", "max_tokens": 10, "messages": HI, **fields}
    return Messages().decode(json.dumps(body).encode())


def said(*turns: tuple[str, Any], **fields: Any) -> list[Message]:
    """The messages of these turns."""
    messages = [{"role": role, "content": content} for role, content in turns]
    return list(ask(messages=messages, **fields).messages)


def test_what_is_not_given_stays_open_and_thinking_is_off() -> None:
    assert ask() == ChatRequest(
        "m", (Message("user", "hi"),), think=False, sampling=Sampling(options={"num_predict": 10})
    )


def test_every_sampling_field_becomes_an_option() -> None:
    same = {"temperature": 0.5, "top_p": 0.9, "top_k": 5}
    asked = ask(max_tokens=7, stop_sequences=["END"], options={"num_ctx": 99, "seed": 1}, **same)
    assert asked.sampling.options == same | {"num_predict": 7, "stop": ["END"], "num_ctx": 99, "seed": 1}


def test_a_named_field_goes_before_the_same_option() -> None:
    assert ask(temperature=0.5, options={"temperature": 1.5}).sampling.options["temperature"] == 0.5


@pytest.mark.parametrize(
    "fields",
    [
        {"metadata": {"user_id": "u"}},
        {"service_tier": "auto"},
        {"cache_control": {"type": "ephemeral"}},
        {"container": "c"},
        {"container": None},
        {"mcp_servers": []},
        {"context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]}},
        {"inference_geo": "eu"},
        {"betas": ["one"]},
        {"system": None},
        {"tools": None},
        {"thinking": {"type": "disabled"}},
        {"output_config": {"effort": "high"}},
        {"output_config": {}},
        {"messages": [{"role": "user", "content": [text("hi", cache_control={"type": "ephemeral"})]}]},
        {"messages": [{"role": "user", "content": [text("hi", citations=None)]}]},
    ],
)
def test_what_changes_nothing_here_is_taken_and_ignored(fields: dict[str, Any]) -> None:
    assert ask(**fields) == ask()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Be brief.", "Be brief."),
        ([text("Be brief."), text("Be kind.", cache_control={"type": "ephemeral"})], "Be brief.\nBe kind."),
        ([text("x-anthropic-billing-header: cc_version=2; cch=ab12;"), text("Be brief.")], "Be brief."),
        ("x-anthropic-billing-header: cch=ab12;\nBe brief.", "Be brief."),
        ("Say x-anthropic-billing-header: now", "Say x-anthropic-billing-header: now"),
    ],
)
def test_the_system_prompt_comes_first(value: Any, expected: str) -> None:
    assert ask(system=value).messages == (Message("system", expected), Message("user", "hi"))


@pytest.mark.parametrize("value", ["", [], None, [text("")]])
def test_an_empty_system_prompt_is_none(value: Any) -> None:
    assert ask(system=value).messages == (Message("user", "hi"),)


def test_text_blocks_of_a_turn_are_one_text() -> None:
    assert said(("user", [text("one "), text("two")])) == [Message("user", "one two")]


def test_turns_of_one_role_in_a_row_are_one_turn() -> None:
    assert said(("user", "a"), ("user", "b"), ("assistant", "c"), ("assistant", [text("d")])) == [
        Message("user", "a\nb"),
        Message("assistant", "c\nd"),
    ]


def test_a_system_message_may_stand_between_turns() -> None:
    assert said(("user", "a"), ("system", [text("Hurry.")]), ("user", "b")) == [
        Message("user", "a"),
        Message("system", "Hurry."),
        Message("user", "b"),
    ]


def test_an_image_keeps_its_place_after_text() -> None:
    assert said(("user", [IMAGE, text("What is this?")])) == [Message("user", "What is this?", images=(PNG,))]
    assert said(("user", [text("First "), IMAGE, text(" then?")])) == [
        Message("user", "First [img] then?", images=(PNG,))
    ]


def test_a_tool_round_trip() -> None:
    messages = said(
        ("user", "Weather?"),
        (
            "assistant",
            [
                {"type": "thinking", "thinking": "I must look.", "signature": "s"},
                {"type": "redacted_thinking", "data": "???"},
                text("Looking."),
                {"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Rome"}},
                {"type": "tool_use", "id": "t2", "name": "clock", "input": {}},
            ],
        ),
        (
            "user",
            [
                {"type": "tool_result", "tool_use_id": "t1", "content": "22 C"},
                {
                    "type": "tool_result",
                    "tool_use_id": "t2",
                    "content": [text("noon"), IMAGE],
                    "is_error": False,
                },
                text("So?"),
            ],
        ),
    )
    calls = (ToolCall("weather", {"city": "Rome"}, "t1"), ToolCall("clock", {}, "t2"))
    assert messages == [
        Message("user", "Weather?"),
        Message("assistant", "Looking.", "I must look.", tool_calls=calls),
        Message("tool", "22 C", tool_name="weather", tool_call_id="t1"),
        Message("tool", "noon[img]", images=(PNG,), tool_name="clock", tool_call_id="t2"),
        Message("user", "So?"),
    ]


def test_the_same_request_to_ollama_makes_the_same_prompt() -> None:
    call = {"id": "t1", "function": {"name": "weather", "arguments": {"city": "Rome"}}}
    function = {"name": "weather", "description": "The weather", "parameters": SCHEMA}
    ollamas = {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Look.", "images": [IMAGE["source"]["data"]]},
            {"role": "assistant", "content": "So.", "thinking": "Hm.", "tool_calls": [call]},
            {"role": "tool", "content": "22 C", "tool_name": "weather", "tool_call_id": "t1"},
        ],
        "tools": [{"type": "function", "function": function}],
        "think": "high",
        "options": {"num_predict": 10, "temperature": 0.5, "stop": ["END"]},
    }
    use = {"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Rome"}}
    anthropics = ask(
        system="Be brief.",
        messages=[
            {"role": "user", "content": [IMAGE, text("Look.")]},
            {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm."}, text("So."), use]},
            {"role": "user", "content": [RESULT | {"tool_use_id": "t1", "content": "22 C"}]},
        ],
        tools=[TOOL],
        thinking={"type": "adaptive"},
        output_config={"effort": "high"},
        temperature=0.5,
        stop_sequences=["END"],
    )
    assert Chat().decode(json.dumps(ollamas).encode()) == anthropics


def test_a_result_without_content_is_empty() -> None:
    result = {"type": "tool_result", "tool_use_id": "gone"}
    assert said(("user", [result])) == [Message("tool", "", tool_call_id="gone")]


@pytest.mark.parametrize(
    ("choice", "expected", "parallel"),
    [
        (None, ToolChoice(), True),
        ({"type": "auto"}, ToolChoice(), True),
        ({"type": "auto", "disable_parallel_tool_use": True}, ToolChoice(), False),
        ({"type": "any"}, ToolChoice("required"), True),
        ({"type": "any", "disable_parallel_tool_use": True}, ToolChoice("required"), False),
        ({"type": "tool", "name": "weather"}, ToolChoice("named", "weather"), True),
        ({"type": "none"}, ToolChoice("none"), True),
    ],
)
def test_tools_are_taken_with_how_they_may_be_called(
    choice: Any, expected: ToolChoice, parallel: bool
) -> None:
    asked = ask(tools=[TOOL | {"type": "custom"}], tool_choice=choice)
    assert asked.tools == (Tool("weather", "The weather", SCHEMA),)
    assert (asked.tool_choice, asked.parallel_tool_calls) == (expected, parallel)


@pytest.mark.parametrize(
    ("thinking", "config", "expected"),
    [
        ({"type": "enabled", "budget_tokens": 1024}, None, True),
        ({"type": "adaptive"}, None, True),
        ({"type": "adaptive", "display": "omitted"}, {"effort": "low"}, "low"),
        ({"type": "adaptive"}, {"effort": "medium"}, "medium"),
        ({"type": "enabled"}, {"effort": "xhigh"}, "high"),
        ({"type": "enabled"}, {"effort": "max"}, "max"),
        ({"type": "disabled"}, {"effort": "max"}, False),
        (None, {"effort": "max"}, False),
    ],
)
def test_thinking_is_on_only_if_asked_for(thinking: Any, config: Any, expected: Any) -> None:
    assert ask(thinking=thinking, output_config=config).think == expected


@pytest.mark.parametrize("name", ["output_config", "output_format"])
def test_a_schema_shapes_the_answer(name: str) -> None:
    wanted = {"type": "json_schema", "schema": SCHEMA}
    value = {"format": wanted} if name == "output_config" else wanted
    assert ask(**{name: value}).sampling.format == Format("schema", schema=SCHEMA)


def test_logprobs_and_keep_alive_are_ollamas() -> None:
    sampling = ask(logprobs=True, top_logprobs=3).sampling
    assert (sampling.logprobs, sampling.top_logprobs) == (True, 3)
    assert ask(keep_alive="5m").keep_alive == KeepAlive(300.0)


RESULT = {"type": "tool_result", "tool_use_id": "t"}
USE = {"type": "tool_use", "id": "t", "name": "f"}
SEARCH = {"type": "web_search_20250305", "name": "web_search"}


def turn(*blocks: Any, role: str = "user") -> dict[str, Any]:
    return {"messages": [{"role": role, "content": list(blocks)}]}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"model": ""}, "model is required"),
        ({"max_tokens": None}, "max_tokens is required and must be positive"),
        ({"max_tokens": 0}, "max_tokens is required and must be positive"),
        ({"max_tokens": "many"}, "max_tokens"),
        ({"messages": []}, "messages is required"),
        ({"messages": [{"role": "tool", "content": "x"}]}, 'messages[0].role must be "user"'),
        ({"messages": [{"role": "user"}]}, "messages[0].content must be a text or a list"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content must be a text or a list"),
        (turn("bare"), "messages[0].content[0] must be a content block"),
        (turn({"type": "text"}), "messages[0].content[0].text is required"),
        (turn({"type": "document", "source": {}}), '"document" is not supported'),
        (turn({"type": "hologram"}), '"hologram" is not supported'),
        (turn(text("a"), {"type": "server_tool_use"}, role="assistant"), 'content[1]: a block of'),
        (turn(IMAGE, role="assistant"), '"image" is not supported'),
        (turn(IMAGE, role="system"), 'must be a block of the type "text"'),
        (turn({"type": "image"}), "source is required"),
        (turn({"type": "image", "source": {"type": "url", "url": "u"}}), 'source.type "url" is not'),
        (turn({"type": "image", "source": {"type": "file", "file_id": "f"}}), '"file" is not supported'),
        (turn({"type": "image", "source": {"type": "base64"}}), "source.data is required"),
        (turn({"type": "image", "source": {"type": "base64", "data": "%"}}), "source.data is not base64"),
        (turn({"type": "tool_result", "content": "x"}), 'needs "tool_use_id"'),
        (turn(RESULT | {"content": [{"type": "document"}]}), "content[0].content[0]"),
        (turn({"type": "tool_use", "name": "f"}, role="assistant"), 'needs "id"'),
        (turn({"type": "tool_use", "id": "t"}, role="assistant"), 'needs "name"'),
        (turn(USE | {"input": []}, role="assistant"), "input must be an object"),
        ({"system": 5}, "system must be a text or a list"),
        ({"system": [IMAGE]}, "system[0] must be a block"),
        ({"tools": [SEARCH]}, '"web_search_20250305" is not supported'),
        ({"tools": [{"input_schema": {}}]}, "tools[0].name is required"),
        ({"tools": [{"name": "f"}]}, 'tools[0].input_schema of the tool "f"'),
        ({"tools": [TOOL | {"strict": True}]}, "tools[0].strict is not supported"),
        ({"tools": [TOOL], "tool_choice": {"type": "some"}}, 'tool_choice.type must be "auto", "any"'),
        ({"tool_choice": {"type": "tool"}}, "tool_choice.name is required"),
        ({"thinking": {"type": "deeply"}}, "thinking.type must be"),
        ({"thinking": {"type": "enabled", "display": "loudly"}}, "thinking.display must be"),
        ({"output_config": {"effort": "heroic"}}, "output_config.effort must be one of low, medium"),
        ({"output_config": {"format": {"type": "xml"}}}, "format.type must be"),
        ({"output_config": {"format": {"type": "json_schema"}}}, "format.schema must be"),
        ({"mcp_servers": [{"url": "u"}]}, "mcp_servers is not supported"),
        ({"container": {"skills": [{"skill_id": "s"}]}}, "container.skills is not supported"),
        ({"stop_sequences": ["a", ""]}, "stop_sequences[1] is empty"),
        ({"keep_alive": []}, "keep_alive"),
    ],
)  # fmt: skip
def test_what_cannot_be_served_is_refused_by_name(fields: dict[str, Any], expected: str) -> None:
    with pytest.raises(BadRequest) as caught:
        ask(**fields)
    assert expected in caught.value.message


def test_counting_needs_no_limit_of_tokens() -> None:
    asked = Count().decode(json.dumps({"model": "m", "messages": HI, "tools": [TOOL]}).encode())
    assert asked.messages == (Message("user", "hi"),)
    assert len(asked.tools) == 1


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
words = st.sampled_from(
    "text image base64 user assistant system thinking tool_use tool_result auto none enabled low".split()
)
KEYS = "type text source data content tool_use_id id name input thinking role effort format schema".split()
FIELDS = (
    "max_tokens system tools tool_choice thinking output_config output_format mcp_servers container "
    "options keep_alive stream temperature top_p top_k stop_sequences".split()
)
values = st.recursive(
    scalars | words | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=12,
)
blocks = st.fixed_dictionaries({"type": words}, optional={
    "text": values, "source": values, "content": values, "id": words, "tool_use_id": words, "name": words,
    "input": values, "thinking": values,
})  # fmt: skip
turns = st.fixed_dictionaries({"role": words, "content": st.text(max_size=5) | st.lists(blocks, max_size=3)})
bodies = st.fixed_dictionaries(
    {"model": st.text(max_size=5), "messages": st.lists(turns, max_size=3) | values},
    optional=dict.fromkeys(FIELDS, values),
)


@given(bodies | values)
def test_any_json_is_a_request_or_refused(body: Any) -> None:
    written = json.dumps(body).encode()
    for dialect in (Messages(), Count()):
        try:
            asked = dialect.decode(written)
        except BadRequest:
            continue
        assert asked.model
        assert asked.messages


@given(st.binary(max_size=40))
def test_any_bytes_are_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        Messages().decode(body)

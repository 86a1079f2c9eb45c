"""Requests for responses as clients write them: what they mean as a chat, and refusals by name."""

from __future__ import annotations

import base64
import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.errors import BadRequest
from hearth.messages import ChatRequest, Format, Json, KeepAlive, Message, ToolCall
from hearth.server.openai.chat import Chat
from hearth.server.responses.create import Asked, Responses
from hearth.server.responses.items import conversation, identified

PNG = b"\x89PNG\r\n\x1a\n and more"
IMAGE = {"type": "input_image", "image_url": "data:image/png;base64," + base64.b64encode(PNG).decode()}
SCHEMA: Json = {"type": "object", "properties": {"a": {"type": "integer"}}}
TOOL = {"type": "function", "name": "f", "description": "d", "parameters": {"type": "object"}, "strict": None}
CALL = {"type": "function_call", "call_id": "c1", "name": "f", "arguments": '{"a": 1}'}
OUTPUT = {"type": "function_call_output", "call_id": "c1", "output": "sunny"}
THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}]}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    "model", "input", "instructions", "previous_response_id", "stream", "store", "max_output_tokens",
    "temperature", "top_p", "top_logprobs", "reasoning", "text", "tools", "tool_choice",
    "parallel_tool_calls", "truncation", "include", "metadata", "service_tier", "background", "conversation",
    "options", "keep_alive", "truncate",
]  # fmt: skip
ITEM_FIELDS = [
    "type", "role", "content", "name", "call_id", "arguments", "output", "summary", "encrypted_content",
    "namespace",
]  # fmt: skip
KINDS = st.sampled_from(["message", "function_call", "function_call_output", "reasoning"])


def decoded(**fields: Any) -> Asked:
    return Responses(storing=True).decode(json.dumps({"model": "m", "input": "hi", **fields}).encode())


def asked(**fields: Any) -> ChatRequest:
    return decoded(**fields).request


def messages(*items: Any, **fields: Any) -> tuple[Message, ...]:
    return asked(input=list(items), **fields).messages


def refused(**fields: Any) -> BadRequest:
    with pytest.raises(BadRequest) as found:
        asked(**fields)
    return found.value


def said(role: str, content: Any) -> dict[str, Any]:
    return {"type": "message", "role": role, "content": content}


def test_what_is_not_given_stays_open() -> None:
    assert asked() == ChatRequest("m", (Message("user", "hi"),))


def test_nulls_and_what_has_no_effect_are_ignored() -> None:
    fields: dict[str, Any] = dict.fromkeys(FIELDS[2:])
    fields |= {
        "user": "u",
        "metadata": {"a": "b"},
        "service_tier": "auto",
        "zebra": [1],
        "prompt_cache_key": "k",
    }
    fields |= {"include": ["reasoning.encrypted_content"], "truncation": "disabled", "background": False}
    fields |= {"text": {"format": {"type": "text"}}, "reasoning": {"summary": "auto"}, "max_tool_calls": 3}
    assert asked(**fields) == asked()


def test_fields_mean_what_they_mean_in_a_chat() -> None:
    own = asked(
        temperature=0, top_p=0.5, max_output_tokens=9, reasoning={"effort": "low"}, tools=[TOOL],
        text={"format": {"type": "json_schema", "name": "n", "schema": SCHEMA, "strict": True}},
        options={"num_ctx": 512}, keep_alive="5m", truncation="auto", instructions="Be brief.",
        include=["message.output_text.logprobs"], top_logprobs=2,
    )  # fmt: skip
    chat = {
        "model": "m", "temperature": 0, "top_p": 0.5, "max_tokens": 9, "reasoning_effort": "low",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}],
        "tools": [{"type": "function", "function": TOOL | {"strict": False}}],
        "response_format": {"type": "json_schema", "json_schema": {"schema": SCHEMA}},
        "options": {"num_ctx": 512}, "keep_alive": "5m", "truncate": True, "logprobs": True,
        "top_logprobs": 2,
    }  # fmt: skip
    assert Chat().decode(json.dumps(chat).encode()).prompts == ((own,),)
    assert own.sampling.format == Format("schema", schema=SCHEMA)
    assert own.keep_alive == KeepAlive(300)


@pytest.mark.parametrize(
    ("own", "chat"),
    [
        ("auto", "auto"),
        ("none", "none"),
        ("required", "required"),
        ({"type": "function", "name": "f"}, {"type": "function", "function": {"name": "f"}}),
        (
            {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "f"}]},
            {
                "type": "allowed_tools",
                "allowed_tools": {
                    "mode": "required",
                    "tools": [{"type": "function", "function": {"name": "f"}}],
                },
            },
        ),
    ],
)
def test_a_choice_of_tools_means_what_it_means_in_a_chat(own: Any, chat: Any) -> None:
    body = {
        "model": "m", "messages": [{"role": "user", "content": "hi"}], "tool_choice": chat,
        "parallel_tool_calls": False, "tools": [{"type": "function", "function": TOOL | {"strict": False}}],
    }  # fmt: skip
    (prompts,) = Chat().decode(json.dumps(body).encode()).prompts
    assert prompts == (asked(tools=[TOOL], tool_choice=own, parallel_tool_calls=False),)


def test_a_function_of_a_namespace_can_be_chosen() -> None:
    space = {"type": "namespace", "name": "crm", "tools": [TOOL]}
    choice = {"type": "function", "name": "f", "namespace": "crm"}
    assert asked(tools=[space], tool_choice=choice) == asked(
        tools=[{**TOOL, "name": "crm.f"}], tool_choice={"type": "function", "name": "crm.f"}
    )


def test_tools_are_functions_and_those_of_namespaces() -> None:
    space = {"type": "namespace", "name": "crm", "description": "x", "tools": [TOOL]}
    tools = asked(tools=[TOOL, space]).tools
    assert [(tool.name, tool.description, tool.parameters) for tool in tools] == [
        ("f", "d", {"type": "object"}),
        ("crm.f", "d", {"type": "object"}),
    ]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([{"role": "user", "content": "hi"}], [Message("user", "hi")]),
        (
            [said("developer", "be brief"), said("user", "hi")],
            [Message("system", "be brief"), Message("user", "hi")],
        ),
        (
            [said("user", [{"type": "input_text", "text": "a"}, {"type": "input_text", "text": "b"}])],
            [Message("user", "a\nb")],
        ),
        (
            [said("user", [{"type": "input_text", "text": "see"}, IMAGE])],
            [Message("user", "see[img]", images=(PNG,))],
        ),
        ([said("assistant", [{"type": "output_text", "text": "a"}])], [Message("assistant", "a")]),
        ([said("assistant", [{"type": "refusal", "refusal": "no"}])], [Message("assistant", "no")]),
        (
            [said("assistant", "a"), said("assistant", "b")],
            [Message("assistant", "a"), Message("assistant", "b")],
        ),
        (
            [CALL, OUTPUT],
            [
                Message("assistant", tool_calls=(ToolCall("f", {"a": 1}, "c1"),)),
                Message("tool", "sunny", tool_name="f", tool_call_id="c1"),
            ],
        ),
        (
            [THOUGHT, said("assistant", "let me see"), CALL, {**CALL, "call_id": "c2", "namespace": "crm"}],
            [
                Message(
                    "assistant", "let me see", "hm",
                    tool_calls=(ToolCall("f", {"a": 1}, "c1"), ToolCall("crm.f", {"a": 1}, "c2")),
                )
            ],
        ),
        (
            [CALL, said("assistant", "a word between"), OUTPUT],
            [
                Message("assistant", "a word between", tool_calls=(ToolCall("f", {"a": 1}, "c1"),)),
                Message("tool", "sunny", tool_name="f", tool_call_id="c1"),
            ],
        ),
        (
            [{**OUTPUT, "output": [IMAGE]}],
            [Message("tool", images=(PNG,), tool_call_id="c1")],
        ),
        (
            [{"type": "reasoning", "summary": [], "encrypted_content": "deep"}, said("assistant", "a")],
            [Message("assistant", "a", "deep")],
        ),
        (
            [{"type": "reasoning", "content": [{"type": "t", "text": "x"}], "encrypted_content": "y"}],
            [Message("assistant", thinking="x")],
        ),
    ],
)  # fmt: skip
def test_items_become_messages(items: list[Any], expected: list[Message]) -> None:
    assert messages(*items) == tuple(expected)


def test_items_mean_the_same_when_they_were_kept() -> None:
    items = decoded(input=[said("user", "hi"), THOUGHT, CALL, OUTPUT, said("assistant", "a")]).items
    again = json.loads(json.dumps(identified(items)))
    assert conversation((), again) == conversation(items)
    assert all(item["id"] for item in again)
    assert again[0]["content"] == [{"type": "input_text", "text": "hi"}]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"model": ""}, "model"),
        ({"input": None}, "input"),
        ({"input": []}, "input"),
        ({"input": 5}, "input"),
        ({"input": {"role": "user"}}, "input"),
        ({"input": ["hi"]}, "input[0]"),
        ({"input": [{}]}, "input[0]"),
        ({"input": [said("user", "hi"), {"type": "web_search_call"}]}, "input[1]"),
        ({"input": [{"type": "item_reference"}]}, "input[0].id"),
        ({"input": [{"id": 5}]}, "input[0].id"),
        ({"input": [said("robot", "hi")]}, "input[0].role"),
        ({"input": [said("user", None)]}, "input[0].content"),
        ({"input": [said("user", ["hi"])]}, "input[0].content[0]"),
        ({"input": [said("user", [{"type": "input_file", "file_id": "f"}])]}, "input[0].content[0]"),
        ({"input": [said("user", [{"type": "input_text"}])]}, "input[0].content[0].text"),
        (
            {"input": [said("user", [{"type": "input_image", "image_url": "https://a/b.png"}])]},
            "input[0].content[0].image_url",
        ),
        (
            {"input": [said("user", [{"type": "input_image", "file_id": "f"}])]},
            "input[0].content[0].image_url",
        ),
        ({"input": [{**CALL, "arguments": "[]"}]}, "input[0].arguments"),
        ({"input": [{**CALL, "arguments": {}}]}, "input[0].arguments"),
        ({"input": [{**CALL, "name": ""}]}, "input[0].name"),
        ({"input": [{"type": "function_call", "name": "f"}]}, "input[0].call_id"),
        ({"input": [{"type": "function_call_output", "output": "x"}]}, "input[0].call_id"),
        ({"input": [{"type": "function_call_output", "call_id": "c"}]}, "input[0].output"),
        ({"input": [{"type": "reasoning", "summary": "x"}]}, "input[0].summary"),
        ({"input": [{"type": "reasoning", "summary": [{}]}]}, "input[0].summary[0].text"),
        ({"temperature": -1}, "temperature"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
        ({"truncation": "middle"}, "truncation"),
        ({"reasoning": {"effort": "much"}}, "reasoning.effort"),
        ({"text": {"format": {"type": "xml"}}}, "text.format.type"),
        ({"text": {"format": {"type": "json_schema"}}}, "text.format.schema"),
        ({"text": {"verbosity": "low"}}, "text.verbosity"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"tools": [TOOL, {"type": "custom", "name": "x"}]}, "tools[1].type"),
        ({"tools": [{"type": "function"}]}, "tools[0].name"),
        ({"tools": [{"type": "function", "name": ""}]}, "tools[0].name"),
        ({"tools": [{"type": "function", "name": "f", "parameters": 5}]}, "tools"),
        ({"tools": [{"type": "namespace", "name": "n"}]}, "tools[0].tools"),
        (
            {"tools": [{"type": "namespace", "name": "n", "tools": [{"type": "mcp"}]}]},
            "tools[0].tools[0].type",
        ),
        ({"tool_choice": "sometimes"}, "tool_choice"),
        ({"tools": [TOOL], "tool_choice": {"type": "web_search"}}, "tool_choice"),
        ({"background": True}, "background"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"prompt": {"id": "p"}}, "prompt"),
        ({"moderation": {}, "service_tier": "priority"}, "service_tier"),
        ({"include": ["web_search_call.results"]}, "include[0]"),
        ({"top_logprobs": 21}, "top_logprobs"),
        ({"metadata": {str(n): "x" for n in range(17)}}, "metadata"),
        ({"metadata": {"a": 1}}, "metadata[...]"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_by_name(fields: dict[str, Any], param: str) -> None:
    assert refused(**fields).field == param


@pytest.mark.parametrize("field", ["input", "tools", "tool_choice", "text"])
def test_what_is_nested_too_deeply_is_refused(field: str) -> None:
    value: Any = "x"
    for _ in range(120):
        value = [value]
    given: dict[str, Any] = {
        "input": [{"role": "user", "content": value}],
        "tools": [{"type": "function", "x": value}],
    }
    given |= {"tool_choice": {"type": value}, "text": {"format": {"x": value}}}
    assert refused(**{field: given[field]}).field == field


def test_storing_is_refused_where_nothing_is_stored() -> None:
    body = json.dumps({"model": "m", "input": "hi", "store": True}).encode()
    with pytest.raises(BadRequest) as found:
        Responses(storing=False).decode(body)
    assert found.value.field == "store"


@given(fields=st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=5))
def test_no_body_raises_anything_but_a_refusal(fields: dict[str, Any]) -> None:
    with contextlib.suppress(BadRequest):
        asked(**fields)


@given(
    items=st.lists(
        st.dictionaries(st.sampled_from(ITEM_FIELDS), ANYTHING, max_size=5)
        | st.builds(lambda kind, rest: rest | {"type": kind}, KINDS, st.dictionaries(
            st.sampled_from(ITEM_FIELDS), ANYTHING, max_size=5
        )),
        max_size=4,
    )
)  # fmt: skip
def test_no_item_raises_anything_but_a_refusal(items: list[Any]) -> None:
    with contextlib.suppress(BadRequest):
        found = decoded(input=items).items
        assert conversation((), identified(found)) == conversation(found)

"""The events of a stream are well formed, and what they tell joined is the response at their end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.errors import ContextExceeded, RunnerCrashed
from hearth.messages import (
    Called,
    Event,
    Finished,
    Message,
    Text,
    Thinking,
    TokenLogprob,
    ToolCall,
    Truncation,
    Usage,
)
from hearth.server.gather import gather
from hearth.server.responses.answer import Answer
from hearth.server.responses.create import beginning
from hearth.server.responses.items import conversation
from hearth.server.responses.replies import StreamEvent, sent
from hearth.server.responses.wire import ResponsesBody

USAGE = Usage(5, 2, 7)
CALL = Called(ToolCall("f", {"b": "é", "a": 1}, "call_1"))
TOKEN = TokenLogprob("é", -0.5, (195, 169), (TokenLogprob("e", -1.0, (101,)),))
END = Finished("stop", USAGE)


def started(spaces: dict[str, tuple[str, str]] | None = None) -> Answer:
    return Answer(beginning(ResponsesBody(model="m"), store=False), spaces or {})


def read(steps: Sequence[StreamEvent]) -> list[Any]:
    """The events as a client reads them."""
    found = []
    for step in steps:
        name, data = sent(step).decode().removesuffix("\n\n").split("\n")
        found.append(json.loads(data.removeprefix("data: ")))
        assert name == "event: " + found[-1]["type"]
    return found


def stream(*events: Event) -> list[Any]:
    made = started()
    return read([step for event in events for step in made.steps(event)])


def kinds(events: Sequence[Any]) -> list[str]:
    return [event["type"].removeprefix("response.") for event in events]


def test_a_text_has_its_events_in_order() -> None:
    found = stream(Text("a"), Text("b"), END)
    assert kinds(found) == [
        "created", "in_progress", "output_item.added", "content_part.added", "output_text.delta",
        "output_text.delta", "output_text.done", "content_part.done", "output_item.done", "completed",
    ]  # fmt: skip
    assert [event["sequence_number"] for event in found] == list(range(10))
    assert found[0]["response"]["status"] == "in_progress"
    assert found[0]["response"]["output"] == []
    reply = found[-1]["response"]
    assert reply["id"].startswith("resp_")
    (item,) = reply["output"]
    assert item["id"].startswith("msg_")
    assert item == {
        "type": "message", "id": found[2]["item"]["id"], "status": "completed", "role": "assistant",
        "content": [{"type": "output_text", "text": "ab", "annotations": [], "logprobs": []}],
    }  # fmt: skip
    assert reply["status"] == "completed"
    assert reply["completed_at"] >= reply["created_at"]
    assert reply["usage"] == {
        "input_tokens": 5, "input_tokens_details": {"cached_tokens": 2}, "output_tokens": 7,
        "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 12,
    }  # fmt: skip


def test_a_response_has_every_key_of_the_api() -> None:
    assert set(stream(END)[-1]["response"]) >= set(
        "id object created_at completed_at status incomplete_details model previous_response_id instructions "
        "output error tools tool_choice truncation parallel_tool_calls text top_p presence_penalty "
        "frequency_penalty top_logprobs temperature reasoning usage max_output_tokens max_tool_calls store "
        "background service_tier metadata safety_identifier prompt_cache_key".split()
    )


def test_thinking_comes_before_the_text_as_an_item_of_its_own() -> None:
    found = stream(Thinking("h"), Thinking("m"), Text("a"), END)
    assert kinds(found)[2:8] == [
        "output_item.added", "reasoning_summary_part.added", "reasoning_summary_text.delta",
        "reasoning_summary_text.delta", "reasoning_summary_text.done", "reasoning_summary_part.done",
    ]  # fmt: skip
    first, second = found[-1]["response"]["output"]
    assert first == {
        "type": "reasoning", "id": found[2]["item"]["id"], "encrypted_content": "hm",
        "summary": [{"type": "summary_text", "text": "hm"}],
    }  # fmt: skip
    assert second["content"][0]["text"] == "a"


def test_a_call_comes_whole() -> None:
    found = stream(CALL, END)
    assert kinds(found)[2:6] == [
        "output_item.added", "function_call_arguments.delta", "function_call_arguments.done",
        "output_item.done",
    ]  # fmt: skip
    assert found[2]["item"]["arguments"] == ""
    (item,) = found[-1]["response"]["output"]
    assert item == {
        "type": "function_call", "id": found[2]["item"]["id"], "call_id": "call_1", "name": "f",
        "arguments": '{"b": "é", "a": 1}', "status": "completed",
    }  # fmt: skip


def test_a_call_of_a_namespace_is_told_apart_again() -> None:
    made = started({"crm.f": ("crm", "f")})
    found = read([*made.steps(Called(ToolCall("crm.f", {}, "c"))), *made.steps(END)])
    (item,) = found[-1]["response"]["output"]
    assert (item["namespace"], item["name"]) == ("crm", "f")


def test_an_answer_that_reached_its_bound_is_incomplete() -> None:
    found = stream(Text("a"), Finished("length", USAGE))
    assert kinds(found)[-1] == "incomplete"
    reply = found[-1]["response"]
    assert reply["status"] == "incomplete"
    assert reply["incomplete_details"] == {"reason": "max_output_tokens"}
    assert reply["completed_at"] is None
    assert reply["output"][0]["status"] == "incomplete"


def test_an_answer_of_nothing_is_an_empty_message() -> None:
    (item,) = stream(Text(""), END)[-1]["response"]["output"]
    assert item["content"][0]["text"] == ""


def test_an_error_ends_the_stream_with_what_had_come() -> None:
    made = started()
    steps = [*made.steps(CALL), *made.steps(Text("half"))]
    found = read([*steps, made.failed(RunnerCrashed("it died"))])
    reply = found[-1]["response"]
    assert kinds(found)[-1] == "failed"
    assert [event["sequence_number"] for event in found] == list(range(len(found)))
    assert reply["error"] == {"code": "server_error", "message": "it died"}
    assert [item["status"] for item in reply["output"]] == ["completed", "incomplete"]
    assert made.failed(ContextExceeded(9, 5)).response.error == {
        "code": "context_length_exceeded",
        "message": ContextExceeded(9, 5).message,
    }


def test_logprobs_come_with_the_text() -> None:
    found = stream(Text("é", (TOKEN,)), END)
    expected = [
        {
            "token": "é", "logprob": -0.5, "bytes": [195, 169],
            "top_logprobs": [{"token": "e", "logprob": -1.0, "bytes": [101]}],
        }
    ]  # fmt: skip
    assert [event["logprobs"] for event in found if "logprobs" in event] == [expected, expected]
    assert found[-1]["response"]["output"][0]["content"][0]["logprobs"] == expected


def test_what_was_cut_and_noted_is_told() -> None:
    reply = stream(Finished("stop", USAGE, truncation=Truncation(2, 90), notes=("a remark",)))[-1]["response"]
    assert reply["truncated"] == {"dropped_messages": 2, "dropped_tokens": 90}
    assert reply["notes"] == ["a remark"]


TOKENS = st.lists(st.builds(TokenLogprob, st.text(max_size=3), st.floats(-9, 0)), max_size=2).map(tuple)
CALLS = st.builds(
    ToolCall, st.text(min_size=1, max_size=3), st.dictionaries(st.text(max_size=3), st.integers(-9, 9))
)
EVENTS = st.lists(
    st.builds(Text, st.text(), TOKENS) | st.builds(Thinking, st.text()) | st.builds(Called, CALLS),
    max_size=12,
)
ENDS = st.builds(Finished, st.sampled_from(["stop", "length"]))


@given(events=EVENTS, end=ENDS)
def test_every_stream_is_well_formed(events: list[Event], end: Finished) -> None:
    found = stream(*events, end)
    assert [event["sequence_number"] for event in found] == list(range(len(found)))
    assert kinds(found)[:2] == ["created", "in_progress"]
    assert kinds(found)[-1] == ("incomplete" if end.reason == "length" else "completed")
    reply = found[-1]["response"]
    assert {event["response"]["id"] for event in found if "response" in event} == {reply["id"]}
    items = [_item(index, events) for index, events in enumerate(_by_item(found[2:-1]))]
    assert items == reply["output"]
    assert len({item["id"] for item in items}) == len(items)


def _by_item(found: Sequence[Any]) -> list[list[Any]]:
    """The events of each item, which must not mix."""
    groups: list[list[Any]] = []
    for event in found:
        if event["type"] == "response.output_item.added":
            groups.append([])
        groups[-1].append(event)
    return groups


def _item(index: int, events: Sequence[Any]) -> Any:
    """The item that the events of one tell, their order and places being right."""
    item = events[0]["item"]
    assert events[-1]["type"] == "response.output_item.done"
    assert all(event["output_index"] == index for event in events)
    assert {event["item_id"] for event in events[1:-1]} == {item["id"]} == {events[-1]["item"]["id"]}
    deltas = [event for event in events if event["type"].endswith(".delta")]
    text = "".join(event["delta"] for event in deltas)
    status = events[-1]["item"].get("status")
    match item["type"]:
        case "message":
            tokens = [entry for event in deltas for entry in event["logprobs"]]
            part = {"type": "output_text", "text": text, "annotations": [], "logprobs": tokens}
            assert [event["part"] for event in events if "part" in event][-1] == part
            return item | {"content": [part], "status": status}
        case "reasoning":
            return item | {"summary": [{"type": "summary_text", "text": text}], "encrypted_content": text}
        case _:
            assert len(deltas) == 1
            return item | {"arguments": text, "status": status}


@given(events=EVENTS)
def test_the_pieces_joined_are_what_the_model_wrote(events: list[Event]) -> None:
    output = stream(*events, END)[-1]["response"]["output"]
    told = gather(events)
    parts = [item["content"][0] for item in output if item["type"] == "message"]
    assert "".join(part["text"] for part in parts) == "".join(told.text)
    thoughts = [item["summary"][0]["text"] for item in output if item["type"] == "reasoning"]
    assert "".join(thoughts) == "".join(told.thinking)
    calls = [
        (item["name"], json.loads(item["arguments"])) for item in output if item["type"] == "function_call"
    ]
    assert calls == [(call.name, call.arguments) for call in told.calls]


@pytest.mark.parametrize(
    "events",
    [
        [Text("a")],
        [Thinking("h"), Text("a")],
        [Thinking("h"), Text("a"), CALL, CALL],
        [Thinking("h"), CALL],
    ],
)
def test_what_was_answered_is_one_message_of_the_next_request(events: list[Event]) -> None:
    output = stream(*events, END)[-1]["response"]["output"]
    told = gather(events)
    assert conversation((), output) == (
        Message("assistant", "".join(told.text), "".join(told.thinking), tool_calls=tuple(told.calls)),
    )

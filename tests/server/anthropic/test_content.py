"""The stream of one answer: its order, what it adds up to, and how it ends, for any sequence of events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.errors import (
    ContextExceeded,
    HearthError,
    ModelNotFound,
    PayloadTooLarge,
    RunnerCrashed,
    ServerBusy,
)
from hearth.messages import (
    Called,
    ChatRequest,
    Event,
    Finished,
    Message,
    Text,
    Thinking,
    TokenLogprob,
    ToolCall,
    Usage,
)
from hearth.server.anthropic.errors import error_type
from hearth.server.anthropic.messages import Messages, estimate

CALL = Called(ToolCall("weather", {"city": "Rome"}, "call_1"))
FULL = "model_context_window_exceeded"
STOPS = {"stop_sequences": ["X", "END"]}
ON = {"type": "enabled", "budget_tokens": 1024}


def dialect(**fields: Any) -> Messages:
    made = Messages()
    body = {"model": "m", "max_tokens": 10, "messages": [{"role": "user", "content": "hello there"}]}
    made.decode(json.dumps(body | fields).encode())
    return made


def read(stream: bytes) -> list[dict[str, Any]]:
    """The events of a stream; each line of it must be as the format says."""
    found = []
    for record in stream.decode().split("\n\n")[:-1]:
        name, data = record.split("\n")
        assert name.startswith("event: ")
        assert data.startswith("data: ")
        found.append(json.loads(data.removeprefix("data: ")))
        assert found[-1]["type"] == name.removeprefix("event: ")
    assert stream.endswith(b"\n\n")
    return found


def stream(events: Iterable[Event], **fields: Any) -> list[dict[str, Any]]:
    made = dialect(stream=True, **fields)
    return read(b"".join(map(made.encode, events)))


def whole(events: Sequence[Event], **fields: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(dialect(**fields).encode_whole(events))
    return found


def added_up(events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The message that a client makes of a stream; raises where the order is not the one that is promised."""
    first, ping, *steps, delta, stop = events
    assert (first["type"], ping) == ("message_start", {"type": "ping"})
    assert (delta["type"], stop) == ("message_delta", {"type": "message_stop"})
    message: dict[str, Any] = first["message"]
    assert message["content"] == []
    opened: dict[str, Any] | None = None
    written = ""
    likely: list[Any] = []
    for step in steps:
        if step["type"] == "content_block_start":
            assert opened is None
            assert step["index"] == len(message["content"])
            opened, written = step["content_block"], ""
            message["content"].append(opened)
            continue
        assert opened is not None
        assert step["index"] == len(message["content"]) - 1
        if step["type"] == "content_block_stop":
            if opened["type"] == "tool_use":
                assert opened["input"] == {}
                opened["input"] = json.loads(written)
            opened = None
            continue
        assert step["type"] == "content_block_delta"
        likely += step.get("logprobs", [])
        match step["delta"]:
            case {"type": "text_delta", "text": text}:
                opened["text"] += text
            case {"type": "thinking_delta", "thinking": text}:
                assert opened["signature"] == ""
                opened["thinking"] += text
            case {"type": "signature_delta", "signature": text}:
                opened["signature"] += text
            case {"type": "input_json_delta", "partial_json": text}:
                written += text
            case other:
                raise AssertionError(other)
    assert opened is None
    message |= delta["delta"] | {"usage": delta["usage"]} | ({"logprobs": likely} if likely else {})
    return message


def types(events: Sequence[dict[str, Any]]) -> list[str]:
    return [event.get("delta", event).get("type") or event["type"] for event in events]


def test_the_order_of_a_full_answer() -> None:
    events: list[Event] = [
        Thinking("Let me"),
        Thinking(" see."),
        Text("I will "),
        Text("look."),
        CALL,
        Finished("stop"),
    ]
    assert types(stream(events, thinking=ON)) == [
        "message_start", "ping",
        "content_block_start", "thinking_delta", "thinking_delta", "signature_delta", "content_block_stop",
        "content_block_start", "text_delta", "text_delta", "content_block_stop",
        "content_block_start", "input_json_delta", "content_block_stop",
        "message_delta", "message_stop",
    ]  # fmt: skip


def test_a_whole_answer() -> None:
    usage = Usage(prompt_tokens=12, cached_tokens=5, completion_tokens=7)
    reply = whole([Thinking("Hm."), Text("I will look."), CALL, Finished("stop", usage)], thinking=ON)
    assert reply.pop("id").startswith("msg_")
    assert reply["content"][0].pop("signature")
    assert reply == {
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [
            {"type": "thinking", "thinking": "Hm."},
            {"type": "text", "text": "I will look."},
            {"type": "tool_use", "id": "call_1", "name": "weather", "input": {"city": "Rome"}},
        ],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 7,
            "output_tokens": 7,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 5,
        },
    }


def test_thinking_is_told_only_if_it_was_asked_for() -> None:
    events: list[Event] = [Thinking("Hm."), Text("Yes."), Finished("stop")]
    assert whole(events)["content"] == [{"type": "text", "text": "Yes."}]
    (thought, _) = whole(events, thinking={"type": "adaptive", "display": "omitted"})["content"]
    assert thought["thinking"] == ""
    assert thought["signature"]


def test_white_space_makes_no_block_of_its_own() -> None:
    events: list[Event] = [Thinking("\n"), Thinking("Hm."), Text("\n\n"), CALL, Text(" \n"), Finished("stop")]
    kinds = [block["type"] for block in whole(events, thinking=ON)["content"]]
    assert kinds == ["thinking", "tool_use"]
    assert whole([Text("\n"), Text(" so"), Text("\n"), Finished("stop")])["content"] == [
        {"type": "text", "text": "\n so\n"}
    ]


def test_a_call_without_an_id_gets_one() -> None:
    (call,) = whole([Called(ToolCall("f", {})), Finished("stop")])["content"]
    assert call["id"].startswith("toolu_")
    assert call["input"] == {}


@pytest.mark.parametrize(
    ("events", "fields", "reason", "sequence"),
    [
        ([Text("a"), Finished("stop")], {}, "end_turn", None),
        ([Text("a"), Finished("length", Usage(completion_tokens=10))], {}, "max_tokens", None),
        (
            [Text("a"), Finished("length", Usage(completion_tokens=4))],
            {},
            "model_context_window_exceeded",
            None,
        ),
        ([CALL, Finished("stop")], {}, "tool_use", None),
        ([CALL, Finished("length", Usage(completion_tokens=10))], {}, "max_tokens", None),
        (
            [Text("a"), Finished("stop", stop_word="END")],
            {"stop_sequences": ["X", "END"]},
            "stop_sequence",
            "END",
        ),
        ([Text("a"), Finished("stop", stop_word="</s>")], {"stop_sequences": ["END"]}, "end_turn", None),
        ([Text("a"), Finished("stop", stop_word="</s>")], {}, "end_turn", None),
    ],
)
def test_how_an_answer_ends(
    events: Sequence[Event], fields: dict[str, Any], reason: str, sequence: str | None
) -> None:
    reply = whole(events, **fields)
    assert (reply["stop_reason"], reply["stop_sequence"]) == (reason, sequence)
    ending = stream(events, **fields)[-2]["delta"]
    assert ending == {"stop_reason": reason, "stop_sequence": sequence}


def test_logprobs_go_with_the_text_that_they_belong_to() -> None:
    held = Text("\n", (TokenLogprob("\n", -0.5),))
    said = Text("Yes", (TokenLogprob("Yes", -0.1, (89,), (TokenLogprob("No", -2.0),)),))
    first = {"token": "\n", "logprob": -0.5}
    second = {
        "token": "Yes",
        "logprob": -0.1,
        "bytes": [89],
        "top_logprobs": [{"token": "No", "logprob": -2.0}],
    }
    events: list[Event] = [held, said, Finished("stop")]
    assert whole(events)["logprobs"] == [first, second]
    (delta,) = (event for event in stream(events) if event["type"] == "content_block_delta")
    assert delta["logprobs"] == [first, second]


def test_notes_are_told() -> None:
    events: list[Event] = [Text("<tool"), Finished("stop", notes=("a call that could not be read",))]
    assert whole(events)["notes"] == ["a call that could not be read"]
    assert stream(events)[-2]["delta"]["notes"] == ["a call that could not be read"]


def test_an_error_in_mid_stream_is_an_event() -> None:
    made = dialect(stream=True)
    (event,) = read(made.encode_error(RunnerCrashed("it died"), streaming=True))
    assert event == {
        "type": "error",
        "error": {"type": "api_error", "message": "it died"},
        "request_id": made.request_id,
    }


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ContextExceeded(900, 512), "invalid_request_error"),
        (ModelNotFound("m"), "not_found_error"),
        (PayloadTooLarge(5), "request_too_large"),
        (ServerBusy(), "overloaded_error"),
        (HearthError("oh"), "api_error"),
    ],
)
def test_errors_have_the_type_of_their_status(error: HearthError, expected: str) -> None:
    reply = json.loads(Messages().encode_error(error, streaming=False))
    assert reply["error"]["type"] == expected
    assert reply["request_id"].startswith("req_")


@pytest.mark.parametrize(
    ("status", "expected"),
    [(401, "authentication_error"), (403, "permission_error"), (429, "rate_limit_error"), (507, "api_error")],
)
def test_every_status_has_a_type(status: int, expected: str) -> None:
    assert error_type(status) == expected


def test_a_full_context_is_told_in_the_words_that_agents_look_for() -> None:
    reply = json.loads(Messages().encode_error(ContextExceeded(900, 512), streaming=False))
    assert reply["error"]["message"].startswith("prompt is too long: 900 tokens > 512 maximum")
    assert "truncate" not in reply["error"]["message"]


def test_the_estimate_grows_with_the_prompt() -> None:
    short = ChatRequest("m", (Message("user", "hi"),))
    long = ChatRequest("m", (Message("system", "word " * 100), *short.messages))
    seeing = ChatRequest("m", (Message("user", "hi", images=(b"png",)),))
    assert 1 <= estimate(short) < estimate(long) < estimate(seeing)


texts = st.text(alphabet=" \nab<é😀", max_size=4)
calls = st.builds(
    ToolCall,
    st.text(min_size=1, max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3) | st.none(), max_size=2),
    st.sampled_from(["call_1", "call_2"]),
)
usages = st.builds(Usage, st.integers(0, 99), st.integers(0, 99), st.integers(0, 20))
tokens = st.lists(st.builds(TokenLogprob, texts, st.floats(-9, 0)), max_size=2).map(tuple)
pieces: st.SearchStrategy[Event] = (
    st.builds(Text, texts, tokens) | st.builds(Thinking, texts, tokens) | st.builds(Called, calls)
)
ends = st.builds(
    Finished, st.sampled_from(["stop", "length"]), usages, stop_word=st.sampled_from(["", "END", "other"])
)
thinkings = st.sampled_from([None, {"type": "disabled"}, ON, ON | {"display": "omitted"}])


@given(st.lists(pieces, max_size=12), ends, thinkings)
def test_any_stream_is_in_order_and_adds_up_to_the_whole_answer(
    events: list[Event], end: Finished, thinking: Any
) -> None:
    fields = {"thinking": thinking, "stop_sequences": ["END"]}
    found = added_up(stream([*events, end], **fields))
    expected = whole([*events, end], **fields)
    assert found | {"id": ""} == expected | {"id": ""}
    assert all(block.get("text", "x").strip() for block in found["content"])


@given(st.lists(pieces, max_size=12), ends)
def test_the_text_is_what_the_model_wrote(events: list[Event], end: Finished) -> None:
    written = "".join(event.text for event in events if isinstance(event, Text))
    told = "".join(block.get("text", "") for block in whole([*events, end])["content"])
    assert "".join(told.split()) == "".join(written.split())

"""Replies and streams in OpenAI's shapes; the deltas of a stream joined are the whole reply."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.errors import RunnerCrashed
from hearth.messages import (
    Called,
    Event,
    Finished,
    Rendered,
    Text,
    Thinking,
    TokenLogprob,
    ToolCall,
    Truncation,
    Usage,
)
from hearth.server.openai.answers import End, Part, Told
from hearth.server.openai.chat import Chat
from hearth.server.openai.completions import Completions

CALL = Called(ToolCall("f", {"b": "é", "a": 1}, "call_1"))
TOKEN = TokenLogprob("é", -0.5, (195, 169), (TokenLogprob("e", -1.0, (101,)),))
USAGE = Usage(5, 2, 7)


def dialect(kind: type[Chat | Completions], **fields: Any) -> Chat | Completions:
    made = kind()
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "prompt": "hi", **fields}
    made.decode(json.dumps(body).encode())
    return made


def told(*answers: Sequence[Event]) -> list[Told]:
    parts: list[Told] = [Part(index, event) for index, events in enumerate(answers) for event in events]
    return [*parts, End(USAGE)]


def stream(kind: type[Chat | Completions], *answers: Sequence[Event], **fields: Any) -> list[Any]:
    """The objects of a stream, which must end with the mark of the end."""
    made = dialect(kind, stream=True, **fields)
    text = b"".join(made.encode(item) for item in told(*answers)).decode()
    *blocks, last, rest = text.split("\n\n")
    assert last == "data: [DONE]"
    assert rest == ""
    return [json.loads(block.removeprefix("data: ")) for block in blocks]


def whole(kind: type[Chat | Completions], *answers: Sequence[Event]) -> Any:
    return json.loads(dialect(kind).encode_whole(told(*answers)))


def test_a_whole_chat() -> None:
    found = whole(Chat, [Thinking("hm"), Text("a"), Text("b"), Finished("stop", USAGE)])
    assert found.pop("id").startswith("chatcmpl-")
    assert isinstance(found.pop("created"), int)
    assert found == {
        "object": "chat.completion",
        "model": "m",
        "system_fingerprint": "fp_hearth",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {
                    "role": "assistant", "content": "ab", "reasoning": "hm", "reasoning_content": "hm",
                },
            }
        ],
        "usage": {
            "prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12,
            "prompt_tokens_details": {"cached_tokens": 2},
        },
    }  # fmt: skip


def test_a_stream_of_chat() -> None:
    chunks = stream(Chat, [Thinking("hm"), Text("a"), Finished("stop", USAGE)])
    assert {(chunk["id"], chunk["created"], chunk["object"]) for chunk in chunks} == {
        (chunks[0]["id"], chunks[0]["created"], "chat.completion.chunk")
    }
    assert [chunk["choices"] for chunk in chunks] == [
        [{"index": 0, "finish_reason": None,
          "delta": {"role": "assistant", "reasoning": "hm", "reasoning_content": "hm"}}],
        [{"index": 0, "finish_reason": None, "delta": {"content": "a"}}],
        [{"index": 0, "finish_reason": "stop", "delta": {}}],
    ]  # fmt: skip
    assert all("usage" not in chunk for chunk in chunks)


@pytest.mark.parametrize("kind", [Chat, Completions])
def test_usage_ends_a_stream_that_asked_for_it(kind: type[Chat | Completions]) -> None:
    chunks = stream(kind, [Text("a"), Finished("stop", USAGE)], stream_options={"include_usage": True})
    assert [chunk["usage"] for chunk in chunks[:-1]] == [None, None]
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["total_tokens"] == 12


def test_tool_calls_come_whole_and_numbered() -> None:
    events: list[Event] = [CALL, CALL, Finished("stop", USAGE)]
    (choice,) = whole(Chat, events)["choices"]
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"b": "é", "a": 1}'}}
    assert choice["message"] == {"role": "assistant", "content": None, "tool_calls": [call, call]}
    assert choice["finish_reason"] == "tool_calls"
    deltas = [chunk["choices"][0] for chunk in stream(Chat, events)]
    assert deltas[0]["delta"] == {"role": "assistant", "tool_calls": [{**call, "index": 0}]}
    assert deltas[1]["delta"] == {"tool_calls": [{**call, "index": 1}]}
    assert deltas[2]["finish_reason"] == "tool_calls"


def test_an_answer_cut_after_a_call_ended_by_its_length() -> None:
    events: list[Event] = [CALL, Finished("length", USAGE)]
    assert whole(Chat, events)["choices"][0]["finish_reason"] == "length"
    assert stream(Chat, events)[-1]["choices"][0]["finish_reason"] == "length"


def test_an_empty_answer_still_has_its_role() -> None:
    deltas = [chunk["choices"][0]["delta"] for chunk in stream(Chat, [Finished("stop", USAGE)])]
    assert deltas == [{"role": "assistant", "content": ""}, {}]
    message = whole(Chat, [Finished("stop", USAGE)])["choices"][0]["message"]
    assert message == {"role": "assistant", "content": ""}


def test_each_choice_has_its_index_and_role() -> None:
    answers: list[list[Event]] = [[Text("a"), Finished("stop", USAGE)], [CALL, Finished("stop", USAGE)]]
    assert [choice["index"] for choice in whole(Chat, *answers)["choices"]] == [0, 1]
    firsts = [chunk["choices"][0] for chunk in stream(Chat, *answers) if chunk["choices"][0]["delta"]]
    assert [(first["index"], first["delta"]["role"]) for first in firsts] == [
        (0, "assistant"),
        (1, "assistant"),
    ]


def test_logprobs_of_chat_are_those_of_the_content() -> None:
    events: list[Event] = [Thinking("h", (TOKEN,)), Text("é", (TOKEN,)), Finished("stop", USAGE)]
    expected = {
        "content": [
            {
                "token": "é", "logprob": -0.5, "bytes": [195, 169],
                "top_logprobs": [{"token": "e", "logprob": -1.0, "bytes": [101]}],
            }
        ],
        "refusal": None,
    }  # fmt: skip
    assert whole(Chat, events)["choices"][0]["logprobs"] == expected
    choices = [chunk["choices"][0] for chunk in stream(Chat, events)]
    assert [choice["logprobs"] for choice in choices if "logprobs" in choice] == [expected]


def test_what_was_cut_and_noted_is_told() -> None:
    finished = Finished("stop", USAGE, truncation=Truncation(2, 90), notes=("a remark",))
    for kind in (Chat, Completions):
        last = stream(kind, [Text("a"), finished])[-1]["choices"][0]
        for choice in (last, whole(kind, [Text("a"), finished])["choices"][0]):
            assert choice["truncated"] == {"dropped_messages": 2, "dropped_tokens": 90}
            assert choice["notes"] == ["a remark"]


@pytest.mark.parametrize("kind", [Chat, Completions])
def test_a_rendered_prompt_has_no_choices(kind: type[Chat | Completions]) -> None:
    found = whole(kind, [Rendered("<s>hi", 1)])
    assert found["choices"] == []
    assert found["_debug_info"] == {"rendered_template": "<s>hi", "image_count": 1}
    assert not dialect(kind, stream=True, _debug_render_only=True).streaming


def test_a_whole_completion() -> None:
    found = whole(Completions, [Text("é", (TOKEN,)), Text("b", (TOKEN,)), Finished("length", USAGE)])
    assert found["object"] == "text_completion"
    assert found["id"].startswith("cmpl-")
    assert found["choices"] == [
        {
            "index": 0,
            "finish_reason": "length",
            "text": "éb",
            "logprobs": {
                "tokens": ["é", "é"], "token_logprobs": [-0.5, -0.5], "top_logprobs": [{"e": -1.0}] * 2,
                "text_offset": [0, 1],
            },
        }
    ]  # fmt: skip


def test_halves_of_a_character_begin_where_it_does() -> None:
    tokens = [TokenLogprob("x", -1.0, (120,))]
    tokens += [TokenLogprob("\ufffd", -1.0, (byte,)) for byte in "é".encode()]
    tokens += [TokenLogprob("y", -1.0)]
    found = whole(Completions, [Text("xéy", tuple(tokens)), Finished("stop", USAGE)])
    assert found["choices"][0]["logprobs"]["text_offset"] == [0, 1, 1, 2]


def test_an_error_in_a_stream_is_an_event() -> None:
    event = dialect(Chat, stream=True).encode_error(RunnerCrashed("it died"), streaming=True)
    assert event.startswith(b"data: ")
    assert event.endswith(b"\n\n")
    assert json.loads(event[6:]) == {
        "error": {"message": "it died", "type": "api_error", "param": None, "code": None}
    }


TOKENS = st.lists(st.builds(TokenLogprob, st.text(max_size=3), st.floats(-9, 0)), max_size=2).map(tuple)
CALLS = st.builds(ToolCall, st.text(max_size=3), st.dictionaries(st.text(max_size=3), st.integers(-9, 9)))
EVENTS = st.lists(
    st.builds(Text, st.text(), TOKENS) | st.builds(Thinking, st.text(), TOKENS) | st.builds(Called, CALLS)
)
ANSWERS = st.lists(
    st.tuples(EVENTS, st.builds(Finished, st.sampled_from(["stop", "length"]))).map(lambda p: [*p[0], p[1]]),
    min_size=1,
    max_size=3,
)


@given(answers=ANSWERS)
def test_the_deltas_of_a_chat_joined_are_the_whole(answers: list[list[Event]]) -> None:
    chunks = [chunk["choices"][0] for chunk in stream(Chat, *answers)]
    for expected in whole(Chat, *answers)["choices"]:
        own = [choice for choice in chunks if choice["index"] == expected["index"]]
        assert own[-1]["finish_reason"] == expected["finish_reason"]
        assert [choice["finish_reason"] for choice in own[:-1]] == [None] * (len(own) - 1)
        assert _joined(own) == _flat(expected)


@given(answers=ANSWERS)
def test_the_texts_of_a_completion_joined_are_the_whole(answers: list[list[Event]]) -> None:
    chunks = [chunk["choices"][0] for chunk in stream(Completions, *answers)]
    for expected in whole(Completions, *answers)["choices"]:
        own = [choice for choice in chunks if choice["index"] == expected["index"]]
        assert "".join(choice["text"] for choice in own) == expected["text"]
        tables = [choice["logprobs"] for choice in own if choice["logprobs"]]
        assert _columns(tables) == _columns([expected["logprobs"]] if expected["logprobs"] else [])


def _columns(tables: list[dict[str, list[Any]]]) -> dict[str, list[Any]]:
    names = ["tokens", "token_logprobs", "top_logprobs", "text_offset"]
    return {name: [value for table in tables for value in table[name]] for name in names}


def _joined(choices: list[Any]) -> dict[str, Any]:
    deltas = [choice["delta"] for choice in choices]
    calls = [call for delta in deltas for call in delta.get("tool_calls", ())]
    assert [call.pop("index") for call in calls] == list(range(len(calls)))
    assert ["role" in delta for delta in deltas] == [True] + [False] * (len(deltas) - 1)
    return {
        "content": "".join(delta.get("content", "") for delta in deltas),
        "reasoning": "".join(delta.get("reasoning", "") for delta in deltas),
        "reasoning_content": "".join(delta.get("reasoning_content", "") for delta in deltas),
        "tool_calls": calls,
        "logprobs": [entry for choice in choices for entry in choice.get("logprobs", {}).get("content", ())],
    }


def _flat(choice: Any) -> dict[str, Any]:
    message = choice["message"]
    return {
        "content": message["content"] or "",
        "reasoning": message.get("reasoning", ""),
        "reasoning_content": message.get("reasoning_content", ""),
        "tool_calls": message.get("tool_calls", []),
        "logprobs": choice.get("logprobs", {}).get("content", []),
    }

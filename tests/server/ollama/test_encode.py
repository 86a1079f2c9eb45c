"""Replies as clients read them: the fields that are always there, and those that are not there when empty."""

from __future__ import annotations

import json
import re
from typing import Any

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
from hearth.modelfile.making import Status
from hearth.server.ollama.chat import Chat
from hearth.server.ollama.create import Create
from hearth.server.ollama.generate import Generate

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z")
USAGE = Usage(12, 4, 7, total_ns=900, load_ns=100, prompt_ns=300, completion_ns=500)
METRICS = {
    "total_duration": 900,
    "load_duration": 100,
    "prompt_eval_count": 12,
    "prompt_eval_duration": 300,
    "eval_count": 7,
    "eval_duration": 500,
}


def read(line: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(line)
    assert STAMP.fullmatch(found.pop("created_at"))
    assert found.pop("model") == "m:7b"
    return found


def generating(*events: Event) -> list[dict[str, Any]]:
    dialect = Generate()
    dialect.decode(b'{"model":"m:7b"}')
    return [read(dialect.encode(event)) for event in events]


def chatting(*events: Event) -> list[dict[str, Any]]:
    dialect = Chat()
    dialect.decode(b'{"model":"m:7b"}')
    return [read(dialect.encode(event)) for event in events]


def test_a_line_of_generate_always_has_response_and_done() -> None:
    assert generating(Text("a"), Text(""), Thinking("hm")) == [
        {"response": "a", "done": False},
        {"response": "", "done": False},
        {"response": "", "thinking": "hm", "done": False},
    ]


def test_a_line_of_chat_always_has_a_message_and_done() -> None:
    assert chatting(Text("a"), Thinking("hm")) == [
        {"message": {"role": "assistant", "content": "a"}, "done": False},
        {"message": {"role": "assistant", "content": "", "thinking": "hm"}, "done": False},
    ]


def test_the_last_line_has_the_reason_and_the_metrics() -> None:
    last = {"done": True, "done_reason": "stop", "cached_tokens": 4, **METRICS}
    assert generating(Finished("stop", USAGE)) == [{"response": "", **last}]
    assert chatting(Finished("stop", USAGE)) == [{"message": {"role": "assistant", "content": ""}, **last}]


def test_metrics_of_zero_are_left_out() -> None:
    assert generating(Finished("load")) == [{"response": "", "done": True, "done_reason": "load"}]


def test_context_and_what_was_cut_and_notes_are_told() -> None:
    end = Finished("length", context=(1, 2), truncation=Truncation(3, 40), notes=("a tool call was cut off",))
    assert generating(end) == [
        {
            "response": "",
            "done": True,
            "done_reason": "length",
            "context": [1, 2],
            "truncated": {"dropped_messages": 3, "dropped_tokens": 40},
            "notes": ["a tool call was cut off"],
        }
    ]


def test_tool_calls_are_numbered_through_the_stream_and_keep_their_arguments_order() -> None:
    first, second = chatting(Called(ToolCall("f", {"b": 1, "a": [2]}, "c1")), Called(ToolCall("g", {})))
    assert first["message"]["tool_calls"] == [
        {"id": "c1", "function": {"index": 0, "name": "f", "arguments": {"b": 1, "a": [2]}}}
    ]
    assert list(first["message"]["tool_calls"][0]["function"]["arguments"]) == ["b", "a"]
    assert second["message"]["tool_calls"] == [{"function": {"index": 1, "name": "g", "arguments": {}}}]
    assert generating(Called(ToolCall("f", {})))[0]["tool_calls"][0]["function"]["name"] == "f"


def test_logprobs_name_their_bytes_and_alternatives() -> None:
    token = TokenLogprob("é", -0.5, (195, 169), (TokenLogprob("e", -1.0),))
    assert generating(Text("é", (token,)))[0]["logprobs"] == [
        {
            "token": "é",
            "logprob": -0.5,
            "bytes": [195, 169],
            "top_logprobs": [{"token": "e", "logprob": -1.0}],
        }
    ]


def test_a_rendered_prompt_is_told_without_an_answer() -> None:
    assert generating(Rendered("<s>hi", 2))[0]["_debug_info"] == {
        "rendered_template": "<s>hi",
        "image_count": 2,
    }


def test_a_whole_reply_is_the_pieces_put_together() -> None:
    events: list[Event] = [
        Thinking("h"), Thinking("m"),
        Text("a", (TokenLogprob("a", 0.0),)), Text("b", (TokenLogprob("b", 0.0),)),
        Called(ToolCall("f", {})), Called(ToolCall("g", {})), Finished("stop", USAGE),
    ]  # fmt: skip
    dialect = Chat()
    dialect.decode(b'{"model":"m:7b"}')
    whole = read(dialect.encode_whole(events))
    message = whole["message"]
    assert (message["thinking"], message["content"]) == ("hm", "ab")
    assert [call["function"]["index"] for call in message["tool_calls"]] == [0, 1]
    assert [item["token"] for item in whole["logprobs"]] == ["a", "b"]
    assert whole["done"]
    assert METRICS.items() <= whole.items()


def test_an_error_is_a_body_or_the_last_line() -> None:
    error = RunnerCrashed("the runner died")
    assert Chat().encode_error(error, streaming=False) == b'{"error":"the runner died"}'
    assert Chat().encode_error(error, streaming=True) == b'{"error":"the runner died"}\n'


def test_steps_of_create_leave_out_what_they_do_not_have() -> None:
    steps = [Status("parsing GGUF"), Status("quantizing", "0" * 19, 100, 42), Status("success")]
    assert [json.loads(Create().encode(step)) for step in steps] == [
        {"status": "parsing GGUF"},
        {"status": "quantizing", "digest": "0" * 19, "total": 100, "completed": 42},
        {"status": "success"},
    ]
    assert json.loads(Create().encode_whole(steps)) == {"status": "success"}

"""Garbage of any length costs time in proportion, however it imitates a format."""

from __future__ import annotations

import time

import pytest
from tests.output.samples import TOOLS

from hearth.output.parsers import named

SIZE = 1_000_000
GARBAGE = [
    ("qwen3", "<tool_call>"),
    ("qwen3", '<tool_call>"<tool_call>x</tool_call>'),
    ("qwen3-coder", "<tool_call><function=now><parameter=a>"),
    ("qwen3-coder", "<function="),
    ("qwen3-coder", "</parameter><parameter=a>"),
    ("glm-4.7", "<tool_call>now<arg_key>a</arg_key><arg_value>"),
    ("glm-4.7", "<arg_value></arg_value>"),
    ("ministral", "[TOOL_CALLS]now[ARGS]{"),
    ("deepseek3", "<｜tool▁call▁begin｜>function<｜tool▁sep｜>"),
    ("olmo3", "<function_calls>now(a='"),
    ("olmo3", "'"),
    ("functiongemma", "<start_function_call>call:now{a:<escape>"),
    ("gemma4", '<|tool_call>call:now{a:<|"|>'),
    ("gemma4", "{a:["),
    ("lfm2", "<|tool_call_start|>[now(a=\\'"),
    ("lfm2", "[now(a="),
    ("cohere", "<|START_ACTION|>[{"),
    ("harmony", "<|start|>"),
    ("harmony", "<|channel|>commentary to=now<|message|>{"),
    ("glimmer", '<|start|>x to=now<|message|><atem:invoke name="now"><atem:parameter name="a">'),
    ("glimmer", '<atem:invoke name="now">'),
    ("laguna", "</assistant>"),
]
BEGUN = {
    "qwen3-coder": "<tool_call><function=now><parameter=a>",
    "glm-4.7": "<tool_call>now<arg_key>a</arg_key><arg_value>",
    "olmo3": "<function_calls>now(a='",
    "gemma4": "<|tool_call>call:now{a:",
    "lfm2": "[now(a=",
    "harmony": "<|channel|>commentary to=now<|message|>",
    "glimmer": ' to=now<|message|><atem:invoke name="now">',
}


@pytest.mark.slow
@pytest.mark.parametrize(("parser", "text"), GARBAGE)
def test_time_is_in_proportion(parser: str, text: str) -> None:
    for begun in {"", BEGUN.get(parser, "")}:
        output = named(parser, tools=TOOLS, think=True, prompt="")
        assert output
        started = time.process_time()
        output.feed(begun + text * (SIZE // len(text)))
        output.finish()
        # Linear, it takes a second or two; otherwise minutes.
        assert time.process_time() - started < 10
        assert len(output.notes) <= 20

"""Garbage of any length costs time in proportion, however it imitates a format."""

from __future__ import annotations

import time

import pytest
from tests.output.samples import TOOLS

from hearth.output.parsers import PARSERS, named

SIZE = 1_000_000
REPEATED = [
    "<tool_call>", '<tool_call>"<tool_call>x</tool_call>',
    "<tool_call><function=now><parameter=a>", "<arg_value>",
    "<｜tool▁call▁begin｜>function<｜tool▁sep｜>", "<function_calls>now(a='", '<|tool_call>call:now{a:<|"|>',
    "<|tool_call_start|>[now(a=\\'", "[now(a=", "<|START_ACTION|>[{", "<|start|>", "<|channel|>",
    '<|start|>x to=now<|message|><atem:invoke name="now"><atem:parameter name="a">', "[", '"', " ", "<",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("parser", sorted(PARSERS))
def test_time_is_in_proportion(parser: str) -> None:
    for text in REPEATED:
        output = named(parser, tools=TOOLS, think=True, prompt="")
        assert output
        started = time.process_time()
        output.feed(text * (SIZE // len(text)))
        output.finish()
        assert time.process_time() - started < 8, text
        assert len(output.notes) <= 20

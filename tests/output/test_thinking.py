"""Thinking is split from the answer, and nothing of either is lost."""

from __future__ import annotations

import pytest

from hearth.messages import Called, Text, Thinking, Tool
from hearth.output.contract import Piece
from hearth.output.hermes import HermesFormat
from hearth.output.plain import PlainFormat
from hearth.output.thinking import ThinkingFormat, ThinkingTags

TAGS = ThinkingTags("<think>", "</think>")


def split(text: str, *, starts_inside: bool = False) -> tuple[str, str]:
    """The thinking and the answer."""
    output = ThinkingFormat(PlainFormat(), TAGS, starts_inside=starts_inside)
    pieces = output.feed(text) + output.finish()
    return joined(pieces, Thinking), joined(pieces, Text)


def joined(pieces: list[Piece], kind: type[Text | Thinking]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, kind))


@pytest.mark.parametrize(
    ("text", "thinking", "answer"),
    [
        ("", "", ""),
        ("yes", "", "yes"),
        ("  yes \n", "", "  yes \n"),
        ("<think>hm</think>yes", "hm", "yes"),
        (" \n<think>\n a b \n</think>\n\n yes\n", "a b", "yes\n"),
        ("<think></think>yes", "", "yes"),
        ("<think>\n\n</think>\n\nyes", "", "yes"),
        ("<think>only thoughts \n", "only thoughts \n", ""),
        ("<think>a</thin", "a</thin", ""),
        ("<thin", "", "<thin"),
        ("<thing>", "", "<thing>"),
        ("Well, <think>no</think>", "", "Well, <think>no</think>"),
        ("<think>a</think>b<think>c</think>", "a", "b<think>c</think>"),
        ("<think>a <think> b</think>c", "a <think> b", "c"),
        ("</think>yes", "", "</think>yes"),
    ],
)
def test_the_opening_tag_must_come_first(text: str, thinking: str, answer: str) -> None:
    assert split(text) == (thinking, answer)


@pytest.mark.parametrize(
    ("text", "thinking", "answer"),
    [
        ("hm</think>yes", "hm", "yes"),
        ("\nhm\n</think>\n\nyes", "hm", "yes"),
        ("</think>yes", "", "yes"),
        ("<think>\nhm</think>yes", "hm", "yes"),
        ("<thin", "<thin", ""),
        ("hm", "hm", ""),
    ],
)
def test_a_prompt_may_have_opened_the_thinking(text: str, thinking: str, answer: str) -> None:
    assert split(text, starts_inside=True) == (thinking, answer)


def test_thinking_is_given_while_it_arrives() -> None:
    output = ThinkingFormat(PlainFormat(), TAGS)
    assert output.feed("<think>one") == [Thinking("one")]
    assert output.feed(" two</") == [Thinking(" two")]
    assert output.feed("three") == [Thinking("</three")]
    assert output.feed("</think>") == []
    assert output.feed("\n") == []
    assert output.feed("yes") == [Text("yes")]
    assert output.finish() == []


def test_a_tool_call_ends_the_thinking_that_was_left_open() -> None:
    calls = HermesFormat([Tool("add")])
    output = ThinkingFormat(calls, TAGS, call_tags=calls.tags)
    pieces = output.feed('<think>I add.\n<tool_call>{"name": "add"}</tool_call>') + output.finish()
    assert pieces[0] == Thinking("I add.")
    assert isinstance(pieces[1], Called)
    assert len(pieces) == 2


def test_notes_of_the_answer_are_passed_on() -> None:
    output = ThinkingFormat(HermesFormat([Tool("add")]), TAGS)
    output.feed("<think>x</think><tool_call>bad</tool_call>")
    output.finish()
    assert len(output.notes) == 1

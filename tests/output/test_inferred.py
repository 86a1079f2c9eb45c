"""How the output of a model with a Go template is read."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.messages import Called, Text, Thinking, Tool
from hearth.output.contract import Piece
from hearth.output.formats import THINKING_TAGS
from hearth.output.generic import GenericFormat, TaggedFormat
from hearth.output.inferred import inferred_reading

TOOLS = (Tool("get_weather"), Tool("add"), Tool("add_all"))
THINK = ("<think>", "</think>")


def read(
    text: str, template: str = "", tags: tuple[str, str] | None = None, tag: str = "{", *, think: bool = True
) -> tuple[str, str, list[tuple[str, object]]]:
    """The answer, the thinking and the calls in a text."""
    output = inferred_reading(template, tags, tag).open(tools=TOOLS, think=think, prompt="")
    return shown(output.feed(text) + output.finish())


def shown(pieces: Sequence[Piece]) -> tuple[str, str, list[tuple[str, object]]]:
    return (
        "".join(piece.text for piece in pieces if isinstance(piece, Text)),
        "".join(piece.text for piece in pieces if isinstance(piece, Thinking)),
        [(piece.call.name, piece.call.arguments) for piece in pieces if isinstance(piece, Called)],
    )


@pytest.mark.parametrize(
    ("tag", "text", "answer", "calls"),
    [
        ("functools[", 'Hm. functools[{"name": "add", "arguments": {"a": 1}}]', "Hm.", [("add", {"a": 1})]),
        ("<calls>", '<calls>{"name": "add", "parameters": {}} {"add_all": {"b": 2}}</calls>', "",
         [("add", {}), ("add_all", {"b": 2})]),
        ("<call>", '<call>get_weather{"city": "Rome"}</call>', "", [("get_weather", {"city": "Rome"})]),
        ("<call>", '<call>add_all {"x": {"y": 1}}', "", [("add_all", {"x": {"y": 1}})]),
        ("<call>", '<call>{"name": "nope", "arguments": {}}', '<call>{"name": "nope", "arguments": {}}', []),
        ("<call>", "<call>nothing", "<call>nothing", []),
        ("<call>", '{"name": "add", "arguments": {}}', '{"name": "add", "arguments": {}}', []),
        ("{", '{"name": "add", "arguments": {"a": 1}}', "", [("add", {"a": 1})]),
        ("[", 'Hm {"name": "add"}', 'Hm {"name": "add"}', []),
    ],
)  # fmt: skip
def test_calls_of_no_known_syntax(tag: str, text: str, answer: str, calls: list[tuple[str, object]]) -> None:
    assert read(text, tag=tag) == (answer, "", calls)


def test_a_known_syntax_in_the_template_is_read_as_such() -> None:
    text = '<tool_call>{"name": "anything", "arguments": {}}</tool_call>'
    assert read(text, '{{ if .ToolCalls }}<tool_call>{"name"', tag="<tool_call>") == (
        "",
        "",
        [("anything", {})],
    )


def test_thinking_tags_come_from_the_tree() -> None:
    assert read("<t>hm</t>yes", "<think></think>", ("<t>", "</t>")) == ("yes", "hm", [])
    assert read("<think>hm</think>yes", "<think></think>", None) == ("<think>hm</think>yes", "", [])
    assert read("<think>hm</think>yes", "", THINK) == ("yes", "hm", [])
    known = next(tags for tags in THINKING_TAGS if tags.always)
    reading = inferred_reading(known.opening + known.closing, (known.opening, known.closing), "{")
    assert reading.thinking is known


def test_a_framing_is_read_as_such() -> None:
    reading = inferred_reading("<|channel|>{{ .Messages }}<|message|>", THINK, "{")
    assert reading.framed


def test_without_tools_calls_are_text() -> None:
    output = inferred_reading("", None, "<call>").open(tools=(), think=False, prompt="")
    assert shown(output.feed('<call>{"name": "add"}') + output.finish())[0] == '<call>{"name": "add"}'


@given(
    st.lists(
        st.sampled_from(["<call>", "add", "{", "}", '"', '{"add": {}}', '{"name": "add"}', " ", "x", "["])
    )
)
def test_any_text_in_any_pieces_is_read_the_same(pieces: list[str]) -> None:
    whole, cut = TaggedFormat(TOOLS, "<call>"), TaggedFormat(TOOLS, "<call>")
    at_once = shown(whole.feed("".join(pieces)) + whole.finish())
    assert shown([piece for text in pieces for piece in cut.feed(text)] + cut.finish()) == at_once
    assert isinstance(whole, GenericFormat)

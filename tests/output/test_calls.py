"""Tool calls in every format, well written and badly."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

import pytest

from hearth.messages import Called, Json, Text, Tool
from hearth.output.calls import CallFormat
from hearth.output.generic import GenericFormat
from hearth.output.hermes import HermesFormat
from hearth.output.llama3 import Llama3Format
from hearth.output.mistral import MistralFormat

Call = tuple[str, Json]
Make = Callable[[Sequence[Tool]], CallFormat]
Case = tuple[Make, str, str, list[Call]]

TOOLS = (Tool("add"), Tool("get_weather"), Tool("get"))
ADD: Call = ("add", {"a": 1})
WEATHER: Call = ("get_weather", {"city": "Ulm"})

ADD_CALL = '<tool_call>{"name": "add", "arguments": {"a": 1}}</tool_call>'
WEATHER_CALL = '<tool_call>{"name": "get_weather", "arguments": {"city": "Ulm"}}</tool_call>'
TAGS = '</tool_call> " <tool_call>, ]'
TAGS_INSIDE: Json = {"name": "add", "arguments": {"a": TAGS}}

WELL_WRITTEN: list[Case] = [
    (HermesFormat, '<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>', "", [ADD]),
    (HermesFormat, '<tool_call>{"arguments": {"a": 1}, "name": "add"}</tool_call>', "", [ADD]),
    (HermesFormat, '<tool_call>{"name": "other", "parameters": {}}</tool_call>', "", [("other", {})]),
    (HermesFormat, '<tool_call>{"name": "add"}</tool_call>', "", [("add", {})]),
    (HermesFormat, '<tool_call>{"name": "add", "arguments": null}</tool_call>', "", [("add", {})]),
    (HermesFormat, '<tool_call>{"name": "add", "arguments": ""}</tool_call>', "", [("add", {})]),
    (HermesFormat, '<tool_call>{"name": "add", "arguments": "{\\"a\\": 1}"}</tool_call>', "", [ADD]),
    (HermesFormat, '<tool_call>{"function": {"name": "add", "arguments": {"a": 1}}}</tool_call>', "", [ADD]),
    (HermesFormat, '<tool_call>{"name": "add", "arguments": {"a": 1,},}</tool_call>', "", [ADD]),
    (HermesFormat, '<tool_call>{"name": "add", "arguments": {"a": 1}}}</tool_call>', "", [ADD]),
    (HermesFormat, '<tool_call>{"name": "add", "arguments": {"a": 1}}', "", [ADD]),
    (HermesFormat, '<tool_call>{"name": "add", "arguments": {"a": 1}}\nOK', "OK", [ADD]),
    (HermesFormat, f"Now.\n\n{ADD_CALL}\n{WEATHER_CALL}\n", "Now.", [ADD, WEATHER]),
    (HermesFormat, ADD_CALL.removesuffix("</tool_call>") + WEATHER_CALL, "", [ADD, WEATHER]),
    (
        HermesFormat,
        '<tool_call>[{"name": "add"}, {"name": "get"}]</tool_call>',
        "",
        [("add", {}), ("get", {})],
    ),
    (HermesFormat, '<tool_call>{"name": "add"}\n{"name": "get"}</tool_call>', "", [("add", {}), ("get", {})]),
    (HermesFormat, f"<tool_call>{json.dumps(TAGS_INSIDE)}</tool_call> done", "done", [("add", {"a": TAGS})]),
    (
        HermesFormat,
        '<tool_call>{"name": "x", "arguments": {"a": "1\n2"}}</tool_call>',
        "",
        [("x", {"a": "1\n2"})],
    ),
    (MistralFormat, '[TOOL_CALLS] [{"name": "add", "arguments": {"a": 1}}]', "", [ADD]),
    (MistralFormat, '[TOOL_CALLS]{"name": "add", "arguments": {"a": 1}}', "", [ADD]),
    (MistralFormat, '[TOOL_CALLS]add[ARGS]{"a": 1}', "", [ADD]),
    (MistralFormat, 'Hm. [TOOL_CALLS]add[ARGS] {"a": 1} [TOOL_CALLS]get[ARGS]{}', "Hm.", [ADD, ("get", {})]),
    (MistralFormat, '[TOOL_CALLS]add[CALL_ID]x7Y[ARGS]{"a": 1}', "", [ADD]),
    (Llama3Format, '{"name": "add", "parameters": {"a": 1}}', "", [ADD]),
    (Llama3Format, '\n{"type": "function", "function": "add", "parameters": {"a": 1}}', "", [ADD]),
    (Llama3Format, '{"name": "add", "parameters": {"a": 1}}; {"name": "get"}', "", [ADD, ("get", {})]),
    (Llama3Format, '<|python_tag|>{"name": "other", "parameters": {}}', "", [("other", {})]),
    (Llama3Format, 'So: <|python_tag|>{"name": "add", "parameters": {"a": 1}}', "So:", [ADD]),
    (GenericFormat, '{"name": "add", "arguments": {"a": 1}}', "", [ADD]),
    (
        GenericFormat,
        ' [{"name": "add", "parameters": "{\\"a\\": 1}"}, {"name": "get"}]',
        "",
        [ADD, ("get", {})],
    ),
    (GenericFormat, '{"get_weather": {"city": "Ulm"}}', "", [WEATHER]),
    (GenericFormat, '{"tool_calls": [{"function": {"name": "add", "arguments": {"a": 1}}}]}', "", [ADD]),
    (GenericFormat, '{"name": "add", "arguments": {"a": 1}} as you see', "as you see", [ADD]),
]

NO_CALLS: list[tuple[Make, str]] = [
    (HermesFormat, "plain text  \n"),
    (HermesFormat, "a < b <tool <tool_cal"),
    (GenericFormat, 'Sure: {"name": "add", "arguments": {"a": 1}}'),
    (GenericFormat, '{"name": "other", "arguments": {}}'),
    (GenericFormat, '{"answer": ["get", 42]}'),
    (GenericFormat, '  {"name": "add"'),
    (GenericFormat, "[1, 2"),
    (Llama3Format, '{"name": "Bob", "age": 3}'),
    (Llama3Format, "{unquoted}"),
    (MistralFormat, "[TOOL_CALL] nothing"),
]

BADLY_WRITTEN: list[tuple[Make, str]] = [
    (HermesFormat, "<tool_call>nothing</tool_call>"),
    (HermesFormat, "<tool_call></tool_call>"),
    (HermesFormat, "<tool_call>"),
    (HermesFormat, 'Hm <tool_call>{"name": "add", "arguments": {"a": "1}}</tool_call> and more'),
    (HermesFormat, '<tool_call>{"name": 3}</tool_call>'),
    (HermesFormat, '<tool_call>{"name": " "}</tool_call>'),
    (HermesFormat, '<tool_call>{"name": "add", "arguments": [1]}</tool_call>'),
    (HermesFormat, '<tool_call>{"name": "add", "arguments": {"a": NaN}}</tool_call>'),
    (HermesFormat, '<tool_call>{"name": "add", "arguments": {"a": 1e999}}</tool_call>'),
    (HermesFormat, '<tool_call>{"name": "add", "arguments": {"a": 123456789012345678901}}</tool_call>'),
    (HermesFormat, '<tool_call>{"name": "add", "arguments": {"a": "\\ud800"}}</tool_call>'),
    (
        HermesFormat,
        '<tool_call>{"name": "add", "arguments": ' + '{"a":' * 200 + "1" + "}" * 201 + "</tool_call>",
    ),
    (HermesFormat, '<tool_call>{"name": "add", "arguments": {"a": ' + "[" * 9999 + "</tool_call>"),
    (MistralFormat, "[TOOL_CALLS]what is this"),
    (MistralFormat, '[TOOL_CALLS]add[ARGS]{"a": }'),
    (MistralFormat, "[TOOL_CALLS]add[ARGS]none"),
    (MistralFormat, '[TOOL_CALLS][ARGS]{"a": 1}'),
    (MistralFormat, "[TOOL_CALLS][]"),
    (MistralFormat, "[TOOL_CALLS]" + "x" * 500),
    (Llama3Format, "<|python_tag|>import math"),
]


def answer(output: CallFormat, text: str) -> tuple[str, list[Call]]:
    pieces = output.feed(text) + output.finish()
    calls: list[Call] = [
        (piece.call.name, dict(piece.call.arguments)) for piece in pieces if isinstance(piece, Called)
    ]
    return "".join(piece.text for piece in pieces if isinstance(piece, Text)), calls


@pytest.mark.parametrize(("make", "text", "content", "calls"), WELL_WRITTEN)
def test_calls_are_read(make: Make, text: str, content: str, calls: list[Call]) -> None:
    output = make(TOOLS)
    assert answer(output, text) == (content, calls)
    assert output.notes == []


@pytest.mark.parametrize(("make", "text"), NO_CALLS)
def test_an_answer_without_calls_stays_as_it_is(make: Make, text: str) -> None:
    output = make(TOOLS)
    assert answer(output, text) == (text, [])
    assert output.notes == []


@pytest.mark.parametrize(("make", "text"), BADLY_WRITTEN)
def test_a_call_that_cannot_be_read_comes_back_as_text_with_a_note(make: Make, text: str) -> None:
    output = make(TOOLS)
    assert answer(output, text) == (text, [])
    assert len(output.notes) == 1
    assert "left in the text because" in output.notes[0]
    assert len(output.notes[0]) < 400


def test_a_good_call_after_a_bad_one_is_read() -> None:
    output = HermesFormat(TOOLS)
    text = '<tool_call>{bad}</tool_call> <tool_call>{"name": "add", "arguments": {"a": 1}}</tool_call>'
    assert answer(output, text) == ("<tool_call>{bad}</tool_call>", [ADD])


def test_arguments_keep_their_order() -> None:
    arguments = {"z": 1, "a": {"y": 2, "b": 3}}
    text = f"<tool_call>{json.dumps({'name': 'add', 'arguments': arguments})}</tool_call>"
    _, [(_, found)] = answer(HermesFormat(TOOLS), text)
    assert json.dumps(found) == json.dumps(arguments)


def test_every_call_has_an_id_of_its_own() -> None:
    text = '<tool_call>{"name": "add"}</tool_call>' * 50
    pieces = HermesFormat(TOOLS).feed(text)
    ids = [piece.call.id for piece in pieces if isinstance(piece, Called)]
    assert len(set(ids)) == 50
    assert all(re.fullmatch("call_[a-z0-9]{8}", each) for each in ids)


def test_a_call_is_given_as_soon_as_it_is_complete() -> None:
    output = HermesFormat(TOOLS)
    assert output.feed('Hi <tool_call>{"name": "add"}</tool_call') == [Text("Hi")]
    [piece] = output.feed(">")
    assert isinstance(piece, Called)


def test_text_is_given_at_once() -> None:
    output = HermesFormat(TOOLS)
    assert output.feed("The answer") == [Text("The answer")]
    assert output.feed(" is ") == [Text(" is")]
    assert output.feed("42 <") == [Text(" 42")]
    assert output.feed("3") == [Text(" <3")]
    assert output.finish() == []


@pytest.mark.parametrize(
    ("make", "opening"),
    [(HermesFormat, "<tool_call>"), (MistralFormat, "[TOOL_CALLS]"), (Llama3Format, ""), (GenericFormat, "")],
)
def test_a_long_call_takes_time_in_proportion(make: Make, opening: str) -> None:
    output = make(TOOLS)
    body = json.dumps({"name": "add", "arguments": {"text": 'say "x" </tool_call> ' * 8_000}})
    text = f"{opening}{body}</tool_call>"
    pieces = [piece for at in range(0, len(text), 8) for piece in output.feed(text[at : at + 8])]
    pieces += output.finish()
    assert [piece.call.name for piece in pieces if isinstance(piece, Called)] == ["add"]

"""How a text is cut into pieces never changes what is read from it, and no text makes a format fail."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from hearth.messages import Called, Json, Text, Thinking, Tool
from hearth.output.contract import OutputFormat, Piece
from hearth.output.formats import select, thinking_tags
from hearth.output.thinking import ThinkingTags

TOOLS = (Tool("add"), Tool("get"))
TEMPLATES = [
    "tools <tool_call> <think></think>",
    "tools [TOOL_CALLS] [THINK] [/THINK]",
    "tools <|python_tag|> <think></think>",
    "tools <think></think>",
    "tools",
    "tools <tool_call><function=<parameter= <think></think>",
    "tools <tool_call><arg_key> <think></think>",
    "tools <arg_key> </assistant>",
    "tools <｜tool▁call▁begin｜> <think></think>",
    "tools <function_calls>",
    "tools <start_function_call>",
    "tools <|tool_call> <|channel>thought<channel|>",
    "tools <|tool_call_start|> <think></think>",
    "tools <|START_ACTION|> <|START_THINKING|><|END_THINKING|>",
]
FRAMED = ["<|start|> <|channel|> <|message|>", "<|start|> <|message|> <atem:invoke"]
CALL_TAGS = (
    "<tool_call>", "[TOOL_CALLS]", "<|python_tag|>", "<｜tool▁call▁begin｜>",
    "<|tool_call>", "<|tool_call_start|>",
    "<|START_ACTION|>",
)  # fmt: skip
FRAGMENTS = [
    "<think>", "</think>", "[THINK]", "[/THINK]", "<tool_call>", "</tool_call>",
    "[TOOL_CALLS]", "[ARGS]",
    "[CALL_ID]", "<|python_tag|>", '{"name": "add", "arguments": {"a": [1, "}"]}}', '{"name": "get"}',
    '{"add": {}}', "add", "get", '"', "\\", "{", "}", "[", "]", ",", ";", " ", "\n", "<",
    "/", "think", "a",
    "tool", "é", "\ud83d", "12", "null",
    "<function=add>", "</function>", "<parameter=a>", "</parameter>", "<arg_key>",
    "</arg_key>", "<arg_value>",
    "</arg_value>", "</assistant>", "<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>",
    "<｜tool▁sep｜>", "function",
    "```json\n", "```", "<｜tool▁call▁end｜>", "<｜tool▁calls▁end｜>", "<function_calls>",
    "</function_calls>",
    "add(a=1)", "add(", "=", ")", "'", "<start_function_call>", "call:add{", "a:", "<escape>",
    "<end_function_call>", "<|tool_call>", "<tool_call|>", '<|"|>', "<|channel>thought", "<channel|>",
    "<|tool_call_start|>", "<|tool_call_end|>", "[add(a=1)]", "<|START_ACTION|>", "<|END_ACTION|>",
    '[{"tool_name": "add", "parameters": {}}]', "<|START_RESPONSE|>",
    "<|START_THINKING|>", "<|END_THINKING|>",
    "<|start|>", "assistant", "<|channel|>", "analysis", "commentary", "final",
    " to=functions.add", " to=user",
    " to=self", "<|constrain|>json", "<|message|>", "<|end|>", "<|call|>", "<|return|>",
    "<|eom|>", "<|eot|>",
    '<atem:invoke name="add">', "</atem:invoke>", '<atem:parameter name="a">', "</atem:parameter>",
]  # fmt: skip
MARKERS = (
    "<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>", "</assistant>", "<|START_RESPONSE|>",
)  # fmt: skip

texts = st.one_of(st.text(), st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join))
templates = st.sampled_from(TEMPLATES)
prompts = st.sampled_from(["", "<think>\n", "[THINK]"])
framed_prompts = st.sampled_from(
    ["", "<|start|>assistant", "<|start|>assistant<|channel|>", "<|start|>assistant to=add<|message|>",
     "<|start|>assistant<|channel|>analysis<|message|>I", "<|start|>assistant<|channel|>final<|message|>I"]
)  # fmt: skip


def summary(pieces: list[Piece]) -> tuple[str, str, list[tuple[str, Json]]]:
    """What a client sees: the answer, the thinking, the calls without their ids."""
    return (
        "".join(piece.text for piece in pieces if isinstance(piece, Text)),
        "".join(piece.text for piece in pieces if isinstance(piece, Thinking)),
        [(piece.call.name, dict(piece.call.arguments)) for piece in pieces if isinstance(piece, Called)],
    )


def cut(text: str, data: st.DataObject) -> list[str]:
    places = data.draw(st.lists(st.integers(0, len(text)), max_size=8).map(sorted), label="cuts")
    return [text[first:last] for first, last in zip([0, *places], [*places, len(text)], strict=True)]


def read(output: OutputFormat, parts: list[str]) -> list[Piece]:
    pieces = [piece for part in parts for piece in output.feed(part)]
    return pieces + output.finish()


@settings(max_examples=400, deadline=None)
@given(texts, templates | st.sampled_from(FRAMED), prompts | framed_prompts, st.booleans(), st.data())
def test_cuts_make_no_difference(
    text: str, template: str, prompt: str, think: bool, data: st.DataObject
) -> None:
    whole = select(template, tools=TOOLS, think=think, prompt=prompt)
    pieces = select(template, tools=TOOLS, think=think, prompt=prompt)
    single = select(template, tools=TOOLS, think=think, prompt=prompt)
    expected = summary(read(whole, [text]))
    assert summary(read(pieces, cut(text, data))) == expected
    assert summary(read(single, list(text))) == expected
    assert whole.notes == pieces.notes == single.notes


@settings(max_examples=400, deadline=None)
@given(texts, templates, prompts, st.booleans())
def test_nothing_is_lost(text: str, template: str, prompt: str, think: bool) -> None:
    output = select(template, tools=TOOLS, think=think, prompt=prompt)
    answer, thinking, calls = summary(read(output, [text]))
    if not calls:
        tags = thinking_tags(template)
        split = tags and (think or tags.always or prompt.strip() == tags.opening)
        kept = without_tags(text, tags, template, prompt.strip() == tags.opening) if tags and split else text
        given = without_markers(thinking + answer, template)
        assert without_space(given) == without_space(without_markers(kept, template))


bodies = st.text(st.characters(exclude_characters="<"), min_size=1).filter(str.strip)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["analysis", "commentary", "final"]), bodies), max_size=5), st.data()
)
def test_every_message_of_a_framed_answer_arrives(
    messages: list[tuple[str, str]], data: st.DataObject
) -> None:
    text = "<|start|>assistant".join(f"<|channel|>{name}<|message|>{body}<|end|>" for name, body in messages)
    output = select(FRAMED[0], tools=TOOLS, think=False, prompt="<|start|>assistant")
    answer, thinking, calls = summary(read(output, cut(text, data)))
    assert answer == "\n\n".join(body for name, body in messages if name != "analysis")
    assert thinking == "\n\n".join(body.strip() for name, body in messages if name == "analysis")
    assert calls == []
    assert output.notes == []


def without_markers(text: str, template: str) -> str:
    """The text without the tags that this template's format drops, which other formats leave alone."""
    for marker in MARKERS:
        family = {"<｜": "<｜", "</": "</assistant>", "<|": "<|START_ACTION|>"}[marker[:2]]
        if family in template:
            text = text.replace(marker, "")
    return text


def without_space(text: str) -> str:
    return re.sub(r"\s", "", text)


def without_tags(text: str, tags: ThinkingTags, template: str, inside: bool) -> str:
    """The text without the tags around its thinking, as far as these count as such."""
    opened = text.lstrip().startswith(tags.opening)
    if not opened and not inside:
        return text
    body = text.lstrip().removeprefix(tags.opening)
    ends = [tags.closing, *(tag for tag in CALL_TAGS if tag in template)]
    _, first = min(((body.find(end), end) for end in ends if end in body), default=(0, ""))
    return body.replace(tags.closing, "", 1) if first == tags.closing else body


@settings(deadline=None)
@given(st.text(), st.lists(st.text(max_size=3)))
def test_without_a_template_text_is_passed_through(prompt: str, parts: list[str]) -> None:
    output = select(None, tools=TOOLS, think=True, prompt=prompt)
    assert [output.feed(part) for part in parts] == [[Text(part)] if part else [] for part in parts]
    assert output.finish() == []

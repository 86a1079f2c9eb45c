"""The chat template decides how an answer is read."""

from __future__ import annotations

import pytest

from hearth.messages import Called, Text, Thinking, Tool
from hearth.output.contract import OutputFormat, Piece
from hearth.output.formats import select, template_capabilities, thinking_tags

TOOLS = (Tool("get_weather"), Tool("add"))
QWEN = "{% if tools %}<tool_call>{% endif %}{{ message.content.split('</think>') }}<think></think>"
MISTRAL = "{% if tools %}[AVAILABLE_TOOLS]{% endif %}[TOOL_CALLS]"
HARMONY = "<|start|>assistant<|channel|>analysis<|message|>"
LLAMA = '<|start_header_id|>{"name": function name, "parameters": dictionary}{% if tools %}'


def read(output: OutputFormat, text: str) -> list[Piece]:
    return output.feed(text) + output.finish()


def shown(pieces: list[Piece]) -> tuple[str, str, list[str]]:
    """The answer, the thinking and the names of the tools called."""
    return (
        "".join(piece.text for piece in pieces if isinstance(piece, Text)),
        "".join(piece.text for piece in pieces if isinstance(piece, Thinking)),
        [piece.call.name for piece in pieces if isinstance(piece, Called)],
    )


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (QWEN, '<tool_call>{"name": "add", "arguments": {}}</tool_call>'),
        (MISTRAL, '[TOOL_CALLS]add[ARGS]{"a": 1}'),
        (MISTRAL, '[TOOL_CALLS][{"name": "add", "arguments": {}}]'),
        (LLAMA, '{"name": "add", "parameters": {}}'),
        ("<|python_tag|>{{ tools }}", '<|python_tag|>{"name": "add", "parameters": {}}'),
        ("{{ tools }}", '{"name": "add", "arguments": {}}'),
        ("<tool_call><function=name>{{ tools }}", '[{"add": {}}]'),
        (
            "{{ tools }}<tool_call><function=name><parameter=x>",
            "<tool_call><function=add></function></tool_call>",
        ),
        ("{{ tools }}<tool_call><arg_key>", "<tool_call>add</tool_call>"),
        ("{{ tools }}<tool_call><arg_key></assistant>", "<tool_call>add</tool_call></assistant>"),
        ("{{ tools }}'<|tool_call>call:' + name", "<|tool_call>call:add{}<tool_call|>"),
        ("{{ tools }}<start_function_call>", "<start_function_call>call:add{}<end_function_call>"),
        ("{{ tools }}<|tool_call_start|>", "<|tool_call_start|>[add()]<|tool_call_end|>"),
        ("{{ tools }}<function_calls>", "<function_calls>add()</function_calls>"),
        ("{{ tools }}<｜tool▁call▁begin｜>", "<｜tool▁call▁begin｜>add<｜tool▁sep｜>{}<｜tool▁call▁end｜>"),
        ("{{ tools }}<|START_ACTION|>", '<|START_ACTION|>[{"tool_name": "add"}]<|END_ACTION|>'),
        (HARMONY, "<|channel|>commentary to=functions.add<|message|>{}<|call|>"),
        (
            "<|start|><|message|><atem:invoke",
            '<|start|>assistant to=add<|message|><atem:invoke name="add"></atem:invoke>',
        ),
    ],
)
def test_tool_calls_are_read_in_the_syntax_of_the_template(template: str, text: str) -> None:
    assert shown(read(select(template, tools=TOOLS, think=False, prompt=""), text)) == ("", "", ["add"])


@pytest.mark.parametrize("template", [None, "", QWEN, MISTRAL, LLAMA, "{{ tools }}"])
@pytest.mark.parametrize(
    "text", ['<tool_call>{"name": "add"}</tool_call>', '{"name": "add"}', "[TOOL_CALLS]add[ARGS]{}"]
)
def test_without_tools_the_syntax_of_calls_is_text(template: str | None, text: str) -> None:
    assert shown(read(select(template, tools=(), think=False, prompt=""), text)) == (text, "", [])


def test_thinking_is_split_off_when_it_is_wanted() -> None:
    text = "<think>hm</think>yes"
    assert shown(read(select(QWEN, tools=(), think=True, prompt="user"), text)) == ("yes", "hm", [])
    assert shown(read(select(QWEN, tools=(), think=False, prompt="user"), text)) == (text, "", [])
    assert shown(read(select(MISTRAL, tools=(), think=True, prompt="user"), text)) == (text, "", [])


@pytest.mark.parametrize("think", [True, False])
def test_thinking_that_the_prompt_began_is_always_split_off(think: bool) -> None:
    output = select(QWEN, tools=(), think=think, prompt="<|im_start|>assistant\n<think>\n")
    assert shown(read(output, "hm\n</think>\n\nyes")) == ("yes", "hm", [])


def test_thinking_that_the_prompt_closed_is_over() -> None:
    output = select(QWEN, tools=(), think=False, prompt="<think>\n\n</think>\n\n")
    assert shown(read(output, "hm")) == ("hm", "", [])


def test_thinking_and_calls_together() -> None:
    output = select(QWEN, tools=TOOLS, think=True, prompt="")
    text = (
        '<think>Weather?</think>Let me see.\n<tool_call>{"name": "get_weather", "arguments": {}}</tool_call>'
    )
    assert shown(read(output, text)) == ("Let me see.", "Weather?", ["get_weather"])
    assert set(output.preserved_tokens) == {"<think>", "</think>", "<tool_call>", "</tool_call>"}


@pytest.mark.parametrize(
    ("template", "capabilities"),
    [
        ("", set()),
        ("{{ messages }}", set()),
        ("{% if tools %}", {"tools"}),
        ("message.tool_call", {"tools"}),
        ("<think>", set()),
        ("<think></think>", {"thinking"}),
        ("content.split('</think>')", {"thinking"}),
        ('content.split("</think>")', {"thinking"}),
        ("content.split('</think>') reasoning_content", set()),
        ("content.split('</think>') <SPECIAL_12>", set()),
        ("<think></think> reasoning_content tools", {"tools", "thinking"}),
    ],
)
def test_capabilities_of_a_template(template: str, capabilities: set[str]) -> None:
    assert template_capabilities(template) == capabilities


def test_thinking_tags_of_a_template() -> None:
    assert thinking_tags("content.split('</think>')") == thinking_tags("<think></think>")
    mistral = thinking_tags("[THINK]{{ thinking }}[/THINK]")
    assert mistral
    assert (mistral.opening, mistral.closing) == ("[THINK]", "[/THINK]")
    assert thinking_tags("{{ messages }}") is None


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("<|channel>thought<channel|>", "<|channel>thought\nhm\n<channel|>yes"),
        ("<|START_THINKING|><|END_THINKING|>", "<|START_THINKING|>hm<|END_THINKING|>yes"),
        ("[THINK][/THINK]", "[THINK]hm[/THINK]yes"),
        (HARMONY, "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>yes"),
    ],
)
def test_thinking_in_tags_that_mean_nothing_else_is_always_split_off(template: str, text: str) -> None:
    for think in (True, False):
        output = select(template, tools=(), think=think, prompt="")
        assert shown(read(output, text)) == ("yes", "hm", [])


@pytest.mark.parametrize("prompt", ["<|start|>assistant", ""])
def test_a_shape_may_be_held_to_after_the_thinking_of_a_framing(prompt: str) -> None:
    tags = thinking_tags(HARMONY)
    assert tags
    output = select(HARMONY, tools=(), think=True, prompt=prompt)
    assert shown(read(output, f'{tags.opening}hm{tags.closing}\n{{"a": 1}}')) == ('\n{"a": 1}', "hm", [])
    output = select(HARMONY, tools=(), think=False, prompt=prompt)
    assert shown(read(output, '{"a": 1}')) == ('{"a": 1}', "", [])

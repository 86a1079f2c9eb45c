"""Whole prompts by templates in the style of published models."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

import pytest

from hearth.messages import Message, Tool, ToolCall
from hearth.prompt import PromptInput, Template

DIRECTORY: Final = Path(__file__).parent / "published"
SYSTEM: Final = Message("system", "Be brief.")
HI: Final = Message("user", "Hi")
HELLO: Final = Message("assistant", "Hello!")
MORE: Final = Message("user", "Weather in Rome?")
TOOL: Final = Tool(
    "weather",
    "Tell the weather",
    {
        "type": "object",
        "required": ["city"],
        "properties": {"city": {"type": "string", "description": "A city"}},
    },
)
TOOL_JSON: Final = (
    '{"name":"weather","description":"Tell the weather","parameters":{"type":"object","required":["city"],'
    '"properties":{"city":{"type":"string","description":"A city"}}}}'
)
CALLED: Final = Message("assistant", thinking="Ask.", tool_calls=(ToolCall("weather", {"city": "Rome"}),))
ANSWERED: Final = Message("tool", "22C", tool_name="weather")
TALK: Final = (SYSTEM, HI, HELLO, MORE)
CALLS: Final = (SYSTEM, MORE, CALLED, ANSWERED)


def load(name: str) -> Template:
    """A template of the directory."""
    return Template.parse((DIRECTORY / f"{name}.gotmpl").read_text(encoding="utf-8"))


def render(name: str, *messages: Message, tools: tuple[Tool, ...] = (), think: bool | None = None) -> str:
    level = "high" if think else ""
    return load(name).render(
        PromptInput(messages, tools, think=think, think_level=level, today=date(2026, 1, 2))
    )


def test_chatml() -> None:
    assert render("chatml", *TALK) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
        "<|im_start|>assistant\nHello!<|im_end|>\n"
        "<|im_start|>user\nWeather in Rome?<|im_end|>\n<|im_start|>assistant\n"
    )


def test_phi3() -> None:
    assert render("phi3", SYSTEM, HI) == "<|system|>\nBe brief.<|end|>\n<|user|>\nHi<|end|>\n<|assistant|>\n"


def test_gemma() -> None:
    assert render("gemma", *TALK) == (
        "<start_of_turn>user\nBe brief.<end_of_turn>\n<start_of_turn>user\nHi<end_of_turn>\n"
        "<start_of_turn>model\nHello!<end_of_turn>\n"
        "<start_of_turn>user\nWeather in Rome?<end_of_turn>\n<start_of_turn>model\n"
    )
    assert render("gemma", HI, HELLO).endswith("<start_of_turn>model\nHello!")


def test_llama3() -> None:
    assert render("llama3", *TALK) == (
        "<|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\nHello!<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nWeather in Rome?<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n"
    )


def test_llama3_with_tools() -> None:
    prompt = render("llama3", SYSTEM, MORE, tools=(TOOL,))
    assert prompt == (
        "<|start_header_id|>system<|end_header_id|>\n\nBe brief.\n\n"
        "Answer with a call of a function where one helps.<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\n"
        'Functions, as {"name": function name, "parameters": dictionary of arguments}:\n\n'
        '{"type":"function","function":' + TOOL_JSON + "}\n\nWeather in Rome?<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n"
    )
    prompt = render("llama3", *CALLS, tools=(TOOL,))
    assert prompt.endswith(
        "<|start_header_id|>user<|end_header_id|>\n\nWeather in Rome?<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n"
        '{"name": "weather", "parameters": {"city":"Rome"}}<|eot_id|>'
        "<|start_header_id|>ipython<|end_header_id|>\n\n22C<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n"
    )


def test_mistral() -> None:
    assert (
        render("mistral", *TALK) == "[INST] Hi[/INST] Hello!</s>[INST] Be brief.\n\nWeather in Rome?[/INST] "
    )
    assert render("mistral", *CALLS[1:], tools=(TOOL,)) == (
        '[INST] Weather in Rome?[/INST][TOOL_CALLS] [{"name": "weather", "arguments": {"city":"Rome"}}]</s>'
        '[TOOL_RESULTS] {"content": 22C}[/TOOL_RESULTS] '
    )
    assert render("mistral", MORE, tools=(TOOL,)) == (
        '[AVAILABLE_TOOLS] [{"type":"function","function":' + TOOL_JSON + "}][/AVAILABLE_TOOLS]"
        "[INST] Weather in Rome?[/INST] "
    )


@pytest.mark.parametrize(
    ("think", "mark", "opened"),
    [(None, "", ""), (True, " /think", ""), (False, " /no_think", "<think>\n\n</think>\n\n")],
)
def test_qwen3(think: bool | None, mark: str, opened: str) -> None:
    assert render("qwen3", *TALK, think=think) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
        "<|im_start|>assistant\nHello!<|im_end|>\n"
        f"<|im_start|>user\nWeather in Rome?{mark}<|im_end|>\n<|im_start|>assistant\n{opened}"
    )


def test_qwen3_with_tools() -> None:
    prompt = render("qwen3", *CALLS, tools=(TOOL,), think=True)
    assert '<tools>\n{"type": "function", "function": ' + TOOL_JSON + "}\n</tools>" in prompt
    assert prompt.endswith(
        "<|im_start|>user\nWeather in Rome? /think<|im_end|>\n<|im_start|>assistant\n<think>Ask.</think>\n\n"
        '<tool_call>\n{"name": "weather", "arguments": {"city":"Rome"}}\n</tool_call><|im_end|>\n'
        "<|im_start|>user\n<tool_response>\n22C\n</tool_response><|im_end|>\n<|im_start|>assistant\n"
    )


def test_gpt_oss() -> None:
    assert render("gpt-oss", *CALLS, tools=(TOOL,), think=True) == (
        "<|start|>system<|message|>You are an assistant.\nCurrent date: 2026-01-02\n\nReasoning: high<|end|>"
        "<|start|>developer<|message|># Instructions\n\nBe brief.\n\n# Tools\n\n"
        "namespace functions {\n\n// Tell the weather\ntype weather = (_: {\n// A city\ncity: string,\n"
        "}) => any;\n\n"
        "} // namespace functions<|end|>"
        "<|start|>user<|message|>Weather in Rome?<|end|>"
        "<|start|>assistant<|channel|>analysis<|message|>Ask.<|end|>"
        "<|start|>assistant<|channel|>commentary to=functions.weather <|constrain|>json<|message|>"
        '{"city":"Rome"}<|call|>'
        '<|start|>functions.weather to=assistant<|channel|>commentary<|message|>"22C"<|end|>'
        "<|start|>assistant"
    )
    assert render("gpt-oss", HI, Message("assistant", "He")).endswith(
        "Reasoning: medium<|end|><|start|>user<|message|>Hi<|end|>"
        "<|start|>assistant<|channel|>final<|message|>He"
    )


@pytest.mark.parametrize(
    ("name", "capabilities", "tags", "tag"),
    [
        ("chatml", set(), None, "{"),
        ("llama3", {"tools"}, None, "{"),
        ("mistral", {"tools"}, None, "[TOOL_CALLS] ["),
        ("gemma", set(), None, "{"),
        ("qwen3", {"tools", "thinking"}, ("<think>", "</think>"), "<tool_call>"),
    ],
)
def test_what_is_inferred(name: str, capabilities: set[str], tags: tuple[str, str] | None, tag: str) -> None:
    template = load(name)
    assert template.capabilities() == capabilities
    assert template.thinking_tags() == tags
    assert template.tool_tag() == tag

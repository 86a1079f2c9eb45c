"""Chooses how to read a model's output from the chat template that its prompts are made with.

The template shows the model how to write a tool call and its thinking, so the tags in its text tell the
format. To add a format, write its file and name it here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hearth.messages import Tool
from hearth.output import glimmer, harmony
from hearth.output.calls import CallFormat
from hearth.output.cohere import CohereFormat
from hearth.output.contract import OutputFormat
from hearth.output.deepseek import DeepSeekFormat
from hearth.output.gemma import FunctionGemmaFormat, Gemma4Format
from hearth.output.generic import GenericFormat
from hearth.output.glm import GlmFormat, LagunaFormat
from hearth.output.hermes import HermesFormat
from hearth.output.lfm import LfmFormat
from hearth.output.llama3 import Llama3Format
from hearth.output.mistral import MistralFormat
from hearth.output.olmo import OlmoFormat
from hearth.output.qwen_xml import QwenXmlFormat
from hearth.output.reading import MakeFramed, Reading
from hearth.output.thinking import BRACKETS, CHANNEL, COMMAND, THINK, ThinkingTags


@dataclass(frozen=True, slots=True)
class CallSyntax:
    """A format of tool calls and the templates it belongs to."""

    name: str
    matches: Callable[[str], bool]
    make: Callable[[Sequence[Tool]], CallFormat]


@dataclass(frozen=True, slots=True)
class Framing:
    """A format whose framing of messages tells calls, thinking and answer apart, and its templates."""

    name: str
    matches: Callable[[str], bool]
    make: MakeFramed
    thinking: ThinkingTags


def _shows(*texts: str) -> Callable[[str], bool]:
    return lambda template: all(text in template for text in texts)


def _is_hermes(template: str) -> bool:
    # Templates that use the same tag around XML arguments need a format of their own.
    return "<tool_call>" in template and not re.search(r"<function=|<arg_key>", template)


def _is_llama3(template: str) -> bool:
    return "<|python_tag|>" in template or ("<|start_header_id|>" in template and '"parameters"' in template)


FRAMINGS: tuple[Framing, ...] = (
    Framing("harmony", _shows("<|channel|>", "<|message|>"), harmony.HarmonyFormat, harmony.THINKING),
    Framing("glimmer", _shows("<atem:", "<|message|>"), glimmer.GlimmerFormat, glimmer.THINKING),
)
"""Tried before the formats of calls."""

CALL_SYNTAXES: tuple[CallSyntax, ...] = (
    CallSyntax("qwen-xml", _shows("<function=", "<parameter="), QwenXmlFormat),
    CallSyntax("laguna", _shows("<arg_key>", "</assistant>"), LagunaFormat),
    CallSyntax("glm", _shows("<arg_key>"), GlmFormat),
    CallSyntax("hermes", _is_hermes, HermesFormat),
    CallSyntax("gemma4", _shows("<|tool_call>"), Gemma4Format),
    CallSyntax("functiongemma", _shows("<start_function_call>"), FunctionGemmaFormat),
    CallSyntax("lfm2", _shows("<|tool_call_start|>"), LfmFormat),
    CallSyntax("olmo3", _shows("<function_calls>"), OlmoFormat),
    CallSyntax("deepseek", _shows("<｜tool▁call▁begin｜>"), DeepSeekFormat),
    CallSyntax("cohere", _shows("<|START_ACTION|>"), CohereFormat),
    CallSyntax("mistral", _shows("[TOOL_CALLS]"), MistralFormat),
    CallSyntax("llama3", _is_llama3, Llama3Format),
)
"""In the order in which they are tried; a template that none matches is read by the generic format."""

THINKING_TAGS: tuple[ThinkingTags, ...] = (THINK, BRACKETS, CHANNEL, COMMAND)

_CLOSING_ONLY = re.compile(r"content\.split\((?:'</think>'|\"</think>\")\)")


def select(
    template: str | None, *, tools: Sequence[Tool], think: bool, prompt: str, bounded: bool = False
) -> OutputFormat:
    """A fresh reader for one answer.

    `template` is the text of the chat template (None: the model has none, its output is read as text),
    `tools` those of the request (none: the syntax of calls is text), `think` whether the request wants
    thinking, `prompt` the rendered prompt. Where the prompt ends inside the thinking, that is split off
    even if the request did not want it, as the answer would begin with it otherwise. `bounded` says that a
    grammar closes the thinking by its own tag, so that a call's tag in it is a thought like any other.
    """
    reading = template_reading(template) if template else Reading()
    return reading.open(tools=tools, think=think, prompt=prompt, bounded=bounded)


def template_reading(template: str) -> Reading:
    """How the output of the models of a chat template is read."""
    for framing in FRAMINGS:
        if framing.matches(template):
            return Reading(thinking=framing.thinking, framed=framing.make)
    matching = (syntax.make for syntax in CALL_SYNTAXES if syntax.matches(template))
    return Reading(next(matching, GenericFormat), thinking_tags(template))


def thinking_tags(template: str) -> ThinkingTags | None:
    """The tags that a template puts around thinking; None if it knows none."""
    for framing in FRAMINGS:
        if framing.matches(template):
            return framing.thinking
    for tags in THINKING_TAGS:
        if tags.opening in template and tags.closing in template:
            return tags
    return THINK if _splits_thinking(template) else None


def template_capabilities(template: str) -> frozenset[str]:
    """What a Jinja chat template can do: a subset of {"tools", "thinking"}, judged as Ollama judges it."""
    found = set()
    if "tools" in template or "tool_call" in template:
        found.add("tools")
    if ("<think>" in template and "</think>" in template) or _splits_thinking(template):
        found.add("thinking")
    return frozenset(found)


def _splits_thinking(template: str) -> bool:
    """Whether the template cuts old thinking off at a closing tag whose opening tag it never writes."""
    foreign = "reasoning_content" in template or "<SPECIAL_12>" in template
    return not foreign and bool(_CLOSING_ONLY.search(template))

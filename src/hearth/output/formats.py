"""Chooses how to read a model's output from the chat template that its prompts are made with.

The template shows the model how to write a tool call and its thinking, so the tags in its text tell the
format. To add a format, write its file and name it here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hearth.messages import Tool
from hearth.output.calls import CallFormat
from hearth.output.contract import OutputFormat
from hearth.output.generic import GenericFormat
from hearth.output.hermes import HermesFormat
from hearth.output.llama3 import Llama3Format
from hearth.output.mistral import MistralFormat
from hearth.output.plain import PlainFormat
from hearth.output.thinking import ThinkingFormat, ThinkingTags


@dataclass(frozen=True, slots=True)
class CallSyntax:
    """A format of tool calls and the templates it belongs to."""

    name: str
    matches: Callable[[str], bool]
    make: Callable[[Sequence[Tool]], CallFormat]


def _is_hermes(template: str) -> bool:
    # Templates that use the same tag around XML arguments need a format of their own.
    return "<tool_call>" in template and not re.search(r"<function=|<arg_key>", template)


def _is_mistral(template: str) -> bool:
    return "[TOOL_CALLS]" in template


def _is_llama3(template: str) -> bool:
    return "<|python_tag|>" in template or ("<|start_header_id|>" in template and '"parameters"' in template)


CALL_SYNTAXES: tuple[CallSyntax, ...] = (
    CallSyntax("hermes", _is_hermes, HermesFormat),
    CallSyntax("mistral", _is_mistral, MistralFormat),
    CallSyntax("llama3", _is_llama3, Llama3Format),
)
"""In the order in which they are tried; a template that none matches is read by the generic format."""

THINKING_TAGS: tuple[ThinkingTags, ...] = (
    ThinkingTags("<think>", "</think>"),
    ThinkingTags("[THINK]", "[/THINK]"),
)

_CLOSING_ONLY = re.compile(r"content\.split\((?:'</think>'|\"</think>\")\)")


def select(template: str | None, *, tools: Sequence[Tool], think: bool, prompt: str) -> OutputFormat:
    """A fresh reader for one answer.

    `template` is the text of the chat template (None: the model has none, its output is read as text),
    `tools` those of the request (none: the syntax of calls is text), `think` whether the request wants
    thinking, `prompt` the rendered prompt. Where the prompt ends inside the thinking, that is split off
    even if the request did not want it, as the answer would begin with it otherwise.
    """
    calls = _call_format(template, tools) if template and tools else None
    answer: OutputFormat = calls or PlainFormat()
    tags = thinking_tags(template) if template else None
    if tags is None:
        return answer
    starts_inside = prompt.rstrip().endswith(tags.opening)
    if not think and not starts_inside:
        return answer
    call_tags = calls.tags if calls else ()
    return ThinkingFormat(answer, tags, call_tags=call_tags, starts_inside=starts_inside)


def thinking_tags(template: str) -> ThinkingTags | None:
    """The tags that a template puts around thinking; None if it knows none."""
    for tags in THINKING_TAGS:
        if tags.opening in template and tags.closing in template:
            return tags
    return THINKING_TAGS[0] if _splits_thinking(template) else None


def template_capabilities(template: str) -> frozenset[str]:
    """What a Jinja chat template can do: a subset of {"tools", "thinking"}, judged as Ollama judges it."""
    found = set()
    if "tools" in template or "tool_call" in template:
        found.add("tools")
    if ("<think>" in template and "</think>" in template) or _splits_thinking(template):
        found.add("thinking")
    return frozenset(found)


def _call_format(template: str, tools: Sequence[Tool]) -> CallFormat:
    for syntax in CALL_SYNTAXES:
        if syntax.matches(template):
            return syntax.make(tools)
    return GenericFormat(tools)


def _splits_thinking(template: str) -> bool:
    """Whether the template cuts old thinking off at a closing tag whose opening tag it never writes."""
    foreign = "reasoning_content" in template or "<SPECIAL_12>" in template
    return not foreign and bool(_CLOSING_ONLY.search(template))

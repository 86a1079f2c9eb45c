"""Muse Glimmer's answers: `<|start|>assistant to=RECIPIENT<|message|>...<|eom|>`, the last with `<|eot|>`.

What it tells itself is thinking, what it tells the user (or nobody in particular) the answer. A message to a
tool holds calls: `<atem:function_calls><atem:invoke name="NAME"><atem:parameter name="KEY">VALUE` and the
tags that close these.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from hearth.messages import Json, ToolCall
from hearth.output.calls import Malformed, make_call
from hearth.output.frames import FramedFormat, Kind, recipient
from hearth.output.thinking import ThinkingTags
from hearth.output.typed import parameter_schemas, typed_value

_INVOKE: Final = re.compile(r"<atem:invoke\s+name=\"([^\"<>]{1,200})\"\s*>")
_PARAMETER: Final = re.compile(r"<atem:parameter\s+name=\"([^\"<>]{1,200})\"[^<>]{0,200}>")
_SPACE: Final = re.compile(r"\s*")
_INVOKE_END: Final = "</atem:invoke>"
_PARAMETER_END: Final = "</atem:parameter>"

THINKING: Final = ThinkingTags(" to=self<|message|>", "<|eom|><|start|>assistant to=user<|message|>")
"""What surrounds the thinking where an answer of a requested shape follows it."""


class GlimmerFormat(FramedFormat):
    """Any name is taken for a tool's."""

    ends = ("<|eom|>", "<|eot|>", "<|end_of_text|>")

    def kind(self, header: str) -> Kind:
        to = recipient(header)
        if to == "self":
            return "thinking"
        return "text" if to in ("", "user") else "call"

    def calls(self, header: str, body: str) -> list[ToolCall]:
        calls: list[ToolCall] = []
        at = 0
        while invoke := _INVOKE.search(body, at):
            name = invoke.group(1)
            schemas = parameter_schemas(self.declared.get(name))
            arguments, at = _arguments(body, invoke.end(), schemas)
            calls.append(make_call(name, arguments))
        if not calls:
            raise Malformed("it invokes no tool")
        return calls


def _arguments(body: str, at: int, schemas: Mapping[str, Json]) -> tuple[dict[str, Json], int]:
    """The arguments that begin at `at`, and where the invocation ends. Raises Malformed."""
    found: dict[str, Json] = {}
    while True:
        space = _SPACE.match(body, at)
        at = space.end() if space else at
        if body.startswith(_INVOKE_END, at):
            return found, at + len(_INVOKE_END)
        parameter = _PARAMETER.match(body, at)
        end = body.find(_PARAMETER_END, at)
        if not parameter or end < 0:
            raise Malformed("it is cut off or not well-formed")
        key = parameter.group(1)
        found[key] = typed_value(body[parameter.end() : end], schemas.get(key))
        at = end + len(_PARAMETER_END)

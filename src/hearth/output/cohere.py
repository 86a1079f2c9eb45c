"""Tool calls as Cohere's Command models write them.

`<|START_ACTION|>[{"tool_call_id": ..., "tool_name": ..., "parameters": {...}}]<|END_ACTION|>`; an answer
stands between tags as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from hearth.messages import Json, ToolCall
from hearth.output.calls import Body, CallFormat, Malformed, make_call, read_arguments, read_values
from hearth.output.fenced import FencedBody

_ANSWERS: Final = ("<|START_RESPONSE|>", "<|START_TEXT|>")
_ID: Final = re.compile(r"[\w.\-]{1,64}")


class CohereFormat(CallFormat):
    """Any name is taken for a tool's; the ids that the model gives are kept."""

    tags = ("<|START_ACTION|>",)
    companions = ("<|END_ACTION|>",)
    trailers = ("<|END_ACTION|>",)
    markers = (*_ANSWERS, "<|END_RESPONSE|>", "<|END_TEXT|>", "<|END_OF_TURN_TOKEN|>")

    @property
    def ends_thinking(self) -> Sequence[str]:
        return (*self.tags, *_ANSWERS)

    def body(self, tag: str) -> Body:
        return _ActionBody()


class _ActionBody(FencedBody):
    closings = ("<|END_ACTION|>",)
    followers = ("<|START_ACTION|>", *_ANSWERS)

    def calls(self, text: str) -> list[ToolCall]:
        content, _ = self.content(text)
        calls: list[ToolCall] = []
        for value in read_values(content):
            calls += [_read(item) for item in (value if isinstance(value, list) else [value])]
        if not calls:
            raise Malformed("it is empty")
        return calls


def _read(value: Json) -> ToolCall:
    if not isinstance(value, dict):
        raise Malformed("it is not a JSON object")
    name = value.get("tool_name", value.get("name"))
    if not isinstance(name, str):
        raise Malformed("it names no tool")
    call_id = value.get("tool_call_id")
    kept = call_id if isinstance(call_id, str) and _ID.fullmatch(call_id) else ""
    return make_call(name, read_arguments(value.get("parameters", value.get("arguments"))), kept)

"""Tool calls as Mistral models write them.

Older ones write a list, `[TOOL_CALLS][{"name": ..., "arguments": {...}}, ...]`; newer ones each call alone,
`[TOOL_CALLS]name[ARGS]{...}`, some of them with `[CALL_ID]` and an id before `[ARGS]`.
"""

from __future__ import annotations

import re

from hearth.messages import ToolCall
from hearth.output.calls import (
    Body,
    CallFormat,
    Malformed,
    new_call_id,
    read_arguments,
    read_calls,
    read_value,
)
from hearth.output.jsontext import ValueScan

_ARGS = "[ARGS]"
_LONGEST_HEADER = 200
_HEADER = re.compile(r"\s*[\w.\-\[\]]*")


class MistralFormat(CallFormat):
    """Any name is taken for a tool's."""

    tags = ("[TOOL_CALLS]",)
    companions = ("[CALL_ID]", _ARGS)

    def body(self, tag: str) -> Body:
        return _MistralBody()


class _MistralBody(Body):
    def __init__(self) -> None:
        self._scan: ValueScan | None = None

    def end(self, text: str, final: bool) -> int | None:
        if self._scan is None:
            start = self._value_start(text)
            if start is None:
                return 0 if final else None
            if start == len(text) or text[start] not in "{[":
                return start
            self._scan = ValueScan(start)
        end = self._scan.end(text)
        return len(text) if end is None and final else end

    def calls(self, text: str) -> list[ToolCall]:
        if text.lstrip()[:1] in ("[", "{"):
            return read_calls(text)
        header, args, value = text.partition(_ARGS)
        name = header.partition("[CALL_ID]")[0].strip()
        if not args or not name:
            raise Malformed("a name and arguments were expected")
        return [ToolCall(name, read_arguments(read_value(value)), new_call_id())]

    def _value_start(self, text: str) -> int | None:
        """Where the JSON begins; where the text goes wrong; None while neither is known."""
        begin = len(text) - len(text.lstrip())
        if text[begin : begin + 1] in ("[", "{"):
            return begin
        at = text.find(_ARGS)
        header = text if at < 0 else text[:at]
        longest = _LONGEST_HEADER + (len(_ARGS) if at < 0 else 0)
        if not _HEADER.fullmatch(header) or len(header) - begin > longest:
            return 0
        if at < 0:
            return None
        start = at + len(_ARGS)
        start += len(text[start:]) - len(text[start:].lstrip())
        return start if start < len(text) else None

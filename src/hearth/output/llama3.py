"""Tool calls as Llama 3.x models write them.

`{"name": ..., "parameters": {...}}` behind `<|python_tag|>`, or bare as the whole output; semicolons separate
several.
"""

from __future__ import annotations

from collections.abc import Container

from hearth.messages import ToolCall
from hearth.output.calls import Body, CallFormat, Malformed, read_calls
from hearth.output.jsontext import ValueScan

_SEPARATORS = " \t\r\n;"


class Llama3Format(CallFormat):
    """Behind the tag any name is taken for a tool's; bare JSON must name a declared one."""

    tags = ("<|python_tag|>",)
    brackets = "{"

    def body(self, tag: str) -> Body:
        return _ObjectsBody(None if tag else self.declared)


class _ObjectsBody(Body):
    """JSON objects, one after another."""

    def __init__(self, names: Container[str] | None) -> None:
        self._names = names
        self._scan: ValueScan | None = None
        self._end = 0

    def end(self, text: str, final: bool) -> int | None:
        while True:
            if self._scan is None:
                rest = text[self._end :].lstrip(_SEPARATORS)
                if not rest and not final:
                    return None
                if not rest.startswith("{"):
                    return self._end
                self._scan = ValueScan(len(text) - len(rest))
            end = self._scan.end(text)
            if end is None:
                return len(text) if final else None
            self._end, self._scan = end, None

    def calls(self, text: str) -> list[ToolCall]:
        calls = read_calls(text)
        if self._names is not None and any(call.name not in self._names for call in calls):
            raise Malformed("it names no declared tool")
        return calls

"""Tool calls of a model whose format is not known: JSON that names a declared tool, as the whole output.

An answer that begins with anything but a bracket is text to its end; so is one in JSON that names no declared
tool.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hearth.messages import Json, Tool, ToolCall
from hearth.output.calls import (
    Body,
    CallFormat,
    Malformed,
    new_call_id,
    read_arguments,
    read_call,
    read_value,
)
from hearth.output.jsontext import ValueScan


class GenericFormat(CallFormat):
    """A call is `{"name": ..., "arguments": {...}}` or `{"<tool>": {...}}`, also in a list or an object."""

    brackets = "{["

    def body(self, tag: str) -> Body:
        return _ValueBody(self.declared)


class _ValueBody(Body):
    def __init__(self, tools: Mapping[str, Tool]) -> None:
        self._tools = tools
        self._scan = ValueScan()

    def end(self, text: str, final: bool) -> int | None:
        end = self._scan.end(text)
        return len(text) if end is None and final else end

    def calls(self, text: str) -> list[ToolCall]:
        value = read_value(text)
        items = value if isinstance(value, list) else [value]
        calls = [call for item in items for call in self._calls_in(item)]
        if not calls:
            raise Malformed("it names no declared tool")
        return calls

    def _calls_in(self, value: Json) -> Iterator[ToolCall]:
        """The calls that an object spells out itself, or else those of the values in it."""
        if isinstance(value, list):
            for item in value:
                yield from self._calls_in(item)
        if not isinstance(value, dict):
            return
        named = [name for name in value if name in self._tools and isinstance(value[name], dict | str)]
        if self._names_tool(value):
            yield read_call(value)
        elif named:
            for name in named:
                yield ToolCall(name, read_arguments(value[name]), new_call_id())
        else:
            for item in value.values():
                yield from self._calls_in(item)

    def _names_tool(self, value: Mapping[str, Json]) -> bool:
        name = value.get("name", value.get("function"))
        return isinstance(name, str) and name.strip() in self._tools

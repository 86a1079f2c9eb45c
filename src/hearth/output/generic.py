"""Tool calls of a model whose format is not known: JSON that names a declared tool.

It is the whole output, or stands behind a tag. Without a tag, an answer that begins with anything but a
bracket is text to its end; so is one in JSON that names no declared tool.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

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


class TaggedFormat(GenericFormat):
    """After the first `tag` all is calls: such JSON, or the name of a tool and the JSON of its arguments."""

    brackets = ""

    def __init__(self, tools: Sequence[Tool], tag: str) -> None:
        self.tags = (tag,)
        super().__init__(tools)

    def body(self, tag: str) -> Body:
        return _RestBody(self.declared)


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


class _RestBody(_ValueBody):
    """All that follows a tag, with any text between the JSON of the calls."""

    def end(self, text: str, final: bool) -> int | None:
        return len(text) if final else None

    def calls(self, text: str) -> list[ToolCall]:
        calls: list[ToolCall] = []
        at = 0
        while (start := text.find("{", at)) >= 0:
            end = ValueScan(start).end(text)
            if end is None:
                break
            calls += self._spelled_out(text[at:start], read_value(text[start:end]))
            at = end
        if not calls:
            raise Malformed("it names no declared tool")
        return calls

    def _spelled_out(self, before: str, value: Json) -> list[ToolCall]:
        found = list(self._calls_in(value))
        named = [(before.find(name), -len(name), name) for name in self._tools if name in before]
        if found or not named:
            return found
        return [ToolCall(min(named)[2], read_arguments(value), new_call_id())]

"""Tool calls as Qwen3-Coder and the models after it write them (Qwen3.5, Nemotron 3).

`<tool_call><function=NAME><parameter=KEY>VALUE</parameter></function></tool_call>` with line breaks around
each value; some forget the outer tags.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from hearth.messages import Json, Tool, ToolCall
from hearth.output.calls import Body, CallFormat, Malformed, make_call, read_calls
from hearth.output.fenced import FencedBody
from hearth.output.typed import parameter_schemas, typed_value, unwrapped

_OPENING: Final = "<tool_call>"
_CLOSING: Final = "</tool_call>"
_FUNCTION: Final = "<function="
_FUNCTION_END: Final = "</function>"
_PARAMETER: Final = "<parameter="
_PARAMETER_END: Final = "</parameter>"
_NEXT: Final = re.compile(f"{_PARAMETER}|{_FUNCTION_END}")
_OVER: Final = re.compile(rf"\n?(?:{_PARAMETER}|{_FUNCTION_END})")


class QwenXmlFormat(CallFormat):
    """Behind the outer tag any name is taken for a tool's; without it, it must be a declared one."""

    tags = (_OPENING, _FUNCTION)
    companions = (_CLOSING,)
    trailers = (_CLOSING,)

    @property
    def ends_thinking(self) -> Sequence[str]:
        return self.tags[:1]

    def body(self, tag: str) -> Body:
        return _BlockBody(self.declared) if tag == _OPENING else _BareBody(self.declared)


class _BlockBody(FencedBody):
    closings = (_CLOSING,)
    followers: Sequence[str] = (_OPENING,)
    values: Mapping[str, str] = {_PARAMETER: _PARAMETER_END}

    def __init__(self, tools: Mapping[str, Tool]) -> None:
        super().__init__()
        self._tools = tools

    def calls(self, text: str) -> list[ToolCall]:
        content, closed = self.content(text)
        if content.lstrip().startswith("{"):
            return read_calls(content)
        return _FunctionReader(content, closed, self._tools).calls()


class _BareBody(_BlockBody):
    closings = (_FUNCTION_END,)
    followers = (_OPENING, _FUNCTION)

    def calls(self, text: str) -> list[ToolCall]:
        calls = _FunctionReader(_FUNCTION + text, False, self._tools).calls()
        if calls[0].name not in self._tools:
            raise Malformed("it names no declared tool")
        return calls


class _FunctionReader:
    """Reads the functions in `text`; `closed` says that a missing last tag is no sign of a cut."""

    def __init__(self, text: str, closed: bool, tools: Mapping[str, Tool]) -> None:
        self._text = text
        self._closed = closed
        self._tools = tools
        self._at = 0
        self._has_ends = True

    def calls(self) -> list[ToolCall]:
        calls: list[ToolCall] = []
        while (start := self._text.find(_FUNCTION, self._at)) >= 0:
            self._at = start + len(_FUNCTION)
            name = self._name()
            calls.append(make_call(name, self._arguments(parameter_schemas(self._tools.get(name)))))
        if not calls:
            raise Malformed("a function was expected")
        return calls

    def _arguments(self, schemas: Mapping[str, Json]) -> dict[str, Json]:
        found: dict[str, Json] = {}
        while tag := _NEXT.search(self._text, self._at):
            self._pass_space(tag.start())
            self._at = tag.end()
            if tag.group() == _FUNCTION_END:
                return found
            key = self._name()
            found[key] = typed_value(unwrapped(self._value()), schemas.get(key))
        if not self._closed:
            raise Malformed("it is cut off")
        self._pass_space(len(self._text))
        return found

    def _pass_space(self, end: int) -> None:
        if self._text[self._at : end].strip():
            raise Malformed("something stands between its tags")
        self._at = end

    def _name(self) -> str:
        """The rest of a tag that names something."""
        end = self._text.find(">", self._at)
        name = self._text[self._at : end].strip(" \t\"'")
        if end < 0 or not name or "\n" in name or "<" in name:
            raise Malformed("a tag has no name")
        self._at = end + 1
        return name

    def _value(self) -> str:
        start = self._at
        end = self._text.find(_PARAMETER_END, start) if self._has_ends else -1
        if end >= 0:
            self._at = end + len(_PARAMETER_END)
            return self._text[start:end]
        self._has_ends = False
        over = _OVER.search(self._text, start)
        if over is None and not self._closed:
            raise Malformed("it is cut off")
        self._at = over.start() if over else len(self._text)
        return self._text[start : self._at]

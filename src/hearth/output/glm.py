"""Tool calls as GLM 4.5 and later write them, and Laguna after them.

`<tool_call>NAME<arg_key>KEY</arg_key><arg_value>VALUE</arg_value></tool_call>`, older ones with line breaks
between the tags. Laguna may write `{"name": ..., "arguments": {...}}` in the same tags.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from hearth.messages import Json, Tool, ToolCall
from hearth.output.calls import Body, CallFormat, Malformed, make_call, read_calls
from hearth.output.fenced import FencedBody
from hearth.output.typed import missing_parameters, parameter_schemas, typed_value, unwrapped

_OPENING: Final = "<tool_call>"
_CLOSING: Final = "</tool_call>"
_KEY: Final = "<arg_key>"
_KEY_END: Final = "</arg_key>"
_VALUE: Final = "<arg_value>"
_VALUE_END: Final = "</arg_value>"
_NAME: Final = re.compile(r"[^\s<>{}]+")


class GlmFormat(CallFormat):
    """Any name is taken for a tool's, if arguments follow it or it is declared.

    A call that the end of the text leaves open counts if its tool is declared and nothing required is
    missing.
    """

    tags = (_OPENING,)
    companions = (_CLOSING, _KEY, _KEY_END, _VALUE, _VALUE_END)
    trailers = (_CLOSING,)

    def body(self, tag: str) -> Body:
        return _PairsBody(self.declared)


class LagunaFormat(GlmFormat):
    """GLM's calls in a turn that ends with a tag of its own."""

    markers = ("</assistant>",)


class _PairsBody(FencedBody):
    closings = (_CLOSING,)
    followers = (_OPENING,)
    values: Mapping[str, str] = {_VALUE: _VALUE_END}

    def __init__(self, tools: Mapping[str, Tool]) -> None:
        super().__init__()
        self._tools = tools

    def calls(self, text: str) -> list[ToolCall]:
        content, closed = self.content(text)
        if content.lstrip().startswith("{"):
            return read_calls(content)
        head, tag, rest = content.partition(_KEY)
        name = head.strip()
        tool = self._tools.get(name)
        if not _NAME.fullmatch(name) or not (tool or tag):
            raise Malformed("it names no tool")
        arguments = _arguments(tag + rest, parameter_schemas(tool), closed)
        if not closed and (tool is None or missing_parameters(tool, arguments)):
            raise Malformed("it is cut off")
        return [make_call(name, arguments)]


def _arguments(text: str, schemas: Mapping[str, Json], closed: bool) -> dict[str, Json]:
    """The arguments in pairs of tags; only in a `closed` call may the last value lack its own closing tag."""
    found: dict[str, Json] = {}
    at = 0
    while (start := text.find(_KEY, at)) >= 0:
        key_end = text.find(_KEY_END, start)
        value = text.find(_VALUE, key_end)
        if key_end < 0 or value < 0:
            raise Malformed("an argument has no value")
        key = text[start + len(_KEY) : key_end].strip()
        end = text.find(_VALUE_END, value)
        if end < 0 and not closed:
            raise Malformed("it is cut off")
        end = len(text) if end < 0 else end
        found[key] = typed_value(_whole(text[value + len(_VALUE) : end]), schemas.get(key))
        at = end
    return found


def _whole(text: str) -> str:
    # The tags bring no line breaks of their own, so one at the end alone belongs to the value.
    return unwrapped(text) if len(text) > 1 and text[0] == text[-1] == "\n" else text

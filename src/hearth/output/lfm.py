"""Tool calls as LFM2 models write them.

`<|tool_call_start|>[f(a='x'), g(b=1)]<|tool_call_end|>`, with JSON objects in the list if the prompt asks for
them; small ones forget the tags.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from hearth.messages import Tool, ToolCall
from hearth.output.calls import Body, CallFormat, Malformed, read_calls
from hearth.output.fenced import FencedBody
from hearth.output.pycalls import read_python_calls

_OPENING: Final = "<|tool_call_start|>"
_CLOSING: Final = "<|tool_call_end|>"
_BEGINNING: Final = re.compile(r"\[\s*(?P<name>[A-Za-z_][\w.\-]*)?\s*(?P<bracket>\()?")


class LfmFormat(CallFormat):
    """Between the tags any name is taken for a tool's; a bare list must name declared ones."""

    tags = (_OPENING,)
    companions = (_CLOSING,)
    trailers = (_CLOSING,)
    brackets = "["

    def body(self, tag: str) -> Body:
        return _TaggedBody() if tag else _BareBody(self.declared)


class _TaggedBody(FencedBody):
    closings = (_CLOSING,)
    followers = (_OPENING,)

    def calls(self, text: str) -> list[ToolCall]:
        content = self.content(text)[0].strip()
        if content.removeprefix("[").lstrip().startswith("{"):
            return read_calls(content)
        return read_python_calls(content)


class _BareBody(Body):
    """The whole output, as long as it can still be a list of calls."""

    def __init__(self, tools: Mapping[str, Tool]) -> None:
        self._tools = tools
        self._certain = False

    def end(self, text: str, final: bool) -> int | None:
        if not self._certain and not self._may_begin(text):
            return 0
        return len(text) if final else None

    def calls(self, text: str) -> list[ToolCall]:
        calls = read_python_calls(text)
        if any(call.name not in self._tools for call in calls):
            raise Malformed("it names no declared tool")
        return calls

    def _may_begin(self, text: str) -> bool:
        found = _BEGINNING.match(text)
        if not found:
            return False
        self._certain = bool(found["bracket"]) and found["name"] in self._tools
        return self._certain or (found.end() == len(text) and not found["bracket"])

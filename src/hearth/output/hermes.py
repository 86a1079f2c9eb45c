"""Tool calls as Hermes and Qwen models write them.

`<tool_call>{"name": ..., "arguments": {...}}</tool_call>`, once for each call.
"""

from __future__ import annotations

from hearth.messages import ToolCall
from hearth.output.calls import Body, CallFormat, read_calls
from hearth.output.jsontext import ValueScan

_OPENING = "<tool_call>"
_CLOSING = "</tool_call>"


class HermesFormat(CallFormat):
    """Any name is taken for a tool's; a call whose closing tag is missing is read all the same."""

    tags = (_OPENING,)
    companions = (_CLOSING,)

    def body(self, tag: str) -> Body:
        return _TaggedBody()


class _TaggedBody(Body):
    """JSON up to the closing tag, or to the next opening one; tags inside strings do not count."""

    def __init__(self) -> None:
        self._scan = ValueScan()
        self._searched = 0

    def end(self, text: str, final: bool) -> int | None:
        while found := self._next_tag(text):
            at, tag = found
            if self._scan.end(text[:at]) is not None or not self._scan.quoted:
                return at if tag == _OPENING else at + len(tag)
            self._searched = at + len(tag)
        self._searched = max(self._searched, len(text) - len(_CLOSING))
        return self._last_resort(text) if final else None

    def calls(self, text: str) -> list[ToolCall]:
        return read_calls(text.removesuffix(_CLOSING))

    def _next_tag(self, text: str) -> tuple[int, str] | None:
        found = [(text.find(tag, self._searched), tag) for tag in (_OPENING, _CLOSING)]
        return min((hit for hit in found if hit[0] >= 0), default=None)

    def _last_resort(self, text: str) -> int:
        """Where a call without a proper end stops: at its JSON's end, else at the first closing tag."""
        end = self._scan.end(text)
        if end is None and (at := text.find(_CLOSING)) >= 0:
            end = at + len(_CLOSING)
        return len(text) if end is None else end

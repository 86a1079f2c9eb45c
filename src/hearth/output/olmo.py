"""Tool calls as OLMo 3 models write them: Python calls, one in each line, between `<function_calls>` tags."""

from __future__ import annotations

from typing import Final

from hearth.messages import ToolCall
from hearth.output.calls import Body, CallFormat
from hearth.output.fenced import FencedBody
from hearth.output.pycalls import read_python_calls

_OPENING: Final = "<function_calls>"
_CLOSING: Final = "</function_calls>"


class OlmoFormat(CallFormat):
    """Any name is taken for a tool's."""

    tags = (_OPENING,)
    companions = (_CLOSING,)
    trailers = (_CLOSING,)

    def body(self, tag: str) -> Body:
        return _CallsBody()


class _CallsBody(FencedBody):
    closings = (_CLOSING,)
    followers = (_OPENING,)

    def calls(self, text: str) -> list[ToolCall]:
        content, _ = self.content(text)
        return read_python_calls(content)

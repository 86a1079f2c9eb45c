"""Tool calls as DeepSeek models write them, and Cogito after them.

`<｜tool▁call▁begin｜>NAME<｜tool▁sep｜>{...}<｜tool▁call▁end｜>` since version 3.1; before, and in Cogito,
`<｜tool▁call▁begin｜>function<｜tool▁sep｜>NAME` and the arguments in a fenced block of JSON. Tags around the
whole list say nothing that the calls do not.
"""

from __future__ import annotations

import re
from typing import Final

from hearth.messages import ToolCall
from hearth.output.calls import Body, CallFormat, Malformed, make_call, read_arguments, read_value
from hearth.output.fenced import FencedBody

_BEGIN: Final = "<｜tool▁call▁begin｜>"
_END: Final = "<｜tool▁call▁end｜>"
_LIST_BEGIN: Final = "<｜tool▁calls▁begin｜>"
_LIST_END: Final = "<｜tool▁calls▁end｜>"
_SEPARATOR: Final = "<｜tool▁sep｜>"
_NAME: Final = re.compile(r"[^\s<>{}｜]+")


class DeepSeekFormat(CallFormat):
    """Any name is taken for a tool's."""

    tags = (_BEGIN,)
    companions = (_SEPARATOR, _END)
    markers = (_LIST_BEGIN, _LIST_END)

    def body(self, tag: str) -> Body:
        return _CallBody()


class _CallBody(FencedBody):
    closings = (_END,)
    followers = (_BEGIN, _LIST_END)

    def calls(self, text: str) -> list[ToolCall]:
        content, _ = self.content(text)
        head, separator, rest = content.partition(_SEPARATOR)
        if head.strip() == "function" and not rest.lstrip().startswith("{"):
            head, separator, rest = rest.partition("\n")
        name = head.strip()
        if not separator or not _NAME.fullmatch(name):
            raise Malformed("a name and arguments were expected")
        arguments = read_arguments(read_value(_unfenced(rest)))
        return [make_call(name, arguments)]


def _unfenced(text: str) -> str:
    content = text.strip()
    if content.startswith("```"):
        content = content.removeprefix("```").lstrip().removeprefix("json").removesuffix("```")
    return content

"""Tool calls as FunctionGemma and Gemma 4 write them.

`call:NAME{key:value,...}` between tags, with bare keys and a tag around each string: `<escape>` or `<|"|>`.
"""

from __future__ import annotations

import re
from typing import ClassVar, Final

from hearth.messages import ToolCall
from hearth.output.calls import Body, CallFormat, Malformed, make_call
from hearth.output.fenced import FencedBody
from hearth.output.literals import LiteralReader

_NAME: Final = re.compile(r"[\w.\-:/]+")


class FunctionGemmaFormat(CallFormat):
    """Any name is taken for a tool's."""

    tags = ("<start_function_call>",)
    companions = ("<end_function_call>", "<escape>")
    trailers = ("<end_function_call>", "<start_function_response>")

    def body(self, tag: str) -> Body:
        return _FunctionGemmaBody()


class Gemma4Format(CallFormat):
    """Any name is taken for a tool's. The tag that would begin the tool's answer is dropped after a call."""

    tags = ("<|tool_call>",)
    companions = ("<tool_call|>", '<|"|>')
    trailers = ("<tool_call|>", "<|tool_response>")

    def body(self, tag: str) -> Body:
        return _Gemma4Body()


class _CallBody(FencedBody):
    """What closes the call says that it is whole: only then may something be missing at its end."""

    delimiter: ClassVar[str]

    def calls(self, text: str) -> list[ToolCall]:
        content, closed = self.content(text)
        reader = LiteralReader(content, delimiter=self.delimiter, lenient=closed)
        reader.take("call:")
        name = reader.match(_NAME)
        if not name or not reader.take("{"):
            raise Malformed("a name and arguments in braces were expected")
        call = make_call(name, reader.members())
        if not reader.finished and not (reader.take("}") and reader.finished):
            raise Malformed("something follows the arguments")
        return [call]


class _FunctionGemmaBody(_CallBody):
    closings = ("<end_function_call>",)
    followers = ("<start_function_call>",)
    delimiter = "<escape>"


class _Gemma4Body(_CallBody):
    closings = ("<tool_call|>",)
    followers = ("<|tool_call>",)
    delimiter = '<|"|>'

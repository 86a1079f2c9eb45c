"""Tool calls written as calls of Python functions: `f(a="x", b=1)`. Nothing of them is ever run."""

from __future__ import annotations

import re
from typing import Final

from hearth.messages import Json, ToolCall
from hearth.output.calls import Malformed, make_call
from hearth.output.literals import LiteralReader

_NAME: Final = re.compile(r"[A-Za-z_][\w.\-]*")
_SEPARATOR: Final = re.compile(r"[,;]")


def read_python_calls(text: str) -> list[ToolCall]:
    """The calls in `text`: one after another, with commas, semicolons or nothing between, also in a list.

    Arguments must be literals and have names. Raises Malformed.
    """
    reader = LiteralReader(text)
    listed = reader.take("[")
    calls: list[ToolCall] = []
    while not reader.finished:
        if listed and reader.take("]"):
            listed = False
        elif not reader.match(_SEPARATOR):
            calls.append(_read(reader))
    if not calls:
        raise Malformed("it is empty")
    return calls


def _read(reader: LiteralReader) -> ToolCall:
    name = reader.match(_NAME)
    if not name or not reader.take("("):
        raise Malformed("a name and its arguments were expected")
    arguments: dict[str, Json] = {}
    closed = reader.take(")")
    while not closed:
        key = reader.match(_NAME)
        if not key or not reader.take("="):
            raise Malformed("an argument has no name")
        arguments[key] = reader.value()
        comma = reader.take(",")
        closed = reader.take(")")
        if not comma and not closed:
            raise Malformed("a comma was expected")
    return make_call(name, arguments)

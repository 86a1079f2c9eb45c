"""JSON as Go writes it: compact, maps sorted by key, structs in their order, and <, > and & escaped."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Final

from hearth.errors import TemplateError
from hearth.prompt.go import floats
from hearth.prompt.go.values import ABSENT, Struct, Value, check_depth

_ESCAPES: Final = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"} | dict.fromkeys(
    range(0xDC80, 0xDD00), "\\ufffd"
)


def to_json(value: Value) -> str:
    """The JSON text of a value. Raises TemplateError for data that is nested too deeply."""
    parts: list[str] = []
    _write(value, parts, 0)
    return "".join(parts)


def _write(value: Value, parts: list[str], depth: int) -> None:
    check_depth(depth)
    if isinstance(value, str):
        parts.append(_text(value))
    elif isinstance(value, Struct):
        fields = value.fields if value.encoded is None else value.encoded
        _write_object([(name, fields[name]) for name in fields], parts, depth)
    elif isinstance(value, Mapping):
        _write_object([(name, value[name]) for name in sorted(value)], parts, depth)
    elif isinstance(value, Sequence):
        _write_list(value, parts, depth)
    else:
        parts.append(_scalar(value))


def _write_object(items: list[tuple[str, Value]], parts: list[str], depth: int) -> None:
    parts.append("{")
    for index, (name, item) in enumerate(items):
        parts.append(f"{',' if index else ''}{_text(name)}:")
        _write(item, parts, depth + 1)
    parts.append("}")


def _write_list(items: Sequence[Value], parts: list[str], depth: int) -> None:
    parts.append("[")
    for index, item in enumerate(items):
        if index:
            parts.append(",")
        _write(item, parts, depth + 1)
    parts.append("]")


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).translate(_ESCAPES)


def _scalar(value: Value) -> str:
    if value is None or value is ABSENT:
        return "null"
    if isinstance(value, float):
        if not math.isfinite(value):
            raise TemplateError(f"{floats.infinite(value)} cannot be written as JSON")
        return floats.in_json(value)
    return json.dumps(value)

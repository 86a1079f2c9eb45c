"""Values that a model writes as bare text between tags: the declared type says what they mean."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from hearth.messages import Json, Tool
from hearth.output.calls import Malformed
from hearth.output.jsontext import read_json
from hearth.output.literals import read_literal

_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,400}\.?[0-9]{0,400}|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?")


def typed_value(text: str, schema: Json) -> Json:
    """The value that `text` stands for in a parameter with this JSON schema (None: not declared).

    `null` in any case is null. Without a declared type the text is a string; with several the narrowest that
    fits counts: boolean, integer, number, array, object, string. Text that fits none stays a string, except
    that what should be a boolean and nothing else is false.
    """
    content = text.strip()
    if content.lower() == "null":
        return None
    types = types_of(schema)
    for name, read in _READERS.items():
        if name in types:
            try:
                return read(content)
            except ValueError:
                continue
    return False if types == {"boolean"} else text


def types_of(schema: Json) -> frozenset[str]:
    """The names of the types that a schema allows, those of its alternatives included."""
    if not isinstance(schema, dict):
        return frozenset()
    declared = schema.get("type")
    names = declared if isinstance(declared, list) else [declared]
    found = {name for name in names if isinstance(name, str)}
    for key in ("anyOf", "oneOf"):
        alternatives = schema.get(key)
        for each in alternatives if isinstance(alternatives, list) else []:
            if isinstance(each, dict):
                found |= types_of({"type": each.get("type")})
    return frozenset(found)


def parameter_schemas(tool: Tool | None) -> Mapping[str, Json]:
    """The schemas of a tool's parameters by name; empty where they are not declared."""
    properties = tool.parameters.get("properties") if tool else None
    return properties if isinstance(properties, dict) else {}


def missing_parameters(tool: Tool, arguments: Mapping[str, Json]) -> list[str]:
    """The required parameters that a call lacks."""
    required = tool.parameters.get("required")
    names = required if isinstance(required, list) else []
    return [name for name in names if isinstance(name, str) and name not in arguments]


def unwrapped(text: str) -> str:
    """The text without the line break that its tags put before it and the one after it."""
    return text.removeprefix("\n").removesuffix("\n")


def _boolean(text: str) -> Json:
    if text.lower() not in ("true", "false"):
        raise ValueError("no boolean")
    return text.lower() == "true"


def _integer(text: str) -> Json:
    if not _INTEGER.fullmatch(text):
        raise ValueError("no integer")
    return int(text)


def _number(text: str) -> Json:
    if not _NUMBER.fullmatch(text):
        raise ValueError("no number")
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("out of range")
    return _integer(text) if _INTEGER.fullmatch(text) else int(value) if _is_whole(value) else value


def _is_whole(value: float) -> bool:
    return value.is_integer() and abs(value) < 2**53


def _array(text: str) -> Json:
    return _structure(text, list)


def _object(text: str) -> Json:
    return _structure(text, dict)


def _structure(text: str, kind: type[list[Json] | dict[str, Json]]) -> Json:
    try:
        value = read_json(text)
    except ValueError:
        value = _literal(text)
    if isinstance(value, kind):
        return value
    raise ValueError("neither JSON nor a literal of that kind")


def _literal(text: str) -> Json:
    try:
        return read_literal(text)
    except Malformed as error:
        raise ValueError("no literal") from error


_READERS: Mapping[str, Callable[[str], Json]] = {
    "boolean": _boolean,
    "integer": _integer,
    "number": _number,
    "array": _array,
    "object": _object,
}

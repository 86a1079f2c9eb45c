"""Messages and tools as the values that templates see, with Ollama's names of types, fields and JSON keys.

A tool's schema is reduced to the keywords that Ollama knows, so that a prompt is the one that it would make.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from hearth.messages import Json, Message, Tool, ToolCall
from hearth.prompt.go import Struct, Value
from hearth.prompt.go.jsontext import to_json
from hearth.prompt.go.printing import printed
from hearth.prompt.go.values import Fields, Items, check_depth

_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_INT64: Final = 1 << 63


def message_value(message: Message) -> Struct:
    """A message with its fields `.Role`, `.Content`, `.Thinking`, `.ToolCalls` and so on."""
    calls = [_call_value(call, index) for index, call in enumerate(message.tool_calls)]
    fields: dict[str, Value] = {
        "Role": text_value(message.role),
        "Content": text_value(message.content),
        "Thinking": text_value(message.thinking),
        "Images": ["" for _ in message.images],
        "ToolCalls": calls,
        "ToolName": text_value(message.tool_name),
        "ToolCallID": text_value(message.tool_call_id),
    }
    keys = ("role", "content", "thinking", "images", "tool_calls", "tool_name", "tool_call_id")
    encoded = dict(zip(keys, fields.values(), strict=True))
    return Struct("api.Message", fields, _without_empty(encoded, keep=("role", "content")))


def tools_value(tools: Iterable[Tool]) -> Items:
    """The tools as a list that prints as JSON."""
    return Items([_tool_value(tool) for tool in tools], to_json)


def text_value(text: str) -> str:
    """A text without halves of surrogate pairs, which are no characters."""
    return _SURROGATES.sub("\ufffd", text)


def json_value(value: Json, depth: int = 0) -> Value:
    """Any JSON value. Raises TemplateError for one that is nested too deeply."""
    check_depth(depth)
    if isinstance(value, str):
        return text_value(value)
    if isinstance(value, list):
        return [json_value(item, depth + 1) for item in value]
    if isinstance(value, Mapping):
        return {text_value(key): json_value(item, depth + 1) for key, item in value.items()}
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        return _large(value)
    return value


def typescript(value: Value) -> str:
    """The TypeScript type of a tool's property; `any` for what is none."""
    if not isinstance(value, Struct) or value.type_name != "api.ToolProperty":
        return "any"
    either = value.fields["AnyOf"]
    if isinstance(either, Sequence) and either:
        return " | ".join(map(typescript, either))
    kinds = value.fields["Type"]
    names = [_TYPESCRIPT.get(kind, "any") for kind in kinds] if isinstance(kinds, Items) else []
    return " | ".join(names) or "any"


_TYPESCRIPT: Final[Mapping[Value, str]] = {
    "string": "string",
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "array": "any[]",
    "object": "Record<string, any>",
    "null": "null",
}


def _large(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _call_value(call: ToolCall, index: int) -> Struct:
    arguments = {text_value(name): json_value(value, 1) for name, value in call.arguments.items()}
    fields: dict[str, Value] = {
        "Index": index,
        "Name": text_value(call.name),
        "Arguments": Fields(arguments, to_json),
    }
    function = Struct("api.ToolCallFunction", fields, {name.lower(): value for name, value in fields.items()})
    outer: dict[str, Value] = {"ID": text_value(call.id), "Function": function}
    return Struct("api.ToolCall", outer, _without_empty({"id": outer["ID"], "function": function}))


def _tool_value(tool: Tool) -> Struct:
    schema = tool.parameters
    parameters = _printing_json(
        "api.ToolFunctionParameters",
        {
            "Type": _text_of(schema, "type"),
            "Defs": json_value(schema.get("$defs")),
            "Items": json_value(schema.get("items")),
            "Required": _texts_of(schema, "required"),
            "Properties": _properties(schema, 1),
        },
        ("type", "$defs", "items", "required", "properties"),
        keep=("type", "properties"),
    )
    function = _printing_json(
        "api.ToolFunction",
        {
            "Name": text_value(tool.name),
            "Description": text_value(tool.description),
            "Parameters": parameters,
        },
        ("name", "description", "parameters"),
        keep=("name", "parameters"),
    )
    fields: dict[str, Value] = {"Type": "function", "Items": None, "Function": function}
    return _printing_json("api.Tool", fields, ("type", "items", "function"))


def _printing_json(
    type_name: str, fields: Mapping[str, Value], keys: Sequence[str], keep: Sequence[str] = ()
) -> Struct:
    """A struct that prints as JSON; keys of empty fields are left out, except those to `keep`."""
    encoded = _without_empty(dict(zip(keys, fields.values(), strict=True)), keep)
    text: Callable[[], str] = lambda: to_json(Struct(type_name, fields, encoded))  # noqa: E731
    return Struct(type_name, fields, encoded, text)


def _without_empty(encoded: Mapping[str, Value], keep: Sequence[str] = ()) -> dict[str, Value]:
    return {key: value for key, value in encoded.items() if key in keep or value not in (None, "", [], {})}


def _properties(schema: Mapping[str, Json], depth: int) -> Fields:
    check_depth(depth)
    given = schema.get("properties")
    items = given if isinstance(given, Mapping) else {}
    found = {text_value(name): _property(item, depth) for name, item in items.items()}
    return Fields(found, to_json)


def _property(given: Json, depth: int) -> Struct:
    check_depth(depth)
    schema: Mapping[str, Json] = given if isinstance(given, Mapping) else {}
    either = schema.get("anyOf")
    kinds = [schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type")
    types = Items(
        [text_value(kind) for kind in kinds if isinstance(kind, str)] if isinstance(kinds, list) else [],
        _types,
    )
    fields: dict[str, Value] = {
        "AnyOf": [_property(item, depth + 1) for item in either] if isinstance(either, list) else [],
        "Type": types,
        "Items": json_value(schema.get("items")),
        "Description": _text_of(schema, "description"),
        "Enum": json_value(schema.get("enum")) or [],
        "Properties": _properties(schema, depth + 1),
        "Required": _texts_of(schema, "required"),
    }
    keys = ("anyOf", "type", "items", "description", "enum", "properties", "required")
    encoded = dict(zip(keys, fields.values(), strict=True))
    encoded["type"] = types[0] if len(types) == 1 else list(types)
    return Struct("api.ToolProperty", fields, _without_empty(encoded))


def _types(types: Items) -> str:
    return printed(types[0] if len(types) == 1 else list(types)) if types else ""


def _text_of(schema: Mapping[str, Json], key: str) -> str:
    value = schema.get(key)
    return text_value(value) if isinstance(value, str) else ""


def _texts_of(schema: Mapping[str, Json], key: str) -> list[Value]:
    value = schema.get(key)
    return [text_value(item) for item in value if isinstance(item, str)] if isinstance(value, list) else []

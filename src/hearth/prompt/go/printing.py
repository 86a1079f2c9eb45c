"""Go's print, println and printf for any value of a template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from hearth.prompt.go.limits import check_text
from hearth.prompt.go.values import Struct, Value, check_depth, is_nothing, joined, own_text, type_name
from hearth.prompt.go.verbs import Spec, format_bool, format_float, format_integer, format_text, pad

_PLAIN: Final = Spec()
_TEXT_VERBS: Final = "vsxXq"


def printed(value: Value) -> str:
    """A value as `{{ }}` prints it; nothing prints as "<no value>"."""
    if isinstance(value, str):
        return value
    return "<no value>" if is_nothing(value) else formatted(value, _PLAIN)


def sprint(values: Sequence[Value]) -> str:
    """The values in a row, with a space between two of which neither is a text."""
    parts: list[str] = []
    for index, value in enumerate(values):
        if index and not isinstance(value, str) and not isinstance(values[index - 1], str):
            parts.append(" ")
        parts.append(formatted(value, _PLAIN))
    return join(parts)


def sprintln(values: Sequence[Value]) -> str:
    """The values with a space between any two, and a line break."""
    return join([*_separated((formatted(value, _PLAIN) for value in values), " "), "\n"])


def join(parts: Sequence[str]) -> str:
    """The parts as one text. Raises TemplateError if that is too long."""
    check_text(sum(map(len, parts)))
    return joined("".join(parts))


def formatted(value: Value, spec: Spec) -> str:
    """A value by a verb, as printf does it; a wrong verb is written into the text."""
    if is_nothing(value):
        return pad("<nil>", spec) if spec.verb in "vT" else bad_verb(value, spec)
    if spec.verb == "T":
        return pad(type_name(value), replace(spec, verb="s"))
    return _formatted(value, spec, 0)


def bad_verb(value: Value, spec: Spec) -> str:
    """What stands in the text for a verb that does not fit the value."""
    shown = (
        "<nil>"
        if is_nothing(value)
        else f"{type_name(value)}={_formatted(value, replace(spec, verb='v'), 0)}"
    )
    return f"%!{spec.verb}({shown})"


def _formatted(value: Value, spec: Spec, depth: int) -> str:
    check_depth(depth)
    if is_nothing(value):
        return "interface {}(nil)" if spec.as_source else "<nil>"
    if spec.verb in _TEXT_VERBS and not spec.as_source and (own := own_text(value)) is not None:
        return format_text(own, spec) or ""
    if isinstance(value, Struct):
        return _struct(value, spec, depth)
    if isinstance(value, Mapping):
        return _map(value, spec, depth)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _list(value, spec, depth)
    scalar = _scalar(value, spec)
    return bad_verb(value, spec) if scalar is None else scalar


def _scalar(value: Value, spec: Spec) -> str | None:
    if isinstance(value, str):
        return format_text(value, spec)
    if isinstance(value, bool):
        return format_bool(value, spec)
    if isinstance(value, int):
        return format_integer(value, spec)
    assert isinstance(value, float)
    return format_float(value, spec)


def _list(value: Sequence[Value], spec: Spec, depth: int) -> str:
    items = (_formatted(item, spec, depth + 1) for item in value)
    if spec.as_source:
        return join([type_name(value), "{", *_separated(items, ", "), "}"])
    return join(["[", *_separated(items, " "), "]"])


def _map(value: Mapping[str, Value], spec: Spec, depth: int) -> str:
    items = (
        _formatted(key, spec, 0) + ":" + _formatted(value[key], spec, depth + 1) for key in sorted(value)
    )
    if spec.as_source:
        return join([type_name(value), "{", *_separated(items, ", "), "}"])
    return join(["map[", *_separated(items, " "), "]"])


def _struct(value: Struct, spec: Spec, depth: int) -> str:
    named = spec.as_source or spec.named
    items = (
        (f"{name}:" if named else "") + _formatted(item, spec, depth + 1)
        for name, item in value.fields.items()
    )
    if spec.as_source:
        return join([value.type_name, "{", *_separated(items, ", "), "}"])
    return join(["{", *_separated(items, " "), "}"])


def _separated(items: Iterable[str], separator: str) -> list[str]:
    parts: list[str] = []
    for item in items:
        if parts:
            parts.append(separator)
        parts.append(item)
    return parts

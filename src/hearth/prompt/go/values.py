"""The values of a template's data, and Go's rules about them: truth, length, elements and type names.

Go's int is Python's int and its float64 is float. Texts are `str` as `literals` describes. There are two
kinds of nothing, as in Go: None is a nil that the data holds, and ABSENT is no value at all, which a pipeline
makes of either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from hearth.errors import TemplateError
from hearth.prompt.go.limits import MAX_DATA_DEPTH


class Absent(Enum):
    """The type of ABSENT."""

    ABSENT = "no value"


ABSENT: Final = Absent.ABSENT
_LONE_BYTES: Final = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Struct:
    """A Go struct: its type's name and its fields, which are all there is (another one is an error).

    `encoded` are the fields for JSON, by their names there; `text` is how the value prints, where its type
    has a way of its own.
    """

    type_name: str
    fields: Mapping[str, Value]
    encoded: Mapping[str, Value] | None = None
    text: Callable[[], str] | None = None


class Fields(dict[str, "Value"]):
    """A map with a way of its own to print."""

    def __init__(self, items: Mapping[str, Value], text: Callable[[Fields], str]) -> None:
        super().__init__(items)
        self.text = text


class Items(list["Value"]):
    """A list with a way of its own to print."""

    def __init__(self, items: Sequence[Value], text: Callable[[Items], str]) -> None:
        super().__init__(items)
        self.text = text


Value: TypeAlias = "str | bool | int | float | Sequence[Value] | Mapping[str, Value] | Struct | Absent | None"


def own_text(value: Value) -> str | None:
    """How a value prints whose type has a way of its own; None for the others."""
    if isinstance(value, Struct):
        return value.text() if value.text else None
    if isinstance(value, Fields | Items):
        return value.text(value)  # type: ignore[arg-type]  # each has the function for its own kind
    return None


def is_nothing(value: Value) -> bool:
    """Whether it is either kind of nothing."""
    return value is None or value is ABSENT


def is_true(value: Value) -> bool:
    """Go's truth: not zero, not empty, not nothing; a struct always."""
    if isinstance(value, Struct):
        return True
    return value is not ABSENT and bool(value)


def joined(text: str) -> str:
    """The text with lone bytes that now stand together, and are valid together, as what they spell."""
    return go_text(go_bytes(text)) if _LONE_BYTES.search(text) else text


def go_bytes(text: str) -> bytes:
    """The bytes of a Go text."""
    return text.encode("utf-8", "surrogateescape")


def go_text(raw: bytes) -> str:
    """The Go text of these bytes."""
    return raw.decode("utf-8", "surrogateescape")


def type_name(value: Value) -> str:
    """What Go calls the type of a value."""
    if isinstance(value, Struct):
        return value.type_name
    for kind, name in _TYPE_NAMES:
        if isinstance(value, kind):
            return name
    return "nil"


_TYPE_NAMES: Final[tuple[tuple[type, str], ...]] = (
    (str, "string"),
    (bool, "bool"),
    (int, "int"),
    (float, "float64"),
    (Mapping, "map[string]interface {}"),
    (Sequence, "[]interface {}"),
)


def field(value: Value, name: str) -> Value:
    """A field of a struct or an entry of a map. Raises TemplateError if there can be none of that name."""
    if value is ABSENT:
        return ABSENT
    if value is None:
        raise TemplateError(f"nil has no field .{name}; test the value with if or with first")
    if isinstance(value, Struct):
        if name not in value.fields:
            raise TemplateError(f"{value.type_name} has no field .{name}; it has {_names(value.fields)}")
        return value.fields[name]
    if isinstance(value, Mapping):
        return value.get(name)
    raise TemplateError(f"a value of type {type_name(value)} has no field .{name}")


def check_depth(depth: int) -> None:
    """Refuse data that is nested too deeply to be printed. Raises TemplateError."""
    if depth > MAX_DATA_DEPTH:
        raise TemplateError(f"the data has more than {MAX_DATA_DEPTH} lists or objects inside one another")


def _names(fields: Mapping[str, Value]) -> str:
    return ", ".join(f".{name}" for name in fields)

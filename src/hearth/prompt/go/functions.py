"""The functions that every Go template can call; `and` and `or` are the evaluator's, as they stop early."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hearth.errors import TemplateError
from hearth.prompt.go import quoting
from hearth.prompt.go.compare import equal, less
from hearth.prompt.go.printf import sprintf
from hearth.prompt.go.printing import printed, sprint, sprintln
from hearth.prompt.go.values import Struct, Value, go_bytes, go_text, is_nothing, is_true, type_name

_MAX_SLICE: Final = 3


@dataclass(frozen=True, slots=True)
class Function:
    """A function of a template and how many arguments it takes (`maximum` None: any number)."""

    call: Callable[[Sequence[Value]], Value]
    minimum: int = 1
    maximum: int | None = None

    def expected(self) -> str:
        """How many arguments it takes, in words."""
        if self.maximum is None:
            return f"at least {self.minimum}"
        return str(self.minimum) if self.minimum == self.maximum else f"{self.minimum} to {self.maximum}"


def _never(_: Sequence[Value]) -> Value:
    raise AssertionError("the evaluator runs and and or itself")


def _eq(values: Sequence[Value]) -> bool:
    if len(values) == 1:
        raise TemplateError("a second value is missing; expected one to compare with")
    return any(equal(values[0], other) for other in values[1:])


def _le(values: Sequence[Value]) -> bool:
    return less(values[0], values[1]) or equal(values[0], values[1])


def _len(values: Sequence[Value]) -> int:
    value = values[0]
    if isinstance(value, str):
        return len(value) if value.isascii() else len(go_bytes(value))
    if isinstance(value, Mapping | Sequence):
        return len(value)
    raise TemplateError(f"a value of type {type_name(value)} has no length; expected a text, list or map")


def _index(values: Sequence[Value]) -> Value:
    item = values[0]
    if is_nothing(item):
        raise TemplateError("nil has no elements; expected a text, list or map")
    for key in values[1:]:
        item = _element(item, key)
    return item


def _element(item: Value, key: Value) -> Value:
    if isinstance(item, Mapping):
        if not isinstance(key, str):
            raise TemplateError(f"a map has keys of type string, not {type_name(key)}")
        return item.get(key)
    if isinstance(item, str):
        raw = go_bytes(item)
        return raw[_position(key, len(raw) - 1)]
    if isinstance(item, Sequence):
        return item[_position(key, len(item) - 1)]
    raise TemplateError(f"a value of type {type_name(item)} has no elements; expected a text, list or map")


def _position(value: Value, last: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TemplateError(f"a position must be a whole number, not of type {type_name(value)}")
    if not 0 <= value <= last:
        raise TemplateError(f"position {value} is out of range; expected 0 to {last}")
    return value


def _slice(values: Sequence[Value]) -> Value:
    item, positions = values[0], values[1:]
    if isinstance(item, str):
        if len(positions) == _MAX_SLICE:
            raise TemplateError("a text takes two positions at most")
        raw = go_bytes(item)
        return go_text(raw[_range(positions, len(raw))])
    if isinstance(item, Sequence):
        return item[_range(positions, len(item))]
    raise TemplateError(f"a value of type {type_name(item)} cannot be sliced; expected a text or list")


def _range(values: Sequence[Value], length: int) -> slice:
    if len(values) > _MAX_SLICE:
        raise TemplateError(f"{len(values)} positions are too many; expected 3 at most")
    positions = [_position(value, length) for value in values]
    positions += [0, length][len(positions) :]
    if positions != sorted(positions):
        raise TemplateError(f"the positions {positions} are not in order")
    return slice(positions[0], positions[1])


def _printf(values: Sequence[Value]) -> str:
    template = values[0]
    if not isinstance(template, str):
        raise TemplateError(f"the format must be a text, not of type {type_name(template)}")
    return sprintf(template, values[1:])


def _escaper(escape: Callable[[str], str]) -> Callable[[Sequence[Value]], str]:
    def call(values: Sequence[Value]) -> str:
        return escape(sprint(["<no value>" if is_nothing(value) else _shown(value) for value in values]))

    return call


def _shown(value: Value) -> Value:
    return printed(value) if isinstance(value, Struct) else value


def _call(values: Sequence[Value]) -> Value:
    raise TemplateError(f"a value of type {type_name(values[0])} is no function that could be called")


BUILTINS: Final[Mapping[str, Function]] = {
    "and": Function(_never),
    "or": Function(_never),
    "not": Function(lambda values: not is_true(values[0]), 1, 1),
    "eq": Function(_eq),
    "ne": Function(lambda values: not equal(values[0], values[1]), 2, 2),
    "lt": Function(lambda values: less(values[0], values[1]), 2, 2),
    "le": Function(_le, 2, 2),
    "gt": Function(lambda values: not _le(values), 2, 2),
    "ge": Function(lambda values: not less(values[0], values[1]), 2, 2),
    "len": Function(_len, 1, 1),
    "index": Function(_index),
    "slice": Function(_slice),
    "print": Function(sprint, 0),
    "println": Function(sprintln, 0),
    "printf": Function(_printf),
    "html": Function(_escaper(quoting.html), 0),
    "js": Function(_escaper(quoting.javascript), 0),
    "urlquery": Function(_escaper(quoting.url_query), 0),
    "call": Function(_call),
}

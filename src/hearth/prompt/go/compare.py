"""Go's comparisons: like with like only, and no lists or maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hearth.errors import TemplateError
from hearth.prompt.go.values import Struct, Value, go_bytes, is_nothing, type_name


def equal(left: Value, right: Value) -> bool:
    """Whether two values are equal; nothing equals only nothing. Raises TemplateError."""
    if is_nothing(left) or is_nothing(right):
        return is_nothing(left) and is_nothing(right)
    _check_alike(left, right)
    if isinstance(left, Mapping | Struct) or (isinstance(left, Sequence) and not isinstance(left, str)):
        raise TemplateError(f"values of type {type_name(left)} cannot be compared")
    return left == right


def less(left: Value, right: Value) -> bool:
    """Whether one number or text comes before another. Raises TemplateError."""
    if is_nothing(left) or is_nothing(right):
        raise TemplateError("nil cannot be compared by size; expected two numbers or two texts")
    _check_alike(left, right)
    if isinstance(left, str) and isinstance(right, str):
        return go_bytes(left) < go_bytes(right)
    if isinstance(left, int | float) and isinstance(right, int | float) and not isinstance(left, bool):
        return left < right
    raise TemplateError(f"values of type {type_name(left)} cannot be compared by size")


def _check_alike(left: Value, right: Value) -> None:
    if type_name(left) != type_name(right):
        raise TemplateError(f"incompatible types for comparison: {type_name(left)} and {type_name(right)}")

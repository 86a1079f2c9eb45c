"""Several schemas that must all hold, as one: `allOf`, and what stands beside `anyOf` or `$ref`."""

from __future__ import annotations

from collections.abc import Callable

from hearth.messages import Json
from hearth.output.grammar.limits import MAX_ALTERNATIVES
from hearth.output.grammar.place import Place

ANNOTATIONS = frozenset(
    {
        "$schema", "$id", "id", "$anchor", "$comment", "$defs", "$vocabulary", "definitions", "title",
        "description", "default", "examples", "example", "deprecated", "readOnly", "writeOnly", "xml",
        "discriminator", "externalDocs", "contentMediaType", "contentEncoding", "uniqueItems", "strict",
    }
)  # fmt: skip
"""Keywords that say nothing about the form of a document, or that are not held to."""

Table = dict[str, Json]


def constraints(schema: Table) -> Table:
    """The schema without what only annotates it."""
    return {key: value for key, value in schema.items() if key not in ANNOTATIONS}


def merge(left: Table, right: Table, place: Place) -> Table:
    """One schema for the documents that match both. Raises SchemaError where that cannot be written."""
    merged = dict(left)
    for key, value in right.items():
        if key not in merged or merged[key] == value:
            merged[key] = value
        elif key in _RULES:
            merged[key] = _RULES[key](merged[key], value, place)
        elif key not in ANNOTATIONS:
            raise place.unsupported(f"two different values of {key} must hold at once", "merge them by hand")
    if "properties" in merged or "additionalProperties" in merged:
        _merge_properties(merged, left, right, place)
    return merged


def _merge_properties(merged: Table, left: Table, right: Table, place: Place) -> None:
    """Each property must satisfy what either side says about it, by name or by its rule for other names."""
    ours, theirs = place.table(left, "properties"), place.table(right, "properties")
    merged["properties"] = {
        name: _both(_about(name, ours, left), _about(name, theirs, right)) for name in {**ours, **theirs}
    }
    others = [side["additionalProperties"] for side in (left, right) if "additionalProperties" in side]
    if others:
        merged["additionalProperties"] = others[0] if len(others) == 1 else _both(*others)


def _about(name: str, properties: Table, schema: Table) -> Json:
    return properties[name] if name in properties else schema.get("additionalProperties", True)


def _both(left: Json, right: Json) -> Json:
    if left is False or right is False:
        return False
    if left is True or left == right:
        return right
    return left if right is True else {"allOf": [left, right]}


def _both_here(left: Json, right: Json, place: Place) -> Json:
    return _both(left, right)


def _common_types(left: Json, right: Json, place: Place) -> Json:
    ours, theirs = (value if isinstance(value, list) else [value] for value in (left, right))
    common = [each for each in ours if each in theirs or (each == "integer" and "number" in theirs)]
    common += [each for each in theirs if each == "integer" and "number" in ours and each not in ours]
    if not common:
        raise place.error("the types that must hold at once exclude each other", "correct them")
    return common


def _common_values(left: Json, right: Json, place: Place) -> Json:
    ours, theirs = (value if isinstance(value, list) else [] for value in (left, right))
    common = [value for value in ours if value in theirs]
    if not common:
        raise place.error("the values that must hold at once exclude each other", "correct them")
    return common


def _united(left: Json, right: Json, place: Place) -> Json:
    ours, theirs = (value if isinstance(value, list) else [value] for value in (left, right))
    return ours + [each for each in theirs if each not in ours]


def _alternatives(left: Json, right: Json, place: Place) -> Json:
    """A document must match one of each list: one of the pairs."""
    ours, theirs = (value if isinstance(value, list) else [value] for value in (left, right))
    if len(ours) * len(theirs) > MAX_ALTERNATIVES:
        raise place.error("too many alternatives must hold at once", "write fewer, or one list of them")
    return [_both(our, their) for our in ours for their in theirs]


def _larger(left: Json, right: Json, place: Place) -> Json:
    return max(_plain_number(left, place), _plain_number(right, place))


def _smaller(left: Json, right: Json, place: Place) -> Json:
    return min(_plain_number(left, place), _plain_number(right, place))


def _plain_number(value: Json, place: Place) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise place.error("a bound is not a number", "write a number")
    return value


def _first(left: Json, right: Json, place: Place) -> Json:
    return left


_RULES: dict[str, Callable[[Json, Json, Place], Json]] = {
    "type": _common_types,
    "enum": _common_values,
    "required": _united,
    "anyOf": _alternatives,
    "oneOf": _alternatives,
    "items": _both_here,
    "minimum": _larger,
    "exclusiveMinimum": _larger,
    "minLength": _larger,
    "minItems": _larger,
    "maximum": _smaller,
    "exclusiveMaximum": _smaller,
    "maxLength": _smaller,
    "maxItems": _smaller,
    "properties": _first,
    "additionalProperties": _first,
}

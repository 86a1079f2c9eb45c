"""Fixed values of a schema (`const`, `enum`) as the text that spells them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal

from hearth.messages import Json
from hearth.output.grammar.nodes import Literal, Node, series
from hearth.output.grammar.numbers import bounds
from hearth.output.grammar.place import Place
from hearth.output.grammar.strings import string_literal
from hearth.output.grammar.tokens import COMMA, SPACE, member


def literal_node(value: Json, place: Place) -> Node:
    """Exactly this value, with white space where it may stand. Raises SchemaError."""
    if isinstance(value, str):
        return string_literal(value, place)
    if isinstance(value, list):
        return _listing("[", [literal_node(each, place.inside(at)) for at, each in enumerate(value)], "]")
    if isinstance(value, dict):
        pairs = [
            member(string_literal(key, place), literal_node(each, place.inside(key)))
            for key, each in value.items()
        ]
        return _listing("{", pairs, "}")
    return Literal(json.dumps(value))


def fits(value: Json, types: Sequence[str], schema: dict[str, Json], place: Place) -> bool:
    """Whether a value is of one of the types (none: of any) and within the schema's lengths and bounds."""
    kind = _type_of(value)
    if types and kind not in types and not (kind == "integer" and "number" in types):
        return False
    if isinstance(value, str):
        most = place.count(schema, "maxLength")
        return (place.count(schema, "minLength") or 0) <= len(value) <= (len(value) if most is None else most)
    if kind in ("integer", "number"):
        low, high = bounds(schema, place)
        number = Decimal(str(value))
        return (low is None or low.value < number or (low.value == number and not low.open)) and (
            high is None or number < high.value or (high.value == number and not high.open)
        )
    return True


def _type_of(value: Json) -> str:
    """The narrowest JSON schema type of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "integer"
    names = {float: "number", str: "string", list: "array", dict: "object"}
    return names[type(value)]


def _listing(opening: str, parts: list[Node], closing: str) -> Node:
    if not parts:
        return Literal(opening + closing)
    between = [node for part in parts for node in (COMMA, part)][1:]
    return series(opening, SPACE, *between, SPACE, closing)

"""Fixed values of a schema (`const`, `enum`) as the text that spells them."""

from __future__ import annotations

import json
import math

from hearth.messages import Json
from hearth.output.grammar.nodes import Literal, Node, series
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
    if isinstance(value, float) and not math.isfinite(value):
        raise place.error("a value is not a finite number", "write one that JSON can hold")
    return Literal(json.dumps(value))


def type_of(value: Json) -> str:
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

"""Schemas of many kinds, for the tests that make documents from grammars."""

from __future__ import annotations

from enum import Enum
from typing import Literal

from pydantic import BaseModel, Field

from hearth.messages import Json


class Colour(Enum):
    RED = "red"
    DARK = "dark \"blue\" \\ 'é'"


class Address(BaseModel):
    street: str
    zip_code: str = Field(pattern=r"^\d{5}(-\d{4})?$")
    country: str | None = None


class Person(BaseModel):
    """As pydantic writes it: $defs, defaults, anyOf with null."""

    name: str = Field(min_length=1, max_length=20)
    age: int = Field(ge=0, le=150)
    score: float = Field(ge=0, le=1)
    colour: Colour
    mood: Literal["good", "bad"] = "good"
    addresses: list[Address] = Field(default=[], max_length=3)
    pair: tuple[int, str] = (1, "a")
    counts: dict[str, int] = {}
    friends: list[Person] = []
    unique: set[str] = set()


def _object(properties: dict[str, Json], required: list[str] | None = None, **more: Json) -> dict[str, Json]:
    required_names: list[Json] = list(required or [])
    return {"type": "object", "properties": properties, "required": required_names, **more}


STRICT: dict[str, Json] = _object(
    {
        "answer": {"type": "string", "description": "what to say"},
        "steps": {
            "type": "array",
            "items": _object(
                {"text": {"type": "string"}, "done": {"type": "boolean"}},
                ["text", "done"],
                additionalProperties=False,
            ),
        },
    },
    ["answer", "steps"],
    additionalProperties=False,
)

TREE: dict[str, Json] = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": _object(
            {"value": {"type": "integer"}, "children": {"type": "array", "items": {"$ref": "#/$defs/node"}}},
            ["value"],
        )
    },
}

ABC: dict[str, Json] = {"a": {"type": "integer"}, "b": {"type": "boolean"}, "c": {"type": "null"}}

SCHEMAS: dict[str, Json] = {
    "anything": {},
    "true": True,
    "any object": {"type": "object"},
    "empty object": {"type": "object", "additionalProperties": False},
    "strict": STRICT,
    "pydantic": Person.model_json_schema(),
    "recursive": TREE,
    "refers to the root": _object({"next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}, ["next"]),
    "all optional": _object(ABC),
    "all required": _object(ABC, ["a", "b", "c"]),
    "first required": _object(ABC, ["a"]),
    "last required": _object(ABC, ["c"]),
    "middle required": _object(ABC, ["b"]),
    "other keys": _object({"ab": {"type": "integer"}, "abc": {"type": "null"}}, additionalProperties=True),
    "typed other keys": _object(
        {"id": {"type": "string"}}, ["id"], additionalProperties={"type": "integer", "minimum": 3}
    ),
    "map": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "null"}}},
    "required but not declared": {"type": "object", "required": ["x"]},
    "odd names": _object({'"quoted" \\ name\n': {"type": "null"}, "": {"type": "null"}, "é 漢": {}}, [""]),
    "no type, properties": {"properties": {"a": {"type": "string"}}, "type": "object", "required": ["a"]},
    "types": {"type": ["string", "integer", "null", "boolean"]},
    "enum": {"enum": ["a", 1, 2.5, None, True, [1, {"b": []}], "\u2028\x7f\n"]},
    "enum with type": {"type": ["integer", "null"], "enum": [1, None, "x"]},
    "const": {"const": {"kind": "fixed", "list": [1, 2]}},
    "any of": {"anyOf": [{"type": "integer", "maximum": 5}, {"type": "string", "maxLength": 2}]},
    "tagged": {
        "oneOf": [
            _object({"kind": {"const": "circle"}, "r": {"type": "number"}}, ["kind", "r"]),
            _object({"kind": {"const": "line"}, "ends": {"type": "array"}}, ["kind"]),
        ]
    },
    "any of beside": _object(
        ABC, additionalProperties=False, anyOf=[{"required": ["a"]}, {"required": ["b"]}]
    ),
    "all of": {
        "allOf": [
            _object({"a": {"type": "number", "minimum": 0}}, ["a"]),
            _object({"a": {"type": "integer", "maximum": 9}, "b": {"type": "string"}}, ["b"]),
        ]
    },
    "all of, closed": {
        "allOf": [_object(ABC, ["a"], additionalProperties=False), _object({"a": {"minimum": 7}, "z": {}})]
    },
    "all of, closed last": {
        "allOf": [_object(ABC, ["a"]), _object({"a": {}, "z": {}}, additionalProperties=False)]
    },
    "reference with more": {
        "$ref": "#/definitions/base",
        "required": ["b"],
        "definitions": {"base": _object(ABC, ["a"])},
    },
    "array bounds": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 4},
    "array, at least": {"type": "array", "items": {"type": "boolean"}, "minItems": 3},
    "array, none": {"type": "array", "items": {"type": "boolean"}, "maxItems": 0},
    "tuple": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "minItems": 2},
    "loose tuple": {
        "type": "array",
        "prefixItems": [{"type": "integer"}, {"type": "string"}, {}],
        "minItems": 1,
    },
    "tuple and more": {
        "type": "array",
        "prefixItems": [{"const": "x"}, {"type": "null"}],
        "items": {"type": "integer"},
        "minItems": 1,
        "maxItems": 4,
    },
    "string": {"type": "string"},
    "string lengths": {"type": "string", "minLength": 2, "maxLength": 5},
    "string, at least": {"type": "string", "minLength": 3},
    "pattern": {"type": "string", "pattern": r'^(["\\]|[^a-z])+\.x?$'},
    "pattern and length": {"type": "string", "pattern": "^[a-f]+$", "minLength": 2, "maxLength": 3},
    "pattern with an end and length": {"type": "string", "pattern": r"^[A-Z]{2}\d+;$", "maxLength": 6},
    "pattern, unanchored": {"type": "string", "pattern": "b+"},
    "pattern, lines": {"type": "string", "pattern": r"^\S+(\s.*)?\n$"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "time"},
    "date-time": {"type": "string", "format": "date-time"},
    "duration": {"type": "string", "format": "duration"},
    "uuid": {"type": "string", "format": "uuid"},
    "ipv4": {"type": "string", "format": "ipv4"},
    "email": {"type": "string", "format": "email"},
    "unknown format": {"type": "string", "format": "phone"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "positive": {"type": "number", "exclusiveMinimum": 0},
    "latitude": {"type": "number", "minimum": -90, "maximum": 90},
    "between": {"type": "number", "exclusiveMinimum": 0.25, "maximum": 0.375},
    "negative": {"type": "number", "minimum": -2.5, "exclusiveMaximum": -0.125},
}

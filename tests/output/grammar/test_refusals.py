"""Schemas that cannot become a grammar are refused with the place and the way out, hostile ones quickly."""

from __future__ import annotations

import time

import pytest

from hearth.errors import SchemaError
from hearth.messages import Json
from hearth.output.grammar import regex_grammar, schema_grammar
from hearth.output.grammar.schema import REFUSED


def properties(name: str, schema: Json) -> Json:
    return {"type": "object", "properties": {name: schema}}


@pytest.mark.parametrize(
    ("schema", "place", "reason"),
    [
        (properties("a", {"type": "strin"}), "$.properties.a.type", "'strin' is not a type"),
        (properties("a", {"type": []}), "$.properties.a.type", "is not a type"),
        (properties("a", {"type": 7}), "$.properties.a.type", "is not a type"),
        (properties("a", 7), "$.properties.a", "is not an object"),
        (properties("a", {"enum": []}), "$.properties.a", "no value is left"),
        (properties("a", {"enum": ["x"], "type": "integer"}), "$.properties.a", "no value is left"),
        (properties("a", {"const": "\ud800"}), "$.properties.a", "surrogate"),
        (properties("\udc00", {}), "$.properties.\\udc00", "surrogate"),
        (properties("a", {"$ref": "#/$defs/none"}), "$.properties.a", "names nothing"),
        (properties("a", {"$ref": "https://example.org/x.json"}), "$.properties.a", "does not lead into"),
        (properties("a", {"$ref": 3}), "$.properties.a", "does not lead into"),
        (properties("a", {"minLength": -1}), "$.properties.a", "minLength is not a count"),
        (properties("a", {"maxItems": True}), "$.properties.a", "maxItems is not a count"),
        (properties("a", {"minLength": 5, "maxLength": 4}), "$.properties.a", "above maxLength 4"),
        (properties("a", {"type": "array", "minItems": 3, "maxItems": 2}), "$.properties.a", "at least 3"),
        (properties("a", {"type": "array", "maxItems": 10**9}), "$.properties.a", "use at most"),
        (properties("a", {"type": "string", "minLength": 10**30}), "$.properties.a", "minLength is 1e+30"),
        (properties("a", {"type": "integer", "minimum": 2, "maximum": 1}), "$.properties.a", "bounds"),
        (properties("a", {"type": "integer", "minimum": 0.1, "maximum": 0.9}), "$.properties.a", "bounds"),
        (
            properties("a", {"type": "number", "minimum": 1, "exclusiveMaximum": 1}),
            "$.properties.a",
            "bounds",
        ),
        (properties("a", {"type": "number", "minimum": "1"}), "$.properties.a", "minimum is not a number"),
        (properties("a", {"type": "number", "minimum": 10**40}), "$.properties.a", "digits"),
        (properties("a", {"pattern": 3}), "$.properties.a", "pattern is not a string"),
        (properties("a", {"pattern": "(?=x)"}), "$.properties.a", "look-around"),
        (
            properties("a", {"pattern": "^(a|bc)d$", "maxLength": 2}),
            "$.properties.a",
            "pattern together with",
        ),
        ({"type": "object", "required": [1]}, "$", "required holds something"),
        ({"type": "object", "required": "a"}, "$", "required is not a list"),
        ({"type": "object", "properties": []}, "$", "properties is not an object"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "$", "exclude each other"),
        ({"allOf": [{"pattern": "a"}, {"pattern": "b"}]}, "$", "two different values of pattern"),
        ({"allOf": [{"enum": [1]}, {"enum": [2]}]}, "$", "exclude each other"),
        ({"allOf": 3}, "$", "allOf is not a list"),
        ({"allOf": [3]}, "$", "no schema"),
        ({"anyOf": []}, "$", "offers nothing"),
        ({"anyOf": [False]}, "$", "offers nothing"),
        (False, "$", "matches nothing"),
        (None, "$", "is not an object"),
        ("json", "$", "is not an object"),
        (
            {"type": "object", "properties": {}, "required": ["x"], "additionalProperties": False},
            "$.properties.x",
            "a required property is forbidden",
        ),
    ],
)
def test_the_message_names_the_place_and_the_reason(schema: Json, place: str, reason: str) -> None:
    with pytest.raises(SchemaError) as caught:
        schema_grammar(schema)
    assert f"at {place}: " in caught.value.message
    assert reason in caught.value.message
    assert "; " in caught.value.message


@pytest.mark.parametrize("keyword", sorted(REFUSED))
def test_keywords_that_no_grammar_can_hold_are_refused_by_name(keyword: str) -> None:
    with pytest.raises(SchemaError) as caught:
        schema_grammar(properties("a", {"type": "object", keyword: {}}))
    assert f"{keyword} cannot be turned into a grammar; {REFUSED[keyword]}" in caught.value.message


def nested(levels: int) -> Json:
    schema: Json = {"type": "null"}
    for _ in range(levels):
        schema = {"type": "array", "items": schema}
    return schema


def chain(links: int, last: Json) -> Json:
    defs: dict[str, Json] = {f"d{at}": {"allOf": [{"$ref": f"#/$defs/d{at + 1}"}] * 2} for at in range(links)}
    return {"$ref": "#/$defs/d0", "$defs": defs | {f"d{links}": last}}


HOSTILE: dict[str, Json] = {
    "deep nesting": nested(10_000),
    "deep constant": {"const": nested(10_000)},
    "nesting beyond the limit": nested(100),
    "refers to itself": {"$ref": "#"},
    "refers to itself in a circle": {
        "$ref": "#/$defs/a",
        "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/a"}]}},
    },
    "refers to itself beside others": {"$ref": "#", "type": "object"},
    "can never end": {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
    "huge enum": {"enum": [f"value {at}" for at in range(40_000)]},
    "huge const": {"const": list(range(100_000))},
    "doubling references": chain(60, {"type": "object"}),
    "alternatives that multiply": {
        "allOf": [{"anyOf": [{"minimum": at + n} for at in range(50)]} for n in range(9)],
    },
    "repetitions that add up": {
        "type": "object",
        "properties": {f"p{at}": {"type": "string", "maxLength": 99_999} for at in range(2_000)},
    },
    "many schemas": {"anyOf": [{"type": "array", "items": {"minimum": at}} for at in range(9_000)]},
    "a number without end": {"type": "integer", "minimum": -(10**5000)},
    "a number that is none": {"enum": [float("nan")], "minimum": float("inf")},
    "a pattern without end": {"type": "string", "pattern": "(" * 5_000},
    "a pattern that nests": {"type": "string", "pattern": "(" * 900 + "a" + ")" * 900},
    "a pattern that repeats nothing": {"type": "string", "pattern": "^(a*)*$"},
}


@pytest.mark.parametrize("schema", HOSTILE.values(), ids=HOSTILE)
def test_hostile_schemas_are_refused_quickly(schema: Json) -> None:
    begun = time.monotonic()
    with pytest.raises(SchemaError):
        schema_grammar(schema)
    assert time.monotonic() - begun < 5


def test_a_long_chain_of_references_is_no_attack() -> None:
    defs: dict[str, Json] = {
        f"d{at}": {"type": "object", "properties": {"next": {"$ref": f"#/$defs/d{at + 1}"}}}
        for at in range(800)
    }
    schema_grammar({"$ref": "#/$defs/d0", "$defs": defs | {"d800": {"type": "null"}}})


REFUSED_PATTERNS = r"""
( ) [ [] [z-a] a** *a a{2,1} a{x} a{ a{9999999} \b \1 \p{L} \x1 \uD800 \ a^b a$b (?i)a (?<=a)b (?!a)b (^a)
[^\s\S] (a?)+
"""


@pytest.mark.parametrize("pattern", REFUSED_PATTERNS.split())
def test_patterns_that_a_grammar_cannot_express_are_refused(pattern: str) -> None:
    with pytest.raises(SchemaError, match="the pattern has"):
        regex_grammar(pattern)

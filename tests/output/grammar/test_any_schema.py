"""Schemas made at random: sound ones give sound documents, and no JSON at all makes the compiler fail."""

from __future__ import annotations

import json
import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from tests.support.gbnf import Gbnf

from hearth.errors import SchemaError
from hearth.messages import Json
from hearth.output.grammar import schema_grammar
from hearth.output.grammar.schema import REFUSED, TYPES

Schemas = st.SearchStrategy[Json]

KEYWORDS = [
    *sorted(REFUSED), "type", "properties", "required", "additionalProperties", "items", "prefixItems",
    "minItems", "maxItems", "enum", "const", "anyOf", "oneOf", "allOf", "$ref", "$defs", "definitions",
    "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "exclusiveMinimum",
    "exclusiveMaximum", "nullable", "title", "a", "",
]  # fmt: skip

names = st.sampled_from(["a", "ab", "b", 'c"\\', "é", ""])
scalars: Schemas = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from([*TYPES, "#", "#/$defs/a", "#/properties", "date", "^a+$", "(", "[^x]{2,3}", "a", "b"]),
)
anything: Schemas = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(KEYWORDS), inner, max_size=5)
    ),
    max_leaves=25,
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(anything)
def test_any_json_gives_a_grammar_or_a_schema_error(schema: Json) -> None:
    result = compiled(schema)
    if isinstance(result, SchemaError):
        assert result.message.encode().startswith(b"the schema cannot be used: ")
    else:
        json.loads(Gbnf(result).sample(random.Random(0)))


def _bounded(kind: str, low: str, high: str, sizes: st.SearchStrategy[int]) -> Schemas:
    pair = st.tuples(sizes, sizes).map(sorted)
    full = pair.map(lambda limits: {"type": kind, low: limits[0], high: limits[1]})
    return st.one_of(
        full, st.builds(lambda limit: {"type": kind, low: limit}, sizes), st.just({"type": kind})
    )


simple: Schemas = st.one_of(
    st.sampled_from(
        [{"type": "null"}, {"type": "boolean"}, {}, {"type": "object"}, {"type": ["null", "integer"]}]
    ),
    _bounded("integer", "minimum", "maximum", st.integers(-300, 300)),
    _bounded("number", "exclusiveMinimum", "maximum", st.integers(-9, 9)).filter(
        lambda schema: (
            not isinstance(schema, dict) or schema.get("exclusiveMinimum") != schema.get("maximum", "")
        )
    ),
    _bounded("string", "minLength", "maxLength", st.integers(0, 5)),
    st.lists(st.one_of(names, st.integers(-2, 2), st.none()), min_size=1, max_size=3).map(
        lambda v: {"enum": v}
    ),
)


def _objects(inner: Schemas) -> Schemas:
    nothing: st.SearchStrategy[dict[str, Json]] = st.just({})
    extra = st.one_of(nothing, inner.map(lambda schema: {"additionalProperties": schema}))
    properties = st.dictionaries(names, inner, max_size=4)
    tables = st.tuples(properties, st.lists(names, max_size=2, unique=True), extra)
    return tables.map(
        lambda parts: {"type": "object", "properties": parts[0], "required": list(parts[1]), **parts[2]}
    )


def _arrays(inner: Schemas) -> Schemas:
    heads = st.lists(inner, max_size=3)
    sizes = st.tuples(st.integers(0, 3), st.integers(0, 3)).map(sorted)
    return st.builds(
        lambda prefix, items, size: {
            "type": "array",
            "prefixItems": prefix,
            "items": items,
            "minItems": size[0],
            "maxItems": size[1],
        },
        heads,
        inner,
        sizes,
    )


sound: Schemas = st.recursive(
    simple,
    lambda inner: st.one_of(
        _objects(inner),
        _arrays(inner),
        st.lists(inner, min_size=1, max_size=3).map(lambda options: {"anyOf": options}),
        st.tuples(_objects(inner), _objects(inner)).map(lambda both: {"allOf": list(both)}),
    ),
    max_leaves=12,
)


def compiled(schema: Json) -> str | SchemaError:
    try:
        return schema_grammar(schema)
    except SchemaError as error:
        return error


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(sound, st.randoms(use_true_random=False))
def test_documents_of_a_sound_schema_are_valid(schema: Json, rng: random.Random) -> None:
    assert isinstance(schema, dict)
    result = compiled(schema)
    if isinstance(result, SchemaError):
        # Parts that must hold at once may contradict each other, or be beyond a grammar.
        assert "allOf" in json.dumps(schema) or "forbidden" in result.message
        return
    grammar = Gbnf(result)
    for _ in range(4):
        text = grammar.sample(rng)
        assert [
            error.message for error in Draft202012Validator(schema).iter_errors(json.loads(text))
        ] == [], text

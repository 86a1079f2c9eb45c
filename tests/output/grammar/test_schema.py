"""Whatever a grammar made from a schema lets through is JSON that is valid by the schema."""

from __future__ import annotations

import json
import random
from datetime import date

import pytest
from jsonschema import Draft4Validator, Draft202012Validator
from tests.output.grammar.schemas import ABC, SCHEMAS, STRICT, TREE, Person
from tests.support.gbnf import Gbnf

from hearth.messages import Json
from hearth.output.grammar import json_grammar, schema_grammar


def assert_valid(schema: Json, samples: int = 40) -> None:
    assert isinstance(schema, bool | dict)
    grammar = Gbnf(schema_grammar(schema))
    validator = Draft202012Validator(schema)
    for seed in range(samples):
        text = grammar.sample(random.Random(seed))
        document = json.loads(text)
        text.encode()
        found = validator.iter_errors(document)
        errors = [error.message for error in found if error.validator != "uniqueItems"]
        assert not errors, (text, errors)


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_whatever_matches_the_grammar_is_valid_by_the_schema(schema: Json) -> None:
    assert_valid(schema)


def test_dates_are_days_of_the_calendar() -> None:
    grammar = Gbnf(schema_grammar({"type": "string", "format": "date"}))
    for year in (1900, 2000, 2023, 2024):
        for month in range(14):
            for day in range(33):
                text = f"{year}-{month:02}-{day:02}"
                assert grammar.matches(f'"{text}"') == _is_date(text), text


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def test_any_object() -> None:
    grammar = Gbnf(json_grammar())
    for seed in range(60):
        assert isinstance(json.loads(grammar.sample(random.Random(seed))), dict)
    assert grammar.matches('{\n  "a": [1, -2.5e3, "\\u00e9\\n"],\n  "b": {}\n}')
    assert not grammar.matches("[1]")
    assert not grammar.matches('{"a": "\\ud800"}')
    assert not grammar.matches('{"a": 1,   \n\n  "b": 2}')


@pytest.mark.parametrize(
    ("schema", "document"),
    [
        (STRICT, {"answer": "x", "steps": [{"text": "a", "done": True}, {"text": "", "done": False}]}),
        (TREE, {"value": 1, "children": [{"value": 2, "children": []}, {"value": -3}]}),
        (SCHEMAS["all optional"], {}),
        (SCHEMAS["all optional"], {"c": None}),
        (SCHEMAS["all optional"], {"a": 1, "c": None}),
        (SCHEMAS["middle required"], {"a": 1, "b": True}),
        (SCHEMAS["other keys"], {"ab": 1, "abc": None, "abcd": [{}], "": 1, "a": 2, "b": 3}),
        (SCHEMAS["tuple"], [1, "x"]),
        (SCHEMAS["loose tuple"], [1]),
        (SCHEMAS["tuple and more"], ["x", None, 3, 4]),
        (SCHEMAS["any of beside"], {"b": True, "c": None}),
        (SCHEMAS["all of, closed"], {"a": 8, "b": True}),
        ({"type": "integer", "nullable": True}, None),
        ({"type": "integer", "nullable": True}, 3),
        (SCHEMAS["const"], {"kind": "fixed", "list": [1, 2]}),
        (
            SCHEMAS["pydantic"],
            Person.model_validate(
                {
                    "name": "Ann",
                    "age": 33,
                    "score": 0.5,
                    "colour": "red",
                    "friends": [{"name": "Bo", "age": 0, "score": 1, "colour": "red"}],
                    "counts": {"a": 1},
                    "unique": ["x"],
                }
            ).model_dump(mode="json"),
        ),
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_ordinary_documents_match(schema: Json, document: Json, indent: int | None) -> None:
    grammar = Gbnf(schema_grammar(schema))
    assert grammar.matches(json.dumps(document, indent=indent))
    assert grammar.matches(json.dumps(document, separators=(",", ":")))


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        (SCHEMAS["first required"], '{"b": true}'),
        (SCHEMAS["first required"], '{"b": true, "a": 1}'),
        (SCHEMAS["first required"], '{"a": 1,}'),
        (SCHEMAS["first required"], '{"a": 1, "z": 1}'),
        (SCHEMAS["other keys"], '{"\\u0061b": "x"}'),
        (SCHEMAS["other keys"], '{"ab": null}'),
        (SCHEMAS["array bounds"], "[1]"),
        (SCHEMAS["array bounds"], "[1, 2, 3, 4, 5]"),
        (SCHEMAS["tuple"], '[1, "x", 2]'),
        (SCHEMAS["string lengths"], '"a"'),
        (SCHEMAS["string lengths"], '"abcdef"'),
        (SCHEMAS["any of beside"], '{"c": null}'),
        (SCHEMAS["all of, closed last"], '{"a": 1, "b": true}'),
        (SCHEMAS["enum with type"], '"x"'),
        ({"enum": ["a", "abc", 1, 5], "maxLength": 2, "exclusiveMinimum": 1}, '"abc"'),
        ({"enum": ["a", "abc", 1, 5], "maxLength": 2, "exclusiveMinimum": 1}, "1"),
    ],
)
def test_what_a_schema_forbids_does_not_match(schema: Json, text: str) -> None:
    assert not Gbnf(schema_grammar(schema)).matches(text)


def test_lengths_beyond_what_llama_cpp_repeats_are_exact() -> None:
    grammar = Gbnf(schema_grammar({"type": "string", "minLength": 2100, "maxLength": 4500}))
    matching = [
        length
        for length in (2099, 2100, 2999, 3000, 4000, 4500, 4501)
        if grammar.matches(f'"{"a" * length}"')
    ]
    assert matching == [2100, 2999, 3000, 4000, 4500]


def test_an_escaped_character_counts_as_one() -> None:
    grammar = Gbnf(schema_grammar({"type": "string", "maxLength": 2}))
    assert grammar.matches('"\\u00e9\\ud83d\\ude00"')
    assert not grammar.matches('"\\u00e9ab"')


def test_exclusive_bounds_of_draft_4_are_booleans() -> None:
    schema: dict[str, Json] = {"type": "integer", "minimum": 3, "exclusiveMinimum": True, "maximum": 5}
    grammar = Gbnf(schema_grammar(schema))
    matching = {number for number in range(-10, 20) if grammar.matches(str(number))}
    assert matching == {number for number in range(-10, 20) if Draft4Validator(schema).is_valid(number)}


def test_an_alternative_that_cannot_be_expressed_is_left_out() -> None:
    schema: Json = {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^(?!x)\d+$"}]}
    grammar = Gbnf(schema_grammar(schema))
    assert grammar.matches("3")
    assert not grammar.matches('"3"')


def test_one_schema_gives_one_grammar() -> None:
    assert schema_grammar(ABC | {"properties": dict(ABC)}) == schema_grammar(ABC | {"properties": dict(ABC)})


def test_a_large_but_honest_schema_is_taken() -> None:
    properties: dict[str, Json] = {
        f"field_{at}": {"type": "string", "maxLength": 200, "enum": [f"value {n}" for n in range(20)]}
        for at in range(300)
    }
    assert_valid({"type": "object", "properties": properties}, samples=2)

"""Bare text becomes the value that the declared type asks for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearth.messages import Json, Tool
from hearth.output.typed import missing_parameters, parameter_schemas, typed_value, types_of, unwrapped


@pytest.mark.parametrize(
    ("text", "types", "value"),
    [
        ("5", None, "5"),
        ("null", None, None),
        ("NULL", "string", None),
        ("5", "string", "5"),
        (" x ", "string", " x "),
        ("true", "boolean", True),
        ("False", "boolean", False),
        ("perhaps", "boolean", False),
        ("perhaps", ["boolean", "string"], "perhaps"),
        ("5", "integer", 5),
        ("-5", "integer", -5),
        ("5.5", "integer", "5.5"),
        ("9" * 30, "integer", "9" * 30),
        ("１", "integer", "１"),
        ("1_000", "integer", "1_000"),
        ("5", "number", 5),
        ("5.0", "number", 5),
        ("5.5", "number", 5.5),
        ("-1.5e3", "number", -1500),
        ("1e999", "number", "1e999"),
        ("nan", "number", "nan"),
        ("[1, 2]", "array", [1, 2]),
        ("['a']", "array", ["a"]),
        ("{}", "array", "{}"),
        ('{"a": 1}', "object", {"a": 1}),
        ("{'a': None}", "object", {"a": None}),
        ("[1", "array", "[1"),
        ("true", ["string", "boolean"], True),
        ("1", ["number", "boolean"], 1),
        ("[1]", ["string", "array"], [1]),
        ("x", "unheard-of", "x"),
    ],
)
def test_the_declared_type_decides(text: str, types: Json, value: Json) -> None:
    found = typed_value(text, None if types is None else {"type": types})
    assert found == value
    assert type(found) is type(value)


def test_alternatives_are_taken_together() -> None:
    schema: Json = {"anyOf": [{"type": "integer"}, {"type": ["boolean", "null"]}, 7]}
    assert types_of(schema) == {"integer", "boolean", "null"}
    assert typed_value("7", schema) == 7
    assert typed_value("true", schema) is True
    assert typed_value("x", schema) == "x"


@pytest.mark.parametrize("schema", [None, True, [], "string", {"type": 3}, {"anyOf": "x"}, {"type": [None]}])
def test_a_schema_that_is_none_declares_nothing(schema: Json) -> None:
    assert typed_value("5", schema) == "5"


def test_one_line_break_on_either_side_belongs_to_the_tags() -> None:
    assert unwrapped("\nx\n") == "x"
    assert unwrapped("\n\nx\n\n") == "\nx\n"
    assert unwrapped("x") == "x"


def test_parameters_of_a_tool() -> None:
    tool = Tool("f", "", {"properties": {"a": {"type": "string"}}, "required": ["a", "b", 3]})
    assert parameter_schemas(tool) == {"a": {"type": "string"}}
    assert missing_parameters(tool, {"a": 1}) == ["b"]
    assert parameter_schemas(None) == {}
    odd = Tool("f", "", {"properties": [], "required": "a"})
    assert parameter_schemas(odd) == {}
    assert missing_parameters(odd, {}) == []


@settings(deadline=None)
@given(st.text(), st.sets(st.sampled_from(["boolean", "integer", "number", "array", "object", "string"])))
def test_no_text_fails(text: str, types: set[str]) -> None:
    typed_value(text, {"type": [*types]})

"""Bounds of numbers are held exactly."""

from __future__ import annotations

import json
import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.gbnf import Gbnf

from hearth.errors import SchemaError
from hearth.messages import Json
from hearth.output.grammar import schema_grammar

edges = st.one_of(st.none(), st.integers(-130, 130), st.integers(-(10**9), 10**9))
fine_edges = st.one_of(
    st.none(),
    st.integers(-20, 20),
    st.decimals(-3, 3, places=2).map(float),
    st.sampled_from([1e-12, -2.5e-7]),
)


def held(schema: Json, number: Decimal) -> bool:
    assert isinstance(schema, dict)
    limits = {key: Decimal(str(value)) for key, value in schema.items() if key != "type"}
    return (
        number >= limits.get("minimum", number)
        and number <= limits.get("maximum", number)
        and ("exclusiveMinimum" not in limits or number > limits["exclusiveMinimum"])
        and ("exclusiveMaximum" not in limits or number < limits["exclusiveMaximum"])
    )


def bounded(kind: str, **limits: float | None) -> dict[str, Json]:
    given: dict[str, Json] = {key: value for key, value in limits.items() if value is not None}
    return {"type": kind, **given}


@given(edges, edges, st.lists(st.integers(-200, 200)), st.randoms(use_true_random=False))
def test_integers_between_bounds(
    low: int | None, high: int | None, others: list[int], rng: random.Random
) -> None:
    schema = bounded("integer", minimum=low, maximum=high)
    if low is not None and high is not None and low > high:
        with pytest.raises(SchemaError):
            schema_grammar(schema)
        return
    grammar = Gbnf(schema_grammar(schema))
    close = [edge + step for edge in (low, high) if edge is not None for step in (-1, 0, 1)]
    for number in [*others, *close]:
        assert grammar.matches(str(number)) == held(schema, Decimal(number))
    for _ in range(5):
        assert held(schema, Decimal(grammar.sample(rng)))


@given(fine_edges, fine_edges, fine_edges, fine_edges, st.randoms(use_true_random=False))
def test_numbers_between_bounds(
    low: float | None, above: float | None, high: float | None, below: float | None, rng: random.Random
) -> None:
    schema = bounded("number", minimum=low, exclusiveMinimum=above, maximum=high, exclusiveMaximum=below)
    try:
        grammar = Gbnf(schema_grammar(schema))
    except SchemaError:
        assert not held(schema, _middle(schema))
        return
    for _ in range(8):
        text = grammar.sample(rng)
        assert json.loads(text) is not None
        assert held(schema, Decimal(text)), text


def _middle(schema: dict[str, Json]) -> Decimal:
    """A number that lies between the bounds if any does."""
    lows = [Decimal(str(schema[key])) for key in ("minimum", "exclusiveMinimum") if key in schema]
    highs = [Decimal(str(schema[key])) for key in ("maximum", "exclusiveMaximum") if key in schema]
    if not lows or not highs:
        return max(lows) + 1 if lows else min(highs, default=Decimal(0)) - 1
    return (max(lows) + min(highs)) / 2


@pytest.mark.parametrize(
    ("limits", "matching", "other"),
    [
        ({"minimum": 0}, ["0", "0.5", "17", "3.0"], ["-1", "-0.5"]),
        ({"exclusiveMinimum": 0}, ["0.001", "1"], ["0", "0.0", "-1"]),
        ({"minimum": 0, "maximum": 1}, ["0", "0.0", "0.25", "1", "1.0"], ["1.1", "-0.1", "2"]),
        (
            {"minimum": -1.5, "maximum": 1.5},
            ["-1.5", "-1", "-0.3", "0", "1.49", "1.5"],
            ["1.51", "-1.6", "2"],
        ),
        ({"maximum": -2}, ["-2", "-2.0", "-2.5", "-100"], ["-1.9", "0", "2"]),
    ],
)
def test_ordinary_numbers_can_be_written(
    limits: dict[str, Json], matching: list[str], other: list[str]
) -> None:
    grammar = Gbnf(schema_grammar({"type": "number", **limits}))
    assert [text for text in matching if not grammar.matches(text)] == []
    assert [text for text in other if grammar.matches(text)] == []

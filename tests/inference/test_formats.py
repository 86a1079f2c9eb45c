"""Grammars of answers that may be preceded by thinking."""

from __future__ import annotations

import json

import pytest
from tests.support import gbnf

from hearth.inference.formats import after_thinking, grammar
from hearth.messages import Format, Json
from hearth.output.thinking import ThinkingTags

TAGS = ThinkingTags("<think>", "</think>")


async def test_each_kind_of_format_has_its_grammar() -> None:
    assert await grammar(None) == ""
    assert await grammar(Format("grammar", grammar='root ::= "a"')) == 'root ::= "a"'
    assert "root ::=" in await grammar(Format("json"))
    assert "root ::=" in await grammar(Format("schema", schema={"type": "integer"}))


@pytest.mark.parametrize(
    ("text", "inside", "fits"),
    [
        ("<think>a < b, so</think>\n\n42", False, True),
        ("<think></think>7", False, True),
        ("42", False, False),
        ("<think>no end 42", False, False),
        ("it is so</think>\n42", True, True),
        ("<think>x</think>x", False, False),
        ("<think>a <<</think>42", False, True),
        ("<think><</think>x</think>42", False, False),
    ],
)
async def test_thinking_is_free_and_the_answer_is_not(text: str, inside: bool, fits: bool) -> None:
    bounded = after_thinking(await grammar(Format("schema", schema={"type": "integer"})), TAGS, inside=inside)
    assert gbnf.Gbnf(bounded).matches(text) is fits


async def test_a_property_may_be_called_as_the_parts_of_the_grammar_are() -> None:
    names: list[Json] = ["thought", "answer", "root", "thought-", "answer-root"]
    inner: Json = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    schema: Json = {
        "type": "object",
        "properties": {str(name): inner for name in names},
        "required": names,
    }
    made = await grammar(Format("schema", schema=schema))
    document = json.dumps({str(name): {"a": 1} for name in names})
    assert gbnf.Gbnf(after_thinking(made, TAGS, inside=False)).matches(f"<think>x</think>{document}")

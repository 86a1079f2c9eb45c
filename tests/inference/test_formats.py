"""Grammars of answers that may be preceded by thinking."""

from __future__ import annotations

import pytest
from tests.support import gbnf

from hearth.inference.formats import after_thinking, grammar
from hearth.messages import Format
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
    ],
)
async def test_thinking_is_free_and_the_answer_is_not(text: str, inside: bool, fits: bool) -> None:
    bounded = after_thinking(await grammar(Format("schema", schema={"type": "integer"})), TAGS, inside=inside)
    assert gbnf.Gbnf(bounded).matches(text) is fits

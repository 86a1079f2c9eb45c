"""A model whose config names a parser is read by it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.inference.support import card_of

from hearth.inference.prompting import prompting
from hearth.library import MediaType
from hearth.output.formats import template_reading
from hearth.output.parsers import parser_reading


@pytest.mark.parametrize("texts", [{}, {MediaType.TEMPLATE: "{{ .Prompt }}"}])
def test_the_named_parser_goes_before_the_template(tmp_path: Path, texts: dict[MediaType, str]) -> None:
    card = card_of(tmp_path, template="{{ messages }}", texts=texts, parser="qwen3.5")
    assert prompting(card).reading == parser_reading("qwen3.5")
    assert card.capabilities == ("completion", "tools", "thinking")


def test_an_unknown_parser_leaves_it_to_the_template(tmp_path: Path) -> None:
    card = card_of(tmp_path, template="{{ tools }}<tool_call>", parser="unheard-of")
    assert prompting(card).reading == template_reading("{{ tools }}<tool_call>")
    assert card.capabilities == ("completion", "tools")


@pytest.mark.parametrize(
    "template", ["<|start|><|channel|><|message|>", "<|channel>thought<channel|>", "[THINK][/THINK]"]
)
def test_a_template_with_other_tags_around_thinking_makes_a_thinking_model(
    tmp_path: Path, template: str
) -> None:
    assert card_of(tmp_path, template=template).capabilities == ("completion", "thinking")

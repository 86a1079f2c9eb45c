"""What a choice of tools comes to, and which choices are refused before anything is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.inference.support import card_of
from tests.support.gbnf import Gbnf

from hearth.errors import BadRequest, Unsupported
from hearth.inference import calling
from hearth.inference.card import Card
from hearth.inference.checks import check_chat
from hearth.inference.prompting import prompting
from hearth.messages import ChatRequest, Message, Tool, ToolChoice

TOOLS = (Tool("add"), Tool("get_weather"))
HERMES = "{{ messages }}{% if tools %}<tool_call>{% endif %}"


def asked(choice: ToolChoice, tools: tuple[Tool, ...] = TOOLS, *, parallel: bool = True) -> ChatRequest:
    return ChatRequest(
        "m", (Message("user", "hello"),), tools, tool_choice=choice, parallel_tool_calls=parallel
    )


@pytest.fixture
def card(tmp_path: Path) -> Card:
    return card_of(tmp_path, template=HERMES)


def test_a_choice_decides_what_is_offered_and_what_is_forced() -> None:
    auto = calling.calling(asked(ToolChoice()))
    assert (auto.tools, auto.forced, auto.ends_with_call) == (TOOLS, (), False)
    assert calling.calling(asked(ToolChoice(), parallel=False)).ends_with_call
    none = calling.calling(asked(ToolChoice("none"), parallel=False))
    assert (none.tools, none.forced, none.ends_with_call) == ((), (), False)
    required = calling.calling(asked(ToolChoice("required"), parallel=False))
    assert (required.tools, required.forced, required.ends_with_call) == (TOOLS, TOOLS, False)
    named = calling.calling(asked(ToolChoice("named", "get_weather")))
    assert (named.tools, list(named.forced)) == (TOOLS, [Tool("get_weather")])


async def test_the_grammar_holds_the_forced_tools_only(card: Card) -> None:
    text = '<tool_call>\n{"name": "NAME", "arguments": {}}\n</tool_call>'
    named = calling.calling(asked(ToolChoice("named", "add")))
    check_chat(card, asked(ToolChoice("named", "add")))
    allowed = Gbnf(await calling.grammar(named, prompting(card)))
    assert allowed.matches(text.replace("NAME", "add"))
    assert not allowed.matches(text.replace("NAME", "get_weather"))


@pytest.mark.parametrize(
    ("choice", "tools", "words"),
    [
        (ToolChoice("required"), (), "there are no tools"),
        (ToolChoice("named", "add"), (), "there are no tools"),
        (ToolChoice("named", "sub"), TOOLS, '"sub", which is not one of the tools'),
    ],
)
def test_a_call_that_nothing_could_answer_is_refused(
    card: Card, choice: ToolChoice, tools: tuple[Tool, ...], words: str
) -> None:
    with pytest.raises(BadRequest, match=words) as refused:
        check_chat(card, asked(choice, tools))
    assert refused.value.field == "tool_choice"


@pytest.mark.parametrize("mode", ["required", "named"])
def test_a_format_that_is_only_read_cannot_be_forced(tmp_path: Path, mode: str) -> None:
    card = card_of(tmp_path, template="{{ messages }}{{ tools }}<function=a><parameter=b>")
    choice = ToolChoice("required") if mode == "required" else ToolChoice("named", "add")
    with pytest.raises(Unsupported, match="can only be auto or none") as refused:
        check_chat(card, asked(choice))
    assert refused.value.field == "tool_choice"
    check_chat(card, asked(ToolChoice(), parallel=False))


def test_a_model_without_tools_takes_them_where_none_may_be_called(tmp_path: Path) -> None:
    card = card_of(tmp_path)
    check_chat(card, asked(ToolChoice("none")))
    with pytest.raises(Unsupported, match="tools"):
        check_chat(card, asked(ToolChoice()))

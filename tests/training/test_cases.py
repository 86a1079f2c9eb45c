"""What the examination counts as right."""

import pytest
from training.cases import Case, cases, tool
from training.evaluate import well_formed

from hearth.messages import Message

ADD = [{"name": "add", "arguments": {"a": 1, "b": 2}}]


def asked(expected: object) -> Case:
    return Case("x", (Message("user", "?"),), expected)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("output", "right"),
    [
        ("Run hearth list.", True),
        ("<think>\nThis is about lists.\n</think>\n\nRun  hearth list.\n", True),
        ("Run hearth ls.", False),
        ("<think>\nRun hearth list.", False),
        ("", False),
    ],
)
def test_texts(output: str, right: bool) -> None:
    assert asked("Run hearth list.").right(output) is right


@pytest.mark.parametrize(
    ("output", "right"),
    [
        ('<tool_call>\n{"name": "add", "arguments": {"a": 1, "b": 2}}\n</tool_call>', True),
        ('<tool_call>\n{"arguments": {"b": 2, "a": 1}, "name": "add"}\n</tool_call>', True),
        (
            '<think>\nx\n</think>\n\n<tool_call>{"name": "add", "arguments": {"a": 1, "b": 2}}</tool_call>',
            True,
        ),
        ('<tool_call>\n{"name": "add", "arguments": {"a": "1", "b": 2}}\n</tool_call>', False),
        ('I call\n<tool_call>\n{"name": "add", "arguments": {"a": 1, "b": 2}}\n</tool_call>', False),
        ('<tool_call>\n{"name": "add", "arguments": {"a": 1, "b": 2}\n</tool_call>', False),
        ("3", False),
    ],
)
def test_calls(output: str, right: bool) -> None:
    assert asked(ADD).right(output) is right


def test_signature() -> None:
    made = tool("get_weather(city: string, days: integer) Get the weather")
    assert made.name == "get_weather"
    assert made.description == "Get the weather"
    assert made.parameters["properties"] == {"city": {"type": "string"}, "days": {"type": "integer"}}
    assert made.parameters["required"] == ["city", "days"]
    with pytest.raises(ValueError, match="not a signature"):
        tool("no brackets")


def test_every_kind_is_examined() -> None:
    kinds = {case.kind.removesuffix(", second set") for case in cases()}
    assert kinds == {"help", "greeting", "refusal", "tools", "tools idle", "tool results", "conversation"}


def test_thinking_is_well_formed_when_closed_once_and_followed_by_an_answer() -> None:
    assert well_formed("<think>\nx\n</think>\n\nyes")
    assert not well_formed("<think>\nx\n</think>\n\n")
    assert not well_formed("<think>\nx")
    assert not well_formed("yes")
    assert not well_formed("<think>\nx\n</think>\n\nyes</think>")

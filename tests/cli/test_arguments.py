"""Command lines are read by the rules that Ollama's users know."""

from __future__ import annotations

import pytest

from hearth.cli.arguments import parse
from hearth.cli.command import Command, Option
from hearth.cli.commands.run import COMMAND as RUN
from hearth.cli.failure import CommandError
from hearth.cli.table import NAMES, commands, find

DEMO = Command(
    name="demo",
    summary="",
    run=lambda call: 0,
    usage="A [B]",
    options=(
        Option("file", "", "FILE", "f"),
        Option("loud", "", short="l"),
        Option("verbose", "", short="v"),
        Option("level", "", "LEVEL", implied="high"),
    ),
    minimum=1,
    maximum=2,
)


def test_options_stand_anywhere() -> None:
    found = parse(RUN, ["guide", "--verbose", "why", "--format", "json", "is", "it"])
    assert found.positional == ("guide", "why", "is", "it")
    assert found.flag("verbose")
    assert found.value("format") == "json"


def test_everything_after_two_dashes_is_an_argument() -> None:
    assert parse(RUN, ["guide", "--", "--verbose", "-x"]).positional == ("guide", "--verbose", "-x")


def test_a_single_dash_is_an_argument_and_a_value() -> None:
    assert parse(DEMO, ["-"]).positional == ("-",)
    assert parse(DEMO, ["a", "-f", "-"]).value("file") == "-"


def test_a_value_that_may_be_left_out_never_takes_the_next_word() -> None:
    found = parse(RUN, ["guide", "--think", "high", "hopes"])
    assert found.value("think") == "true"
    assert found.positional == ("guide", "high", "hopes")
    assert parse(RUN, ["guide", "--think=low"]).value("think") == "low"


@pytest.mark.parametrize(
    "words", [["a", "-fx"], ["a", "-f=x"], ["a", "-f", "x"], ["a", "--file=x"], ["-lf", "x", "a"]]
)
def test_the_ways_to_write_a_value(words: list[str]) -> None:
    assert parse(DEMO, words).value("file") == "x"


def test_flags_can_be_joined_and_given_a_boolean() -> None:
    assert parse(DEMO, ["a", "-lv"]).flags == {"loud", "verbose"}
    assert parse(DEMO, ["a", "--loud=true"]).flag("loud")
    assert not parse(DEMO, ["a", "--loud", "--loud=false"]).flag("loud")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([], "expected 1 to 2 arguments, not 0"),
        (["a", "b", "c"], "expected 1 to 2 arguments, not 3"),
        (["a", "--fil=x"], "unknown option --fil"),
        (["a", "-q"], "unknown option -q"),
        (["a", "--file"], "option --file needs a value"),
        (["a", "--loud=maybe"], "true or false"),
    ],
)
def test_what_cannot_be_read_is_explained_with_the_usage(words: list[str], reason: str) -> None:
    with pytest.raises(CommandError) as caught:
        parse(DEMO, words)
    assert reason in caught.value.message
    assert "Usage: hearth demo A [B]" in caught.value.message


def test_an_empty_prompt_is_an_argument() -> None:
    assert parse(RUN, ["guide", ""]).positional == ("guide", "")


def test_aliases_lead_to_their_commands() -> None:
    assert find("ls") is find("list")
    assert find("start") is find("serve")
    assert find("nonsense") is None


def test_every_command_is_known_by_its_own_name() -> None:
    assert tuple(command.name for command in commands()) == NAMES
    for command in commands():
        assert all(find(alias) is command for alias in command.aliases)
        assert len({option.name for option in command.options}) == len(command.options)

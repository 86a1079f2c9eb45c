"""Text from outside cannot command the terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.support import on_terminal, piped

from hearth.cli.terminal import GREY, clean


@pytest.mark.parametrize(
    "attack",
    [
        "\x1b]0;new title\x07",
        "\x1b[2J\x1b[H",
        "\x1b]52;c;cm0gLXJm\x07",
        "\x9b2J",
        "shown\rhidden",
        "back\x08space",
        "\x7f",
        "\x90dcs\x9c",
    ],
)
def test_control_sequences_reach_no_terminal(attack: str) -> None:
    screen = on_terminal()
    screen.console.write(attack)
    screen.console.line(attack)
    screen.console.note(attack)
    for text in (screen.out.getvalue(), screen.err.getvalue()):
        assert not any(letter != "\n" and (letter < " " or "\x7f" <= letter <= "\x9f") for letter in text)


def test_a_pipe_gets_the_text_as_it_is() -> None:
    screen = piped()
    screen.console.write("\x1b[31mred\r\n")
    assert screen.out.getvalue() == "\x1b[31mred\r\n"


def test_newlines_tabs_and_letters_stay() -> None:
    assert clean("a\tb\r\nc é 漢 🙂") == "a\tb\nc é 漢 🙂"


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_styles_appear_on_terminals_only() -> None:
    terminal, pipe = on_terminal(), piped()
    for screen in (terminal, pipe):
        screen.console.style(GREY)
        screen.console.write("x")
        screen.console.style()
    assert terminal.out.getvalue() == "\x1b[90mx\x1b[0m"
    assert pipe.out.getvalue() == "x"


def test_a_transient_line_is_removed() -> None:
    screen = on_terminal()
    screen.console.transient("loading\x1b[2J")
    screen.console.transient("")
    assert screen.err.getvalue() == "\r\x1b[Kloading\ufffd[2J\r\x1b[K"

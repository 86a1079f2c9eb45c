"""Answers are wrapped at words; a terminal emulator shows what the user would see."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.cli.wrap import Wrapper


def shown(text: str, columns: int, pieces: int = 3) -> list[str]:
    """The lines on a terminal of `columns`, fed a few letters at a time."""
    screen = pyte.Screen(columns, 40)
    stream = pyte.Stream(screen)
    wrapper = Wrapper(columns)
    for start in range(0, len(text), pieces):
        stream.feed(wrapper.feed(text[start : start + pieces]).replace("\n", "\r\n"))
    lines = [line.rstrip() for line in screen.display]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def test_a_word_that_crosses_the_margin_moves_to_the_next_line() -> None:
    assert shown("one two three four five", 20) == ["one two three", "four five"]


def test_the_space_at_a_break_is_not_shown() -> None:
    assert shown("aaaaaaaaaaaaaaa bbb", 20) == ["aaaaaaaaaaaaaaa", "bbb"]


def test_a_word_longer_than_a_line_is_broken() -> None:
    assert shown("a" * 35, 20) == ["a" * 15, "a" * 15, "a" * 5]


def test_newlines_start_the_count_afresh() -> None:
    assert shown("one two\nthree four five six", 20) == ["one two", "three four five", "six"]


def test_wide_characters_count_twice_and_break_anywhere() -> None:
    assert [line.replace(" ", "") for line in shown("漢字漢字漢字漢字漢字", 20)] == [
        "漢字漢字漢字漢",
        "字漢字",
    ]


def test_a_narrow_terminal_is_left_alone() -> None:
    assert Wrapper(9).feed("one two three four") == "one two three four"


@given(st.text(alphabet="ab cd\n", max_size=200), st.integers(10, 40), st.integers(1, 7))
def test_no_word_is_lost_and_no_line_is_too_long(text: str, columns: int, pieces: int) -> None:
    screen_text = shown(text, columns, pieces)
    assert all(len(line) <= columns - 5 for line in screen_text)
    if len(screen_text) < 39:
        assert "".join("".join(screen_text).split()) == "".join(text.split())


@pytest.mark.parametrize("text", ["", "\n", "word", "e\u0301 accents"])
def test_short_texts_pass_unchanged(text: str) -> None:
    assert Wrapper(80).feed(text) == text

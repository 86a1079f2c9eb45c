"""Wraps an answer at words while it arrives, letter by letter, on a terminal."""

from __future__ import annotations

import unicodedata
from typing import Final

_MARGIN: Final = 5
_NARROWEST: Final = 10


class Wrapper:
    """Feeds text through; a word that would cross the margin is erased and written again on a new line."""

    def __init__(self, columns: int) -> None:
        """`columns` is the terminal's width; below 10 nothing is wrapped."""
        self._limit = columns - _MARGIN if columns >= _NARROWEST else None
        self._column = 0
        self._word = ""
        self._word_width = 0

    def feed(self, text: str) -> str:
        """What to write to the terminal for the next piece of text, which holds no control characters."""
        return text if self._limit is None else "".join(self._letter(letter) for letter in text)

    def _letter(self, letter: str) -> str:
        if letter == "\n":
            self._restart(0)
            return letter
        width = _width(letter)
        if self._limit is not None and self._column + width > self._limit:
            return self._break(letter, width)
        self._column += width
        self._extend(letter, width)
        return letter

    def _break(self, letter: str, width: int) -> str:
        """Start a new line, taking along the word that the letter continues."""
        if letter == " ":
            self._restart(0)
            return "\n"
        word, word_width = self._word, self._word_width
        whole_line = self._limit is not None and word_width + width > self._limit
        if not word or whole_line:
            self._restart(width)
            self._extend(letter, width)
            return f"\n{letter}"
        self._column = word_width + width
        self._extend(letter, width)
        return f"\x1b[{word_width}D\x1b[K\n{word}{letter}"

    def _extend(self, letter: str, width: int) -> None:
        if letter in " \t" or width == 2:
            # Chinese and Japanese may break between any two characters.
            self._word, self._word_width = "", 0
        else:
            self._word += letter
            self._word_width += width

    def _restart(self, column: int) -> None:
        self._column, self._word, self._word_width = column, "", 0


def _width(letter: str) -> int:
    if letter == "\t":
        return 8
    if unicodedata.combining(letter) or unicodedata.category(letter) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1

"""Everything written for the user goes through here, so that no text from outside commands the terminal.

A model's answer, a model's name or an error from a server may hold escape sequences that move the cursor,
rename the window or paste into the shell. On a terminal every control character but newline and tab is
replaced; a pipe or a file gets the text as it is.
"""

from __future__ import annotations

import os
import re
from typing import Final, TextIO

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_RESET: Final = "\x1b[0m"
GREY: Final = "\x1b[90m"
BOLD: Final = "\x1b[1m"
DEFAULT_WIDTH: Final = 80


def clean(text: str) -> str:
    """The text without control characters: CRLF becomes a newline, any other is shown as U+FFFD."""
    return _CONTROL.sub("\ufffd", text.replace("\r\n", "\n"))


class Console:
    """The two output streams of a command. `terminal` and `error_terminal` say which are terminals."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._out = out
        self._err = err
        self.terminal = out.isatty()
        self.error_terminal = err.isatty()

    def line(self, text: str = "") -> None:
        """Write a line to stdout."""
        self._out.write((clean(text) if self.terminal else text) + "\n")

    def write(self, text: str) -> None:
        """Write a piece of text from outside to stdout at once."""
        self.emit(clean(text) if self.terminal else text)

    def emit(self, text: str) -> None:
        """Write text to stdout at once as it is; only for text that is clean already."""
        self._out.write(text)
        self._out.flush()

    def note(self, text: str) -> None:
        """Write a line to stderr, after whatever stdout still holds."""
        self._out.flush()
        self._err.write((clean(text) if self.error_terminal else text) + "\n")
        self._err.flush()

    def transient(self, text: str) -> None:
        """Show a line on a terminal's stderr in place of the transient one before; empty removes it."""
        if self.error_terminal:
            self._err.write(f"\r\x1b[K{clean(text)}")
            self._err.flush()

    def style(self, *codes: str) -> None:
        """Start a style on a terminal; without codes, return to the plain one."""
        if self.terminal:
            self.emit("".join(codes) or _RESET)

    @property
    def error_stream(self) -> TextIO:
        """The stream that progress is drawn on."""
        return self._err

    @property
    def width(self) -> int:
        """Columns of the terminal behind stdout; 80 where that is unknown."""
        try:
            return os.get_terminal_size(self._out.fileno()).columns or DEFAULT_WIDTH
        except (OSError, ValueError):
            return DEFAULT_WIDTH

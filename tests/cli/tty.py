"""A program under a pseudo-terminal, seen as its user sees it: as the text on a screen."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pexpect
import pyte

COLUMNS, LINES = 80, 60
PASTE_START, PASTE_END = "\x1b[200~", "\x1b[201~"
UP, CTRL_A, CTRL_C, CTRL_D, CTRL_G, CTRL_J, CTRL_U, CTRL_W = (
    "\x1b[A",
    "\x01",
    "\x03",
    "\x04",
    "\x07",
    "\n",
    "\x15",
    "\x17",
)
ENTER = "\r"


class Tty:
    """A running program, what it has shown, and the keyboard."""

    def __init__(self, child: Any) -> None:
        self._child = child
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.Stream(self._screen)
        self.raw = ""

    def type(self, keys: str) -> None:
        """Press keys."""
        self._child.send(keys)

    def enter(self, line: str) -> None:
        """Type a line and press Enter."""
        self.type(line + ENTER)

    @property
    def text(self) -> str:
        """The lines on the screen, without the empty ones at its end."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    def wait(self, text: str, timeout: float = 30) -> None:
        """Read until the text is on the screen."""
        self._read_until(lambda: text in self.text, repr(text), timeout)

    def wait_prompt(self, prompts: int, timeout: float = 30) -> None:
        """Read until the input prompt has been shown so many times and waits for input."""
        self._read_until(
            lambda: sum(line.startswith(">>> ") for line in self._screen.display) >= prompts,
            f"{prompts} prompts",
            timeout,
        )

    def wait_end(self, timeout: float = 30) -> int:
        """Read until the program has ended; gives its exit code."""
        deadline = time.monotonic() + timeout
        while self._read(deadline):
            pass
        self._child.close()
        code = self._child.exitstatus
        assert isinstance(code, int), f"ended by signal {self._child.signalstatus}"
        return code

    def _read_until(self, done: Any, what: str, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while not done():
            if not self._read(deadline):
                raise AssertionError(f"ended before {what} was on the screen:\n{self.text}")

    def _read(self, deadline: float) -> bool:
        try:
            piece = self._child.read_nonblocking(1 << 16, timeout=max(0.0, deadline - time.monotonic()))
        except pexpect.EOF:
            return False
        except pexpect.TIMEOUT:
            raise AssertionError(f"nothing more came; the screen:\n{self.text}") from None
        self.raw += piece
        self._stream.feed(piece)
        return True


@contextmanager
def hearth(environment: dict[str, str], *words: str) -> Iterator[Tty]:
    """Run the command line on a pseudo-terminal for the length of a block."""
    child = pexpect.spawn(
        sys.executable,
        ["-m", "hearth", *words],
        env={**environment, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
        dimensions=(LINES, COLUMNS),
        encoding="utf-8",
        codec_errors="replace",
    )
    child.delaybeforesend = None
    try:
        yield Tty(child)
    finally:
        child.close(force=True)

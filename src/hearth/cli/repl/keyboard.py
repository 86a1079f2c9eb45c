"""What is typed while an answer runs waits unseen for the next prompt, and Enter stays Enter."""

from __future__ import annotations

import sys
import termios
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

_INPUT: Final = 0
_LOCAL: Final = 3


@contextmanager
def held() -> Generator[None]:
    """Switch off echo and the terminal's own line editing for a block; Ctrl-C goes on interrupting.

    With them on, letters typed ahead would appear inside the answer, and the terminal would hand over Enter
    as Ctrl-J, which starts a new line in a message instead of sending it.
    """
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    during = termios.tcgetattr(terminal)
    during[_INPUT] &= ~termios.ICRNL
    during[_LOCAL] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(terminal, termios.TCSANOW, during)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, before)

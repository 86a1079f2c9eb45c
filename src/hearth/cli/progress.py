"""How far long work is: bars on a terminal, plain lines elsewhere; on stderr, so that stdout stays data."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

from hearth.cli.render import human_bytes
from hearth.cli.terminal import Console


class Progress(Protocol):
    """Where a command reports how far it is."""

    def status(self, text: str) -> None:
        """Name the step that is being done now."""

    def bar(self, label: str, completed: int, total: int) -> None:
        """Say how much of a step is done, in bytes."""


@contextmanager
def progress(console: Console) -> Generator[Progress]:
    """A progress display for the length of a `with` block."""
    if not console.error_terminal:
        yield PlainProgress(console)
        return
    from hearth.cli.bars import drawn

    with drawn(console) as display:
        yield display


class PlainProgress:
    """One line for each step, and one when its bytes are complete."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last = ""
        self._complete: set[str] = set()

    def status(self, text: str) -> None:
        """Write the step unless it was the last one written."""
        if text != self._last:
            self._last = text
            self._console.note(text)

    def bar(self, label: str, completed: int, total: int) -> None:
        """Write the step when it starts and when it is complete."""
        if completed >= total and label not in self._complete:
            self._complete.add(label)
            self.status(f"{label} 100% of {human_bytes(total)}")
        elif label not in self._complete and not self._last.startswith(label):
            self.status(f"{label} 0% of {human_bytes(total)}")

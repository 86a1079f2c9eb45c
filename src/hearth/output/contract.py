"""What an output format is: text as the model writes it in, events out.

A format never raises on what a model wrote. Text that looks like a tool call and cannot be parsed comes back
as text, and the format leaves a note.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hearth.messages import Called, Text, Thinking

Piece = Text | Thinking | Called


class OutputFormat(Protocol):
    """Reads one answer; a fresh one is made for each."""

    preserved_tokens: Sequence[str]
    """Special tokens that the engine must show as text."""
    notes: list[str]
    """Remarks for the user, complete once `finish` has returned."""

    def feed(self, text: str) -> list[Piece]:
        """Take the next piece of generated text; give what is certain so far."""
        ...

    def finish(self) -> list[Piece]:
        """The text has ended: give what was held back."""
        ...

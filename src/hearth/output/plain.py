"""The format of a model that neither thinks nor calls tools: everything it writes is the answer."""

from __future__ import annotations

from collections.abc import Sequence

from hearth.messages import Text
from hearth.output.contract import Piece


class PlainFormat:
    """Passes text through unchanged and at once."""

    def __init__(self) -> None:
        self.preserved_tokens: Sequence[str] = ()
        self.notes: list[str] = []

    def feed(self, text: str) -> list[Piece]:
        return [Text(text)] if text else []

    def finish(self) -> list[Piece]:
        return []

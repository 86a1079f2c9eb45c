"""How much a template may take; far above what any published one needs.

Templates come with models and with requests, so one may be written to exhaust the server. Every place that
could run long, nest deeply or grow large counts against one of these.
"""

from __future__ import annotations

from typing import Final

from hearth.errors import TemplateError

MAX_TEMPLATE: Final = 512 * 1024
"""Characters of a template."""
MAX_NESTING: Final = 64
"""Blocks and parentheses inside one another, in the template's text."""
MAX_DEPTH: Final = 80
"""Blocks, parentheses and called templates inside one another, while it runs."""
MAX_STEPS: Final = 2_000_000
MAX_TEXT: Final = 16 * 1024 * 1024
"""Characters of the output, and of any one text that is made on the way."""
MAX_DATA_DEPTH: Final = 64
"""Lists and objects inside one another, in the data."""
_CHARACTERS_PER_STEP: Final = 128


class Budget:
    """What an execution has used so far of the steps and of the depth."""

    __slots__ = ("_depth", "_left")

    def __init__(self) -> None:
        self._left = MAX_STEPS
        self._depth = 0

    def step(self, characters: int = 0) -> None:
        """Count one step, and the reading or making of so many characters. Raises TemplateError."""
        self._left -= 1 + characters // _CHARACTERS_PER_STEP
        if self._left < 0:
            raise TemplateError(f"it needs more than {MAX_STEPS} steps; it must end sooner")

    def enter(self) -> None:
        """Go one level deeper; `leave` comes back. Raises TemplateError."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TemplateError(f"more than {MAX_DEPTH} blocks, parentheses and templates inside one another")

    def leave(self) -> None:
        """Come back from a level."""
        self._depth -= 1


def check_text(characters: int) -> None:
    """Refuse a text that is too long. Raises TemplateError."""
    if characters > MAX_TEXT:
        raise TemplateError(f"it makes a text of more than {MAX_TEXT} characters; it must make less")

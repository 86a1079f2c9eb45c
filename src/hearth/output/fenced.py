"""The body of a call that ends with a tag of its own, as far as that tag does not stand inside a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hearth.output.calls import Body
from hearth.output.tags import find_tag


class FencedBody(Body):
    """Text up to one of `closings`, or to a tag of `followers`, which begins something else.

    What stands between a tag of `values` and its counterpart there is not searched. Each character is looked
    at once, and what is left open takes the whole rest, so that hostile text costs time in proportion.
    """

    closings: Sequence[str] = ()
    followers: Sequence[str] = ()
    values: Mapping[str, str] = {}

    def __init__(self) -> None:
        self._at = 0
        self._value_end = ""

    def end(self, text: str, final: bool) -> int | None:
        while found := find_tag(text, self._sought, self._at, final):
            self._at = found.end()
            tag = found.group()
            if tag in self.closings and not self._value_end:
                return found.end()
            if tag in self.followers and not self._value_end:
                return found.start()
            self._value_end = "" if self._value_end else self.values[tag]
        longest = max(map(len, self._sought))
        self._at = max(self._at, len(text) - longest + 1)
        return len(text) if final else None

    def content(self, text: str) -> tuple[str, bool]:
        """The text without its closing tag, and whether it had one."""
        for closing in self.closings:
            if text.endswith(closing):
                return text[: -len(closing)], True
        return text, False

    @property
    def _sought(self) -> Sequence[str]:
        return (self._value_end,) if self._value_end else (*self.closings, *self.followers, *self.values)

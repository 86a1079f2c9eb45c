"""Text in triple quotes: how a message or a system text runs over several lines."""

from __future__ import annotations

from typing import Final

QUOTES: Final = '"""'
_SYSTEM: Final = "/set system"


def incomplete(text: str) -> bool:
    """True while the text has opened triple quotes and no line of it has closed them."""
    rest = _body(text)
    return rest.startswith(QUOTES) and not rest[len(QUOTES) :].rstrip().endswith(QUOTES)


def unquote(text: str) -> str:
    """The text without the triple quotes around it; any other text is returned as it is."""
    rest = text.strip()
    if not rest.startswith(QUOTES):
        return text
    return rest[len(QUOTES) :].removesuffix(QUOTES)


def quoted(text: str) -> bool:
    """True where the whole text is a message in triple quotes, in which nothing is a command."""
    return text.lstrip().startswith(QUOTES)


def _body(text: str) -> str:
    return text.lstrip().removeprefix(_SYSTEM).lstrip()

"""Whose form an error takes: that of the dialect whose paths begin as the request's does.

Errors are raised in places that know no dialect (the guard, an unknown path, a body that is too large), so
the path decides, here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hearth.errors import HearthError
from hearth.server.anthropic.errors import error_body as anthropic_body
from hearth.server.openai.errors import error_body as openai_body

_FORMS: Final[tuple[tuple[str, Callable[[HearthError], bytes]], ...]] = (
    ("/v1/messages", anthropic_body),
    ("/v1/", openai_body),
    ("/v2/", openai_body),
    ("/rerank", openai_body),
)


def form_of(path: str) -> Callable[[HearthError], bytes] | None:
    """What encodes an error for a path; None for Ollama's own form."""
    return next((form for prefix, form in _FORMS if path.startswith(prefix)), None)

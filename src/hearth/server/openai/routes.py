"""The route table of OpenAI's API."""

from __future__ import annotations

from starlette.routing import Route

from hearth.server.openai import chat, completions, embeddings, models
from hearth.server.services import Services


def routes(services: Services) -> list[Route]:
    """Every route, in OpenAI's own paths."""
    return [
        *chat.routes(services),
        *completions.routes(services),
        *embeddings.routes(services),
        *models.routes(services),
    ]

"""The route table of Ollama's API."""

from __future__ import annotations

from starlette.routing import Route

from hearth.server.ollama import blobs, chat, create, embed, generate, misc, models, rerank, show, tokens
from hearth.server.services import Services


def routes(services: Services) -> list[Route]:
    """Every route, in Ollama's own paths, and Hearth's own in the same manner."""
    return [
        *misc.routes(),
        *generate.routes(services),
        *chat.routes(services),
        *embed.routes(services),
        *rerank.routes(services),
        *tokens.routes(services),
        *models.routes(services),
        *show.routes(services),
        *create.routes(services),
        *blobs.routes(services),
    ]

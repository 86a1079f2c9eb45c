"""The route table of Anthropic's API."""

from __future__ import annotations

from starlette.routing import Route

from hearth.server.anthropic import count, messages
from hearth.server.services import Services


def routes(services: Services) -> list[Route]:
    """Every route, in Anthropic's own paths. `/v1/models` is the same as OpenAI's and is served there."""
    return [*messages.routes(services), *count.routes(services)]

"""The route table of the responses API."""

from __future__ import annotations

from functools import partial

from starlette.routing import Route

from hearth.server.responses import create, kept
from hearth.server.responses.shelf import Shelf
from hearth.server.services import Services


def routes(services: Services) -> list[Route]:
    """Every route, in OpenAI's own paths."""
    shelf = Shelf(services)
    one = "/v1/responses/{id}"
    return [
        Route("/v1/responses", partial(create.create, services, shelf), methods=["POST"]),
        Route(one, partial(kept.retrieve, shelf), methods=["GET"]),
        Route(one, partial(kept.delete, shelf), methods=["DELETE"]),
        Route(one + "/input_items", partial(kept.input_items, shelf), methods=["GET"]),
    ]

"""`GET /v1/models` and `GET /v1/models/{model}`, where the name may hold slashes."""

from __future__ import annotations

from functools import partial

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hearth.inference.card import Card
from hearth.server.errors import json_reply
from hearth.server.services import Services
from hearth.server.threads import in_thread


class ModelWire(Struct):
    id: str
    object: str
    created: int
    owned_by: str


async def models(services: Services, _: Request) -> Response:
    """Every model, the last modified first."""
    cards = await in_thread(services.inference.catalog.cards)
    listed = [_model(card) for card in cards]
    return json_reply(msgspec.json.encode({"object": "list", "data": listed}))


async def model(services: Services, request: Request) -> Response:
    """One model."""
    card = await in_thread(services.inference.catalog.open, request.path_params["model"])
    return json_reply(msgspec.json.encode(_model(card)))


def _model(card: Card) -> ModelWire:
    stored = card.stored
    return ModelWire(str(stored.name), "model", int(stored.modified_at.timestamp()), stored.name.namespace)


def routes(services: Services) -> list[Route]:
    """The routes of this module."""
    return [
        Route("/v1/models", partial(models, services), methods=["GET"]),
        Route("/v1/models/{model:path}", partial(model, services), methods=["GET"]),
    ]

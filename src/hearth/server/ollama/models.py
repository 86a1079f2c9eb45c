"""The models at rest and in memory: `/api/tags`, `/api/ps`, `/api/copy`, `/api/delete`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hearth.errors import BadRequest, InvalidName, ModelNotFound
from hearth.inference.card import Card
from hearth.names import ModelName
from hearth.scheduler.service import Resident
from hearth.server.body import decode_json, read_body
from hearth.server.errors import json_reply
from hearth.server.ollama import moments
from hearth.server.ollama.decode import required
from hearth.server.ollama.details import Details, details
from hearth.server.ollama.wire import CopyBody, NamedBody
from hearth.server.services import Services
from hearth.server.threads import in_thread

_FOREVER: Final = timedelta(days=365 * 292)
"""Where Ollama's clients expect the expiry of a model that never goes."""


class Listed(Struct, omit_defaults=True, kw_only=True):
    name: str
    model: str
    modified_at: str
    size: int
    digest: str
    details: Details
    capabilities: list[str] | None = None


class Running(Struct, kw_only=True):
    name: str
    model: str
    size: int
    digest: str
    details: Details
    expires_at: str
    size_vram: int
    context_length: int


class TagsReply(Struct):
    models: list[Listed]


class PsReply(Struct):
    models: list[Running]


async def tags(services: Services, _: Request) -> Response:
    """Every model, the last modified first."""
    cards = await in_thread(services.inference.catalog.cards)
    return json_reply(msgspec.json.encode(TagsReply([_listed(card) for card in cards])))


async def ps(services: Services, _: Request) -> Response:
    """Every model in memory, the one that stays longest first."""
    far = datetime.now(UTC) + _FOREVER
    residents = sorted(services.inference.residents(), key=lambda r: r.expires_at or far, reverse=True)
    models = [_running(resident, far) for resident in residents]
    return json_reply(msgspec.json.encode(PsReply(models)))


async def copy(services: Services, request: Request) -> Response:
    """Give a model a second name."""
    body = decode_json(await read_body(request, services.max_body), CopyBody)
    source, destination = _name("source", body.source), _name("destination", body.destination)
    try:
        await in_thread(services.library.copy, source, destination)
    except ModelNotFound as error:
        raise ModelNotFound(error.name, f'model "{body.source}" not found') from error
    return Response()


async def delete(services: Services, request: Request) -> Response:
    """Remove a model. One that is in memory stays there until it expires: another name may share it."""
    body = decode_json(await read_body(request, services.max_body), NamedBody)
    name = _name("name", required(body.chosen))
    try:
        await in_thread(services.library.delete, name)
    except ModelNotFound as error:
        raise ModelNotFound(body.chosen) from error
    return Response()


def _name(field: str, text: str) -> ModelName:
    try:
        return ModelName.parse(text)
    except InvalidName as error:
        shown = text if len(text) <= 80 else text[:77] + "..."
        raise BadRequest(f'{field} "{shown}" is invalid; expected [host/][namespace/]model[:tag]') from error


def _listed(card: Card) -> Listed:
    stored = card.stored
    return Listed(
        name=str(stored.name),
        model=str(stored.name),
        modified_at=moments.local(stored.modified_at),
        size=stored.size,
        digest=stored.digest.hex,
        details=details(card),
        capabilities=list(card.capabilities) or None,
    )


def _running(resident: Resident, far: datetime) -> Running:
    card: Card = resident.details
    about = msgspec.structs.replace(details(card), parent_model="", context_length=0, embedding_length=0)
    return Running(
        name=resident.name,
        model=resident.name,
        size=resident.bytes,
        digest=card.stored.digest.hex,
        details=about,
        expires_at=moments.local(resident.expires_at or far),
        size_vram=resident.vram_bytes,
        context_length=resident.context,
    )


def routes(services: Services) -> list[Route]:
    """The routes of this module."""
    return [
        Route("/api/tags", partial(tags, services), methods=["GET"]),
        Route("/api/ps", partial(ps, services), methods=["GET"]),
        Route("/api/copy", partial(copy, services), methods=["POST"]),
        Route("/api/delete", partial(delete, services), methods=["DELETE"]),
    ]

"""`POST /api/create`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hearth.errors import BadRequest
from hearth.modelfile.create import create as create_model
from hearth.modelfile.making import Status
from hearth.modelfile.validate import CreateRequest
from hearth.names import Digest, ModelName
from hearth.server.body import decode_json
from hearth.server.ollama import decode
from hearth.server.ollama.dialect import Ndjson
from hearth.server.ollama.wire import CreateBody
from hearth.server.progress import progress
from hearth.server.services import Services
from hearth.server.stream import answer


class StatusReply(Struct, omit_defaults=True):
    status: str
    digest: str = ""
    total: int = 0
    completed: int = 0


class Create(Ndjson):
    """The dialect of one create request; its events are the steps of the work."""

    def decode(self, body: bytes) -> CreateRequest:
        """The request in the body; HearthError where there is none."""
        asked = decode_json(body, CreateBody)
        self.streaming = asked.stream
        return create_request(asked)

    def encode(self, event: Status) -> bytes:
        """One line of a stream."""
        return self.encode_whole([event]) + b"\n"

    def encode_whole(self, events: Sequence[Status]) -> bytes:
        """The last step alone."""
        last = events[-1]
        return msgspec.json.encode(StatusReply(last.status, last.digest, last.total, last.completed))


def create_request(body: CreateBody) -> CreateRequest:
    """What `/api/create` was asked.

    Raises:
        BadRequest: a name, digest or field that cannot be used, or that this version cannot serve.
    """
    if body.remote_host:
        raise BadRequest("remote models are not supported: 'remote_host' must be left out")
    if body.draft_quantize:
        raise BadRequest("quantising a draft model is not supported: 'draft_quantize' must be left out")
    return CreateRequest(
        name=ModelName.parse(decode.required(body.chosen)),
        from_=body.from_,
        files=_digests(body.files),
        adapters=_digests(body.adapters),
        draft_files=_digests(body.draft_files),
        template=body.template,
        system=body.system,
        licenses=_licenses(body.license),
        parameters=body.parameters,
        messages=tuple(decode.message(turn, f"messages[{i}]") for i, turn in enumerate(body.messages)),
        quantize=body.quantize or body.quantization,
        renderer=body.renderer,
        parser=body.parser,
        requires=body.requires,
    )


def _digests(files: Mapping[str, str]) -> dict[str, Digest]:
    return {key: Digest.parse(text) for key, text in files.items()}


def _licenses(value: Any) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else [] if value is None else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise BadRequest("license must be a text or a list of texts")
    return tuple(text for text in texts if text)


async def create(services: Services, request: Request) -> Response:
    """Make a model from uploaded files or another model."""

    def run(asked: CreateRequest) -> AsyncIterator[Status]:
        return progress(partial(create_model, services.library, asked), services.workers)

    return await answer(request, services.max_body, Create(), run)


def routes(services: Services) -> list[Route]:
    """The routes of this module."""
    return [Route("/api/create", partial(create, services), methods=["POST"])]

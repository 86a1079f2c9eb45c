"""`POST /api/embed` and the older `POST /api/embeddings`."""

from __future__ import annotations

from functools import partial

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hearth.errors import ModelNotFound
from hearth.messages import Embeddings, EmbedRequest
from hearth.server.body import decode_json, read_body
from hearth.server.errors import json_reply
from hearth.server.ollama import decode
from hearth.server.ollama.wire import EmbedBody, EmbeddingsBody
from hearth.server.services import Services


class EmbedReply(Struct, omit_defaults=True, kw_only=True):
    """Beside Ollama's fields, `truncated_inputs`: how many inputs were cut to fit the context."""

    model: str
    embeddings: tuple[tuple[float, ...], ...]
    total_duration: int = 0
    load_duration: int = 0
    prompt_eval_count: int = 0
    truncated_inputs: int = 0


class EmbeddingReply(Struct):
    embedding: tuple[float, ...]


async def embed(services: Services, request: Request) -> Response:
    """One vector for each input."""
    body = decode_json(await read_body(request, services.max_body), EmbedBody)
    found = await _embed(services, decode.embed_request(body))
    reply = EmbedReply(
        model=body.model,
        embeddings=found.vectors,
        total_duration=found.usage.total_ns,
        load_duration=found.usage.load_ns,
        prompt_eval_count=found.usage.prompt_tokens,
        truncated_inputs=found.truncated,
    )
    return json_reply(msgspec.json.encode(reply))


async def embeddings(services: Services, request: Request) -> Response:
    """One vector for one prompt."""
    body = decode_json(await read_body(request, services.max_body), EmbeddingsBody)
    found = await _embed(services, decode.embeddings_request(body))
    vector = found.vectors[0] if found.vectors else ()
    return json_reply(msgspec.json.encode(EmbeddingReply(vector)))


async def _embed(services: Services, asked: EmbedRequest) -> Embeddings:
    try:
        return await services.inference.embed(asked)
    except ModelNotFound as error:
        raise ModelNotFound(error.name, f'model "{asked.model}" not found, try pulling it first') from error


def routes(services: Services) -> list[Route]:
    """The routes of this module."""
    return [
        Route("/api/embed", partial(embed, services), methods=["POST"]),
        Route("/api/embeddings", partial(embeddings, services), methods=["POST"]),
    ]

"""`POST /v1/embeddings`."""

from __future__ import annotations

import base64
import struct
from collections.abc import Sequence
from functools import partial

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hearth.errors import BadRequest, HearthError
from hearth.messages import Embeddings
from hearth.server.body import decode_json, read_body
from hearth.server.errors import json_reply, known
from hearth.server.openai.decode import embed_request
from hearth.server.openai.errors import error_body
from hearth.server.openai.wire import EmbeddingsBody
from hearth.server.services import Services


class Vector(Struct):
    object: str
    index: int
    embedding: tuple[float, ...] | str


class UsageWire(Struct):
    prompt_tokens: int
    total_tokens: int


class EmbeddingsReply(Struct, omit_defaults=True):
    """Beside OpenAI's fields, `truncated_inputs`: how many inputs were cut to fit the context."""

    object: str
    data: list[Vector]
    model: str
    usage: UsageWire
    truncated_inputs: int = 0


async def embeddings(services: Services, request: Request) -> Response:
    """One vector for each input."""
    try:
        body = decode_json(await read_body(request, services.max_body), EmbeddingsBody)
        found = await services.inference.embed(embed_request(body))
        return json_reply(_reply(body, found))
    except HearthError as error:
        shown = known(error)
        return json_reply(error_body(shown, "input"), shown.status)


def _reply(body: EmbeddingsBody, found: Embeddings) -> bytes:
    length = len(found.vectors[0]) if found.vectors else 0
    if body.dimensions is not None and body.dimensions > length:
        raise BadRequest(
            f"dimensions is {body.dimensions}, but the vectors of {body.model} have {length}", "dimensions"
        )
    packed = body.encoding_format.lower() == "base64"
    data = [
        Vector("embedding", index, _base64(vector) if packed else vector)
        for index, vector in enumerate(found.vectors)
    ]
    tokens = found.usage.prompt_tokens
    spent = UsageWire(tokens, tokens)
    return msgspec.json.encode(EmbeddingsReply("list", data, body.model, spent, found.truncated))


def _base64(vector: Sequence[float]) -> str:
    """32-bit floats, the least significant byte first, in base64."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode("ascii")


def routes(services: Services) -> list[Route]:
    """The routes of this module."""
    return [Route("/v1/embeddings", partial(embeddings, services), methods=["POST"])]

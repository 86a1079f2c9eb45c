"""`POST /api/tokenize` and `POST /api/detokenize`: Hearth's own, in the manner of Ollama's routes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hearth.messages import Piece
from hearth.server.body import decode_json, read_body
from hearth.server.errors import json_reply
from hearth.server.ollama import decode
from hearth.server.ollama.wire import DetokenizeBody, TokenizeBody
from hearth.server.services import Services


class PieceWire(Struct):
    """A token's own text. A character may be spread over several tokens; `bytes` then has the parts."""

    id: int
    text: str
    bytes: list[int]


class TokenizeReply(Struct, omit_defaults=True, kw_only=True):
    model: str
    tokens: list[int]
    count: int
    pieces: list[PieceWire] | None = None


class DetokenizeReply(Struct):
    model: str
    text: str


async def tokenize(services: Services, request: Request) -> Response:
    """The tokens of a text; with `pieces` also what each of them stands for."""
    body = decode_json(await read_body(request, services.max_body), TokenizeBody)
    found = await services.inference.tokenize(decode.tokenize_request(body))
    reply = TokenizeReply(
        model=body.model,
        tokens=[piece.token for piece in found],
        count=len(found),
        pieces=_pieces(found) if body.pieces else None,
    )
    return json_reply(msgspec.json.encode(reply))


async def detokenize(services: Services, request: Request) -> Response:
    """The text of token numbers."""
    body = decode_json(await read_body(request, services.max_body), DetokenizeBody)
    text = await services.inference.detokenize(decode.detokenize_request(body))
    return json_reply(msgspec.json.encode(DetokenizeReply(body.model, text)))


def _pieces(found: Sequence[Piece]) -> list[PieceWire]:
    return [
        PieceWire(piece.token, piece.data.decode("utf-8", "replace"), list(piece.data)) for piece in found
    ]


def routes(services: Services) -> list[Route]:
    """The routes of this module."""
    return [
        Route("/api/tokenize", partial(tokenize, services), methods=["POST"]),
        Route("/api/detokenize", partial(detokenize, services), methods=["POST"]),
    ]

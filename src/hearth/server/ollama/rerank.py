"""`POST /api/rerank`: Hearth's own, in the manner of Ollama's routes."""

from __future__ import annotations

from functools import partial

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hearth.server.body import decode_json, read_body
from hearth.server.errors import json_reply
from hearth.server.ollama import decode
from hearth.server.ollama.wire import RerankBody
from hearth.server.services import Services


class RankedWire(Struct, omit_defaults=True):
    index: int
    relevance_score: float
    document: str | None = None


class RerankReply(Struct, omit_defaults=True, kw_only=True):
    """The best document first. `truncated_documents`: how many were cut to fit the context."""

    model: str
    results: list[RankedWire]
    total_duration: int = 0
    load_duration: int = 0
    prompt_eval_count: int = 0
    truncated_documents: int = 0


async def rerank(services: Services, request: Request) -> Response:
    """Order documents by how well they answer a query."""
    body = decode_json(await read_body(request, services.max_body), RerankBody)
    found = await services.inference.rerank(decode.rerank_request(body))
    shown = body.documents if body.return_documents else None
    reply = RerankReply(
        model=body.model,
        results=[
            RankedWire(item.index, item.score, shown[item.index] if shown else None) for item in found.results
        ],
        total_duration=found.usage.total_ns,
        load_duration=found.usage.load_ns,
        prompt_eval_count=found.usage.prompt_tokens,
        truncated_documents=found.truncated,
    )
    return json_reply(msgspec.json.encode(reply))


def routes(services: Services) -> list[Route]:
    """The routes of this module."""
    return [Route("/api/rerank", partial(rerank, services), methods=["POST"])]

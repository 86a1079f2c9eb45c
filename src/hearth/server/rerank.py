"""`POST /v1/rerank`, `/v2/rerank` and `/rerank`: the shapes that clients of Jina and of Cohere know.

One reply serves both: Jina's clients read `usage`, Cohere's `id` and `meta`, and the rest is the same. What
is too long is refused, except on `/v2/rerank`, whose published form cuts documents; the reply says so.
"""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hearth.errors import BadRequest, HearthError
from hearth.messages import Ranked, Ranking, RerankRequest
from hearth.server.body import decode_json, read_body
from hearth.server.errors import json_reply, known
from hearth.server.openai.errors import error_body
from hearth.server.services import Services
from hearth.server.values import keep_alive


class RerankBody(Struct):
    """A document is a text or an object with a `text`; the last four are Hearth's own."""

    model: str = ""
    query: str = ""
    documents: list[Any] = []
    top_n: int | None = None
    return_documents: bool = False
    max_tokens_per_doc: int | None = None
    truncate: bool | None = None
    raw_scores: bool = False
    keep_alive: Any = None
    options: dict[str, Any] = {}


class DocumentWire(Struct):
    text: str


class ResultWire(Struct):
    index: int
    relevance_score: float
    document: DocumentWire | UnsetType = UNSET


class UsageWire(Struct):
    prompt_tokens: int
    total_tokens: int


class VersionWire(Struct):
    version: str


class UnitsWire(Struct):
    search_units: int


class TokensWire(Struct):
    input_tokens: int


class MetaWire(Struct):
    api_version: VersionWire
    billed_units: UnitsWire
    tokens: TokensWire
    warnings: list[str] | UnsetType = UNSET


class RerankReply(Struct):
    """Beside the published fields, `truncated_documents`: how many were cut to fit."""

    id: str
    object: str
    model: str
    results: list[ResultWire]
    usage: UsageWire
    meta: MetaWire
    truncated_documents: int | UnsetType = UNSET


async def rerank(services: Services, version: str, request: Request) -> Response:
    """Order documents by how well they answer a query, as Jina and Cohere do."""
    try:
        body = decode_json(await read_body(request, services.max_body), RerankBody)
        texts = documents(body.documents)
        found = await services.inference.rerank(rerank_request(body, texts, cuts=version == "2"))
        return json_reply(msgspec.json.encode(_reply(body, texts, found, version)))
    except HearthError as error:
        shown = known(error)
        return json_reply(error_body(shown, "documents"), shown.status)


def rerank_request(body: RerankBody, texts: tuple[str, ...], *, cuts: bool) -> RerankRequest:
    """What was asked; `cuts` says whether documents are cut where the request does not say.

    Raises:
        BadRequest: no model or query, or a field that cannot be used.
    """
    for name, given in (("model", body.model), ("query", body.query)):
        if not given:
            raise BadRequest(f"{name} is required", name)
    if body.max_tokens_per_doc is not None and body.max_tokens_per_doc < 1:
        raise BadRequest("max_tokens_per_doc must be at least 1", "max_tokens_per_doc")
    return RerankRequest(
        model=body.model,
        query=body.query,
        documents=texts,
        top_n=body.top_n,
        truncate=cuts if body.truncate is None else body.truncate,
        document_tokens=body.max_tokens_per_doc,
        normalise=not body.raw_scores,
        keep_alive=keep_alive(body.keep_alive),
        options=body.options,
    )


def documents(values: list[Any]) -> tuple[str, ...]:
    """The texts of documents, each of which is a text or an object with a text in `text`.

    Raises:
        BadRequest: anything else.
    """
    return tuple(_text(value, index) for index, value in enumerate(values))


def _text(value: Any, index: int) -> str:
    text = value.get("text") if isinstance(value, dict) else value
    if not isinstance(text, str):
        raise BadRequest(
            f'documents[{index}] must be a text, or an object with a text in "text"', "documents"
        )
    return text


def _reply(body: RerankBody, texts: tuple[str, ...], found: Ranking, version: str) -> RerankReply:
    tokens = found.usage.prompt_tokens
    cut = found.truncated
    return RerankReply(
        id=f"rerank-{secrets.token_hex(12)}",
        object="list",
        model=body.model,
        results=[_result(item, texts if body.return_documents else None) for item in found.results],
        usage=UsageWire(tokens, tokens),
        meta=MetaWire(
            api_version=VersionWire(version),
            billed_units=UnitsWire(1),
            tokens=TokensWire(tokens),
            warnings=[f"the end of {cut} document(s) was cut"] if cut else UNSET,
        ),
        truncated_documents=cut or UNSET,
    )


def _result(item: Ranked, texts: tuple[str, ...] | None) -> ResultWire:
    document = UNSET if texts is None else DocumentWire(texts[item.index])
    return ResultWire(item.index, item.score, document)


def routes(services: Services) -> list[Route]:
    """The routes of this module."""
    paths = {"/v1/rerank": "1", "/v2/rerank": "2", "/rerank": "1"}
    return [
        Route(path, partial(rerank, services, version), methods=["POST"]) for path, version in paths.items()
    ]

"""`GET` and `DELETE /v1/responses/{id}`, and `GET /v1/responses/{id}/input_items`."""

from __future__ import annotations

from typing import Final

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from hearth.errors import BadRequest
from hearth.server.errors import json_reply
from hearth.server.openai.errors import Refused
from hearth.server.responses.errors import ResponseNotFound
from hearth.server.responses.shelf import Kept, Shelf
from hearth.server.responses.wire import Item
from hearth.server.values import shown

_PAGE: Final = 20
_LARGEST_PAGE: Final = 100


async def retrieve(shelf: Shelf, request: Request) -> Response:
    """A stored response."""
    if request.query_params.get("stream") == "true":
        raise Refused("stream is not supported here: a stored response is complete", "stream")
    return json_reply(msgspec.json.encode((await _found(shelf, request)).reply))


async def delete(shelf: Shelf, request: Request) -> Response:
    """Delete a stored response."""
    key = request.path_params["id"]
    if not await shelf.delete(key):
        raise ResponseNotFound(key)
    return json_reply(msgspec.json.encode({"id": key, "object": "response", "deleted": True}))


async def input_items(shelf: Shelf, request: Request) -> Response:
    """The items of a stored response's input, the last first."""
    kept = await _found(shelf, request)
    page, more = listed(kept.items, request.query_params)
    body = {
        "object": "list",
        "data": page,
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
        "has_more": more,
    }
    return json_reply(msgspec.json.encode(body))


async def _found(shelf: Shelf, request: Request) -> Kept:
    key = request.path_params["id"]
    kept = await shelf.get(key)
    if kept is None:
        raise ResponseNotFound(key)
    return kept


def listed(items: list[Item], query: QueryParams) -> tuple[list[Item], bool]:
    """A page of items, and whether more follow; `order`, `limit` and `after` (an id) say which.

    Raises:
        BadRequest: one of them cannot be used; `field` names it.
    """
    order, limit, after = query.get("order", "desc"), query.get("limit", str(_PAGE)), query.get("after")
    if order not in {"asc", "desc"}:
        raise BadRequest('order must be "asc" or "desc"', "order")
    if not (limit.isascii() and limit.isdigit() and len(limit) <= 3 and 1 <= int(limit) <= _LARGEST_PAGE):
        raise BadRequest(f"limit must be between 1 and {_LARGEST_PAGE}", "limit")
    ordered = items if order == "asc" else items[::-1]
    begin = _after(ordered, after) if after is not None else 0
    end = begin + int(limit)
    return ordered[begin:end], end < len(ordered)


def _after(items: list[Item], key: str) -> int:
    for index, item in enumerate(items):
        if item["id"] == key:
            return index + 1
    raise BadRequest(f"after is {shown(key)}, which is no item of this response", "after")

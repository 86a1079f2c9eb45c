"""How a failure reaches the client: its own status and text, and for a surprise only a hint at the log.

Errors that were raised on purpose say what to do next and hold no path of the server. Anything else is a
defect: the log gets the traceback and the client a general text.
"""

from __future__ import annotations

import logging

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hearth.errors import HearthError, NotFound, RequestCancelled
from hearth.server.forms import form_of
from hearth.server.values import shown

JSON_TYPE = "application/json; charset=utf-8"
_OURS = frozenset({500, 507})
"""Statuses that tell of trouble on this side and belong in the log."""
logger = logging.getLogger(__name__)


def known(error: Exception) -> HearthError:
    """The error to show for any exception; an unexpected one is logged with its traceback."""
    if isinstance(error, HearthError):
        if error.status in _OURS:
            logger.error("%s: %s", type(error).__name__, error.message)
        return error
    if isinstance(error, ClientDisconnect):
        return RequestCancelled()
    logger.error("unexpected error while a request was served", exc_info=error)
    return HearthError("internal server error; the log of the server has the details")


def error_body(error: HearthError) -> bytes:
    """Ollama's form: `{"error": message}`."""
    return msgspec.json.encode({"error": error.message})


def json_reply(body: bytes, status: int = 200) -> Response:
    """A response of encoded JSON."""
    return Response(body, status, media_type=JSON_TYPE)


def error_reply(error: HearthError, path: str) -> Response:
    """The error with its status, in the form that clients of the path expect."""
    form = form_of(path) or error_body
    return json_reply(form(error), error.status)


class NoSuchMethod(HearthError):
    """A method that the path does not have."""

    status = 405


async def no_such_path(request: Request, _: Exception) -> Response:
    """The reply to an unknown path; Ollama's own is a line of text."""
    path = request.url.path
    if form_of(path) is None:
        return PlainTextResponse("404 page not found", 404)
    return error_reply(NotFound(f"unknown path {shown(path)}"), path)


async def no_such_method(request: Request, error: Exception) -> Response:
    """The reply to a method that a path does not have; the header `Allow` names those it has."""
    headers = error.headers if isinstance(error, HTTPException) else None
    path = request.url.path
    if form_of(path) is None:
        return PlainTextResponse("405 method not allowed", 405, headers=headers)
    allowed = (headers or {}).get("Allow", "another one")
    reply = error_reply(NoSuchMethod(f"{shown(path)} has no method {request.method}; use {allowed}"), path)
    reply.headers.update(headers or {})
    return reply


class ErrorReplies:
    """Middleware: what a handler raises before its response has begun becomes a JSON reply."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def tell(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, tell)
        except Exception as error:  # noqa: BLE001 - the last place before the client
            told = known(error)
            if not started and scope["type"] == "http":
                await error_reply(told, scope["path"])(scope, receive, send)

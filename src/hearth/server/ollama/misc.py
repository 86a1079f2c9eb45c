"""The routes that say that a server is here and which, and those that a later version brings."""

from __future__ import annotations

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from hearth import OLLAMA_API_VERSION, __version__
from hearth.errors import NotImplementedYet
from hearth.server.errors import json_reply


class VersionReply(Struct):
    version: str
    hearth: str


class Cloud(Struct):
    disabled: bool
    source: str


class CloudReply(Struct):
    cloud: Cloud


async def alive(_: Request) -> Response:
    """The text by which clients recognise a server."""
    return PlainTextResponse("Ollama is running")


async def version(_: Request) -> Response:
    """The version of the API, which clients compare, and that of this program."""
    return json_reply(msgspec.json.encode(VersionReply(OLLAMA_API_VERSION, __version__)))


async def status(_: Request) -> Response:
    """There is no cloud behind this server."""
    return json_reply(msgspec.json.encode(CloudReply(Cloud(disabled=True, source="config"))))


async def not_yet(request: Request) -> Response:
    """A route of Ollama's that this version does not have."""
    what = request.url.path.rsplit("/", 1)[-1]
    raise NotImplementedYet(
        f"{what} is not available in this version of Hearth: it has no registry client yet. "
        "Make a model from a GGUF file instead: hearth create NAME -f Modelfile"
    )


def routes() -> list[Route]:
    """The routes of this module."""
    return [
        Route("/", alive, methods=["GET"]),
        Route("/api/version", version, methods=["GET"]),
        Route("/api/status", status, methods=["GET"]),
        Route("/api/pull", not_yet, methods=["POST"]),
        Route("/api/push", not_yet, methods=["POST"]),
    ]

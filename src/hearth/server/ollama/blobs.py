"""`/api/blobs/{digest}`: where a client puts the files of a model before it creates the model.

The body is written as it comes, a few megabytes at a time; it never lies in memory. If the client goes, or
the bytes do not hash to the digest, nothing stays.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hearth.errors import BlobNotFound
from hearth.library import BlobWriter, Library
from hearth.names import Digest
from hearth.server.services import Services
from hearth.server.threads import in_thread

_PIECE: Final = 4 << 20
"""Bytes written at once: large enough that going to a thread costs nothing beside it."""


async def has_blob(services: Services, request: Request) -> Response:
    """200 if the blob is here, else 404."""
    digest = Digest.parse(request.path_params["digest"])
    if not await in_thread(services.library.has_blob, digest):
        raise BlobNotFound(str(digest))
    return Response()


async def put_blob(services: Services, request: Request) -> Response:
    """Store the body under its digest: 201 if it is new, 200 if it was here."""
    digest = Digest.parse(request.path_params["digest"])
    if await in_thread(services.library.has_blob, digest):
        return Response()
    await _store(services.library, digest, request)
    return Response(status_code=201)


async def _store(library: Library, digest: Digest, request: Request) -> None:
    announced = request.headers.get("content-length", "")
    size = int(announced) if announced.isdecimal() else None
    writer = library.blob_writer(digest, size=size)
    try:
        await in_thread(writer.__enter__)
        await _copy(request, writer)
        await in_thread(writer.commit)
    finally:
        await in_thread(writer.__exit__, None, None, None)


async def _copy(request: Request, writer: BlobWriter) -> None:
    waiting = bytearray()
    async for part in request.stream():
        waiting += part
        if len(waiting) >= _PIECE:
            await in_thread(writer.write, bytes(waiting))
            waiting.clear()
    if waiting:
        await in_thread(writer.write, bytes(waiting))


def routes(services: Services) -> list[Route]:
    """The routes of this module."""
    path = "/api/blobs/{digest}"
    return [
        Route(path, partial(has_blob, services), methods=["HEAD"]),
        Route(path, partial(put_blob, services), methods=["POST"]),
    ]

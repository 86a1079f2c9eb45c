"""The one way from a request to its reply, whatever the dialect.

An error before the first event has its own status and a JSON body. Once a stream has begun the status is
sent, so a later error is the stream's last word.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Generic, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hearth.messages import Finished, Rendered
from hearth.server.body import read_body
from hearth.server.contract import Dialect
from hearth.server.disconnect import closing
from hearth.server.errors import json_reply, known

A = TypeVar("A")
E = TypeVar("E")


async def answer(
    request: Request, limit: int, dialect: Dialect[A, E], run: Callable[[A], AsyncIterator[E]]
) -> Response:
    """Decode the body (of at most `limit` bytes), run it, and reply in the way the client asked for."""
    try:
        events = run(dialect.decode(await read_body(request, limit)))
        first = await anext(events)
        if dialect.streaming and not _single(first):
            return EventStream(dialect, first, events)
        async with closing(events):
            return json_reply(dialect.encode_whole([first, *[event async for event in events]]))
    except Exception as error:  # noqa: BLE001 - the dialect shows every error in its own form
        shown = known(error)
        return json_reply(dialect.encode_error(shown, streaming=False), shown.status)


def _single(event: object) -> bool:
    """A load, an unload and a rendered prompt are one fact, not a stream of pieces."""
    return isinstance(event, Rendered) or (isinstance(event, Finished) and event.reason in {"load", "unload"})


class EventStream(Response, Generic[E]):
    """A response that sends each event as it comes; the event stream is closed with it."""

    def __init__(self, dialect: Dialect[A, E], first: E, rest: AsyncIterator[E]) -> None:
        super().__init__(media_type=dialect.media_type)
        # The length of a stream is not known when it begins.
        del self.headers["content-length"]
        self._dialect = dialect
        self._first = first
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def write(data: bytes) -> None:
            if data:
                await send({"type": "http.response.body", "body": data, "more_body": True})

        async with closing(self._rest):
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            try:
                await write(self._dialect.encode(self._first))
                async for event in self._rest:
                    await write(self._dialect.encode(event))
            except Exception as error:  # noqa: BLE001 - the status is sent; this is all that can still be said
                await write(self._dialect.encode_error(known(error), streaming=True))
        await send({"type": "http.response.body", "body": b"", "more_body": False})

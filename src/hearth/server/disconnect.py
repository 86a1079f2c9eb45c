"""Work ends when its client goes.

A server tells the application that the client went only to whoever waits for the next message of the
connection, and a handler that computes waits for none. So one watcher stands beside every request: once
the body is read it waits for that message, and when it comes before the response is complete the handler's
task is cancelled, wherever it stands: in the queue, while a model loads, between two tokens.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

T = TypeVar("T")
logger = logging.getLogger(__name__)


class CancelWhenGone:
    """Middleware: cancels the handling of a request whose client has gone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        if scope["type"] != "http" or task is None:
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(receive, send)
        watcher = asyncio.create_task(exchange.watch(task.cancel))
        try:
            await self.app(scope, exchange.receive, exchange.send)
        except asyncio.CancelledError:
            # Someone else may have cancelled the task as well; that cancellation is not ours to swallow.
            if not exchange.gone or task.uncancel() > 0:
                raise
            logger.info("the client of %s %r went away", scope["method"], scope["path"])
        finally:
            watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watcher


class _Exchange:
    """One request and its response, as far as the watcher must know it."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._body_read = asyncio.Event()
        self._answered = False
        self.gone = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            self._body_read.set()
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            # From here on the server reports a client that has gone, whether it has or not.
            self._answered = True
        await self._send(message)

    async def watch(self, cancel: Callable[[], object]) -> None:
        await self._body_read.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass
        if not self._answered:
            self.gone = True
            cancel()


@contextlib.asynccontextmanager
async def closing(events: AsyncIterator[T]) -> AsyncIterator[AsyncIterator[T]]:
    """A stream that is closed as soon as the block ends, however it ends."""
    try:
        yield events
    finally:
        close = getattr(events, "aclose", None)
        if close is not None:
            await close()

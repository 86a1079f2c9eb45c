"""The HTTP server under the app: uvicorn, with bounds where it has none.

Its httptools protocol takes a request head of any length and waits for it for ever; here a head is bounded in
bytes and in time. And where uvicorn dies of the signal that stopped it, this server ends in order.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD: Final = 64 << 10
"""Bytes of a request line and its headers."""
HEAD_TIMEOUT: Final = 60.0
"""Seconds for a request head to arrive, counted from its first byte or from the connection."""
_GRACE: Final = 5
"""Seconds that running answers get to end when the server is stopped."""
_IDLE: Final = 75
"""Seconds that an idle connection stays open."""
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)

logger = logging.getLogger(__name__)


class BoundedProtocol(HttpToolsProtocol):
    """One connection; a head that is too long or too slow ends it."""

    _head_bytes = 0
    _head_open = False
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        open_before = self._head_open
        super().data_received(data)
        if not (open_before and self._head_open) or self.transport.is_closing():
            return
        self._head_bytes += len(data)
        if self._head_bytes > MAX_HEAD:
            self.send_400_response(f"The request head is longer than {MAX_HEAD} bytes.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_open, self._head_bytes = True, 0
        self._arm()

    def on_headers_complete(self) -> None:
        self._head_open = False
        self._disarm()
        super().on_headers_complete()

    def _arm(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_TIMEOUT, self.timeout_keep_alive_handler)

    def _disarm(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


def settings(app: ASGIApp) -> uvicorn.Config:
    """How uvicorn runs the app."""
    return uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=_GRACE,
    )


class Server(uvicorn.Server):
    """Calls `up` once it accepts connections; after a signal it gives control back instead of dying of it."""

    def __init__(self, app: ASGIApp, up: Callable[[], None]) -> None:
        super().__init__(settings(app))
        self._up = up

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._up()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        previous = {number: signal.signal(number, self.handle_exit) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

"""One line in the log for each request: who, what, the status and how long it took."""

from __future__ import annotations

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)
_NOT_ANSWERED = 499


class AccessLog:
    """Middleware: logs every request when it is over; a client that went before the status counts as 499."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = _NOT_ANSWERED
        begun = time.monotonic()

        async def tell(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, tell)
        finally:
            client = (scope.get("client") or ("-",))[0]
            # %r keeps a path with line breaks from forging a line of the log.
            logger.info(
                "%d %s %r %.3fs %s",
                status,
                scope["method"],
                scope["path"],
                time.monotonic() - begun,
                client,
            )

"""Turns away what a hostile web page could send, before anything else looks at the request."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hearth.errors import HearthError
from hearth.server.errors import error_reply
from hearth.server.hosts import HostRules
from hearth.server.origins import OriginRules

logger = logging.getLogger(__name__)


class Forbidden(HearthError):
    """A Host or Origin header that is not answered."""

    status = 403


class Guard:
    """Middleware: answers known hosts and origins only, and preflights itself."""

    def __init__(self, app: ASGIApp, hosts: HostRules, origins: OriginRules) -> None:
        self.app = app
        self._hosts = hosts
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            host = self._host(headers, scope)
            origin = self._origin(headers, host)
        except Forbidden as error:
            logger.warning("refused %s: %s", scope["method"], error.message)
            await error_reply(error, scope["path"])(scope, receive, send)
            return
        if scope["method"] == "OPTIONS":
            await self._preflight(headers, origin)(scope, receive, send)
        elif origin is None:
            await self.app(scope, receive, send)
        else:
            await self.app(scope, receive, _adding(send, self._origins.headers(origin)))

    def _host(self, headers: Headers, scope: Scope) -> str:
        hosts = headers.getlist("host")
        if len(hosts) != 1:
            found = "no Host header" if not hosts else f"{len(hosts)} Host headers"
            raise Forbidden(f"the request has {found}; exactly one is expected")
        own = (scope.get("server") or ("", None))[0]
        if not self._hosts.allow(hosts[0], own):
            raise Forbidden(
                f"host {_shown(hosts[0])} is not allowed; "
                "to answer to another name, set HEARTH_HOSTS on the server to it"
            )
        return hosts[0]

    def _origin(self, headers: Headers, host: str) -> str | None:
        origins = headers.getlist("origin")
        if not origins:
            return None
        if len(origins) > 1 or not self._origins.allow(origins[0], host):
            raise Forbidden(
                f"origin {_shown(', '.join(origins))} is not allowed; "
                "to let a web page use this server, add its origin to OLLAMA_ORIGINS on the server"
            )
        return origins[0]

    def _preflight(self, headers: Headers, origin: str | None) -> Response:
        if origin is None:
            return Response(status_code=204)
        wanted = headers.get("access-control-request-headers", "")
        return Response(status_code=204, headers=self._origins.preflight(origin, wanted))


def _shown(text: str) -> str:
    return repr(text if len(text) <= 100 else text[:97] + "...")


def _adding(send: Send, extra: Mapping[str, str]) -> Send:
    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(extra)
        await send(message)

    return tell

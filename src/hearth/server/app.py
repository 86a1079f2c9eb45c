"""The ASGI application: routes, and what stands between them and the network."""

from __future__ import annotations

import platform
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from hearth.address import Address
from hearth.config import Config
from hearth.library import Library
from hearth.server.access import AccessLog
from hearth.server.anthropic.routes import routes as anthropic_routes
from hearth.server.disconnect import CancelWhenGone
from hearth.server.errors import ErrorReplies, no_such_method, no_such_path
from hearth.server.guard import Guard
from hearth.server.hosts import HostRules
from hearth.server.ollama.routes import routes as ollama_routes
from hearth.server.openai.routes import routes as openai_routes
from hearth.server.openapi import routes as openapi_routes
from hearth.server.origins import OriginRules
from hearth.server.rerank import routes as rerank_routes
from hearth.server.responses.routes import routes as responses_routes
from hearth.server.services import Road, Services
from hearth.settings import HOST, HOSTS, ORIGINS

_WORKERS: Final = 4
"""Models created at once; more wait."""


def all_routes(services: Services) -> list[Route]:
    """The routes of every dialect; the handlers keep `services`."""
    return [
        *ollama_routes(services),
        *openai_routes(services),
        *responses_routes(services),
        *anthropic_routes(services),
        *rerank_routes(services),
        *openapi_routes(),
    ]


def build_app(inference: Road, library: Library, config: Config) -> Starlette:
    """The application of one daemon; its lifespan ends with closing `inference`.

    Raises:
        ConfigError: an entry of OLLAMA_ORIGINS that is no origin.
    """
    workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="work")
    services = Services(inference, library, config, workers)
    hosts = HostRules.of(Address.parse(config.get(HOST)), platform.node(), config.get(HOSTS))
    origins = OriginRules.of(config.get(ORIGINS))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await inference.close()
            workers.shutdown(wait=False, cancel_futures=True)

    return Starlette(
        routes=all_routes(services),
        middleware=[
            Middleware(AccessLog),
            Middleware(Guard, hosts=hosts, origins=origins),
            Middleware(CancelWhenGone),
            Middleware(ErrorReplies),
        ],
        exception_handlers={404: no_such_path, 405: no_such_method},
        lifespan=lifespan,
    )

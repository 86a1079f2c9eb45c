"""`serve`: one daemon from its settings to its end."""

from __future__ import annotations

import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from typing import Final

import uvicorn

from hearth import __version__
from hearth.address import Address
from hearth.config import Config
from hearth.errors import HearthError
from hearth.library import Library
from hearth.server.app import build_app
from hearth.server.sockets import listen
from hearth.server.wiring import build_inference
from hearth.settings import DEBUG, HOST, NOPRUNE

logger = logging.getLogger(__name__)

_GRACE: Final = 5
"""Seconds that running answers get to end when the server is stopped."""
_IDLE: Final = 75
"""Seconds that an idle connection stays open."""
_TRACE: Final = 5


def serve(config: Config) -> int:
    """Serve until SIGTERM or SIGINT; gives 0, or 1 if it could not start, which stderr explains."""
    _log_to_stderr(config.get(DEBUG))
    address = Address.parse(config.get(HOST))
    try:
        with contextlib.closing(listen(address)) as listener:
            _run(config, address, listener)
    except HearthError as error:
        sys.stderr.write(f"Error: {error.message}\n")
        return 1
    return 0


def _run(config: Config, address: Address, listener: socket.socket) -> None:
    with Library(config.models, prune=not config.get(NOPRUNE)) as library:
        app = build_app(build_inference(library, config), library, config)
        settings = uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_IDLE,
            timeout_graceful_shutdown=_GRACE,
        )
        _warn_if_public(address)
        _Server(settings, address).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says where it listens, and ends in order on a signal instead of dying of it afterwards."""

    def __init__(self, config: uvicorn.Config, address: Address) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or []:
            host, port = listener.getsockname()[:2]
            where = Address(self._address.scheme, host, port).authority
            logger.info("Listening on %s (version %s)", where, __version__)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        previous = {number: signal.signal(number, self.handle_exit) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)


_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def _warn_if_public(address: Address) -> None:
    if not address.loopback:
        logger.warning(
            "LISTENING BEYOND THIS MACHINE on %s: there is no password, so everyone who can reach this "
            "address can run, create and delete models. Set OLLAMA_HOST=127.0.0.1 to serve this machine only",
            address.authority,
        )


def _log_to_stderr(level: str) -> None:
    logging.addLevelName(_TRACE, "TRACE")
    number = _TRACE if level == "trace" else logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(
        level=number, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # The server below logs its own life at the level that ours has for what users ask about.
    logging.getLogger("uvicorn").setLevel(max(number, logging.WARNING))

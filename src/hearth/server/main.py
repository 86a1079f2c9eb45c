"""`serve`: one daemon from its settings to its end."""

from __future__ import annotations

import contextlib
import logging
import socket
import sys
from functools import partial
from typing import Final

from hearth import __version__
from hearth.address import Address
from hearth.config import Config
from hearth.errors import HearthError
from hearth.library import Library
from hearth.server.app import build_app
from hearth.server.httpd import Server
from hearth.server.sockets import listen
from hearth.server.wiring import build_inference
from hearth.settings import DEBUG, HOST, NOPRUNE

logger = logging.getLogger(__name__)
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
        _warn_if_public(address)
        Server(app, partial(_announce, address, listener)).run(sockets=[listener])


def _announce(address: Address, listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    where = Address(address.scheme, host, port).authority
    logger.info("Listening on %s (version %s)", where, __version__)


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
    # The HTTP server logs its own life at the level that is used here for what users ask about.
    logging.getLogger("uvicorn").setLevel(max(number, logging.WARNING))

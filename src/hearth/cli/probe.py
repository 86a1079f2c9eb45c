"""Asks a server for its version over a bare socket: `--version` must be quick, and `http.client` is not."""

from __future__ import annotations

import json
import socket
import time
from typing import Any, Final

from hearth.address import Address

_LARGEST: Final = 1 << 16


def server_version(address: Address, wait: float) -> dict[str, Any] | None:
    """What /api/version answers within `wait` seconds, or None where no server does."""
    try:
        reply = _ask(address, time.monotonic() + wait)
        head, _, body = reply.partition(b"\r\n\r\n")
        answer = json.loads(body) if head.split(maxsplit=2)[1] == b"200" else None
    except (OSError, ValueError, IndexError):
        return None
    return answer if isinstance(answer, dict) else None


def _ask(address: Address, deadline: float) -> bytes:
    """The whole reply. HTTP/1.0 keeps the server from sending it in chunks or waiting for more."""
    with socket.create_connection((address.host, address.port), _left(deadline)) as connection:
        request = f"GET {address.path}/api/version HTTP/1.0\r\nHost: {address.authority}\r\n\r\n"
        connection.sendall(request.encode())
        reply = b""
        while len(reply) < _LARGEST:
            connection.settimeout(_left(deadline))
            piece = connection.recv(_LARGEST)
            if not piece:
                break
            reply += piece
        return reply


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left

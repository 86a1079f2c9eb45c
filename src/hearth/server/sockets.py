"""The listening socket, bound before anything else is started so that a busy port costs nothing."""

from __future__ import annotations

import errno
import socket

from hearth.address import Address
from hearth.errors import Conflict, HearthError

_BACKLOG = 2048


def listen(address: Address) -> socket.socket:
    """A listening socket at the address; port 0 takes any free one.

    Raises:
        Conflict: the port is in use.
        HearthError: the address is not this machine's, or may not be bound.
    """
    try:
        family, kind, protocol, _, where = _resolve(address)
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _failure(address, error) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            # As in Go, [::] means every interface in both versions of the protocol.
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(address.host != "::"))
        listener.bind(where)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise _failure(address, error) from error
    return listener


def _resolve(
    address: Address,
) -> tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]:
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    # A name such as localhost often has both; IPv4 is what clients try to reach.
    return min(found, key=lambda entry: entry[0] != socket.AF_INET)


def _failure(address: Address, error: OSError) -> HearthError:
    if error.errno == errno.EADDRINUSE:
        return Conflict(
            f"listen tcp {address.authority}: bind: address already in use; "
            "another server runs there: stop it, or set OLLAMA_HOST to another address"
        )
    reason = (error.strerror or str(error)).lower()
    return HearthError(f"listen tcp {address.authority}: bind: {reason}; check OLLAMA_HOST")

"""Which Host headers the server answers to.

A page on any site can make its own name resolve to 127.0.0.1 and then talk to a local server as its own
origin (DNS rebinding). The browser still sends that name in the Host header, so only names that nobody else
can own are answered, on every bind. An address cannot be rebound; it is checked only where the server
listens on loopback, where a foreign one has no honest use.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from hearth.address import Address

_AUTHORITY: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_.-]+))(?::([0-9]{1,5}))?")
_LOCAL_SUFFIXES: Final = (".localhost", ".local", ".internal")
IP = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class HostRules:
    """The hosts to answer to: `names` in lower case, `public` if the server listens beyond loopback."""

    names: frozenset[str]
    public: bool

    @classmethod
    def of(cls, address: Address, machine: str, extra: tuple[str, ...]) -> HostRules:
        """The rules for a listening address, the machine's own name and the names from the settings."""
        names = {"localhost", address.host.lower(), machine.lower(), *(name.lower() for name in extra)}
        return cls(frozenset(names - {""}), not address.loopback)

    def allow(self, host: str, own: str = "") -> bool:
        """Whether a Host header is answered; `own` is the address that the connection came in at."""
        match = _AUTHORITY.fullmatch(host)
        if match is None or int(match[3] or 0) > 65535:
            return False
        address = _address(match[1] or match[2])
        if address is not None:
            return self.public or _nearby(address) or address == _address(own)
        return match[1] is None and self._allow_name(match[2].lower())

    def _allow_name(self, name: str) -> bool:
        if name in self.names or name.endswith(_LOCAL_SUFFIXES):
            return not name.startswith(".")
        # Names of services in a container network have no dot, and none that a browser resolves publicly has.
        return self.public and re.fullmatch(r"[a-z_][a-z0-9_-]*", name) is not None


def _nearby(address: IP) -> bool:
    return address.is_loopback or address.is_private or address.is_unspecified


def _address(text: str) -> IP | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address

"""Where the daemon listens and where the command line finds it, from one text such as OLLAMA_HOST."""

from __future__ import annotations

import ipaddress
import logging
from dataclasses import dataclass
from typing import Final

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 11434
_SCHEME_PORTS: Final = {"http": 80, "https": 443}

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Address:
    """A server's address; `host` has no brackets, `path` starts with a slash or is empty."""

    scheme: str
    host: str
    port: int
    path: str = ""

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `host`, `host:port`, `:port`, `[v6]:port` or `scheme://host[:port][/path]`.

        Without a scheme the port defaults to 11434; an unusable port is warned about and replaced by the
        default, as Ollama does.
        """
        scheme, separator, rest = text.strip().strip("\"'").partition("://")
        if not separator:
            scheme, rest, default_port = "http", scheme, DEFAULT_PORT
        else:
            scheme = scheme.lower()
            default_port = _SCHEME_PORTS.get(scheme, DEFAULT_PORT)
        authority, slash, tail = rest.partition("/")
        path = (slash + tail).rstrip("/")
        host, port = _split(authority)
        host = host or ("0.0.0.0" if port else DEFAULT_HOST)  # noqa: S104 - ":port" means all interfaces
        return cls(scheme, host, _port(port, default_port), path)

    @property
    def loopback(self) -> bool:
        """Only this machine can reach the host."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def authority(self) -> str:
        """`host:port`, with brackets around an IPv6 host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def base_url(self) -> str:
        """The URL a client uses: an address that means all interfaces becomes loopback."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        return f"{self.scheme}://{Address(self.scheme, host, self.port).authority}{self.path}"


def _split(authority: str) -> tuple[str, str]:
    if authority.startswith("["):
        host, _, rest = authority[1:].partition("]")
        return host, rest.removeprefix(":")
    if authority.count(":") > 1:
        return authority, ""
    host, _, port = authority.partition(":")
    return host, port


def _port(text: str, default: int) -> int:
    if not text:
        return default
    if text.isascii() and text.isdigit() and int(text) <= 65535:
        return int(text)
    logger.warning("invalid port %r; port %d is used", text, default)
    return default

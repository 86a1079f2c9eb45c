"""Which browser origins may use the server, and what a preflight is told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from hearth.errors import ConfigError

_LOCAL: Final = re.compile(r"https?://(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(:[0-9]{1,5})?")
_APPS: Final = ("app://*", "file://*", "tauri://*", "vscode-webview://*", "vscode-file://*")
_WILD: Final = r"[A-Za-z0-9_.:\[\]-]*"
_ENTRY: Final = re.compile(r"\*|null|[a-z][a-z0-9+.-]*://[^/\s]*")
_METHODS: Final = "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS"
_HEADERS: Final = (
    "authorization", "content-type", "user-agent", "accept", "x-requested-with", "openai-beta",
)  # fmt: skip
_VENDOR_PREFIX: Final = "x-stainless-"
_MAX_AGE: Final = "43200"


@dataclass(frozen=True, slots=True)
class OriginRules:
    """The origins to answer, as patterns that must match whole; `anyone` for a plain `*`."""

    patterns: tuple[re.Pattern[str], ...]
    anyone: bool

    @classmethod
    def of(cls, entries: tuple[str, ...]) -> OriginRules:
        """The rules for the entries of OLLAMA_ORIGINS, beside the local origins and those of desktop apps.

        Raises:
            ConfigError: an entry that is no origin.
        """
        given = [re.sub(r"(?<=[^/])/$", "", entry.lower()) for entry in entries]
        for entry in given:
            if _ENTRY.fullmatch(entry) is None:
                raise ConfigError(
                    f"OLLAMA_ORIGINS has {entry!r}, which is not an origin; expected scheme://host[:port], "
                    "where * stands for any part of the host, or a single *"
                )
        patterns = [_LOCAL, *(_pattern(entry) for entry in (*_APPS, *given))]
        return cls(tuple(patterns), "*" in given)

    def allow(self, origin: str, host: str) -> bool:
        """Whether an Origin header is answered; `host` is the request's own Host header."""
        name = origin.lower()
        if self.anyone or name in {f"http://{host.lower()}", f"https://{host.lower()}"}:
            return True
        return any(pattern.fullmatch(name) for pattern in self.patterns)

    def headers(self, origin: str) -> dict[str, str]:
        """What a reply to an allowed origin carries. Credentials are never allowed."""
        if self.anyone:
            return {"access-control-allow-origin": "*"}
        return {"access-control-allow-origin": origin, "vary": "Origin"}

    def preflight(self, origin: str, wanted: str) -> dict[str, str]:
        """What the reply to a preflight carries; `wanted` is its Access-Control-Request-Headers."""
        asked = [header.strip().lower() for header in wanted.split(",")]
        vendor = [h for h in asked if re.fullmatch(_VENDOR_PREFIX + "[a-z-]{1,40}", h)]
        return {
            **self.headers(origin),
            "access-control-allow-methods": _METHODS,
            "access-control-allow-headers": ", ".join((*_HEADERS, *vendor)),
            "access-control-max-age": _MAX_AGE,
        }


def _pattern(entry: str) -> re.Pattern[str]:
    return re.compile(_WILD.join(re.escape(part) for part in entry.split("*")))

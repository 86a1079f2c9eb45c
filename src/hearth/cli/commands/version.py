"""`version`: the server's version and, where that differs, this program's."""

from __future__ import annotations

import json
from typing import Any, Final

from hearth import OLLAMA_API_VERSION, __version__, settings
from hearth.address import Address
from hearth.cli.command import Call, Command, Option
from hearth.cli.failure import CommandError
from hearth.cli.probe import server_version

_NEAR: Final = 0.25
_FAR: Final = 1.0
"""Seconds that the server may take: a version is asked for by people who wait for the prompt."""


def run(call: Call) -> int:
    """Print the versions; a server that does not answer is a warning, not an error."""
    own, server = _own_version(call.program), _server_version(call)
    if call.arguments.flag("json"):
        call.console.line(json.dumps({"client": own, "server": server}, indent=2))
        return 0
    if server is None:
        call.console.line("Warning: could not connect to a running Hearth instance")
    else:
        call.console.line(f"{call.program} version is {server}")
    if server != own:
        call.console.line(f"Warning: client version is {own}")
    return 0


def _own_version(program: str) -> str:
    """Hearth's version; under the name `ollama` that of the API, which scripts compare with their needs."""
    return OLLAMA_API_VERSION if program == "ollama" else __version__


def _server_version(call: Call) -> str | None:
    """The server's version, of the same kind as our own; a server that is not Hearth has only one."""
    address = Address.parse(Address.parse(call.config.get(settings.HOST)).base_url)
    wait = _NEAR if address.loopback else _FAR
    answer = _ask_securely(address, wait) if address.scheme == "https" else server_version(address, wait)
    if answer is None:
        return None
    found = answer.get("version") if call.program == "ollama" else answer.get("hearth")
    return str(found or answer.get("version"))


def _ask_securely(address: Address, wait: float) -> dict[str, Any] | None:
    from hearth.cli.client import Client

    try:
        return Client(address.base_url, connect_timeout=wait).get("/api/version", timeout=wait)
    except CommandError:
        return None


COMMAND: Final = Command(
    name="version",
    summary="Show the version of the server and of this program",
    run=run,
    description="Show the server's version and, where it differs or no server answers, this program's.",
    options=(Option("json", 'print {"client": ..., "server": ...}; server is null where none answers'),),
    settings=(settings.HOST,),
)

"""`rm`: remove models."""

from __future__ import annotations

from typing import Final

from hearth import settings
from hearth.cli.command import Call, Command
from hearth.cli.failure import ApiError


def run(call: Call) -> int:
    """Unload and delete each model; the first error ends it."""
    for name in call.arguments.positional:
        _unload(call, name)
        call.client.delete("/api/delete", {"model": name})
        call.console.line(f"deleted '{name}'")
    return 0


def _unload(call: Call, name: str) -> None:
    try:
        call.client.post("/api/generate", {"model": name, "prompt": "", "keep_alive": 0, "stream": False})
    except ApiError as error:
        if error.status != 404:
            call.console.note(f"Warning: unable to stop model '{name}'")


COMMAND: Final = Command(
    name="rm",
    summary="Remove a model",
    run=run,
    usage="MODEL [MODEL...]",
    description="Remove models from the library, and the files that no other model uses.",
    settings=(settings.HOST,),
    minimum=1,
    maximum=None,
)

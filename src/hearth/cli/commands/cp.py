"""`cp`: give a model a second name."""

from __future__ import annotations

from typing import Final

from hearth import settings
from hearth.cli.command import Call, Command


def run(call: Call) -> int:
    """Copy the first model to the second name."""
    source, destination = call.arguments.positional
    call.client.post("/api/copy", {"source": source, "destination": destination})
    call.console.line(f"copied '{source}' to '{destination}'")
    return 0


COMMAND: Final = Command(
    name="cp",
    summary="Copy a model",
    run=run,
    usage="SOURCE DESTINATION",
    description="Give a model a second name. The files are shared, so a copy takes no room.",
    settings=(settings.HOST,),
    minimum=2,
    maximum=2,
)

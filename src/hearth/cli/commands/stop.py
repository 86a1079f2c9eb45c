"""`stop`: unload a model."""

from __future__ import annotations

from typing import Final

from hearth import settings
from hearth.cli.command import Call, Command
from hearth.cli.failure import ApiError, CommandError


def run(call: Call) -> int:
    """Unload the model; nothing is printed."""
    (name,) = call.arguments.positional
    try:
        call.client.post("/api/generate", {"model": name, "prompt": "", "keep_alive": 0, "stream": False})
    except ApiError as error:
        if error.status != 404:
            raise
        raise CommandError(f'couldn\'t find model "{name}" to stop') from error
    return 0


COMMAND: Final = Command(
    name="stop",
    summary="Stop a running model",
    run=run,
    usage="MODEL",
    description="Unload a model once it has answered what it is answering.",
    settings=(settings.HOST,),
    minimum=1,
    maximum=1,
)

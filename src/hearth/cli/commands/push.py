"""`push`: known by name, so that a tutorial's reader is told what to do instead."""

from __future__ import annotations

from typing import Final

from hearth.cli.command import Call, Command, Option
from hearth.cli.failure import CommandError


def run(call: Call) -> int:
    """Say that this comes in a later version."""
    raise CommandError(
        "'push' comes in a later version of Hearth; "
        "to pass a model on now, copy its GGUF file and the output of 'hearth show --modelfile MODEL'"
    )


COMMAND: Final = Command(
    name="push",
    summary="Push a model to a registry (in a later version)",
    run=run,
    usage="MODEL",
    description="Push a model to a registry. A later version brings this.",
    options=(Option("insecure", "use an insecure registry"),),
    minimum=1,
    maximum=1,
)

"""`pull`: known by name, so that a tutorial's reader is told what to do instead."""

from __future__ import annotations

from typing import Final

from hearth.cli.command import Call, Command, Option
from hearth.cli.failure import CommandError


def run(call: Call) -> int:
    """Say that this comes in a later version."""
    raise CommandError(
        "'pull' comes in a later version of Hearth; "
        "to get a model now, download its GGUF file, write a Modelfile with the line FROM and the file's "
        "path, and run 'hearth create MODEL -f Modelfile'"
    )


COMMAND: Final = Command(
    name="pull",
    summary="Pull a model from a registry (in a later version)",
    run=run,
    usage="MODEL",
    description="Pull a model from a registry. A later version brings this; models come from GGUF files now.",
    options=(Option("insecure", "use an insecure registry"),),
    minimum=1,
    maximum=1,
)

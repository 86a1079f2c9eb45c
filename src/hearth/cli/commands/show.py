"""`show`: what a model is and how it is set up."""

from __future__ import annotations

import json
from typing import Final

from hearth import settings
from hearth.cli.command import Call, Command, Option
from hearth.cli.details import details
from hearth.cli.failure import CommandError
from hearth.cli.shape import text

_PARTS: Final = ("license", "modelfile", "parameters", "system", "template")
_BARE: Final = frozenset({"system", "template"})
"""Parts that are printed without a newline after them, so that a script gets the exact text."""


def run(call: Call) -> int:
    """Print everything about a model, or one part of its set-up."""
    (name,) = call.arguments.positional
    parts = [part for part in _PARTS if call.arguments.flag(part)]
    if len(parts) > 1:
        raise CommandError(
            "only one of '--license', '--modelfile', '--parameters', '--system', or '--template' "
            "can be specified"
        )
    verbose = call.arguments.flag("verbose")
    shown = call.client.post("/api/show", {"model": name, "verbose": verbose})
    if call.arguments.flag("json"):
        call.console.line(json.dumps(shown, indent=2, ensure_ascii=False))
    elif parts:
        part = text(shown.get(parts[0]))
        call.console.write(part if parts[0] in _BARE else f"{part}\n")
    else:
        call.console.line(details(shown, verbose))
    return 0


COMMAND: Final = Command(
    name="show",
    summary="Show information for a model",
    run=run,
    usage="MODEL",
    description="Show what a model is and how it is set up, or one part of its set-up as it is.",
    options=(
        Option("license", "show the licence"),
        Option("modelfile", "show the Modelfile that makes the model again"),
        Option("parameters", "show the parameters"),
        Option("template", "show the prompt template"),
        Option("system", "show the system message"),
        Option("verbose", "show all metadata and tensors too", short="v"),
        Option("json", "print what /api/show answers"),
    ),
    settings=(settings.HOST,),
    minimum=1,
    maximum=1,
)

"""`create`: make a model from a Modelfile and the files that it names."""

from __future__ import annotations

from typing import Final

from hearth import settings
from hearth.cli.command import Call, Command, Option


def run(call: Call) -> int:
    """Read the Modelfile, upload the files that the server lacks, and create the model."""
    from hearth.cli.creation import create

    (name,) = call.arguments.positional
    create(call, name, call.arguments.value("file"), call.arguments.value("quantize"))
    return 0


COMMAND: Final = Command(
    name="create",
    summary="Create a model",
    run=run,
    usage="MODEL",
    description=(
        "Make a model from a Modelfile. Files it names are looked for beside it and sent to the server,\n"
        "unless the server has them already."
    ),
    options=(
        Option("file", 'the Modelfile (default "Modelfile"); - reads it from standard input', "FILE", "f"),
        Option("quantize", "quantise the weights to this type, such as q4_K_M", "TYPE", "q"),
    ),
    settings=(settings.HOST,),
    examples=(
        ("create mine", "from ./Modelfile"),
        ("printf 'FROM ./model.gguf' | create mine -f -", "from a GGUF file, without a Modelfile"),
        ("create mine-small -f Modelfile -q q4_K_M", "with smaller weights"),
    ),
    minimum=1,
    maximum=1,
)

"""`help`: the help of the program or of one command."""

from __future__ import annotations

from typing import Final

from hearth.cli.command import Call, Command
from hearth.cli.failure import CommandError
from hearth.cli.help import command_help, overview
from hearth.cli.table import commands, find


def run(call: Call) -> int:
    """Print the help of the program, or of the command that the argument names."""
    if not call.arguments.positional:
        call.console.line(overview(commands(), call.program).rstrip("\n"))
        return 0
    (name,) = call.arguments.positional
    command = find(name)
    if command is None:
        raise CommandError(f"unknown command \"{name}\"; '{call.program} help' lists the commands")
    call.console.line(command_help(command, call.program).rstrip("\n"))
    return 0


COMMAND: Final = Command(
    name="help",
    summary="Help about any command",
    run=run,
    usage="[COMMAND]",
    description="Tell what a command does and which arguments it takes.",
    maximum=1,
)

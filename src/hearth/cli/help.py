"""The help texts, made from the commands and from the table of settings, so that they cannot drift."""

from __future__ import annotations

from collections.abc import Iterable

from hearth.cli.command import Command, Option

HELP_OPTION = Option("help", "show this help", short="h")
INTRODUCTION = "Hearth runs language models on hardware you own."


def overview(commands: Iterable[Command], program: str) -> str:
    """The help of the program as a whole."""
    rows = [(command.name, command.summary) for command in commands]
    options = (HELP_OPTION, Option("version", "show the version", short="v"))
    return "\n".join(
        [
            INTRODUCTION,
            "",
            "Usage:",
            f"  {program} COMMAND [ARGUMENT...]",
            "",
            "Commands:",
            *_columns(rows),
            "",
            "Options:",
            *_columns((option.shown, option.help) for option in options),
            "",
            f"'{program} help COMMAND' tells more about a command.",
            "",
        ]
    )


def command_help(command: Command, program: str) -> str:
    """The help of one command."""
    lines = [command.description or f"{command.summary}.", "", "Usage:"]
    lines += [f"  {usage(command, program)}", ""]
    if command.aliases:
        lines += ["Aliases:", f"  {', '.join((command.name, *command.aliases))}", ""]
    if command.examples:
        lines += ["Examples:"]
        for example, meaning in command.examples:
            lines += [f"  # {meaning}", f"  {with_program(example, program)}"]
        lines += [""]
    options = (*command.options, HELP_OPTION)
    lines += ["Options:", *_columns((option.shown, option.help) for option in options), ""]
    if command.settings:
        lines += ["Environment Variables:"]
        lines += [f"      {setting.env:<27}   {setting.doc}" for setting in command.settings]
        lines += [""]
    return "\n".join(lines)


def usage(command: Command, program: str) -> str:
    """The usage line: `hearth show MODEL [options]`."""
    return " ".join(part for part in (program, command.name, command.usage, "[options]") if part)


def with_program(example: str, program: str) -> str:
    """An example's command line under the program's name, which stands after a pipe where there is one."""
    head, pipe, tail = example.rpartition("| ")
    return f"{head}{pipe}{program} {tail}"


def _columns(rows: Iterable[tuple[str, str]]) -> list[str]:
    listed = list(rows)
    width = max(len(left) for left, _ in listed)
    return [f"  {left:<{width}}   {right}" for left, right in listed]

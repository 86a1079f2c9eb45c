"""The reference of the command line as a document, made from the same commands that parse it."""

from __future__ import annotations

from hearth.cli.command import Command
from hearth.cli.help import HELP_OPTION, INTRODUCTION, usage, with_program
from hearth.cli.table import commands

_PROGRAM = "hearth"


def markdown() -> str:
    """The text of `docs/cli.md`."""
    found = commands()
    lines = ["# Command line", "", INTRODUCTION, "`ollama` is installed as the same program.", ""]
    lines += [
        "An error is printed as `Error: ...` on standard error, and the exit code is 1; after Ctrl-C it is"
    ]
    lines += ["130, except for a one-shot answer, which ends with 0.", ""]
    lines += ["| command | what it does |", "|---|---|"]
    lines += [f"| [`{command.name}`](#{command.name}) | {command.summary} |" for command in found]
    for command in found:
        lines += ["", *_section(command)]
    return "\n".join(lines) + "\n"


def _section(command: Command) -> list[str]:
    lines = [f"## {command.name}", "", command.description or f"{command.summary}.", ""]
    lines += ["```", usage(command, _PROGRAM), "```", ""]
    if command.aliases:
        lines += [f"Also: {', '.join(f'`{_PROGRAM} {alias}`' for alias in command.aliases)}", ""]
    lines += ["| option | |", "|---|---|"]
    lines += [f"| `{option.shown}` | {_cell(option.help)} |" for option in (*command.options, HELP_OPTION)]
    if command.settings:
        lines += ["", "| environment variable | |", "|---|---|"]
        lines += [f"| `{setting.env}` | {_cell(setting.doc)} |" for setting in command.settings]
    if command.examples:
        lines += ["", "```sh"]
        for example, meaning in command.examples:
            lines += [f"# {meaning}", with_program(example, _PROGRAM)]
        lines += ["```"]
    return lines


def _cell(text: str) -> str:
    return text.replace("|", "\\|")

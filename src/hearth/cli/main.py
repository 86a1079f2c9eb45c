"""The entry point of `hearth` and of `ollama`, which are the same program.

A command's own modules are imported once its name is known; `--version` goes by before anything else is.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import PurePath

from hearth.cli.arguments import parse
from hearth.cli.command import Call, Command
from hearth.cli.failure import CommandError
from hearth.cli.table import NAMES, commands, find
from hearth.cli.terminal import Console
from hearth.errors import HearthError

INTERRUPTED = 130
BROKEN_PIPE = 141


def entry() -> int:
    """Run the command line of this process and return its exit code."""
    _prepare_streams()
    program = "ollama" if PurePath(sys.argv[0]).stem == "ollama" else "hearth"
    console = Console(sys.stdout, sys.stderr)
    try:
        code = main(sys.argv[1:], program, console)
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes stdout once more at exit, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    return code


def _prepare_streams() -> None:
    """Letters that the terminal's encoding lacks are replaced; a stream that the caller closed is empty."""
    sys.stdin = sys.stdin or os.fdopen(os.open(os.devnull, os.O_RDONLY))
    sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    sys.stderr = sys.stderr or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def main(words: list[str], program: str, console: Console) -> int:
    """Run the command in `words` and return its exit code; errors are printed."""
    try:
        return _dispatch(words, program, console)
    except (CommandError, HearthError) as error:
        console.note(f"Error: {error.message}")
        return error.code if isinstance(error, CommandError) else 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        raise
    except OSError as error:
        console.note(f"Error: {error.strerror or error}{f': {error.filename}' if error.filename else ''}")
        return 1


def _dispatch(words: list[str], program: str, console: Console) -> int:
    if not words or words[0] in {"-h", "--help"}:
        return _overview(program, console)
    if words[0] in {"-v", "--version"}:
        words = ["version", *words[1:]]
    command = find(words[0])
    if command is None:
        raise _unknown(words[0], program)
    if wants_help(words[1:]):
        return _help(command, program, console)
    return command.run(Call(program, parse(command, words[1:], program), console))


def wants_help(words: list[str]) -> bool:
    """True where -h or --help stands before any `--`."""
    end = words.index("--") if "--" in words else len(words)
    return not {"-h", "--help"}.isdisjoint(words[:end])


def _overview(program: str, console: Console) -> int:
    from hearth.cli.help import overview

    console.line(overview(commands(), program).rstrip("\n"))
    return 0


def _help(command: Command, program: str, console: Console) -> int:
    from hearth.cli.help import command_help

    console.line(command_help(command, program).rstrip("\n"))
    return 0


def _unknown(word: str, program: str) -> CommandError:
    if word.startswith("-"):
        return CommandError(f"unknown option {word}\nSee '{program} --help'.")
    from difflib import get_close_matches

    near = get_close_matches(word, NAMES, n=1)
    hint = f"; did you mean '{program} {near[0]}'?" if near else f"\nSee '{program} --help'."
    return CommandError(f'unknown command "{word}" for "{program}"{hint}')

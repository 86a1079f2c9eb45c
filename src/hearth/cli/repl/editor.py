"""Ctrl-G: write the message in the user's editor."""

from __future__ import annotations

import shlex
import subprocess
import tempfile
from pathlib import Path

from hearth import settings
from hearth.cli.failure import CommandError
from hearth.config import Config


def editor(config: Config) -> str:
    """The editor's command line: OLLAMA_EDITOR, VISUAL, EDITOR, or vi."""
    chosen = config.get(settings.EDITOR), config.env("VISUAL"), config.env("EDITOR")
    return next((command for command in chosen if command.strip()), "vi")


def edit(text: str, command: str) -> str:
    """The text after the user has edited it in `command`, without the newline that editors add.

    Raises:
        CommandError: there is no such editor, or it failed.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise CommandError(f'editor "{command}" cannot be run: {error}') from error
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "ollama-prompt.txt"
        path.write_text(text, encoding="utf-8")
        try:
            code = subprocess.call([*words, str(path)])  # noqa: S603 - the user's own editor
        except OSError as error:
            raise CommandError(
                f'editor "{words[0]}" not found, set OLLAMA_EDITOR to the path of your preferred editor'
            ) from error
        if code != 0:
            raise CommandError(f'editor "{words[0]}" ended with code {code}; the message is as it was')
        return path.read_text(encoding="utf-8", errors="replace").removesuffix("\n")

"""The commands in the order in which help lists them; each module is imported only when it is needed."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from hearth.cli.command import Command

NAMES: Final = (
    "serve", "create", "show", "run", "stop", "pull", "push", "list", "ps", "cp", "rm",
    "config", "help", "version",
)  # fmt: skip
_ALIASES: Final = {"start": "serve", "ls": "list"}


def find(name: str) -> Command | None:
    """The command of this name or alias."""
    name = _ALIASES.get(name, name)
    return _load(name) if name in NAMES else None


def commands() -> list[Command]:
    """Every command."""
    return [_load(name) for name in NAMES]


def _load(name: str) -> Command:
    command = import_module(f"hearth.cli.commands.{name}").COMMAND
    assert isinstance(command, Command)
    return command

"""What a command is: its name, arguments and texts. Parsing, help and the reference are made from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hearth.cli.terminal import Console
from hearth.config import Config
from hearth.settings import Setting

if TYPE_CHECKING:
    from hearth.cli.client import Client


@dataclass(frozen=True, slots=True)
class Option:
    """An option `--name`. Without `metavar` it is a flag; with `implied` its value may be left out."""

    name: str
    help: str
    metavar: str = ""
    short: str = ""
    implied: str | None = None

    @property
    def shown(self) -> str:
        """How help texts write it: `-f, --file FILE`."""
        value = (
            f"[={self.metavar}]" if self.implied is not None else f" {self.metavar}" if self.metavar else ""
        )
        return f"{f'-{self.short}, ' if self.short else ''}--{self.name}{value}"


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `usage` names its positional arguments, of which it takes `minimum` to `maximum`."""

    name: str
    summary: str
    run: Callable[[Call], int]
    usage: str = ""
    description: str = ""
    options: tuple[Option, ...] = ()
    settings: tuple[Setting[Any], ...] = ()
    examples: tuple[tuple[str, str], ...] = ()
    """Command lines without the program's name, each with what it does."""
    aliases: tuple[str, ...] = ()
    minimum: int = 0
    maximum: int | None = 0


@dataclass(frozen=True, slots=True)
class Arguments:
    """A parsed command line."""

    positional: tuple[str, ...] = ()
    values: dict[str, str] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()

    def value(self, name: str) -> str | None:
        """The value of an option, or None where it was not given."""
        return self.values.get(name)

    def flag(self, name: str) -> bool:
        """True where the flag was given."""
        return name in self.flags


@dataclass
class Call:
    """One run of a command: under which program name, with which arguments, writing where."""

    program: str
    arguments: Arguments
    console: Console

    @cached_property
    def config(self) -> Config:
        """The settings, read when a command first needs them."""
        return Config.load()

    @cached_property
    def client(self) -> Client:
        """A client of the configured server."""
        from hearth.cli.client import Client
        from hearth.settings import HOST

        return Client(self.config.get(HOST))

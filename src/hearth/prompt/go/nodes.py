"""The tree of a parsed Go template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal as Choice
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Dot:
    """The current value, `.`."""


@dataclass(frozen=True, slots=True)
class Nil:
    """The literal `nil`."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, number or boolean written in the template."""

    value: str | int | float | bool


@dataclass(frozen=True, slots=True)
class Field:
    """Fields of the current value, `.A.B`."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable with its dollar sign, and fields of it, `$x.A.B`."""

    name: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Identifier:
    """The name of a function."""

    name: str


@dataclass(frozen=True, slots=True)
class Chain:
    """Fields of any other operand, `(...).A.B`."""

    of: Operand
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """One stage of a pipeline: a value, or a function with its arguments."""

    operands: tuple[Operand, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Pipe:
    """Commands, each of which hands its value to the next, and the variables that take the last value."""

    commands: tuple[Command, ...]
    line: int
    variables: tuple[str, ...] = ()
    assigns: bool = False
    """Whether the variables exist already (`=`) or come to be (`:=`)."""


Operand: TypeAlias = Dot | Nil | Literal | Field | Variable | Identifier | Chain | Pipe


@dataclass(frozen=True, slots=True)
class Text:
    """Text outside of the delimiters."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Action:
    """A pipeline whose value is printed, unless it sets variables."""

    pipe: Pipe
    line: int


@dataclass(frozen=True, slots=True)
class Branch:
    """`if`, `with` or `range`, and what runs otherwise."""

    kind: Choice["if", "with", "range"]
    pipe: Pipe
    body: Block
    otherwise: Block
    line: int


@dataclass(frozen=True, slots=True)
class Call:
    """Another template, run with the value of a pipeline as its dot."""

    name: str
    pipe: Pipe | None
    line: int


@dataclass(frozen=True, slots=True)
class Jump:
    """The end of an iteration, or of all of them."""

    kind: Choice["break", "continue"]
    line: int


Node: TypeAlias = Text | Action | Branch | Call | Jump
Block: TypeAlias = tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """A whole template: what it runs, and the templates it defines by name."""

    main: Block
    defined: Mapping[str, Block] = field(default_factory=dict)

    def blocks(self) -> tuple[Block, ...]:
        """The main block and those of the defined templates."""
        return (self.main, *self.defined.values())

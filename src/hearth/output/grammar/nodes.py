"""The parts of a grammar, as values, and the limits within which llama.cpp takes them.

Grammars are built from these and written as GBNF at the very end, so that questions such as "may this be
empty?" are answered by looking instead of by parsing text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

Ranges: TypeAlias = "tuple[tuple[int, int], ...]"
"""Code points, as pairs of first and last, ascending and without overlap."""

BLOCK = 1000
"""Longer repetitions are made of blocks of this many; llama.cpp refuses 2000 in one."""


@dataclass(frozen=True, slots=True)
class Literal:
    """Exactly this text."""

    text: str


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of a set."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Series:
    """One part after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part `least` to `most` times (None: without end)."""

    part: Node
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Rule:
    """What the rule of that name says."""

    name: str


Node: TypeAlias = Literal | Chars | Series | Choice | Repeat | Rule

EMPTY = Literal("")


def series(*parts: Node | str) -> Node:
    """The parts one after the other; text stands for itself."""
    flat: list[Node] = []
    for part in parts:
        node = Literal(part) if isinstance(part, str) else part
        flat += node.parts if isinstance(node, Series) else [node]
    flat = _joined(node for node in flat if node != EMPTY)
    return flat[0] if len(flat) == 1 else Series(tuple(flat)) if flat else EMPTY


def _joined(nodes: Iterable[Node]) -> list[Node]:
    """The nodes, with neighbouring texts made one."""
    found: list[Node] = []
    for node in nodes:
        last = found[-1] if found else None
        if isinstance(node, Literal) and isinstance(last, Literal):
            found[-1] = Literal(last.text + node.text)
        else:
            found.append(node)
    return found


def choice(parts: Iterable[Node]) -> Node:
    """One of the parts; equal ones count once."""
    flat: dict[Node, None] = {}
    for node in parts:
        flat.update(dict.fromkeys(node.parts if isinstance(node, Choice) else (node,)))
    nodes = tuple(flat)
    return nodes[0] if len(nodes) == 1 else Choice(nodes)


def optional(part: Node) -> Node:
    return part if part == EMPTY else Repeat(part, 0, 1)


def repeat(part: Node, least: int, most: int | None) -> Node:
    """The part `least` to `most` times, exactly, in repetitions that llama.cpp accepts."""
    if part == EMPTY or most == 0:
        return EMPTY
    if (least, most) == (1, 1):
        return part
    if most is None:
        blocks, rest = divmod(least, BLOCK)
        return series(_blocks(part, blocks, blocks), Repeat(part, rest, None))
    if most < 2 * BLOCK:
        return Repeat(part, least, most)
    return _long_repeat(part, least, most)


def _long_repeat(part: Node, least: int, most: int) -> Node:
    (low, low_rest), (high, high_rest) = divmod(least, BLOCK), divmod(most, BLOCK)
    if low == high:
        return series(_blocks(part, low, low), repeat(part, low_rest, high_rest))
    ways = [
        series(_blocks(part, low, low), repeat(part, low_rest, BLOCK - 1)),
        series(_blocks(part, high, high), repeat(part, 0, high_rest)),
    ]
    if low + 1 < high:
        ways.append(series(_blocks(part, low + 1, high - 1), repeat(part, 0, BLOCK - 1)))
    return choice(ways)


def _blocks(part: Node, least: int, most: int) -> Node:
    return repeat(Repeat(part, BLOCK, BLOCK), least, most)


def children(node: Node) -> tuple[Node, ...]:
    """The parts directly inside a node."""
    if isinstance(node, Series | Choice):
        return node.parts
    return (node.part,) if isinstance(node, Repeat) else ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything inside it, rules not followed."""
    todo = [node]
    while todo:
        found = todo.pop()
        yield found
        todo += children(found)


def nullable(node: Node, rules: Collection[str] = ()) -> bool:
    """Whether a node may match nothing, given the names of the rules that may."""
    match node:
        case Literal(text):
            return not text
        case Series(parts):
            return all(nullable(part, rules) for part in parts)
        case Choice(parts):
            return any(nullable(part, rules) for part in parts)
        case Repeat(part, least, _):
            return least == 0 or nullable(part, rules)
        case Rule(name):
            return name in rules
        case Chars():
            return False

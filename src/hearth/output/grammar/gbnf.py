"""Writes a grammar in GBNF, the notation that llama.cpp reads.

Facts of the notation: names are made of letters, digits and hyphens; inside quotes and brackets a backslash
begins an escape; a repetition counts for as many rules as its part holds, unless that part is a rule itself.
"""

from __future__ import annotations

import re

from hearth.output.grammar.nodes import Chars, Choice, Literal, Node, Ranges, Repeat, Rule, Series

_SUFFIXES: dict[tuple[int, int | None], str] = {(0, 1): "?", (0, None): "*", (1, None): "+"}
_SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


class Grammar:
    """Rules by name; the rule `root` is what a text must match."""

    def __init__(self) -> None:
        self.rules: dict[str, Node] = {}
        self._taken: set[str] = {"root"}
        self._parts: dict[Node, Rule] = {}

    def reserve(self, hint: str) -> Rule:
        """A name made from `hint` that no other rule has."""
        base = re.sub(r"[^a-zA-Z0-9]+", "-", hint).strip("-")[:40] or "rule"
        name, number = base, 1
        while name in self._taken:
            number += 1
            name = f"{base}-{number}"
        self._taken.add(name)
        return Rule(name)

    def add(self, hint: str, node: Node) -> Rule:
        """Give a node a rule of its own; a rule stays what it is."""
        if isinstance(node, Rule):
            return node
        rule = self.reserve(hint)
        self.rules[rule.name] = node
        return rule

    def define(self, rule: Rule, node: Node) -> Rule:
        """Say what a reserved rule is."""
        self.rules[rule.name] = node
        return rule

    def text(self) -> str:
        """The grammar in GBNF, `root` first."""
        self._separate_repeated()
        names = sorted(self.rules, key=lambda name: name != "root")
        return "".join(f"{name} ::= {write(self.rules[name])}\n" for name in names)

    def _separate_repeated(self) -> None:
        todo = list(self.rules)
        while todo:
            name = todo.pop()
            added = len(self.rules)
            self.rules[name] = self._separated(self.rules[name], name)
            todo += list(self.rules)[added:]

    def _separated(self, node: Node, hint: str) -> Node:
        match node:
            case Series(parts):
                return Series(tuple(self._separated(part, hint) for part in parts))
            case Choice(parts):
                return Choice(tuple(self._separated(part, hint) for part in parts))
            case Repeat(Series() | Choice() | Repeat() as part, least, most):
                if part not in self._parts:
                    self._parts[part] = self.add(f"{hint}-part", part)
                return Repeat(self._parts[part], least, most)
            case _:
                return node


def write(node: Node) -> str:
    """A node in GBNF, as the right side of a rule."""
    match node:
        case Literal(text):
            return '"' + "".join(map(_in_quotes, text)) + '"'
        case Chars(ranges):
            return "[" + _write_ranges(ranges) + "]"
        case Series(parts):
            return " ".join(f"({write(part)})" if isinstance(part, Choice) else write(part) for part in parts)
        case Choice(parts):
            return " | ".join(write(part) for part in parts)
        case Repeat(part, least, most):
            return write(part) + _suffix(least, most)
        case Rule(name):
            return name


def _suffix(least: int, most: int | None) -> str:
    if least == most:
        return f"{{{least}}}"
    return _SUFFIXES.get((least, most)) or f"{{{least},{'' if most is None else most}}}"


def _write_ranges(ranges: Ranges) -> str:
    return "".join(
        _in_brackets(first) + (f"-{_in_brackets(last)}" if last > first else "") for first, last in ranges
    )


def _in_quotes(char: str) -> str:
    if escape := _SHORT_ESCAPES.get(char):
        return escape
    return char if char.isprintable() else _numbered(ord(char))


def _in_brackets(point: int) -> str:
    char = chr(point)
    return char if char.isascii() and char.isalnum() else _numbered(point)


def _numbered(point: int) -> str:
    if point < 0x100:
        return f"\\x{point:02X}"
    return f"\\u{point:04X}" if point < 0x10000 else f"\\U{point:08X}"

"""Questions about a whole grammar that llama.cpp would answer with a refusal, a hang or an endless answer."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping

from hearth.errors import SchemaError
from hearth.messages import Json
from hearth.output.grammar.limits import (
    MAX_DIGITS_READ,
    MAX_DOCUMENT_DEPTH,
    MAX_DOCUMENT_VALUES,
    MAX_REPETITIONS,
)
from hearth.output.grammar.nodes import Choice, Node, Repeat, Rule, Series, nullable, walk


def check_document(schema: Json) -> None:
    """Raise SchemaError if the JSON of a schema is nested too deeply or too large to be worked on."""
    level: list[Json] = [schema]
    values = depth = 0
    while level:
        values += len(level)
        depth += 1
        if depth > MAX_DOCUMENT_DEPTH or values > MAX_DOCUMENT_VALUES:
            raise SchemaError(
                f"the schema cannot be used: it nests deeper than {MAX_DOCUMENT_DEPTH} levels or holds more"
                f" than {MAX_DOCUMENT_VALUES} values; simplify it"
            )
        if not all(map(_is_plain, level)):
            raise SchemaError(
                "the schema cannot be used: it holds a number that is not finite or longer than"
                f" {MAX_DIGITS_READ} digits; write one that JSON can hold"
            )
        tables = [value.values() for value in level if isinstance(value, dict)]
        lists = [value for value in level if isinstance(value, list)]
        level = [value for group in (*tables, *lists) for value in group]


def _is_plain(value: Json) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or abs(value) < 10**MAX_DIGITS_READ


def check_grammar(rules: Mapping[str, Node]) -> None:
    """Raise SchemaError if the rules are too many, refer to themselves at once, or never come to an end."""
    repetitions = sum(_copies(node) for rule in rules.values() for node in walk(rule))
    if repetitions > MAX_REPETITIONS:
        raise SchemaError(
            f"the schema cannot be used: its lengths and counts add up to {repetitions}, more than"
            f" {MAX_REPETITIONS}; lower them or leave them out"
        )
    empty = _rules_that(rules, nullable)
    if loop := _left_recursion(rules, empty):
        raise SchemaError(
            f"the schema cannot be used: {loop!r} refers to itself with nothing in between; remove the loop"
        )
    if "root" not in _rules_that(rules, _finite):
        raise SchemaError(
            "the schema cannot be used: every document would have to be endless; make a recursive property"
            " optional, or allow null in its place"
        )


def _copies(node: Node) -> int:
    return (node.most or node.least) if isinstance(node, Repeat) else 0


def _rules_that(rules: Mapping[str, Node], holds: Callable[[Node, Collection[str]], bool]) -> Collection[str]:
    """The names of the rules for which something holds, given those for which it holds already."""
    users: dict[str, set[str]] = defaultdict(set)
    for name, rule in rules.items():
        for node in walk(rule):
            if isinstance(node, Rule):
                users[node.name].add(name)
    found: set[str] = set()
    todo = list(rules)
    while todo:
        name = todo.pop()
        if name not in found and holds(rules[name], found):
            found.add(name)
            todo += users[name]
    return found


def _left_recursion(rules: Mapping[str, Node], empty: Collection[str]) -> str:
    """The name of a rule that begins with itself, directly or through others; empty if there is none."""
    begins = {name: sorted(set(_first_rules(node, empty))) for name, node in rules.items()}
    done: set[str] = set()
    for start in rules:
        path: dict[str, Iterator[str]] = {start: iter(begins[start])} if start not in done else {}
        while path:
            name = next(reversed(path))
            following = next(path[name], None)
            if following is None:
                done.add(name)
                del path[name]
            elif following in path:
                return following
            elif following not in done:
                path[following] = iter(begins[following])
    return ""


def _first_rules(node: Node, empty: Collection[str]) -> Iterator[str]:
    match node:
        case Rule(name):
            yield name
        case Choice(parts):
            for part in parts:
                yield from _first_rules(part, empty)
        case Series(parts):
            for part in parts:
                yield from _first_rules(part, empty)
                if not nullable(part, empty):
                    return
        case Repeat(part, _, _):
            yield from _first_rules(part, empty)
        case _:
            return


def _finite(node: Node, found: Collection[str]) -> bool:
    """Whether some text of finite length matches, given the rules for which one does."""
    match node:
        case Rule(name):
            return name in found
        case Choice(parts):
            return any(_finite(part, found) for part in parts)
        case Series(parts):
            return all(_finite(part, found) for part in parts)
        case Repeat(part, least, _):
            return least == 0 or _finite(part, found)
        case _:
            return True

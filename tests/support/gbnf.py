"""Reads GBNF independently of what wrote it: makes random texts that match, and tells whether a text matches.

One rule to a line, as Hearth writes them. It knows what llama.cpp refuses in a repetition, so that a grammar
that passes here is not refused there.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

MOST_REPETITIONS = 2000


@dataclass(frozen=True, eq=False)
class Text:
    text: str


@dataclass(frozen=True, eq=False)
class Set:
    ranges: tuple[tuple[int, int], ...]
    negated: bool


@dataclass(frozen=True, eq=False)
class All:
    parts: tuple[Part, ...]


@dataclass(frozen=True, eq=False)
class Any:
    parts: tuple[Part, ...]


@dataclass(frozen=True, eq=False)
class Times:
    part: Part
    least: int
    most: int | None


@dataclass(frozen=True, eq=False)
class Name:
    name: str


Part: TypeAlias = Text | Set | All | Any | Times | Name

_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<set>\[(?:[^\]\\]|\\.)*\])|(?P<name>[a-zA-Z0-9-]+)'
    r"|(?P<count>\{\d+(?:,\d*)?\})|(?P<mark>[()|*+?.]))"
)
_CHAR = re.compile(
    r"\\x([0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})|\\([nrt\"\\\[\]])|([^\\])", re.DOTALL
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


class Gbnf:
    """A grammar, ready to make and to judge texts."""

    def __init__(self, source: str) -> None:
        self.rules: dict[str, Part] = {}
        for line in source.splitlines():
            name, mark, body = line.partition(" ::= ")
            assert mark, f"not a rule: {line!r}"
            assert re.fullmatch(r"[a-zA-Z0-9-]+", name), f"not a name: {name!r}"
            assert name not in self.rules, f"twice: {name}"
            self.rules[name] = _Parser(body).whole()
        self._check_names()
        self._costs = self._cheapest()

    def matches(self, text: str) -> bool:
        """Whether the whole text matches."""
        return len(text) in _Matcher(self.rules, text).ends(self.rules["root"], 0)

    def sample(self, rng: random.Random, budget: int = 60) -> str:
        """A random text that matches; once the budget of choices is spent, the shortest way out is taken."""
        out: list[str] = []
        self._make(self.rules["root"], rng, out, [budget])
        return "".join(out)

    def _make(self, part: Part, rng: random.Random, out: list[str], budget: list[int]) -> None:
        match part:
            case Text(text):
                out.append(text)
            case Set():
                out.append(_pick(part, rng))
            case All(parts):
                for each in parts:
                    self._make(each, rng, out, budget)
            case Any(parts):
                budget[0] -= 1
                ways = parts if budget[0] > 0 else (min(parts, key=self._cost),)
                self._make(rng.choice(ways), rng, out, budget)
            case Times(each, least, most):
                for _ in range(_count(least, most, rng, budget)):
                    self._make(each, rng, out, budget)
            case Name(name):
                self._make(self.rules[name], rng, out, budget)

    def _check_names(self) -> None:
        for part in self.rules.values():
            for name in _names(part):
                assert name in self.rules, f"undefined: {name}"

    def _cheapest(self) -> dict[str, float]:
        """The least depth of rules in which each rule comes to an end."""
        costs: dict[str, float] = dict.fromkeys(self.rules, float("inf"))
        self._costs = costs
        changed = True
        while changed:
            changed = False
            for name, part in self.rules.items():
                cost = 1 + self._cost(part)
                changed |= cost < costs[name]
                costs[name] = min(cost, costs[name])
        return costs

    def _cost(self, part: Part) -> float:
        match part:
            case All(parts):
                return max(map(self._cost, parts), default=0)
            case Any(parts):
                return min(map(self._cost, parts))
            case Times(each, least, _):
                return self._cost(each) if least else 0
            case Name(name):
                return self._costs[name]
            case _:
                return 0


def _count(least: int, most: int | None, rng: random.Random, budget: list[int]) -> int:
    budget[0] -= 1
    if budget[0] <= 0:
        return least
    top = least + 4 if most is None else min(most, least + 4)
    return most if most is not None and most < 50 and rng.random() < 0.1 else rng.randint(least, top)


def _pick(part: Set, rng: random.Random) -> str:
    if part.negated:
        return next(char for char in "xyz0" if not _inside(part, char))
    first, last = rng.choice(part.ranges)
    return chr(rng.choice((first, last, rng.randint(first, last), rng.randint(first, min(last, first + 90)))))


def _inside(part: Set, char: str) -> bool:
    return any(first <= ord(char) <= last for first, last in part.ranges)


def _names(part: Part) -> Iterator[str]:
    match part:
        case Name(name):
            yield name
        case All(parts) | Any(parts):
            for each in parts:
                yield from _names(each)
        case Times(each, _, _):
            yield from _names(each)
        case _:
            return


class _Matcher:
    def __init__(self, rules: dict[str, Part], text: str) -> None:
        self._rules = rules
        self._text = text
        self._known: dict[tuple[int, int], frozenset[int]] = {}

    def ends(self, part: Part, at: int) -> frozenset[int]:
        """Where a match that begins at `at` may end."""
        key = (id(part), at)
        if key not in self._known:
            self._known[key] = self._find(part, at)
        return self._known[key]

    def _find(self, part: Part, at: int) -> frozenset[int]:
        match part:
            case Text(text):
                return frozenset([at + len(text)] if self._text.startswith(text, at) else [])
            case Set():
                found = at < len(self._text) and _inside(part, self._text[at]) != part.negated
                return frozenset([at + 1] if found else [])
            case All(parts):
                places = frozenset([at])
                for each in parts:
                    places = self._from(each, places)
                return places
            case Any(parts):
                return frozenset(end for each in parts for end in self.ends(each, at))
            case Times():
                return self._times(part, at)
            case Name(name):
                return self.ends(self._rules[name], at)

    def _from(self, part: Part, places: frozenset[int]) -> frozenset[int]:
        return frozenset(end for place in places for end in self.ends(part, place))

    def _times(self, part: Times, at: int) -> frozenset[int]:
        places = frozenset([at])
        for _ in range(part.least):
            places = self._from(part.part, places)
        found = places
        done = part.least
        while places and (part.most is None or done < part.most):
            places = self._from(part.part, places) - found
            found |= places
            done += 1
        return found


class _Parser:
    def __init__(self, body: str) -> None:
        self._tokens = list(_tokens(body))

    def whole(self) -> Part:
        part = self._any()
        assert not self._tokens, f"left over: {self._tokens}"
        return part

    def _any(self) -> Part:
        parts = [self._all()]
        while self._tokens and self._tokens[0] == ("mark", "|"):
            self._tokens.pop(0)
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def _all(self) -> Part:
        parts: list[Part] = []
        while self._tokens and self._tokens[0] not in (("mark", "|"), ("mark", ")")):
            kind, text = self._tokens.pop(0)
            if kind == "count" or text in ("*", "+", "?"):
                parts.append(_times(parts.pop(), text))
            else:
                parts.append(self._atom(kind, text))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _atom(self, kind: str, text: str) -> Part:
        if kind == "text":
            return Text("".join(map(chr, _chars(text[1:-1]))))
        if kind == "set":
            return _set(text[1:-1])
        if kind == "name":
            return Name(text)
        assert text == "(", text
        part = self._any()
        assert self._tokens.pop(0) == ("mark", ")")
        return part


def _tokens(body: str) -> Iterator[tuple[str, str]]:
    at = 0
    body = body.rstrip()
    while at < len(body):
        found = _TOKEN.match(body, at)
        assert found, f"not GBNF: {body[at : at + 40]!r}"
        assert found.lastgroup
        yield found.lastgroup, found.group(found.lastgroup)
        at = found.end()


def _times(part: Part, suffix: str) -> Times:
    assert isinstance(part, Text | Set | Name), "a repeated group counts for all its rules"
    least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(suffix, (0, 0))
    if suffix[0] == "{":
        low, comma, high = suffix[1:-1].partition(",")
        least = int(low)
        most = int(high) if high else None if comma else least
    assert max(least, most or 0) < MOST_REPETITIONS
    return Times(part, least, most)


def _set(body: str) -> Set:
    negated = body.startswith("^")
    ranges: list[tuple[int, int]] = []
    at = int(negated)
    while at < len(body):
        first, at = _char(body, at)
        last = first
        if body[at : at + 1] == "-" and at + 1 < len(body):
            last, at = _char(body, at + 1)
        assert first <= last
        ranges.append((first, last))
    assert ranges, "an empty set matches the empty text in llama.cpp"
    return Set(tuple(ranges), negated)


def _chars(text: str) -> Iterator[int]:
    at = 0
    while at < len(text):
        char, at = _char(text, at)
        yield char


def _char(text: str, at: int) -> tuple[int, int]:
    found = _CHAR.match(text, at)
    assert found, f"no such escape: {text[at : at + 12]!r}"
    number = found.group(1) or found.group(2) or found.group(3)
    if number:
        return int(number, 16), found.end()
    escaped = found.group(4)
    return ord(_ESCAPES.get(escaped, escaped) if escaped else found.group(5)), found.end()

"""Ranges of numbers as patterns of digits."""

from __future__ import annotations

from hearth.output.grammar.nodes import EMPTY, Chars, Literal, Node, choice, repeat, series
from hearth.output.grammar.tokens import DIGIT, MAX_DIGITS, NONZERO


def whole_numbers(low: int, high: int | None) -> Node:
    """The whole numbers from `low` (not negative) to `high` (None: no limit but that of digits)."""
    if high is None:
        start = str(low)
        return choice([same_length(start, "9" * len(start)), _longer_than(len(start))])
    parts = []
    while low <= high:
        last = min(high, 10 ** len(str(low)) - 1)
        parts.append(same_length(str(low), str(last)))
        low = last + 1
    return choice(parts)


def same_length(low: str, high: str) -> Node:
    """The strings of digits from `low` to `high`, all as long as these two."""
    if not low:
        return EMPTY
    if low[0] == high[0]:
        return series(low[0], same_length(low[1:], high[1:]))
    rest = len(low) - 1
    first, last = int(low[0]), int(high[0])
    parts: list[Node] = []
    if low[1:] != "0" * rest:
        parts.append(series(low[0], same_length(low[1:], "9" * rest)))
        first += 1
    if high[1:] != "9" * rest:
        parts.append(series(high[0], same_length("0" * rest, high[1:])))
        last -= 1
    if first <= last:
        parts.append(series(_digit(first, last), repeat(DIGIT, rest, rest)))
    return choice(parts)


def _digit(first: int, last: int) -> Node:
    return Chars(((0x30 + first, 0x30 + last),)) if first < last else Literal(str(first))


def _longer_than(digits: int) -> Node:
    return series(NONZERO, repeat(DIGIT, digits, max(MAX_DIGITS - 1, digits + 1)))

"""How long the texts are that a node matches, and how to hold them between two lengths."""

from __future__ import annotations

from hearth.output.grammar.nodes import Chars, Choice, Literal, Node, Repeat, Series, repeat, series


def lengths(node: Node) -> tuple[int, int | None]:
    """The fewest and the most characters that a node without rules can match (None: no limit)."""
    match node:
        case Literal(text):
            return len(text), len(text)
        case Series(parts):
            found = [lengths(part) for part in parts]
            return sum(low for low, _ in found), _total([high for _, high in found])
        case Choice(parts):
            found = [lengths(part) for part in parts]
            highs = [high for _, high in found]
            return min(low for low, _ in found), _largest(highs)
        case Repeat(part, least, most):
            low, high = lengths(part)
            return low * least, None if most is None or high is None else high * most
        case _:
            return 1, 1


def _total(counts: list[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _largest(counts: list[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return max(known) if len(known) == len(counts) else None


def shorten(node: Node, least: int, most: int | None) -> Node | None:
    """What a node matches that is `least` to `most` characters long; None where that cannot be said simply.

    It can for a class that is repeated, with texts of a fixed length around it.
    """
    low, high = lengths(node)
    if low >= least and (most is None or (high is not None and high <= most)):
        return node
    if isinstance(node, Series):
        return _shorten_series(node.parts, least, most)
    if not isinstance(node, Repeat) or not isinstance(node.part, Chars):
        return None
    limits = [limit for limit in (node.most, most) if limit is not None]
    low, high = max(node.least, least), min(limits, default=None)
    return None if high is not None and high < low else repeat(node.part, low, high)


def _shorten_series(parts: tuple[Node, ...], least: int, most: int | None) -> Node | None:
    spans = [lengths(part) for part in parts]
    elastic = [at for at, (low, high) in enumerate(spans) if low != high]
    if len(elastic) != 1:
        return None
    at = elastic[0]
    fixed = sum(low for low, _ in spans) - spans[at][0]
    if most is not None and most < fixed:
        return None
    shorter = shorten(parts[at], max(0, least - fixed), None if most is None else most - fixed)
    return None if shorter is None else series(*parts[:at], shorter, *parts[at + 1 :])

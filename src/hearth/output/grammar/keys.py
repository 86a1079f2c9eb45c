"""Keys that an object may have beside its declared ones."""

from __future__ import annotations

from hearth.output.grammar import charset
from hearth.output.grammar.gbnf import Grammar
from hearth.output.grammar.nodes import Chars, Node, Ranges, Rule, choice, optional, repeat, series
from hearth.output.grammar.tokens import PLAIN

_LONGEST_SHARED = 24
"""Characters that another key may share with the beginning of a declared one."""


def other_keys(names: list[str], grammar: Grammar) -> Node:
    """A JSON string that is none of `names`.

    Escapes are left out, so that a name cannot come back in another spelling.
    """
    if not names:
        return Rule("string")
    return series('"', _others(set(names), grammar, 0), '"')


def _others(names: set[str], grammar: Grammar, depth: int) -> Node:
    """What may follow a beginning that is shared with these names, given as what is left of them."""
    firsts = sorted({name[0] for name in names if name})
    taken: Ranges = charset.union((ord(first), ord(first)) for first in firsts)
    free = charset.intersection(charset.complement(taken), PLAIN)
    ways = [series(Chars(free), repeat(Chars(PLAIN), 0, None))]
    if depth < _LONGEST_SHARED:
        for first in firsts:
            if charset.intersection(((ord(first), ord(first)),), PLAIN):
                left = {name[1:] for name in names if name.startswith(first)}
                ways.append(series(first, _others(left, grammar, depth + 1)))
    node = grammar.add("key", choice(ways))
    return node if "" in names else optional(node)

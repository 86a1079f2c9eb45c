"""The parts of JSON that every grammar shares.

White space is bounded everywhere, so that a model cannot fill its budget with blanks. Numbers are kept within
what a double holds, and escapes in strings never give half of a surrogate pair, so every text that
matches can be read by any JSON parser.
"""

from __future__ import annotations

from hearth.output.grammar.gbnf import Grammar
from hearth.output.grammar.nodes import Chars, Literal, Node, Rule, choice, optional, repeat, series, walk

DIGIT = Chars(((0x30, 0x39),))
NONZERO = Chars(((0x31, 0x39),))
SPACE = Rule("ws")
COMMA = series(",", SPACE)
MAX_DIGITS = 16
"""Digits before the point; those after it are one fewer."""


def fraction() -> Node:
    """A point and digits."""
    return series(".", repeat(DIGIT, 1, MAX_DIGITS - 1))


def member(key: Node, value: Node) -> Node:
    """A key and its value."""
    return series(key, ":", SPACE, value)


def shared_rules() -> dict[str, Node]:
    """The rules that are the same in every grammar, by name."""
    whole = choice([Literal("0"), series(NONZERO, repeat(DIGIT, 0, MAX_DIGITS - 1))])
    exponent = series(Chars(_set("Ee")), optional(Chars(_set("+-"))), repeat(DIGIT, 1, 2))
    pair = member(Rule("string"), Rule("value"))
    return {
        "ws": optional(choice([Literal(" "), series("\n", repeat(Chars(_set("\t ")), 0, 20))])),
        "char": choice([Chars(PLAIN), _escape()]),
        "string": series('"', repeat(Rule("char"), 0, None), '"'),
        "integer": choice([Literal("0"), series(optional(Literal("-")), NONZERO, _more_digits())]),
        "number": series(optional(Literal("-")), whole, optional(fraction()), optional(exponent)),
        "boolean": choice([Literal("true"), Literal("false")]),
        "null": Literal("null"),
        "object": bracketed("{", pair, repeat(series(COMMA, pair), 0, None), "}"),
        "array": bracketed("[", Rule("value"), repeat(series(COMMA, Rule("value")), 0, None), "]"),
        "value": choice(map(Rule, ("object", "array", "string", "number", "boolean", "null"))),
    }


def bracketed(opening: str, first: Node, more: Node, closing: str) -> Node:
    """A list of elements in brackets, which may be empty."""
    return series(opening, SPACE, optional(series(first, more, SPACE)), closing)


PLAIN = ((0x20, 0x21), (0x23, 0x5B), (0x5D, 0x7E), (0x80, 0xD7FF), (0xE000, 0x10FFFF))
"""The characters that stand in a JSON string as they are."""


class JsonGrammar(Grammar):
    """A grammar that knows the shared rules and brings in those that are used."""

    def __init__(self) -> None:
        super().__init__()
        self._shared = shared_rules()
        self._taken |= set(self._shared)

    def complete(self, root: Node) -> None:
        """Make `root` the root and add every shared rule that something refers to."""
        self.rules["root"] = root
        todo = list(self.rules.values())
        while todo:
            names = {node.name for node in walk(todo.pop()) if isinstance(node, Rule)}
            for name in sorted(names - set(self.rules)):
                self.rules[name] = self._shared[name]
                todo.append(self._shared[name])


def _more_digits() -> Node:
    return repeat(DIGIT, 0, MAX_DIGITS - 1)


def _escape() -> Node:
    digits = ((0x30, 0x39), (0x41, 0x46), (0x61, 0x66))
    hexadecimal = Chars(digits)
    not_d = Chars(((0x30, 0x39), (0x41, 0x43), (0x45, 0x46), (0x61, 0x63), (0x65, 0x66)))
    letter_d = Chars(_set("Dd"))
    high, low = Chars(_set("89ABab")), Chars(_set("CDEFcdef"))
    three, two = repeat(hexadecimal, 3, 3), repeat(hexadecimal, 2, 2)
    point = choice(
        [
            series(not_d, three),
            series(letter_d, Chars(((0x30, 0x37),)), two),
            series(letter_d, high, two, "\\u", letter_d, low, two),
        ]
    )
    return series("\\", choice([Chars(_set('"/\\bfnrt')), series("u", point)]))


def _set(chars: str) -> tuple[tuple[int, int], ...]:
    return tuple((ord(char), ord(char)) for char in sorted(chars))

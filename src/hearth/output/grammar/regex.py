r"""Reads the part of regular expressions that a grammar can express.

Understood are literals, `.`, classes, groups, alternatives, quantifiers (greedy or lazy: the language is the
same), the escapes \d \w \s \D \W \S \t \n \r \f \v \xHH \uHHHH, and `^` and `$` around the whole or around an
alternative of the whole. An expression without them is treated as if it had them: a text that matches as a
whole also matches somewhere. Look-around, back references, word boundaries and properties are refused.
"""

from __future__ import annotations

from hearth.errors import SchemaError
from hearth.output.grammar import charset
from hearth.output.grammar.limits import MAX_COUNT, MAX_PATTERN, MAX_PATTERN_DEPTH
from hearth.output.grammar.nodes import (
    Chars,
    Literal,
    Node,
    Ranges,
    choice,
    nullable,
    repeat,
    series,
)

_CLASSES: dict[str, Ranges] = {
    "d": charset.DIGITS,
    "w": charset.WORD,
    "s": charset.BLANKS,
    "D": charset.complement(charset.DIGITS),
    "W": charset.complement(charset.WORD),
    "S": charset.complement(charset.ALL_BLANKS),
}
_NEGATED_CLASSES = _CLASSES | {"s": charset.ALL_BLANKS, "S": charset.complement(charset.BLANKS)}
"""Inside [^...] the wider reading of a class leaves less, and less is right in every dialect."""
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
_GROUPS = ("?:", "?P<", "?<")
_QUANTIFIERS: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}


def read_regex(pattern: str) -> Node:
    """What a regular expression matches as a whole. Raises SchemaError, which says where and why."""
    if len(pattern) > MAX_PATTERN:
        raise SchemaError(f"the pattern has {len(pattern)} characters, at most {MAX_PATTERN} are allowed")
    return _Reader(pattern).whole()


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        self._depth = 0
        self._classes = _CLASSES

    def whole(self) -> Node:
        node = self._alternatives()
        if self._peek():
            raise self._error("an unmatched ')'")
        return node

    def _alternatives(self) -> Node:
        parts = [self._alternative()]
        while self._take("|"):
            parts.append(self._alternative())
        return choice(parts)

    def _alternative(self) -> Node:
        if not self._depth:
            self._take("^")
        parts: list[Node] = []
        while self._peek() not in ("", "|", ")"):
            if self._take("$"):
                self._expect_end()
            else:
                parts.append(self._quantified(self._atom()))
        return series(*parts)

    def _expect_end(self) -> None:
        if self._depth or self._peek() not in ("", "|"):
            raise self._error("a '$' that does not end the pattern")

    def _atom(self) -> Node:
        char = self._next()
        if char == "(":
            return self._group()
        if char == "[":
            return Chars(self._class())
        if char == ".":
            return Chars(charset.complement(charset.BREAKS))
        if char == "\\":
            return self._escaped()
        if char in "*+?{":
            raise self._error(f"a '{char}' with nothing before it to repeat")
        if char == "^":
            raise self._error("a '^' that does not begin the pattern")
        return Literal(char)

    def _group(self) -> Node:
        self._depth += 1
        if self._depth > MAX_PATTERN_DEPTH:
            raise self._error(f"more than {MAX_PATTERN_DEPTH} levels of groups")
        if self._peek() == "?":
            self._open_group()
        node = self._alternatives()
        if not self._take(")"):
            raise self._error("a '(' that is never closed")
        self._depth -= 1
        return node

    def _open_group(self) -> None:
        kind = next((kind for kind in _GROUPS if self._text.startswith(kind, self._at)), "")
        after = self._text[self._at + len(kind) : self._at + len(kind) + 1]
        if not kind or (kind == "?<" and after in ("=", "!")):
            raise self._error("look-around or an inline flag, which a grammar cannot express")
        self._at += len(kind)
        if kind != "?:":
            self._at = self._find(">") + 1

    def _quantified(self, node: Node) -> Node:
        bounds = self._quantifier()
        if bounds is None:
            return node
        self._take("?")
        if self._peek() in ("*", "+", "{"):
            raise self._error("a quantifier after a quantifier")
        least, most = bounds
        if most != 1 and nullable(node):
            raise self._error("a repetition of something that may be empty; let each round match something")
        return repeat(node, least, most)

    def _quantifier(self) -> tuple[int, int | None] | None:
        char = self._peek()
        if char in _QUANTIFIERS:
            self._at += 1
            return _QUANTIFIERS[char]
        if char != "{":
            return None
        end = self._find("}")
        low, comma, high = self._text[self._at + 1 : end].partition(",")
        counts = [self._count(part) for part in (low or "0", high or low) if part]
        self._at = end + 1
        least, most = counts[0], (None if comma and not high else counts[-1])
        if not (low or high) or (most is not None and most < least):
            raise self._error("a quantifier without sensible bounds")
        return least, most

    def _count(self, text: str) -> int:
        if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) > MAX_COUNT:
            raise self._error(f"a quantifier that is no number up to {MAX_COUNT}; write '\\{{' for a brace")
        return int(text)

    def _escaped(self) -> Node:
        found = self._escape()
        return Literal(found) if isinstance(found, str) else Chars(found)

    def _escape(self) -> str | Ranges:
        """What stands after a backslash: a character or a class."""
        char = self._next()
        if char in self._classes:
            return self._classes[char]
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char in ("x", "u"):
            return self._numbered(2 if char == "x" else 4)
        if char.isalnum():
            raise self._error(f"the escape '\\{char}', which a grammar cannot express")
        return char

    def _numbered(self, digits: int) -> str:
        text = self._text[self._at : self._at + digits]
        self._at += digits
        try:
            char = chr(int(text, 16)) if len(text) == digits else ""
        except ValueError:
            char = ""
        if not char or 0xD800 <= ord(char) <= 0xDFFF:
            raise self._error(f"an escape that needs {digits} hexadecimal digits of a character")
        return char

    def _class(self) -> Ranges:
        negated = self._take("^")
        self._classes = _NEGATED_CLASSES if negated else _CLASSES
        ranges: list[tuple[int, int]] = []
        while self._peek() != "]":
            ranges += self._class_part()
        self._at += 1
        self._classes = _CLASSES
        found = charset.complement(tuple(ranges)) if negated else charset.union(ranges)
        if not found:
            raise self._error("a class that no character belongs to")
        return found

    def _class_part(self) -> Ranges:
        first = self._class_char()
        if not isinstance(first, str):
            return first
        if self._peek() != "-" or self._text[self._at + 1 : self._at + 2] in ("]", ""):
            return ((ord(first), ord(first)),)
        self._at += 1
        last = self._class_char()
        if not isinstance(last, str) or last < first:
            raise self._error("a range in a class that does not ascend")
        return charset.intersection(((ord(first), ord(last)),), ((0, 0xD7FF), (0xE000, 0x10FFFF)))

    def _class_char(self) -> str | Ranges:
        char = self._next()
        if char == "\\" and self._take("b"):
            return "\b"
        return self._escape() if char == "\\" else char

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, char: str) -> bool:
        taken = self._peek() == char
        self._at += taken
        return taken

    def _next(self) -> str:
        char = self._peek()
        if not char:
            raise self._error("an end where more was expected")
        self._at += 1
        return char

    def _find(self, char: str) -> int:
        at = self._text.find(char, self._at)
        if at < 0:
            raise self._error(f"no '{char}' where one was expected")
        return at

    def _error(self, what: str) -> SchemaError:
        return SchemaError(f"the pattern has, at character {self._at + 1}, {what}")

"""Cuts a Go template into tokens: text outside of the delimiters, words and signs inside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from hearth.errors import TemplateError
from hearth.prompt.go.limits import MAX_TEMPLATE
from hearth.prompt.go.place import wrong

SPACE: Final = " \t\r\n"


class Kind(Enum):
    """What a token is."""

    TEXT = auto()
    LEFT = auto()
    RIGHT = auto()
    SPACE = auto()
    DECLARE = auto()
    ASSIGN = auto()
    PIPE = auto()
    OPEN = auto()
    CLOSE = auto()
    STRING = auto()
    RAW = auto()
    CHAR = auto()
    NUMBER = auto()
    VARIABLE = auto()
    FIELD = auto()
    DOT = auto()
    WORD = auto()
    KEYWORD = auto()
    BOOL = auto()
    NIL = auto()
    SIGN = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it was written, and the line it starts on, from 1."""

    kind: Kind
    text: str
    line: int


KEYWORDS: Final = frozenset("block break continue define else end if range template with".split())
_SPECIAL: Final = {
    "true": Kind.BOOL,
    "false": Kind.BOOL,
    "nil": Kind.NIL,
    **dict.fromkeys(KEYWORDS, Kind.KEYWORD),
}
_LEFT: Final = re.compile(r"\{\{(-[ \t\r\n])?")
_RIGHT: Final = re.compile(r"([ \t\r\n]-)?\}\}")
_INSIDE: Final = re.compile(
    r"""
    (?P<SPACE>(?:[ \t\r\n](?!-\}\}))+)
    | (?P<DECLARE>:=) | (?P<ASSIGN>=) | (?P<PIPE>\|) | (?P<OPEN>\() | (?P<CLOSE>\))
    | (?P<STRING>"(?:[^"\\\n]|\\[^\n])*") | (?P<RAW>`[^`]*`) | (?P<CHAR>'(?:[^'\\\n]|\\[^\n])*')
    | (?P<NUMBER>(?=[-+0-9]|\.[0-9])[-+]?(?:
        0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][-+]?[0-9_]*)?
        | 0[oO][0-7_]*(?:\.[0-7_]*)?
        | 0[bB][01_]*(?:\.[01_]*)?
        | [0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9_]*)?
      )i?)
    | (?P<VARIABLE>\$\w*) | (?P<FIELD>\.\w+) | (?P<DOT>\.) | (?P<WORD>\w+) | (?P<SIGN>[!-~])
    """,
    re.VERBOSE,
)
_NAMES: Final = frozenset({"VARIABLE", "FIELD", "DOT", "WORD"})
_NAME_ENDS: Final = frozenset(SPACE + ".,|:)(")
_UNCLOSED: Final = {
    '"': "a quoted string is not closed on its line",
    "`": "a raw string is never closed",
    "'": "a character constant is not closed on its line",
    ":": 'expected ":="',
}


def lex(text: str) -> Iterator[Token]:
    """The tokens of a template, an END last. Raises TemplateError, which names the line."""
    if len(text) > MAX_TEMPLATE:
        raise TemplateError(f"it has {len(text)} characters, at most {MAX_TEMPLATE} are allowed")
    return _Lexer(text).run()


class _Lexer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1

    def run(self) -> Iterator[Token]:
        while (left := _LEFT.search(self._text, self._at)) is not None:
            yield from self._outside(left.start(), trim=bool(left[1]))
            line = self._line
            self._move(left.end())
            if self._text.startswith("/*", self._at):
                self._comment()
                continue
            yield Token(Kind.LEFT, left[0], line)
            yield from self._inside()
        yield from self._outside(len(self._text), trim=False)
        yield Token(Kind.END, "", self._line)

    def _move(self, end: int) -> str:
        passed = self._text[self._at : end]
        self._line += passed.count("\n")
        self._at = end
        return passed

    def _outside(self, end: int, *, trim: bool) -> Iterator[Token]:
        line = self._line
        text = self._move(end)
        if trim:
            text = text.rstrip(SPACE)
        if text:
            yield Token(Kind.TEXT, text, line)

    def _comment(self) -> None:
        line = self._line
        end = self._text.find("*/", self._at + 2)
        if end < 0:
            raise wrong(line, "a comment is never closed; expected */")
        self._move(end + 2)
        right = _RIGHT.match(self._text, self._at)
        if right is None:
            raise wrong(line, "a comment must fill its action; expected }} right after */")
        self._close(right)

    def _close(self, right: re.Match[str]) -> Token:
        token = Token(Kind.RIGHT, right[0], self._line)
        self._move(right.end())
        if right[1]:
            rest = self._at
            while rest < len(self._text) and self._text[rest] in SPACE:
                rest += 1
            self._move(rest)
        return token

    def _inside(self) -> Iterator[Token]:
        depth = 0
        while (right := _RIGHT.match(self._text, self._at)) is None:
            token = self._token()
            depth += (token.kind is Kind.OPEN) - (token.kind is Kind.CLOSE)
            if depth < 0:
                raise wrong(token.line, 'an unexpected ")"')
            yield token
        if depth:
            raise wrong(self._line, 'a "(" is not closed in its action; expected ")"')
        yield self._close(right)

    def _token(self) -> Token:
        line = self._line
        match = _INSIDE.match(self._text, self._at)
        name = (match.lastgroup if match else None) or ""
        if match is None or (name == "SIGN" and match[0] in _UNCLOSED):
            raise self._unreadable()
        text = self._move(match.end())
        if name in _NAMES and not self._name_ends():
            raise wrong(line, f"unexpected {self._text[self._at]!r} right after {text!r}")
        if name == "NUMBER" and self._text[self._at : self._at + 1].isalnum():
            raise wrong(line, f"bad number syntax: {text + self._text[self._at]!r}")
        kind = Kind[name]
        return Token(_SPECIAL.get(text, kind) if kind is Kind.WORD else kind, text, line)

    def _name_ends(self) -> bool:
        following = self._text[self._at : self._at + 1]
        return not following or following in _NAME_ENDS or self._text.startswith("}}", self._at)

    def _unreadable(self) -> TemplateError:
        if self._at >= len(self._text):
            return wrong(self._line, "an action is never closed; expected }}")
        char = self._text[self._at]
        return wrong(self._line, _UNCLOSED.get(char, f"unexpected {char!r} in an action"))

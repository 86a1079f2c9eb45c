"""The parser's place in the tokens of a template: looking ahead, and saying what was expected."""

from __future__ import annotations

from typing import Final

from hearth.errors import TemplateError
from hearth.prompt.go.lexer import Kind, Token, lex
from hearth.prompt.go.place import wrong

_SHOWN: Final = 30


class Tokens:
    """The tokens of a template, read one after the other."""

    def __init__(self, text: str) -> None:
        self._tokens = list(lex(text))
        self._at = 0

    @property
    def line(self) -> int:
        """The line of the next token."""
        return self._tokens[self._at].line

    def peek(self, *, ahead: int = 0) -> Token:
        """The next token, or one beyond it; past the end, the END."""
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)]

    def next(self) -> Token:
        """Take the next token; the END stays."""
        token = self._tokens[self._at]
        if token.kind is not Kind.END:
            self._at += 1
        return token

    def skip_space(self) -> Token:
        """The next token that is no space; it is not taken."""
        while self._tokens[self._at].kind is Kind.SPACE:
            self._at += 1
        return self._tokens[self._at]

    def take(self, kind: Kind, text: str | None = None) -> Token | None:
        """Take the next token that is no space, if it is this one."""
        token = self.skip_space()
        if token.kind is not kind or (text is not None and token.text != text):
            return None
        return self.next()

    def expect(self, kind: Kind, expected: str) -> Token:
        """Take the next token that is no space. Raises TemplateError if it is another one."""
        token = self.take(kind)
        if token is None:
            raise self.unexpected(expected)
        return token

    def unexpected(self, expected: str) -> TemplateError:
        """An error at the next token."""
        token = self.peek()
        return wrong(token.line, f"unexpected {_name(token)}; expected {expected}")


def _name(token: Token) -> str:
    if token.kind is Kind.END:
        return "end of the template"
    text = token.text if len(token.text) <= _SHOWN else token.text[:_SHOWN] + "..."
    return "the end of the action" if token.kind is Kind.RIGHT else repr(text)

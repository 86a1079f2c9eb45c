"""Parses the expressions of a Go template: pipelines of commands of operands."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Final, TypeVar

from hearth.prompt.go.lexer import Kind, Token
from hearth.prompt.go.limits import MAX_NESTING
from hearth.prompt.go.literals import read_char, read_number, unquote
from hearth.prompt.go.nodes import (
    Chain,
    Command,
    Dot,
    Field,
    Identifier,
    Literal,
    Nil,
    Operand,
    Pipe,
    Variable,
)
from hearth.prompt.go.place import wrong
from hearth.prompt.go.tokens import Tokens

_T = TypeVar("_T")
_STARTS: Final = frozenset(
    {
        Kind.BOOL, Kind.CHAR, Kind.DOT, Kind.FIELD, Kind.WORD, Kind.NUMBER, Kind.NIL, Kind.RAW, Kind.STRING,
        Kind.VARIABLE, Kind.OPEN,
    }
)  # fmt: skip


class PipeParser:
    """Reads pipelines from the tokens; `variables` are the names that may be used."""

    def __init__(self, tokens: Tokens, functions: Container[str]) -> None:
        self._tokens = tokens
        self._functions = functions
        self._depth = 0
        self.variables = ["$"]

    def pipe(self, end: Kind, context: str) -> Pipe:
        """A pipeline up to its end, which is taken. Raises TemplateError."""
        line = self._tokens.skip_space().line
        variables, assigns = self._declarations(context)
        commands: list[Command] = []
        while self._tokens.take(end) is None:
            if self._tokens.peek().kind not in _STARTS:
                raise self._tokens.unexpected(f"a value for {context}")
            commands.append(self._command())
            if len(commands) > 1 and isinstance(commands[-1].operands[0], Literal | Dot | Nil):
                raise wrong(commands[-1].line, f"stage {len(commands)} of a pipeline must be a function")
        if not commands:
            raise wrong(line, f"a value is missing for {context}")
        return Pipe(tuple(commands), line, variables, assigns)

    def _declarations(self, context: str) -> tuple[tuple[str, ...], bool]:
        names: list[str] = []
        while (name := self._declared()) is not None:
            sign = self._tokens.next()
            names.append(name)
            self.variables.append(name)
            if sign.kind is not Kind.SIGN:
                return tuple(names), sign.kind is Kind.ASSIGN
            if context != "range" or len(names) > 1:
                raise wrong(sign.line, f"too many variables for {context}")
            following = self._tokens.skip_space().kind
            if following not in (Kind.VARIABLE, Kind.RIGHT, Kind.CLOSE):
                raise self._tokens.unexpected("a second variable after the comma")
        return tuple(names), False

    def _declared(self) -> str | None:
        """Take a variable that `:=`, `=` or a comma follows; that sign stays."""
        if self._tokens.skip_space().kind is not Kind.VARIABLE:
            return None
        ahead = 2 if self._tokens.peek(ahead=1).kind is Kind.SPACE else 1
        sign = self._tokens.peek(ahead=ahead)
        if sign.kind not in (Kind.DECLARE, Kind.ASSIGN) and (sign.kind, sign.text) != (Kind.SIGN, ","):
            return None
        name = self._tokens.next().text
        self._tokens.skip_space()
        return name

    def _command(self) -> Command:
        line = self._tokens.skip_space().line
        operands: list[Operand] = []
        while self._tokens.skip_space().kind in _STARTS:
            operands.append(self._operand())
            if self._tokens.peek().kind is not Kind.SPACE:
                break
        following = self._tokens.peek()
        if following.kind is Kind.PIPE:
            self._tokens.next()
        elif following.kind not in (Kind.RIGHT, Kind.CLOSE):
            raise self._tokens.unexpected("a space, a | or the end of the command")
        return Command(tuple(operands), line)

    def _operand(self) -> Operand:
        line = self._tokens.line
        term = self._term(self._tokens.next())
        names: list[str] = []
        while self._tokens.peek().kind is Kind.FIELD:
            names.append(self._tokens.next().text[1:])
        if not names:
            return term
        if isinstance(term, Field):
            return Field((*term.names, *names))
        if isinstance(term, Variable):
            return Variable(term.name, tuple(names))
        if isinstance(term, Literal | Nil | Dot):
            raise wrong(line, f"unexpected .{names[0]} after a value that has no fields")
        return Chain(term, tuple(names))

    def _term(self, token: Token) -> Operand:
        match token.kind:
            case Kind.WORD:
                return self._function(token)
            case Kind.DOT:
                return Dot()
            case Kind.NIL:
                return Nil()
            case Kind.VARIABLE:
                return self._variable(token)
            case Kind.FIELD:
                return Field((token.text[1:],))
            case Kind.OPEN:
                return self._parenthesised(token)
            case _:
                return Literal(_literal(token))

    def _function(self, token: Token) -> Identifier:
        if token.text not in self._functions:
            raise wrong(
                token.line, f'function "{token.text}" is not defined; expected one that Go or Ollama has'
            )
        return Identifier(token.text)

    def _variable(self, token: Token) -> Variable:
        if token.text not in self.variables:
            raise wrong(token.line, f'undefined variable "{token.text}"; expected {token.text} := before it')
        return Variable(token.text)

    def _parenthesised(self, token: Token) -> Pipe:
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise wrong(token.line, f"more than {MAX_NESTING} parentheses inside one another")
        pipe = self.pipe(Kind.CLOSE, "the parentheses")
        self._depth -= 1
        return pipe


def unquoted(token: Token) -> str:
    """The text of a quoted or raw string. Raises TemplateError."""
    return _reading(unquote, token)


def _literal(token: Token) -> str | int | float | bool:
    if token.kind is Kind.BOOL:
        return token.text == "true"
    if token.kind is Kind.CHAR:
        return _reading(read_char, token)
    if token.kind is Kind.NUMBER:
        return _reading(read_number, token)
    return unquoted(token)


def _reading(read: Callable[[str], _T], token: Token) -> _T:
    try:
        return read(token.text)
    except ValueError as error:
        raise wrong(token.line, str(error)) from error

"""Parses a Go template's blocks into a tree; the expressions inside the actions are `pipes`' to parse.

Variables are checked here as Go checks them: where a `$x` is used, a `$x :=` must stand before it in an
enclosing block of the text.
"""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Final, Literal, cast

from hearth.prompt.go.lexer import Kind
from hearth.prompt.go.limits import MAX_NESTING
from hearth.prompt.go.nodes import Action, Block, Branch, Call, Jump, Node, Text, Tree
from hearth.prompt.go.pipes import PipeParser, unquoted
from hearth.prompt.go.place import wrong
from hearth.prompt.go.tokens import Tokens

_SURROGATES: Final = re.compile("[\ud800-\udfff]")
BranchKind = Literal["if", "with", "range"]


def parse(text: str, functions: Container[str]) -> Tree:
    """Parse a template that may call these functions.

    Raises:
        TemplateError: with the line, what is wrong there and what was expected.
    """
    return _Parser(Tokens(_SURROGATES.sub("\ufffd", text)), functions).whole()


class _Parser:
    def __init__(self, tokens: Tokens, functions: Container[str]) -> None:
        self._tokens = tokens
        self._pipes = PipeParser(tokens, functions)
        self._defined: dict[str, Block] = {}
        self._ranges = 0
        self._depth = 0

    def whole(self) -> Tree:
        nodes: list[Node] = []
        while self._tokens.peek().kind is not Kind.END:
            if self._tokens.peek().kind is Kind.LEFT and self._is_define():
                self._define()
                continue
            nodes += self._text_or_action("")
        return Tree(tuple(nodes), self._defined)

    def _is_define(self) -> bool:
        ahead = 2 if self._tokens.peek(ahead=1).kind is Kind.SPACE else 1
        token = self._tokens.peek(ahead=ahead)
        return token.kind is Kind.KEYWORD and token.text == "define"

    def _define(self) -> None:
        self._tokens.next()
        self._tokens.skip_space()
        self._tokens.next()
        name = self._name("define")
        self._tokens.expect(Kind.RIGHT, '"}}" after the name of the template')
        self._body(name)

    def _body(self, name: str) -> None:
        """The body of a defined template: its variables and loops are its own."""
        line = self._tokens.line
        ranges, self._ranges = self._ranges, 0
        outer, self._pipes.variables = self._pipes.variables, ["$"]
        body, ended_by = self._block("define")
        if ended_by != "end":
            raise wrong(self._tokens.line, "unexpected {{else}} in a defined template; expected {{end}}")
        self._ranges, self._pipes.variables = ranges, outer
        known = self._defined.get(name)
        if known is not None and not _is_empty(known) and not _is_empty(body):
            raise wrong(line, f'the template "{name}" is defined twice')
        if known is None or _is_empty(known):
            self._defined[name] = body

    def _name(self, keyword: str) -> str:
        self._tokens.skip_space()
        token = self._tokens.peek()
        if token.kind not in (Kind.STRING, Kind.RAW):
            raise self._tokens.unexpected(f"the quoted name of a template after {keyword}")
        return unquoted(self._tokens.next())

    def _block(self, opener: str) -> tuple[Block, str]:
        """Everything up to `end` or `else`, and which of them it was."""
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise wrong(self._tokens.line, f"more than {MAX_NESTING} blocks inside one another")
        nodes: list[Node] = []
        line = self._tokens.line
        while True:
            if self._tokens.peek().kind is Kind.END:
                raise wrong(line, f"{{{{{opener}}}}} is never closed; expected {{{{end}}}}")
            if (ended_by := self._ending()) is not None:
                self._depth -= 1
                return tuple(nodes), ended_by
            nodes += self._text_or_action(opener)

    def _ending(self) -> str | None:
        """Take an `end` or an `else`, if it is next; what follows `else` stays."""
        if self._tokens.peek().kind is not Kind.LEFT:
            return None
        ahead = 2 if self._tokens.peek(ahead=1).kind is Kind.SPACE else 1
        token = self._tokens.peek(ahead=ahead)
        if token.kind is not Kind.KEYWORD or token.text not in ("end", "else"):
            return None
        for _ in range(ahead + 1):
            self._tokens.next()
        following = self._tokens.skip_space()
        if token.text == "else" and following.kind is Kind.KEYWORD and following.text in ("if", "with"):
            return "else"
        self._tokens.expect(Kind.RIGHT, f'"}}}}" after {token.text}')
        return token.text

    def _text_or_action(self, opener: str) -> list[Node]:
        token = self._tokens.next()
        if token.kind is Kind.TEXT:
            return [Text(token.text, token.line)]
        if token.kind is not Kind.LEFT:
            raise wrong(token.line, f"unexpected {token.text!r}; expected a text or an action")
        word = self._tokens.skip_space()
        if word.kind is not Kind.KEYWORD:
            return [Action(self._pipes.pipe(Kind.RIGHT, "command"), word.line)]
        self._tokens.next()
        return [self._keyword(word.text, word.line, opener)]

    def _keyword(self, word: str, line: int, opener: str) -> Node:
        if word in ("if", "with", "range"):
            return self._branch(cast("BranchKind", word), line)
        if word in ("break", "continue"):
            return self._jump(cast("Literal['break', 'continue']", word), line)
        if word == "template":
            return self._call(line)
        if word == "block":
            return self._block_call(line)
        if word == "define":
            raise wrong(line, f"unexpected {{{{define}}}} inside {{{{{opener}}}}}; move it out of all blocks")
        raise wrong(line, f"unexpected {{{{{word}}}}}; no block is open here")

    def _branch(self, kind: BranchKind, line: int) -> Branch:
        declared = len(self._pipes.variables)
        pipe = self._pipes.pipe(Kind.RIGHT, kind)
        self._ranges += kind == "range"
        body, ended_by = self._block(kind)
        self._ranges -= kind == "range"
        otherwise = self._else(kind) if ended_by == "else" else ()
        del self._pipes.variables[declared:]
        return Branch(kind, pipe, body, otherwise, line)

    def _else(self, kind: BranchKind) -> Block:
        following = self._tokens.peek()
        if kind != "range" and self._tokens.take(Kind.KEYWORD, kind):
            self._depth += 1
            if self._depth > MAX_NESTING:
                raise wrong(following.line, f"more than {MAX_NESTING} times else {kind}")
            chained = self._branch(kind, following.line)
            self._depth -= 1
            return (chained,)
        if following.kind is Kind.KEYWORD:
            raise self._tokens.unexpected(f'"}}}}" after the else of {{{{{kind}}}}}')
        body, ended_by = self._block(kind)
        if ended_by != "end":
            raise wrong(self._tokens.line, f"a second {{{{else}}}} of {{{{{kind}}}}}; expected {{{{end}}}}")
        return body

    def _jump(self, kind: Literal["break", "continue"], line: int) -> Jump:
        self._tokens.expect(Kind.RIGHT, f'"}}}}" after {kind}')
        if not self._ranges:
            raise wrong(line, f"{{{{{kind}}}}} outside of {{{{range}}}}")
        return Jump(kind, line)

    def _call(self, line: int) -> Call:
        name = self._name("template")
        if self._tokens.take(Kind.RIGHT):
            return Call(name, None, line)
        return Call(name, self._pipes.pipe(Kind.RIGHT, "template"), line)

    def _block_call(self, line: int) -> Call:
        name = self._name("block")
        pipe = self._pipes.pipe(Kind.RIGHT, "block")
        self._body(name)
        return Call(name, pipe, line)


def _is_empty(block: Block) -> bool:
    return all(isinstance(node, Text) and not node.text.strip() for node in block)

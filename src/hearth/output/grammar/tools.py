"""Calls of tools as a grammar: the text in which a model writes them, with the arguments by their schemas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from hearth.errors import BadRequest, SchemaError
from hearth.messages import Json, Tool
from hearth.output.calltext import CallText
from hearth.output.grammar.checks import check_document
from hearth.output.grammar.nodes import Literal, Node, choice, repeat, series
from hearth.output.grammar.place import Place, printable
from hearth.output.grammar.schema import Compiler, finished
from hearth.output.grammar.strings import string_literal
from hearth.output.grammar.tokens import JsonGrammar

MOST_CALLS: Final = 64
"""Calls in one answer; a model that repeats itself would otherwise go on until the context is full."""

_PLAIN_NAME = re.compile(r"[\w.\-]{1,200}")


def call_grammar(written: CallText, tools: Sequence[Tool], *, parallel: bool) -> str:
    """The grammar of an answer that calls one of the tools, or several where `parallel` allows it.

    Raises:
        SchemaError: parameters that a grammar cannot express, as for any schema.
        BadRequest: a name that the format cannot write.
    """
    grammar = JsonGrammar()
    call = grammar.add("call", choice(_calls(written, tools, grammar)))
    try:
        return finished(grammar, _listing(written, call, parallel))
    except SchemaError as error:
        raise SchemaError(f"the parameters of the tools together: {error.message}", "tools") from error


def _listing(written: CallText, call: Node, parallel: bool) -> Node:
    if not written.bare_alone:
        more = repeat(series(written.separator, call), 0, MOST_CALLS - 1) if parallel else ""
        return series(written.opening, call, more, written.closing)
    if not parallel:
        return call
    more = repeat(series(written.separator, call), 1, MOST_CALLS - 1)
    return choice([call, series(written.opening, call, more, written.closing)])


def _calls(written: CallText, tools: Sequence[Tool], grammar: JsonGrammar) -> list[Node]:
    calls: list[Node] = []
    compiled = 0
    for tool in tools:
        schema = _parameters(tool)
        try:
            check_document(schema)
            compiler = Compiler(schema, grammar, compiled)
            arguments = compiler.document()
        except SchemaError as error:
            raise SchemaError(f"the parameters of {_shown(tool)}: {error.message}", "tools") from error
        compiled = compiler.compiled
        name = _name(tool, written.quoted)
        call = series(written.before, name, written.between, arguments, written.after)
        calls.append(grammar.add(f"call-{tool.name}", call))
    return calls


def _parameters(tool: Tool) -> dict[str, Json]:
    """The schema of the arguments, which are an object whatever it says."""
    kind = tool.parameters.get("type", "object")
    if kind != "object" and not (isinstance(kind, list) and "object" in kind):
        raise SchemaError(f'the parameters of {_shown(tool)} must have the type "object"', "tools")
    return {**tool.parameters, "type": "object"}


def _name(tool: Tool, quoted: bool) -> Node:
    fits = tool.name.strip() == tool.name if quoted else _PLAIN_NAME.fullmatch(tool.name)
    if not fits:
        raise BadRequest(
            f"{_shown(tool)} has a name that this model cannot be held to; use letters, digits, _ and -",
            "tools",
        )
    return string_literal(tool.name, Place()) if quoted else Literal(tool.name)


def _shown(tool: Tool) -> str:
    return f'the tool "{printable(tool.name)}"'

"""From the requested shape of an answer to a grammar."""

from __future__ import annotations

import asyncio
import json

from hearth.messages import Format
from hearth.output.grammar import json_grammar, schema_grammar
from hearth.output.thinking import ThinkingTags


async def grammar(form: Format | None) -> str:
    """The GBNF grammar of a format, empty for none; raises SchemaError."""
    if form is None:
        return ""
    if form.kind == "schema":
        # A hostile schema can take a second to be refused; nobody else shall wait for it.
        return await asyncio.to_thread(schema_grammar, form.schema)
    return json_grammar() if form.kind == "json" else form.grammar


def after_thinking(grammar: str, tags: ThinkingTags, *, inside: bool) -> str:
    """The grammar preceded by free thinking; `inside` if the prompt has opened the thinking already."""
    opening = "" if inside else f"{json.dumps(tags.opening)} "
    first, second = tags.closing[0], tags.closing[1]
    # No rule of ours ends in a hyphen, whatever the properties of a schema are called.
    free = (
        f'root ::= {opening}thought-* "{first}"* {json.dumps(tags.closing)} [ \\t\\n]{{0,4}} answer-\n'
        f'thought- ::= [^{first}] | "{first}"+ [^{first}{second}]\n'
    )
    return free + _renamed_root(grammar)


def _renamed_root(grammar: str) -> str:
    lines = grammar.split("\n")
    return "\n".join("answer-" + line[4:] if line.startswith("root ") else line for line in lines)

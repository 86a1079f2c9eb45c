"""From the requested shape of an answer to a grammar."""

from __future__ import annotations

import json

from hearth.messages import Format
from hearth.output.grammar import json_grammar, schema_grammar
from hearth.output.thinking import ThinkingTags


def grammar(form: Format | None) -> str:
    """The GBNF grammar of a format, empty for none; raises SchemaError."""
    if form is None:
        return ""
    if form.kind == "grammar":
        return form.grammar
    return json_grammar() if form.kind == "json" else schema_grammar(form.schema)


def after_thinking(grammar: str, tags: ThinkingTags, *, inside: bool) -> str:
    """The grammar preceded by free thinking; `inside` if the prompt has opened the thinking already."""
    opening = "" if inside else f"{json.dumps(tags.opening)} "
    first, rest = tags.closing[0], tags.closing[1]
    body = f'( [^{first}] | "{first}" [^{rest}] )*'
    closing = json.dumps(tags.closing)
    free = f"root ::= {opening}{body} {closing} [ \\t\\n]{{0,4}} answer-root\n"
    return free + _renamed_root(grammar)


def _renamed_root(grammar: str) -> str:
    lines = grammar.split("\n")
    return "\n".join("answer-root" + line[4:] if line.startswith("root ") else line for line in lines)

"""Objects of a schema: properties in their declared order, those that are not required may be left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hearth.messages import Json
from hearth.output.grammar.gbnf import Grammar
from hearth.output.grammar.keys import other_keys
from hearth.output.grammar.nodes import EMPTY, Literal, Node, Rule, choice, optional, repeat, series
from hearth.output.grammar.place import Place
from hearth.output.grammar.strings import string_literal
from hearth.output.grammar.tokens import COMMA, SPACE, member

Compile = Callable[[Json, Place], Node]
"""Turns a schema at a place into what matches its documents."""


@dataclass(frozen=True, slots=True)
class Member:
    """A declared property, as key and value."""

    node: Node
    required: bool


def object_node(schema: dict[str, Json], place: Place, grammar: Grammar, compile_value: Compile) -> Node:
    """An object with the schema's `properties`, `required` and `additionalProperties`.

    Without `additionalProperties`, an object that declares properties has no others, as in strict mode
    elsewhere; one that declares none is free. Raises SchemaError.
    """
    properties = place.table(schema, "properties")
    required = place.names(schema, "required")
    extra = schema.get("additionalProperties")
    undeclared = True if extra is None else extra
    declared = dict(properties) | {name: undeclared for name in required if name not in properties}
    if extra is None:
        extra = not declared
    if not declared and extra is True:
        return Rule("object")
    members = _members(declared, set(required), place, grammar, compile_value)
    more: Node = EMPTY
    if extra is not False:
        value = compile_value(extra, place.inside("additionalProperties"))
        more = grammar.add(f"{place.name}-other", member(other_keys(list(declared), grammar), value))
    return series("{", SPACE, _listing(members, more, grammar, place.name), "}")


def _members(
    declared: dict[str, Json], required: set[str], place: Place, grammar: Grammar, compile_value: Compile
) -> list[Member]:
    members = []
    for name, schema in declared.items():
        inside = place.inside("properties", name)
        if schema is False:
            if name in required:
                raise inside.error("a required property is forbidden", "allow it or do not require it")
            continue
        node = member(string_literal(name, inside), compile_value(schema, inside))
        members.append(Member(grammar.add(f"{inside.name}-pair", node), name in required))
    return members


def _listing(members: list[Member], more: Node, grammar: Grammar, name: str) -> Node:
    """The members with commas between them, and white space after the last."""
    tail = repeat(series(COMMA, more), 0, None) if more != EMPTY else EMPTY
    first = next((at for at, each in enumerate(members) if each.required), None)
    if first is None:
        return _optional_listing([each.node for each in members], more, tail, grammar, name)
    before = [optional(series(each.node, COMMA)) for each in members[:first]]
    after = [
        series(COMMA, each.node) if each.required else optional(series(COMMA, each.node))
        for each in members[first + 1 :]
    ]
    return series(*before, members[first].node, *after, tail, SPACE)


def _optional_listing(nodes: list[Node], more: Node, tail: Node, grammar: Grammar, name: str) -> Node:
    """Any of the members, none of which need be there."""
    starts = [series(more, tail)] if more != EMPTY else []
    rest = tail
    for at, node in reversed(list(enumerate(nodes))):
        starts.append(series(node, rest))
        if at:
            rest = grammar.add(f"{name}-rest", series(optional(series(COMMA, node)), rest))
    return optional(series(choice(reversed(starts)), SPACE)) if starts else Literal("")

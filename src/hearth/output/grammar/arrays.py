"""Arrays of a schema."""

from __future__ import annotations

from hearth.messages import Json
from hearth.output.grammar.gbnf import Grammar
from hearth.output.grammar.nodes import EMPTY, Node, optional, repeat, series
from hearth.output.grammar.objects import Compile
from hearth.output.grammar.place import Place
from hearth.output.grammar.tokens import COMMA, SPACE


def array_node(schema: dict[str, Json], place: Place, grammar: Grammar, compile_value: Compile) -> Node:
    """An array with the schema's `prefixItems`, `items`, `minItems` and `maxItems`.

    Without `items`, an array that declares its first elements has no others. `uniqueItems` is not held to:
    a grammar cannot remember what it has seen. Raises SchemaError.
    """
    least = place.count(schema, "minItems") or 0
    most = place.count(schema, "maxItems")
    prefix, items = _split(schema, place)
    if items is False:
        most = len(prefix) if most is None else min(most, len(prefix))
    if most is not None and most < least:
        raise place.error(
            f"at least {least} elements are asked for but at most {most} allowed", "correct them"
        )
    heads: list[Node] = [
        grammar.add(f"{place.name}-{at}", compile_value(each, place.inside("prefixItems", at)))
        for at, each in enumerate(prefix[:most])
    ]
    element: Node = EMPTY
    if items is not False and (most is None or most > len(heads)):
        element = grammar.add(f"{place.name}-item", compile_value(items, place.inside("items")))
    return series("[", SPACE, _listing(heads, element, least, most, grammar, place.name), "]")


def _split(schema: dict[str, Json], place: Place) -> tuple[list[Json], Json]:
    """The schemas of the first elements, and that of the others (False: there are none)."""
    items = schema.get("items")
    prefix = list(place.listed(schema, "prefixItems"))
    if isinstance(items, list):
        # The drafts before 2020-12 put the first elements into `items`.
        prefix, items = items, schema.get("additionalItems", False)
    if items is None:
        items = not prefix
    return prefix, items


def _listing(
    heads: list[Node], element: Node, least: int, most: int | None, grammar: Grammar, name: str
) -> Node:
    """The elements with commas between them, and white space after the last."""
    if most == 0:
        return EMPTY
    if not heads:
        more = repeat(series(COMMA, element), max(least - 1, 0), None if most is None else most - 1)
        return _maybe(series(element, more, SPACE), needed=least > 0)
    count = len(heads)
    tail: Node = EMPTY
    if element != EMPTY:
        tail = repeat(series(COMMA, element), max(least - count, 0), None if most is None else most - count)
    for at in range(count - 1, 0, -1):
        following = series(COMMA, heads[at], tail)
        tail = grammar.add(f"{name}-rest", _maybe(following, needed=at < least))
    return _maybe(series(heads[0], tail, SPACE), needed=least > 0)


def _maybe(node: Node, *, needed: bool) -> Node:
    return node if needed else optional(node)

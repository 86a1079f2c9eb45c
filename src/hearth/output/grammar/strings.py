"""Strings of a schema: length, pattern and format."""

from __future__ import annotations

import json
import re

from hearth.errors import SchemaError
from hearth.messages import Json
from hearth.output.grammar import charset
from hearth.output.grammar.lengths import shorten
from hearth.output.grammar.nodes import (
    Chars,
    Choice,
    Literal,
    Node,
    Ranges,
    Repeat,
    Rule,
    Series,
    choice,
    repeat,
    series,
)
from hearth.output.grammar.place import Place
from hearth.output.grammar.regex import read_regex
from hearth.output.grammar.tokens import PLAIN

_DAYS = r"((0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|(0[469]|11)-(0[1-9]|[12]\d|30)|02-(0[1-9]|1\d|2[0-8]))"
_LEAP_YEARS = r"(\d\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)"
_HOURS = r"T(\d{1,4}H(\d{1,4}M)?(\d{1,4}S)?|\d{1,4}M(\d{1,4}S)?|\d{1,4}(\.\d{1,6})?S)"

FORMATS = {
    "date": rf"(\d{{4}}-{_DAYS}|{_LEAP_YEARS}-02-29)",
    "time": r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)",
    "duration": rf"P(\d{{1,4}}D({_HOURS})?|{_HOURS})",
    "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "ipv4": r"((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)",
    "email": r"[a-zA-Z0-9_+-]+(\.[a-zA-Z0-9_+-]+)*@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+",
}
"""The formats that have a grammar."""
FORMATS["date-time"] = f"{FORMATS['date']}T{FORMATS['time']}"

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def string_node(schema: dict[str, Json], place: Place) -> Node:
    """A JSON string with the schema's `pattern`, `format`, `minLength` and `maxLength`.

    Other formats than those above are treated as the annotations that they are by the standard. Where a
    length or a pattern is given too, the format yields to it. Raises SchemaError.
    """
    least = place.count(schema, "minLength") or 0
    most = place.count(schema, "maxLength")
    if most is not None and most < least:
        raise place.error(f"minLength {least} is above maxLength {most}", "no text could fit; correct them")
    pattern = schema.get("pattern")
    if pattern is not None:
        return quoted(_bounded_pattern(pattern, least, most, place))
    wanted = schema.get("format")
    if isinstance(wanted, str) and wanted in FORMATS and least == 0 and most is None:
        return quoted(read_regex(FORMATS[wanted]))
    if least == 0 and most is None:
        return Rule("string")
    return series('"', repeat(Rule("char"), least, most), '"')


def string_literal(text: str, place: Place) -> Node:
    """Exactly this string, as JSON. Raises SchemaError for what cannot be written in UTF-8."""
    if _LONE_SURROGATE.search(text):
        raise place.error("a string holds half of a surrogate pair", "send whole characters")
    return Literal(json.dumps(text, ensure_ascii=False))


def quoted(node: Node) -> Node:
    """The texts that a node matches, as JSON strings."""
    return series('"', _encoded(node), '"')


def _bounded_pattern(pattern: Json, least: int, most: int | None, place: Place) -> Node:
    if not isinstance(pattern, str):
        raise place.error("pattern is not a string", "write a regular expression")
    try:
        node = read_regex(pattern)
    except SchemaError as error:
        raise place.unsupported(error.message, "write a simpler one") from error
    bounded = shorten(node, least, most)
    if bounded is None:
        raise place.unsupported(
            "pattern together with minLength or maxLength cannot be held to both",
            "put the length into the pattern, as in ^[a-z]{1,8}$",
        )
    return bounded


def _encoded(node: Node) -> Node:
    match node:
        case Literal(text):
            return Literal("".join(map(_encoded_char, text)))
        case Chars(ranges):
            return _encoded_set(ranges)
        case Series(parts):
            return series(*map(_encoded, parts))
        case Choice(parts):
            return choice(map(_encoded, parts))
        case Repeat(part, least, most):
            return Repeat(_encoded(part), least, most)
        case Rule():
            return node


def _encoded_set(ranges: Ranges) -> Node:
    plain = charset.intersection(ranges, PLAIN)
    named = charset.intersection(ranges, ((0x00, 0x1F), (0x22, 0x22), (0x5C, 0x5C), (0x7F, 0x7F)))
    escapes = [Literal(_encoded_char(chr(at))) for first, last in named for at in range(first, last + 1)]
    return choice([Chars(plain), *escapes] if plain else escapes)


def _encoded_char(char: str) -> str:
    return json.dumps(char, ensure_ascii=False)[1:-1]

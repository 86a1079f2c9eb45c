"""Follows `$ref` inside a schema document."""

from __future__ import annotations

from urllib.parse import unquote

from hearth.messages import Json
from hearth.output.grammar.place import Place, printable


def resolve(document: Json, reference: Json, place: Place) -> Json:
    """The schema that a reference such as `#/$defs/Node` names. Raises SchemaError for any other kind."""
    if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
        raise place.error(
            f"$ref {printable(repr(reference))} does not lead into this schema",
            "put what it names under $defs and refer to it as #/$defs/Name",
        )
    found = document
    for step in reference.split("/")[1:]:
        found = _step(found, unquote(step).replace("~1", "/").replace("~0", "~"))
        if found is None:
            raise place.error(
                f"$ref {printable(repr(reference))} names nothing", "correct it or add what it names"
            )
    return found


def _step(value: Json, step: str) -> Json:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and step.isascii() and step.isdigit() and len(step) < 7:
        return value[int(step)] if int(step) < len(value) else None
    return None

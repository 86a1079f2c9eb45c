"""Where in a schema the compiler is: for messages, for limits, and for reading keywords of the right type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hearth.errors import SchemaError
from hearth.messages import Json
from hearth.output.grammar.limits import MAX_COUNT, MAX_DEPTH


class NotExpressible(SchemaError):
    """A sound schema that a grammar cannot hold a model to."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a schema, such as `$.properties.a`."""

    path: str = "$"
    depth: int = 0

    @property
    def name(self) -> str:
        """What to call the rule for what stands here."""
        return self.path.rpartition(".")[2] if self.depth else "document"

    def inside(self, *steps: str | int) -> Place:
        """The place that the steps lead to. Raises SchemaError where nesting gets too deep."""
        if self.depth >= MAX_DEPTH:
            raise self.error(f"the schema nests deeper than {MAX_DEPTH} levels", "flatten it or use $ref")
        shown = "".join(f".{printable(str(step))}" for step in steps)
        return Place(self.path + shown, self.depth + 1)

    def error(self, what: str, advice: str) -> SchemaError:
        return SchemaError(f"the schema cannot be used: at {self.path}: {what}; {advice}")

    def unsupported(self, what: str, advice: str) -> NotExpressible:
        return NotExpressible(f"the schema cannot be used: at {self.path}: {what}; {advice}")

    def count(self, schema: dict[str, Json], key: str) -> int | None:
        """A keyword that is a count; None if it is absent. Raises SchemaError."""
        value = schema.get(key)
        if value is None:
            return None
        whole = int(value) if isinstance(value, float) and value.is_integer() else value
        if isinstance(whole, bool) or not isinstance(whole, int) or whole < 0:
            raise self.error(f"{key} is not a count", "write a whole number that is not negative")
        if whole > MAX_COUNT:
            raise self.error(f"{key} is {whole:g}", f"use at most {MAX_COUNT}, or leave it out")
        return whole

    def table(self, schema: dict[str, Json], key: str) -> dict[str, Json]:
        """A keyword that is an object; empty if it is absent. Raises SchemaError."""
        value = schema.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self.error(f"{key} is not an object", "write an object of schemas by name")
        return value

    def listed(self, schema: dict[str, Json], key: str) -> Sequence[Json]:
        """A keyword that is a list; empty if it is absent. Raises SchemaError."""
        value = schema.get(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self.error(f"{key} is not a list", "write it in square brackets")
        return value

    def names(self, schema: dict[str, Json], key: str) -> list[str]:
        """A keyword that is a list of strings; empty if it is absent. Raises SchemaError."""
        found = [item for item in self.listed(schema, key) if isinstance(item, str)]
        if len(found) != len(self.listed(schema, key)):
            raise self.error(f"{key} holds something that is not a string", "list names only")
        return found


def printable(text: str) -> str:
    """Text of a schema as it may stand in a message: not too long, and encodable."""
    return text[:100].encode(errors="backslashreplace").decode()

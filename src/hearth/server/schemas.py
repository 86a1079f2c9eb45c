"""The JSON schemas of all requests and replies, for the OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from hearth.server.fields import EVERYWHERE, FORMS, REF, REQUIRED, SHARED, Json
from hearth.server.operations import Dialect


class Schemas:
    """The schemas of some dialects, each under its dialect's prefix."""

    def __init__(self, dialects: Iterable[Dialect]) -> None:
        self._references: dict[tuple[str, type[msgspec.Struct]], Json] = {}
        self.components: dict[str, Json] = dict(SHARED)
        for dialect in dialects:
            self._add(dialect)

    def reference(self, dialect: Dialect, kind: type[msgspec.Struct]) -> Json:
        """What stands for a struct of a dialect in the document."""
        return self._references[dialect.prefix, kind]

    def _add(self, dialect: Dialect) -> None:
        kinds = _structs(dialect)
        made = msgspec.json.schema_components(kinds, ref_template=f"{REF}{dialect.prefix}.{{name}}")
        references, components = _short(made, dialect.prefix)
        self._references |= {(dialect.prefix, kind): ref for kind, ref in zip(kinds, references, strict=True)}
        for name, schema in components.items():
            key = _key(name, dialect.prefix)
            self.components[key] = _told(key, schema)


def _told(key: str, schema: Json) -> Json:
    """The schema with what is known of its fields beside their types; each keeps its default."""
    told: Json = {}
    for name, found in schema.get("properties", {}).items():
        form = FORMS.get(f"{key}.{name}") or EVERYWHERE.get(name)
        default = {"default": found["default"]} if found.get("default") is not None else {}
        told[name] = {**form, **default} if form else found
    required = {"required": sorted(REQUIRED[key])} if key in REQUIRED else {}
    return {**schema, "properties": told, **required} if told else schema


def _structs(dialect: Dialect) -> list[type[msgspec.Struct]]:
    kinds = {dialect.error} if dialect.error is not None else set()
    for operation in dialect.operations.values():
        kinds |= {*operation.reply, *([operation.body] if operation.body is not None else [])}
    return sorted(kinds, key=lambda kind: (kind.__module__, kind.__name__))


def _short(made: Any, prefix: str) -> Any:
    """The same with shorter references: msgspec tells structs of the same name apart by their module."""
    text = msgspec.json.encode(made).decode()
    return msgspec.json.decode(re.sub(rf"({REF}{prefix}\.)hearth\.server\.(?:{prefix}\.)?", r"\1", text))


def _key(name: str, prefix: str) -> str:
    return f"{prefix}.{name.removeprefix('hearth.server.').removeprefix(prefix + '.')}"

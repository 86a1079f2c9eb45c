"""The layers of a model that is being created: what it inherits, what replaces it, and their order.

Texts and parameters are encoded byte for byte as Ollama does, so that the same Modelfile gives the same blobs
and a model that is shown and created again shares every layer with the first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from hearth.errors import StoreDamaged
from hearth.library import Layer, MediaType
from hearth.messages import Json, Message

_ORDER: Final = (
    MediaType.MODEL,
    MediaType.PROJECTOR,
    MediaType.ADAPTER,
    MediaType.DRAFT,
    MediaType.TEMPLATE,
    MediaType.SYSTEM,
    MediaType.PARAMS,
    MediaType.MESSAGES,
    MediaType.LICENSE,
)
_REPLACES: Final[Mapping[str, frozenset[str]]] = {
    MediaType.TEMPLATE: frozenset({MediaType.TEMPLATE, MediaType.PROMPT}),
    MediaType.ADAPTER: frozenset(),
    MediaType.LICENSE: frozenset(),
}
"""What a new layer of a type pushes out, where that is not simply the inherited layer of its type."""

_HTML: Final = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def merge(inherited: Sequence[Layer], new: Sequence[Layer]) -> tuple[Layer, ...]:
    """The new layers with those inherited ones that they do not replace, each content once, in a fixed order.

    Adapters and licences add to the inherited ones; everything else replaces what has its type.
    """
    gone = {kind for layer in new for kind in _REPLACES.get(layer.media_type, {layer.media_type})}
    kept = [layer for layer in inherited if layer.media_type not in gone]
    distinct: dict[tuple[str, str, str], Layer] = {}
    for layer in (*kept, *new):
        distinct.setdefault((layer.media_type, str(layer.digest), layer.name), layer)
    return tuple(sorted(distinct.values(), key=lambda layer: _rank(layer.media_type)))


def decode_parameters(data: bytes) -> dict[str, Json]:
    """The parameters of a stored model.

    Raises:
        StoreDamaged: not a JSON object.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _unreadable("parameters")
    return found


def decode_messages(data: bytes) -> list[tuple[str, str]]:
    """Role and text of each message of a stored model.

    Raises:
        StoreDamaged: not an array of messages.
    """
    try:
        return [(str(item["role"]), str(item.get("content", ""))) for item in json.loads(data)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise StoreDamaged(
            "the messages of the model cannot be read: create or pull the model again"
        ) from None


def encode_parameters(parameters: Mapping[str, Json]) -> bytes:
    """The parameters as the JSON of their layer: sorted, whole numbers without a fraction."""
    return encode_json({name: _short(parameters[name]) for name in sorted(parameters)})


def encode_messages(messages: Iterable[Message]) -> bytes:
    """The messages as the JSON of their layer."""
    return encode_json([{"role": message.role, "content": message.content} for message in messages])


def encode_json(value: Json) -> bytes:
    """JSON as Go's encoder writes it: compact, safe inside HTML, and ended by a newline."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(_HTML).encode() + b"\n"


def _unreadable(what: str) -> StoreDamaged:
    return StoreDamaged(f"the {what} of the model cannot be read: create or pull the model again")


def _short(value: Json) -> Json:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _rank(media_type: str) -> int:
    return next((rank for rank, known in enumerate(_ORDER) if known == media_type), len(_ORDER))

"""The short description of a model that lists, `show` and `ps` share."""

from __future__ import annotations

from msgspec import Struct

from hearth.inference.card import Card
from hearth.library import MediaType


class Details(Struct, omit_defaults=True, kw_only=True):
    parent_model: str
    format: str
    family: str
    families: list[str] | None
    parameter_size: str
    quantization_level: str
    context_length: int = 0
    embedding_length: int = 0


def details(card: Card) -> Details:
    """What is told of a model wherever it is named."""
    weights = card.stored.layers(MediaType.MODEL)
    return Details(
        parent_model=weights[0].from_ if weights else "",
        format=card.format,
        family=card.family,
        families=list(card.families) or None,
        parameter_size=card.parameter_size,
        quantization_level=card.file_type,
        context_length=card.context_length,
        embedding_length=card.embedding_length,
    )

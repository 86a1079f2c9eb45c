"""Cards of tiny models in a library of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.models import make_llama

from hearth.gguf import MetadataValue
from hearth.inference.card import Card
from hearth.inference.catalog import Catalog
from hearth.library import Layer, Library, MediaType, ModelConfig
from hearth.names import ModelName


def card_of(
    directory: Path,
    *,
    parameters: Mapping[str, Any] | None = None,
    metadata: Mapping[str, MetadataValue] | None = None,
    template: str | None = "{{ messages }}",
    texts: Mapping[MediaType, str] | None = None,
    declared: tuple[str, ...] = (),
    parser: str = "",
) -> Card:
    """The card of a model named `m` with these layers beside its weights; `declared` are capabilities."""
    with Library(directory / "models", embedded=None) as library:
        weights = make_llama(directory / "m.gguf", template=template, extra_metadata=metadata)
        digest, size = library.add_file(weights, move=True)
        layers = [Layer(MediaType.MODEL, digest, size)]
        for kind, text in (texts or {}).items():
            layers.append(Layer(kind, *library.add_bytes(text.encode())))
        if parameters is not None:
            layers.append(Layer(MediaType.PARAMS, *library.add_bytes(json.dumps(parameters).encode())))
        config = ModelConfig(model_family="llama", capabilities=declared, parser=parser)
        library.put(ModelName.parse("m"), config, layers)
        return Catalog(library).open("m")

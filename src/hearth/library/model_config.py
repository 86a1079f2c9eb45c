"""The config blob of a model: the few facts about it that are shown without opening the GGUF."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

import msgspec

from hearth.errors import BadRequest

CONFIG_LIMIT: Final = 4 << 20
"""Bytes; a config has a few hundred, old ones list a digest for each layer."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """The config of a model; `model_type` is its parameter count as shown ("8.0B")."""

    model_format: str = "gguf"
    model_family: str = ""
    model_families: tuple[str, ...] = ()
    model_type: str = ""
    file_type: str = ""
    renderer: str = ""
    parser: str = ""
    requires: str = ""
    remote_host: str = ""
    remote_model: str = ""
    capabilities: tuple[str, ...] = ()
    context_length: int = 0
    embedding_length: int = 0
    base_name: str = ""
    architecture: str = "amd64"
    os: str = "linux"
    extra: dict[str, Any] = field(default_factory=dict)
    """Keys of a config that are not known here, kept for whoever knows them."""


_KEYS: Final = tuple(item.name for item in fields(ModelConfig) if item.name != "extra")
_ALWAYS: Final = frozenset(
    {"model_format", "model_family", "model_families", "model_type", "file_type", "architecture", "os"}
)
_DROPPED: Final = frozenset({"rootfs"})
"""Lists the digests of the layers it was written with, and would be wrong in a new config."""


def decode_config(data: bytes) -> ModelConfig:
    """Read a config blob; an absent key or a null is the default, an unknown key goes to `extra`.

    Raises:
        BadRequest: bytes that are not a JSON object with the right types.
    """
    if len(data) > CONFIG_LIMIT:
        raise BadRequest(f"invalid model config: {len(data)} bytes, at most {CONFIG_LIMIT} are read")
    try:
        found = msgspec.json.decode(data, type=dict[str, Any])
        known = {key: found[key] for key in _KEYS if found.get(key) is not None}
        config = msgspec.convert(known, ModelConfig)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BadRequest(f"invalid model config: {error}") from error
    extra = {key: value for key, value in found.items() if key not in _KEYS and key not in _DROPPED}
    return replace(config, extra=extra)


def encode_config(config: ModelConfig) -> bytes:
    """The config as JSON, in Ollama's key order, without the optional keys that are empty."""
    pairs = {key: getattr(config, key) for key in _KEYS}
    tail = {key: pairs.pop(key) for key in ("architecture", "os")}
    kept = {key: value for key, value in pairs.items() if value or key in _ALWAYS}
    return msgspec.json.encode({**kept, **config.extra, **tail})

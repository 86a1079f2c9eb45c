"""Models at rest: blobs, manifests and the store that holds them, in Ollama's layout."""

from hearth.library.intake import BlobWriter
from hearth.library.manifest import Layer, Manifest, MediaType, decode_manifest, encode_manifest
from hearth.library.model_config import ModelConfig, decode_config, encode_config
from hearth.library.store import Library
from hearth.library.stored import StoredModel

__all__ = [
    "BlobWriter",
    "Layer",
    "Library",
    "Manifest",
    "MediaType",
    "ModelConfig",
    "StoredModel",
    "decode_config",
    "decode_manifest",
    "encode_config",
    "encode_manifest",
]

"""Manifests: which blobs make up a model, in the JSON that Ollama and its registry use.

Decoding is the edge: any bytes at all give either a checked `Manifest` or a `BadRequest`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

import msgspec

from hearth.errors import BadRequest
from hearth.names import Digest

MANIFEST_TYPE: Final = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG_TYPE: Final = "application/vnd.docker.container.image.v1+json"
MANIFEST_LIMIT: Final = 16 << 20
"""Bytes; a manifest of a thousand tensor layers has about a quarter of a megabyte."""


class MediaType(StrEnum):
    """What a layer holds."""

    MODEL = "application/vnd.ollama.image.model"
    PROJECTOR = "application/vnd.ollama.image.projector"
    ADAPTER = "application/vnd.ollama.image.adapter"
    DRAFT = "application/vnd.ollama.image.draft"
    TEMPLATE = "application/vnd.ollama.image.template"
    PROMPT = "application/vnd.ollama.image.prompt"
    """The name that templates had in the first versions."""
    SYSTEM = "application/vnd.ollama.image.system"
    PARAMS = "application/vnd.ollama.image.params"
    MESSAGES = "application/vnd.ollama.image.messages"
    LICENSE = "application/vnd.ollama.image.license"


@dataclass(frozen=True, slots=True)
class Layer:
    """One blob of a model; `size` in bytes, `from_` the display name of the model it came from."""

    media_type: str
    digest: Digest
    size: int
    from_: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The config blob and the layers, in the manifest's order."""

    config: Layer
    layers: tuple[Layer, ...]

    @property
    def digests(self) -> frozenset[Digest]:
        """Every blob that the manifest refers to."""
        return frozenset({self.config.digest, *(layer.digest for layer in self.layers)})

    @property
    def size(self) -> int:
        """Bytes of the config and all layers."""
        return self.config.size + sum(layer.size for layer in self.layers)


_Size = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class _WireLayer(msgspec.Struct, omit_defaults=True, rename={"media_type": "mediaType", "from_": "from"}):
    media_type: str
    digest: str
    size: _Size
    from_: str | None = None
    name: str | None = None


class _WireManifest(msgspec.Struct, rename={"schema": "schemaVersion", "media_type": "mediaType"}):
    config: _WireLayer
    layers: list[_WireLayer] | None = None
    schema: int = 2
    media_type: str | None = None


class _WrittenManifest(msgspec.Struct, rename={"schema": "schemaVersion", "media_type": "mediaType"}):
    schema: int
    media_type: str
    config: _WireLayer
    layers: list[_WireLayer]


def decode_manifest(data: bytes) -> Manifest:
    """Read a manifest; fields that are not known are ignored.

    Raises:
        BadRequest: bytes that are not a version 2 manifest.
        InvalidDigest: a digest that is not `sha256:` and 64 hexadecimal digits.
    """
    if len(data) > MANIFEST_LIMIT:
        raise BadRequest(f"invalid manifest: {len(data)} bytes, at most {MANIFEST_LIMIT} are read")
    try:
        wire = msgspec.json.decode(data, type=_WireManifest)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BadRequest(f"invalid manifest: {error}") from error
    if wire.schema != 2:
        raise BadRequest(f"invalid manifest: schemaVersion is {wire.schema}, expected 2")
    return Manifest(_from_wire(wire.config), tuple(_from_wire(layer) for layer in wire.layers or ()))


def encode_manifest(manifest: Manifest) -> bytes:
    """The manifest as JSON, with the keys in the order in which Ollama writes them."""
    layers = [_to_wire(layer) for layer in manifest.layers]
    return msgspec.json.encode(_WrittenManifest(2, MANIFEST_TYPE, _to_wire(manifest.config), layers))


def _from_wire(wire: _WireLayer) -> Layer:
    return Layer(wire.media_type, Digest.parse(wire.digest), wire.size, wire.from_ or "", wire.name or "")


def _to_wire(layer: Layer) -> _WireLayer:
    return _WireLayer(
        str(layer.media_type), str(layer.digest), layer.size, layer.from_ or None, layer.name or None
    )

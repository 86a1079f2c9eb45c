"""A model as the library hands it out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from hearth.library.manifest import Layer, Manifest, MediaType
from hearth.library.manifests import ManifestFile
from hearth.library.model_config import ModelConfig
from hearth.names import Digest, ModelName

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model at rest; `digest` is that of the manifest file, `size` the bytes of config and layers."""

    name: ModelName
    digest: Digest
    manifest: Manifest
    config: ModelConfig
    modified_at: datetime
    size: int
    embedded: bool
    """It comes with the program and cannot be changed or deleted."""

    @classmethod
    def from_file(cls, file: ManifestFile, config: ModelConfig, *, embedded: bool) -> StoredModel:
        """The model of a manifest file and its decoded config blob."""
        modified_at = _EPOCH + timedelta(microseconds=file.modified_ns // 1000)
        return cls(file.name, file.digest, file.manifest, config, modified_at, file.manifest.size, embedded)

    def layers(self, media_type: str) -> tuple[Layer, ...]:
        """The layers of one type in the manifest's order; old `prompt` layers count as templates."""
        wanted = {media_type}
        if media_type == MediaType.TEMPLATE:
            wanted.add(MediaType.PROMPT)
        return tuple(layer for layer in self.manifest.layers if layer.media_type in wanted)

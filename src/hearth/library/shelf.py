"""Reading a store: the user's own and the one that lies in the package have the same layout."""

from __future__ import annotations

import logging
from pathlib import Path

from hearth.errors import BadRequest, BlobNotFound, HearthError, ModelNotFound, StoreDamaged
from hearth.library.blobs import BlobDirectory
from hearth.library.manifests import ManifestFile, ManifestTree
from hearth.library.model_config import CONFIG_LIMIT, ModelConfig, decode_config
from hearth.library.stored import StoredModel
from hearth.names import Digest, ModelName

_log = logging.getLogger(__name__)
Damage = tuple[ModelName, str]


class Shelf:
    """The models of one store; never writes."""

    def __init__(self, root: Path, *, embedded: bool) -> None:
        self.root = root
        self.embedded = embedded
        self.blobs = BlobDirectory(root / "blobs")
        self.manifests = ManifestTree(root / "manifests")
        self._configs: dict[Digest, ModelConfig] = {}

    def load(self, name: ModelName) -> StoredModel:
        """The model of exactly this name.

        Raises:
            ModelNotFound: there is none.
            StoreDamaged: its manifest or its config cannot be read.
        """
        file = self.manifests.read(name)
        return StoredModel.from_file(file, self._config(file), embedded=self.embedded)

    def scan(self) -> tuple[list[StoredModel], list[Damage]]:
        """Every model that can be read, and the others with the reason."""
        listing = self.manifests.listing()
        for path in listing.unreadable:
            _log.warning("a directory of the model library cannot be read: %s", path.name)
        models: list[StoredModel] = []
        damaged: list[Damage] = []
        for name in listing.names:
            try:
                models.append(self.load(name))
            except ModelNotFound:
                if self.manifests.path(name).is_symlink():
                    damaged.append((name, f"the manifest of '{name}' is a link to nothing"))
            except HearthError as error:
                damaged.append((name, error.message))
        self._keep_configs(models)
        return models, damaged

    def _config(self, file: ManifestFile) -> ModelConfig:
        digest = file.manifest.config.digest
        kept = self._configs.get(digest)
        if kept is not None:
            return kept
        try:
            config = decode_config(self.blobs.read(digest, CONFIG_LIMIT))
        except (BadRequest, BlobNotFound, StoreDamaged) as error:
            raise StoreDamaged(
                f"the config of '{file.name}' cannot be read ({error.message}): "
                "create or pull the model again"
            ) from error
        self._configs[digest] = config
        return config

    def _keep_configs(self, models: list[StoredModel]) -> None:
        """Forget the configs of models that are gone."""
        self._configs = {model.manifest.config.digest: model.config for model in models}

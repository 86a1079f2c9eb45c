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


class Shelves:
    """The user's own store and, behind it, the embedded one."""

    def __init__(self, own: Shelf, embedded: Shelf | None) -> None:
        self._all = [own] if embedded is None else [own, embedded]

    def locate(self, name: ModelName) -> tuple[Shelf, ModelName]:
        """Where a model lies and how its name is spelt there.

        Raises:
            ModelNotFound: in no store.
        """
        for shelf in self._all:
            spelt = shelf.manifests.locate(name)
            if spelt is not None:
                return shelf, spelt
        raise ModelNotFound(str(name))

    def blobs(self, digest: Digest) -> BlobDirectory:
        """The first directory that has the blob.

        Raises:
            BlobNotFound: none has it.
        """
        for shelf in self._all:
            if shelf.blobs.size(digest) is not None:
                return shelf.blobs
        raise BlobNotFound(str(digest))

    def scan(self) -> tuple[list[StoredModel], list[Damage]]:
        """As `Shelf.scan`; a model hides those of its name in the stores behind."""
        models: list[StoredModel] = []
        damaged: list[Damage] = []
        for shelf in self._all:
            hidden = {model.name.folded() for model in models} | {name.folded() for name, _ in damaged}
            more, broken = shelf.scan()
            models += [model for model in more if model.name.folded() not in hidden]
            damaged += [item for item in broken if item[0].folded() not in hidden]
        return models, damaged

"""The library: every model at rest, Ollama's store layout, and the only code that changes it.

Manifests are the truth. A model exists from the moment its manifest has its name, and that is the last step
of storing and the first of deleting; blobs are shared by content and go when no manifest names them.
One lock orders all changes of manifests and the collecting of blobs; the long part of storing a blob, its
bytes, runs outside it.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from hearth.errors import BlobNotFound, ModelNotFound, ReadOnly, StoreDamaged
from hearth.library.atomic import (
    NOT_WRITABLE,
    Disk,
    make_directories,
    read_only,
    storage_errors,
    temporary_in,
    write_file,
)
from hearth.library.blobs import Progress
from hearth.library.holds import Holds
from hearth.library.intake import BlobWriter, Intake
from hearth.library.lock import StoreLock
from hearth.library.manifest import CONFIG_TYPE, Layer, Manifest, encode_manifest
from hearth.library.model_config import ModelConfig, encode_config
from hearth.library.prune import collect, recover, remove_empty
from hearth.library.shelf import Damage, Shelf, Shelves
from hearth.library.stored import StoredModel
from hearth.names import Digest, ModelName

EMBEDDED: Final = Path(__file__).parents[1] / "embedded"
"""The store that lies in the package."""

_log = logging.getLogger(__name__)


class Library:
    """The models of one store, and behind them the embedded ones. Safe to use from several threads."""

    def __init__(
        self,
        root: Path,
        *,
        embedded: Path | None = EMBEDDED,
        prune: bool = True,
        disk: Disk | None = None,
    ) -> None:
        """`root` holds `blobs/` and `manifests/`; without `prune`, blobs are never removed."""
        self._own = Shelf(root, embedded=False)
        behind = None if embedded is None else Shelf(embedded, embedded=True)
        self._shelves = Shelves(self._own, behind)
        self._prune = prune
        self._disk = disk or Disk()
        self._change = threading.RLock()
        self._holds = Holds(self._change)
        self._intake = Intake(self._disk, self._own.blobs.root, self._holds)
        self._spared: frozenset[Digest] = frozenset()
        self._lock = StoreLock(root)
        self._writable = False

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> None:
        """Make the directories, take the store's lock and put right what a crash left behind.

        A store that this process may only read is opened for reading.

        Raises:
            Conflict: another process has the store.
            StorageFull, StoreDamaged: the directories cannot be made.
        """
        try:
            self._take()
        except OSError as error:
            if error.errno not in NOT_WRITABLE:
                with storage_errors():
                    raise
            _log.warning("the model library is read-only: models can be run, not created or deleted")
            return
        try:
            recover(self._disk, self._own.blobs, self._own.manifests, prune=self._prune)
        except BaseException:
            self._lock.release()
            raise
        self._writable = True

    def close(self) -> None:
        """Give the store's lock back; without effect if the library is not open."""
        self._writable = False
        self._lock.release()

    @property
    def writable(self) -> bool:
        """Whether models can be created and deleted."""
        return self._writable

    def models(self) -> list[StoredModel]:
        """Every readable model, the one modified last first, to the second."""
        models, _ = self._shelves.scan()
        return sorted(models, key=lambda model: (-int(model.modified_at.timestamp()), model.name))

    def damaged(self) -> list[Damage]:
        """The models that `models` leaves out, with the reason."""
        return self._shelves.scan()[1]

    def find(self, name: ModelName) -> StoredModel:
        """The model of this name, whatever the case of its letters; the user's own before an embedded one.

        Raises:
            ModelNotFound: there is none.
            StoreDamaged: its manifest or config cannot be read.
        """
        shelf, spelt = self._shelves.locate(name)
        try:
            return shelf.load(spelt)
        except ModelNotFound:
            raise ModelNotFound(str(name)) from None

    def blob_path(self, digest: Digest) -> Path:
        """The file of a blob.

        Raises:
            BlobNotFound: no store has it.
        """
        return self._shelves.blobs(digest).path(digest)

    def has_blob(self, digest: Digest) -> bool:
        """Whether a store has the blob."""
        try:
            self._shelves.blobs(digest)
        except BlobNotFound:
            return False
        return True

    def read_blob(self, digest: Digest, limit: int) -> bytes:
        """A small blob, such as a template, checked against its digest.

        Raises:
            BlobNotFound: no store has it.
            StoreDamaged: it is larger than `limit` bytes, or not what its digest says.
        """
        return self._shelves.blobs(digest).read(digest, limit)

    def read_layer(self, layer: Layer, limit: int) -> bytes:
        """The content of a small layer; raises as `read_blob`, also if the size is not the manifest's."""
        data = self.read_blob(layer.digest, limit)
        if len(data) != layer.size:
            raise StoreDamaged(
                f"blob {layer.digest.short} has {len(data)} bytes and its manifest says {layer.size}: "
                "create or pull the model again"
            )
        return data

    def blob_writer(self, expected: Digest | None = None, *, size: int | None = None) -> BlobWriter:
        """A context in which a blob is written; `size` in bytes, if known, is checked against the free space.

        The blob is then kept for an hour, or until a manifest that names it is put.

        Raises:
            ReadOnly: the store cannot be written.
        """
        self._require_writable()
        return self._intake.writer(expected, size)

    def add_bytes(self, data: bytes) -> tuple[Digest, int]:
        """Store a small blob; gives its digest and size. Raises as `blob_writer`."""
        with self.blob_writer(size=len(data)) as writer:
            writer.write(data)
            return writer.commit(), writer.size

    def add_file(self, path: Path, *, move: bool, progress: Progress | None = None) -> tuple[Digest, int]:
        """Store a file as a blob; with `move` the file itself goes into the store if its disk is the same.

        Raises:
            BadRequest: it is not a regular file.
            StoreDamaged: it is not there or cannot be read.
            ReadOnly, StorageFull: the store cannot take it.
        """
        self._require_writable()
        with storage_errors():
            return self._intake.move(path, progress) if move else self._intake.copy(path, progress)

    @contextlib.contextmanager
    def temp_path(self) -> Iterator[Path]:
        """A path on the store's disk for a tool that writes a file; what is still there at the end goes."""
        self._require_writable()
        path = temporary_in(self._own.blobs.root)
        try:
            yield path
        finally:
            self._disk.discard(path)

    @contextlib.contextmanager
    def hold(self, digests: Iterable[Digest]) -> Iterator[None]:
        """Keep these blobs from being collected while the context is open.

        For a create that works with blobs it found here; those that it stores are kept anyway.
        """
        try:
            with self._holds.hold(digests):
                yield
        finally:
            with self._change:
                self._collect(frozenset())

    def discard(self, digests: Iterable[Digest]) -> None:
        """Give up blobs that were stored for a model that does not come to be; what others need stays."""
        given_up = frozenset(digests)
        with self._change, storage_errors():
            self._holds.used(given_up)
            self._collect(given_up)

    def put(
        self,
        name: ModelName,
        config: ModelConfig,
        layers: Sequence[Layer],
        *,
        inherited: Collection[Digest] = (),
    ) -> StoredModel:
        """Store a model of blobs that are here already, in place of one of that name.

        `inherited` are the blobs taken over from another model: if somebody else has just stored one of them
        too, it goes on waiting for its own manifest.

        Raises:
            BlobNotFound: a layer's blob is not here.
            StoreDamaged: a layer's blob has another size than the layer says.
            ReadOnly, StorageFull: the store cannot take it.
        """
        self._require_writable()
        with self._change, self._undone_on_error() as added, storage_errors():
            for layer in layers:
                self._own_blob(layer, added)
            digest, size = self.add_bytes(encode_config(config))
            added.add(digest)
            manifest = Manifest(Layer(CONFIG_TYPE, digest, size), tuple(layers))
            spelt = self._install(name, encode_manifest(manifest), manifest)
            self._holds.used(manifest.digests.difference(inherited) | added)
            return self._own.load(spelt)

    def copy(self, source: ModelName, destination: ModelName) -> None:
        """Give a model a second name, in place of one of that name; its manifest stays byte for byte.

        Raises:
            ModelNotFound: no model of the source's name.
            StoreDamaged: the source's manifest cannot be read.
            ReadOnly, StorageFull: the store cannot take it.
        """
        self._require_writable()
        with self._change, self._undone_on_error() as added, storage_errors():
            shelf, spelt = self._shelves.locate(source)
            data = shelf.manifests.read_bytes(spelt)
            manifest = shelf.manifests.read(spelt).manifest
            if shelf.embedded:
                for layer in (manifest.config, *manifest.layers):
                    self._own_blob(layer, added)
            elif spelt == self._own.manifests.locate(destination):
                return
            self._install(destination, data, manifest)
            self._holds.used(added)

    def delete(self, name: ModelName) -> None:
        """Remove a model, then the blobs that no other model names and nobody holds.

        A model whose manifest is damaged can be deleted too; its blobs are then unknown and stay.

        Raises:
            ModelNotFound: there is none.
            ReadOnly: it is embedded, or the store cannot be written.
        """
        self._require_writable()
        with self._change, storage_errors():
            shelf, spelt = self._shelves.locate(name)
            if shelf.embedded:
                raise ReadOnly(
                    f"'{name}' comes with Hearth and cannot be deleted; it takes no space in the library. "
                    "To replace it, create a model of the same name"
                )
            digests = self._digests(spelt)
            path = shelf.manifests.path(spelt)
            self._disk.failpoint("delete.before_unlink")
            self._disk.unlink(path)
            shelf.manifests.forget(spelt)
            self._disk.failpoint("delete.after_unlink")
            self._disk.sync_directory(path.parent)
            self._collect(digests)
            remove_empty(self._disk, path.parent, shelf.manifests.root)

    def _take(self) -> None:
        for directory in (self._own.blobs.root, self._own.manifests.root):
            make_directories(self._disk, directory)
        self._lock.acquire()

    def _require_writable(self) -> None:
        if not self._writable:
            raise read_only()

    def _own_blob(self, layer: Layer, added: set[Digest]) -> None:
        """See that the user's own store has the blob in the right size; an embedded one is copied into it."""
        size = self._own.blobs.size(layer.digest)
        if size is None:
            _, size = self._intake.copy(self.blob_path(layer.digest), expected=layer.digest)
            added.add(layer.digest)
        if size != layer.size:
            raise StoreDamaged(
                f"blob {layer.digest.short} has {size} bytes instead of {layer.size}: upload or pull it again"
            )

    @contextlib.contextmanager
    def _undone_on_error(self) -> Iterator[set[Digest]]:
        """Collects the blobs put into the set if the work on the model that needs them fails."""
        added: set[Digest] = set()
        try:
            yield added
        except BaseException:
            self._holds.used(added)
            self._collect(frozenset(added))
            raise

    def _install(self, name: ModelName, data: bytes, manifest: Manifest) -> ModelName:
        """Write the manifest, which makes the model exist, and collect what the replaced one used alone."""
        spelt = self._own.manifests.spelling(name)
        replaced = self._digests(spelt)
        path = self._own.manifests.path(spelt)
        try:
            make_directories(self._disk, path.parent)
            write_file(self._disk, path, data, "manifest")
        except BaseException:
            remove_empty(self._disk, path.parent, self._own.manifests.root)
            raise
        finally:
            self._own.manifests.forget(spelt)
        self._collect(replaced - manifest.digests)
        return spelt

    def _digests(self, spelt: ModelName) -> frozenset[Digest]:
        """The blobs of a manifest of our own, none if it is not there or damaged."""
        try:
            return self._own.manifests.read(spelt).manifest.digests
        except (ModelNotFound, StoreDamaged):
            return frozenset()

    def _collect(self, candidates: frozenset[Digest]) -> None:
        """Remove what nobody needs of the candidates and of those that somebody held the last time."""
        candidates |= self._spared
        if self._prune and self._writable and candidates:
            self._spared = collect(self._disk, candidates, self._own.blobs, self._own.manifests, self._holds)

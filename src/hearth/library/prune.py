"""What is put right when a store is opened, and which blobs are collected when a model goes.

Everything here may be cut off at any point and run again.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from hearth.errors import InvalidDigest
from hearth.library.atomic import TEMPORARY_PREFIX, Disk
from hearth.library.blobs import BlobDirectory
from hearth.library.holds import GRACE_S, Holds
from hearth.library.manifests import MANIFEST_DEPTH, ManifestTree
from hearth.names import Digest

_LEGACY_PREFIX: Final = "sha256:"
_log = logging.getLogger(__name__)


def recover(disk: Disk, blobs: BlobDirectory, manifests: ManifestTree, *, prune: bool) -> None:
    """Put right what a crash left behind; with `prune`, also remove what nothing refers to."""
    directories = list(_directories(manifests.root, MANIFEST_DEPTH - 1))
    for directory in (blobs.root, *directories):
        _remove_temporaries(disk, directory)
    _rename_legacy(disk, blobs)
    if prune:
        _prune_blobs(disk, blobs, manifests)
        for directory in directories:
            remove_empty(disk, directory, manifests.root)


def collect(
    disk: Disk, candidates: Iterable[Digest], blobs: BlobDirectory, manifests: ManifestTree, holds: Holds
) -> frozenset[Digest]:
    """Remove those of the candidates that no manifest names and nobody holds; gives those that are held.

    Nothing is removed while any manifest is unreadable, because it may name any blob.
    """
    used = manifests.references()
    if used is None:
        _log.warning("a manifest is damaged: blobs are kept until it is repaired or deleted")
        return frozenset()
    spared: set[Digest] = set()
    for digest in sorted(set(candidates) - used):
        if holds.protects(digest):
            spared.add(digest)
        else:
            disk.failpoint("collect.before_unlink")
            _unlink(disk, blobs.path(digest))
    return frozenset(spared)


def remove_empty(disk: Disk, directory: Path, root: Path) -> None:
    """Remove a directory below `root` if it is empty, and then its parents likewise."""
    while directory != root and root in directory.parents:
        try:
            disk.rmdir(directory)
        except OSError:
            return
        directory = directory.parent


def _remove_temporaries(disk: Disk, directory: Path) -> None:
    for name in _names(directory):
        if name.startswith(TEMPORARY_PREFIX):
            _unlink(disk, directory / name)


def _rename_legacy(disk: Disk, blobs: BlobDirectory) -> None:
    renamed = False
    for name in _names(blobs.root):
        digest = _digest(name) if name.startswith(_LEGACY_PREFIX) else None
        if digest is not None and not os.path.lexists(blobs.path(digest)):
            with _logged(name):
                disk.rename(blobs.root / name, blobs.path(digest))
                renamed = True
    if renamed:
        with _logged("blobs"):
            disk.sync_directory(blobs.root)


def _prune_blobs(disk: Disk, blobs: BlobDirectory, manifests: ManifestTree) -> None:
    used = manifests.references()
    if used is None:
        _log.warning("a manifest is damaged: unused blobs are not removed")
        return
    before = time.time() - GRACE_S
    for name in _names(blobs.root):
        digest = _digest(name)
        if digest is None or digest in used or name != digest.filename:
            continue
        with _logged(name):
            state = (blobs.root / name).lstat()
            if not stat.S_ISDIR(state.st_mode) and state.st_mtime < before:
                disk.unlink(blobs.root / name)


def _directories(root: Path, depth: int) -> Iterator[Path]:
    """A directory and those below it to a depth; links count, so the depth is what ends a circle of them."""
    yield root
    for name in _names(root) if depth else ():
        if (root / name).is_dir():
            yield from _directories(root / name, depth - 1)


def _names(directory: Path) -> list[str]:
    try:
        return sorted(path.name for path in directory.iterdir())
    except OSError:
        return []


def _digest(name: str) -> Digest | None:
    try:
        return Digest.parse(name)
    except InvalidDigest:
        return None


def _unlink(disk: Disk, path: Path) -> None:
    with _logged(path.name), contextlib.suppress(FileNotFoundError):
        disk.unlink(path)


@contextlib.contextmanager
def _logged(name: str) -> Iterator[None]:
    """Tidying up is never a reason to fail: what cannot be done now is done at the next start."""
    try:
        yield
    except OSError as error:
        _log.warning("could not tidy up %s: %s", name, error.strerror)

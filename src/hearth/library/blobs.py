"""Blobs: content by digest, `blobs/sha256-<hex>`."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import Final

from hearth.errors import BadRequest, BlobNotFound, StorageFull, StoreDamaged
from hearth.library.atomic import open_regular, read_regular
from hearth.names import Digest

CHUNK: Final = 4 << 20
Progress = Callable[[int], None]
"""Called with the bytes done so far; what it raises ends the work and nothing stays."""


class BlobDirectory:
    """The blobs of one store; every path is built from a `Digest`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, digest: Digest) -> Path:
        """Where the blob lies if it is there."""
        return self.root / digest.filename

    def size(self, digest: Digest) -> int | None:
        """Its size in bytes, or None if it is not there."""
        try:
            state = self.path(digest).stat()
        except OSError:
            return None
        return state.st_size if stat.S_ISREG(state.st_mode) else None

    def read(self, digest: Digest, limit: int) -> bytes:
        """A small blob, checked against its digest.

        Raises:
            BlobNotFound: it is not there.
            StoreDamaged: larger than `limit` bytes, not readable, or not what the digest says.
        """
        try:
            data, _ = read_regular(self.path(digest), limit)
        except FileNotFoundError:
            raise BlobNotFound(str(digest)) from None
        except StoreDamaged as error:
            raise StoreDamaged(f"blob {digest.short} is damaged: {error.message}") from error
        if Digest.of(data) != digest:
            raise StoreDamaged(
                f"blob {digest.short} is damaged: its content has another digest; "
                "create or pull the model that uses it again"
            )
        return data


def hash_file(path: Path, progress: Progress | None = None) -> tuple[Digest, int]:
    """The digest and size of a regular file.

    Raises:
        BadRequest: not a regular file; a link is none.
        OSError: it cannot be read.
    """
    digest, size = hashlib.sha256(), 0
    with open_source(path) as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            if progress is not None:
                progress(size)
    return Digest(digest.hexdigest()), size


def open_source(path: Path, *, follow: bool = False) -> FileIO:
    """Open a file whose content becomes a blob.

    Raises:
        BadRequest: not a regular file.
        OSError: it is not there or cannot be opened.
    """
    try:
        file = open_regular(path, follow=follow)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        file = None
    if file is None:
        raise BadRequest(f"{path.name!r} is not a regular file")
    return file


def require_space(directory: Path, size: int) -> None:
    """Refuse early what cannot fit.

    Raises:
        StorageFull: fewer than `size` bytes are free.
    """
    state = os.statvfs(directory)
    free = state.f_bavail * state.f_frsize
    if size > free:
        raise StorageFull(
            f"{size} bytes are needed and the disk that holds the model library has {free} free: "
            "free some space or remove a model, then try again"
        )

"""How blobs come into the store: hashed as they are written, synced, and only then named.

There is no way in that leaves the hash out, so a blob under a digest's name had that digest when it came.
"""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from hearth.errors import DigestMismatch
from hearth.library.atomic import FILE_MODE, Disk, create, put_in_place, storage_errors, temporary_in
from hearth.library.blobs import CHUNK, Progress, hash_file, open_source, require_space
from hearth.library.holds import Holds
from hearth.names import Digest


class Intake:
    """Writes blobs into one directory; each arrival is noted in `holds`."""

    def __init__(self, disk: Disk, root: Path, holds: Holds) -> None:
        self.disk = disk
        self.root = root
        self._holds = holds

    def writer(self, expected: Digest | None = None, size: int | None = None) -> BlobWriter:
        """A context in which one blob is written."""
        return BlobWriter(self, expected, size)

    def copy(
        self, path: Path, progress: Progress | None = None, *, expected: Digest | None = None
    ) -> tuple[Digest, int]:
        """Store the content of a regular file.

        Raises:
            BadRequest: it is not a regular file.
            DigestMismatch, StorageFull: as `BlobWriter`.
        """
        with open_source(path, follow=True) as file:
            size = os.fstat(file.fileno()).st_size
            with self.writer(expected, size) as writer:
                while chunk := file.read(CHUNK):
                    writer.write(chunk)
                    if progress is not None:
                        progress(writer.size)
                return writer.commit(), writer.size

    def move(self, path: Path, progress: Progress | None = None) -> tuple[Digest, int]:
        """Store a regular file by renaming it, or by copying if it lies on another disk."""
        digest, size = hash_file(path, progress)
        try:
            self._make_durable(path)
            self.settle(path, digest)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            self.copy(path, expected=digest)
            self.disk.discard(path)
        return digest, size

    def settle(self, temporary: Path, digest: Digest) -> None:
        """Give a written and synced blob its name.

        What lies there already is replaced, which heals a blob damaged on disk; only a link to a file of the
        same size stays, because it is how a user keeps the blob on another disk.
        """
        path = self.root / digest.filename
        with self._holds.hold([digest]):
            if path.is_symlink() and path.exists() and path.stat().st_size == temporary.stat().st_size:
                os.utime(path)
                self.disk.discard(temporary)
            else:
                put_in_place(self.disk, temporary, path, "blob")
            self._holds.stored(digest)

    def _make_durable(self, path: Path) -> None:
        """Sync a file somebody else wrote, with the mode and the time of a blob written now."""
        fd = self.disk.open(path, os.O_RDONLY)
        try:
            os.fchmod(fd, FILE_MODE)
            os.utime(fd)
            self.disk.failpoint("blob.before_fsync")
            self.disk.fsync(fd)
        finally:
            os.close(fd)


class BlobWriter:
    """Writes one blob; leaving the context without `commit` leaves nothing behind."""

    def __init__(self, intake: Intake, expected: Digest | None, size: int | None) -> None:
        self._intake = intake
        self._disk = intake.disk
        self._expected = expected
        self._announced = size
        self._temporary = temporary_in(intake.root)
        self._hash = hashlib.sha256()
        self._fd: int | None = None
        self._digest: Digest | None = None
        self.size = 0

    @property
    def digest(self) -> Digest:
        """The blob's digest; known once `commit` has returned."""
        if self._digest is None:
            raise RuntimeError("the blob is not committed")
        return self._digest

    def __enter__(self) -> Self:
        with storage_errors():
            if self._announced is not None:
                require_space(self._intake.root, self._announced)
            self._fd = create(self._disk, self._temporary)
        self._disk.failpoint("blob.before_write")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
        if self._digest is None:
            self._disk.discard(self._temporary)

    def write(self, data: bytes | memoryview) -> None:
        """Append bytes.

        Raises:
            StorageFull: the disk is full.
        """
        assert self._fd is not None, "write is called inside the context"
        with storage_errors():
            self._disk.write(self._fd, data)
        self._hash.update(data)
        self.size += len(data)

    def commit(self) -> Digest:
        """Make the blob durable under its name.

        Raises:
            DigestMismatch: the bytes are not what was expected; nothing stays.
            StorageFull: the disk is full.
        """
        assert self._fd is not None, "commit is called once, inside the context"
        digest = Digest(self._hash.hexdigest())
        if self._expected not in (None, digest):
            raise DigestMismatch(str(self._expected), str(digest))
        with storage_errors():
            self._disk.failpoint("blob.before_fsync")
            self._disk.fsync(self._fd)
            self._close()
            self._intake.settle(self._temporary, digest)
        self._digest = digest
        return digest

    def _close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

"""Crash-safe changes to files: every system call that changes the store goes through `Disk`.

The order is always the same: a temporary file in the target's directory, write, fsync, rename, fsync of
the directory. A crash at any point leaves the old state or the new one, and at most a temporary file,
which is known by its name and removed when the store is next opened. Tests hand in a `Disk` that fails or
dies at a chosen call.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Final

from hearth.errors import InvalidName, ReadOnly, StorageFull, StoreDamaged

TEMPORARY_PREFIX: Final = ".hearth-"
FILE_MODE: Final = 0o644
DIRECTORY_MODE: Final = 0o755
NOT_WRITABLE: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class Disk:
    """The calls that change files, one method each."""

    def failpoint(self, name: str) -> None:
        """A named place at which tests kill the process; does nothing."""

    def open(self, path: Path, flags: int, mode: int = FILE_MODE) -> int:
        """Open a file or directory, never inherited by a child process."""
        return os.open(path, flags | os.O_CLOEXEC, mode)

    def write(self, fd: int, data: bytes | memoryview) -> None:
        """Write all of it."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(fd, rest) :]

    def fsync(self, fd: int) -> None:
        """Return when the file's content is on the medium."""
        os.fsync(fd)

    def rename(self, source: Path, target: Path) -> None:
        """Move a file within a file system, over an existing one."""
        source.replace(target)

    def unlink(self, path: Path) -> None:
        """Remove a file, or a link without what it points to."""
        path.unlink()

    def mkdir(self, path: Path) -> None:
        """Make one directory."""
        path.mkdir(mode=DIRECTORY_MODE)

    def rmdir(self, path: Path) -> None:
        """Remove an empty directory."""
        path.rmdir()

    def sync_directory(self, path: Path) -> None:
        """Make the names in a directory durable."""
        fd = self.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self.fsync(fd)
        except OSError as error:
            # Some network file systems cannot sync a directory; they do it on their own.
            if error.errno != errno.EINVAL:
                raise
        finally:
            os.close(fd)

    def discard(self, path: Path) -> None:
        """Remove a temporary file if it is there; what cannot be removed goes at the next start."""
        with contextlib.suppress(OSError):
            self.unlink(path)


def temporary_in(directory: Path) -> Path:
    """A new name for a temporary file in this directory."""
    return directory / f"{TEMPORARY_PREFIX}{secrets.token_hex(8)}"


def create(disk: Disk, path: Path) -> int:
    """Open a new file for writing; the file must not exist."""
    return disk.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)


def write_file(disk: Disk, path: Path, data: bytes, label: str) -> None:
    """Write a whole file durably in place of what was there; `label` begins the fail-points' names."""
    temporary = temporary_in(path.parent)
    try:
        fd = create(disk, temporary)
        try:
            disk.failpoint(f"{label}.before_write")
            disk.write(fd, data)
            disk.failpoint(f"{label}.before_fsync")
            disk.fsync(fd)
        finally:
            os.close(fd)
        put_in_place(disk, temporary, path, label)
    except BaseException:
        disk.discard(temporary)
        raise


def put_in_place(disk: Disk, temporary: Path, path: Path, label: str) -> None:
    """Give a written and synced temporary file its final name, durably."""
    disk.failpoint(f"{label}.before_rename")
    disk.rename(temporary, path)
    disk.failpoint(f"{label}.after_rename")
    disk.sync_directory(path.parent)


def make_directories(disk: Disk, path: Path) -> None:
    """Make a directory and its parents durably; those that exist are left as they are."""
    if path.is_dir():
        return
    make_directories(disk, path.parent)
    with contextlib.suppress(FileExistsError):
        disk.mkdir(path)
    disk.sync_directory(path.parent)


def open_regular(path: Path, *, follow: bool = True) -> FileIO | None:
    """Open a regular file for reading; None if it is something else. Never waits on a pipe.

    Raises:
        OSError: it is not there or cannot be opened, or is a link and `follow` is not set.
    """
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW))
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return FileIO(fd)
    os.close(fd)
    return None


def read_regular(path: Path, limit: int) -> tuple[bytes, os.stat_result]:
    """All bytes of a regular file and its state when it was opened.

    Raises:
        FileNotFoundError: there is no such file.
        StoreDamaged: not a regular file, larger than `limit` bytes, or not readable.
    """
    try:
        file = open_regular(path)
        if file is None:
            raise StoreDamaged("it is not a regular file")
        with BufferedReader(file) as reader:
            state = os.fstat(file.fileno())
            data = reader.read(limit + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StoreDamaged(f"it cannot be read: {error.strerror}") from error
    if len(data) > limit:
        raise StoreDamaged(f"it is larger than {limit} bytes")
    return data, state


@contextlib.contextmanager
def storage_errors() -> Iterator[None]:
    """Turn what the operating system reports while writing into errors for the user."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(
                "the disk that holds the model library is full; nothing was changed: "
                "free some space or remove a model, then try again"
            ) from error
        if error.errno in NOT_WRITABLE:
            raise read_only() from error
        if error.errno == errno.ENAMETOOLONG:
            raise InvalidName("the model name has a part that is too long for the file system") from error
        raise StoreDamaged(f"the model library could not be written: {error.strerror}") from error


def read_only() -> ReadOnly:
    """The error for a change to a store that this process may only read."""
    return ReadOnly(
        "the model library is read-only for this server: give its user write permission, "
        "or set OLLAMA_MODELS to a directory that it can write"
    )

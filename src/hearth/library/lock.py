"""One daemon per store: an advisory lock on a file that Ollama does not look at."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
from pathlib import Path
from typing import Final

from hearth.errors import Conflict
from hearth.library.atomic import FILE_MODE

LOCK_FILE: Final = ".hearth.lock"
_NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS})
_log = logging.getLogger(__name__)


class StoreLock:
    """Holds the lock from `acquire` to `release`; the system releases it if the process dies."""

    def __init__(self, root: Path) -> None:
        self._path = root / LOCK_FILE
        self._fd: int | None = None

    def acquire(self) -> None:
        """Take the lock and leave this process's number in the file.

        Raises:
            Conflict: another process (or another library of this one) has it.
            OSError: the file cannot be made; the store is then not ours to write.
        """
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE)
        try:
            self._lock(fd)
            os.ftruncate(fd, 0)
            # The number only helps the message of whoever comes second; a full disk must not stop us.
            with contextlib.suppress(OSError):
                os.pwrite(fd, b"%d\n" % os.getpid(), 0)
        except BaseException:
            os.close(fd)
            raise
        self._fd = fd

    def release(self) -> None:
        """Give the lock back; without effect if it is not held."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _lock(self, fd: int) -> None:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(_taken(fd)) from None
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            _log.warning("the file system of the model library has no locks: start one server only")


def _taken(fd: int) -> str:
    written = os.pread(fd, 20, 0).strip()
    holder = f"process {int(written)}" if written.isdigit() else "another process"
    return (
        f"the model library is in use by {holder}: stop that server, "
        "or set OLLAMA_MODELS to another directory"
    )

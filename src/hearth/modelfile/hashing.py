"""Hashing the files of a create request on the client: several at once, with progress, and cancellable."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Final

from hearth.errors import ModelfileError, RequestCancelled
from hearth.modelfile.files import open_regular, unreadable
from hearth.names import Digest

Progress = Callable[[Path, int, int], None]
"""Called from worker threads with the file, the bytes of it hashed so far, and its size."""

_CHUNK: Final = 4 << 20
_THREADS: Final = 4


def hash_files(
    paths: Iterable[Path],
    progress: Progress | None = None,
    cancelled: threading.Event | None = None,
) -> dict[Path, Digest]:
    """The sha256 digest of each file; the first failure ends the work.

    Raises:
        ModelfileError: a file that cannot be read, is none, or changes while it is read.
        RequestCancelled: `cancelled` was set.
    """
    distinct = list(dict.fromkeys(paths))
    stop = cancelled or threading.Event()
    failed = threading.Event()
    with ThreadPoolExecutor(max(1, min(_THREADS, os.cpu_count() or 1, len(distinct)))) as pool:
        futures = {path: pool.submit(_hash, path, progress, (stop, failed)) for path in distinct}
        try:
            done, waiting = wait(futures.values(), return_when=FIRST_EXCEPTION)
        except BaseException:
            # Ctrl-C: leaving the pool waits for its threads, which would go on to the end of their files.
            failed.set()
            raise
        if waiting:
            failed.set()
        for future in done:
            future.result()
    return {path: future.result() for path, future in futures.items()}


def _hash(path: Path, progress: Progress | None, stops: tuple[threading.Event, ...]) -> Digest:
    digest, done = hashlib.sha256(), 0
    file, size = open_regular(path)
    with file:
        while done < size:
            if any(stop.is_set() for stop in stops):
                raise RequestCancelled
            try:
                chunk = file.read(min(_CHUNK, size - done))
            except OSError as error:
                raise unreadable(path, error) from None
            if not chunk:
                raise ModelfileError(f"{path} became shorter while it was read; wait until it is complete")
            digest.update(chunk)
            done += len(chunk)
            if progress is not None:
                progress(path, done, size)
    return Digest(digest.hexdigest())

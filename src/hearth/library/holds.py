"""Which blobs must not be collected although no manifest names them yet.

A create holds the blobs it works with while it runs; a blob that was just stored is held until a
manifest that names it is written, or for an hour if none is.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from hearth.names import Digest

GRACE_S: Final = 3600.0


class Holds:
    """Counts of who needs which blob; `lock` is the store's, so that collecting sees no half step."""

    def __init__(self, lock: threading.RLock, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = lock
        self._clock = clock
        self._held: Counter[Digest] = Counter()
        self._fresh: dict[Digest, list[float]] = {}

    @contextlib.contextmanager
    def hold(self, digests: Iterable[Digest]) -> Iterator[None]:
        """Keep these blobs for as long as the context is open."""
        wanted = frozenset(digests)
        with self._lock:
            self._held.update(wanted)
        try:
            yield
        finally:
            with self._lock:
                self._held.subtract(wanted)
                for digest in wanted:
                    if not self._held[digest]:
                        del self._held[digest]

    def stored(self, digest: Digest) -> None:
        """A blob arrived; each arrival waits for a manifest of its own."""
        with self._lock:
            self._fresh.setdefault(digest, []).append(self._clock() + GRACE_S)

    def used(self, digests: Iterable[Digest]) -> None:
        """A manifest that names these blobs was written: one arrival of each is answered."""
        with self._lock:
            for digest in frozenset(digests):
                waiting = self._waiting(digest)
                if waiting:
                    waiting.pop(0)
                if not waiting:
                    self._fresh.pop(digest, None)

    def protects(self, digest: Digest) -> bool:
        """Whether the blob must stay."""
        with self._lock:
            return digest in self._held or bool(self._waiting(digest))

    def _waiting(self, digest: Digest) -> list[float]:
        now = self._clock()
        waiting = [deadline for deadline in self._fresh.get(digest, ()) if deadline > now]
        if waiting:
            self._fresh[digest] = waiting
        else:
            self._fresh.pop(digest, None)
        return waiting

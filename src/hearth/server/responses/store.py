"""Keeps responses on disk, in one SQLite file that only the user can read.

The oldest go first when there are too many. Every write is one transaction, and what is deleted is
overwritten. A file that is damaged is moved aside and a new one begun: what it held are copies of
conversations, and none is worth an API that does not answer.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, TypeVar

T = TypeVar("T")
_SHARE: Final = 4
"""One entry may take this part of the room."""
_WAIT: Final = 10.0
"""Seconds to wait for another daemon of the same user."""
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS responses (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    body BLOB NOT NULL
)
"""
_TRIM: Final = """
DELETE FROM responses WHERE number IN (
    SELECT number FROM (SELECT number, SUM(size) OVER (ORDER BY number DESC) AS total FROM responses)
    WHERE total > ?
)
"""
logger = logging.getLogger(__name__)


class Store:
    """Bodies by id, of `limit` bytes together. The file is made by the first `put`; calls may block.

    Threads and processes may share one. Every method raises `sqlite3.Error` or `OSError` where the file
    cannot be used for a reason other than damage, such as a full disk.
    """

    def __init__(self, path: Path, limit: int) -> None:
        self._path = path
        self._limit = limit
        self._lock = threading.Lock()

    def put(self, key: str, body: bytes) -> bool:
        """Keep a body and let the oldest go for it; False where it is too large to be kept."""
        size = len(key) + len(body)
        if size > self._limit // _SHARE:
            return False

        def insert(connection: sqlite3.Connection) -> bool:
            connection.execute(
                "INSERT OR REPLACE INTO responses (id, size, body) VALUES (?, ?, ?)", (key, size, body)
            )
            connection.execute(_TRIM, (self._limit,))
            return True

        return self._run(insert)

    def get(self, key: str) -> bytes | None:
        """The body of an id; None where it is not kept."""

        def select(connection: sqlite3.Connection) -> bytes | None:
            row = connection.execute("SELECT body FROM responses WHERE id = ?", (key,)).fetchone()
            return bytes(row[0]) if row else None

        return self._run(select) if self._path.exists() else None

    def find(self, part: bytes) -> bytes | None:
        """The newest body that holds these bytes; None where there is none."""

        def search(connection: sqlite3.Connection) -> bytes | None:
            row = connection.execute(
                "SELECT body FROM responses WHERE instr(body, ?) > 0 ORDER BY number DESC LIMIT 1", (part,)
            ).fetchone()
            return bytes(row[0]) if row else None

        return self._run(search) if self._path.exists() else None

    def delete(self, key: str) -> bool:
        """Forget an id; False where it was not kept."""

        def remove(connection: sqlite3.Connection) -> bool:
            return connection.execute("DELETE FROM responses WHERE id = ?", (key,)).rowcount > 0

        return self._run(remove) if self._path.exists() else False

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """The result of work on the file, on a new file if this one is damaged."""
        with self._lock:
            try:
                return self._once(work)
            except sqlite3.DatabaseError as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGED:
                    raise
                self._move_aside(error)
            return self._once(work)

    def _once(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._opened() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            return work(connection)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite makes its files with the mode of the umask, and its journal with that of the file.
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        self._path.chmod(0o600)
        with closing(sqlite3.connect(self._path, timeout=_WAIT, isolation_level=None)) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA auto_vacuum = FULL")
            connection.execute(_TABLE)
            yield connection

    def _move_aside(self, error: sqlite3.DatabaseError) -> None:
        aside = self._path.with_name(self._path.name + ".damaged")
        self._path.replace(aside)
        self._path.with_name(self._path.name + "-journal").unlink(missing_ok=True)
        logger.warning(
            "the stored responses are damaged (%s); they were moved to %s and a new store begins",
            error,
            aside,
        )

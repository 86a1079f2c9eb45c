"""What is kept of a response, and how it comes back.

Each entry holds its whole conversation. That costs room, and an entry never depends on one that is gone.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import Struct

from hearth.errors import StoreDamaged
from hearth.server.responses.replies import Reply
from hearth.server.responses.store import Store
from hearth.server.responses.wire import Item
from hearth.server.services import Services
from hearth.server.threads import in_thread
from hearth.settings import RESPONSES_MAX

Items: TypeAlias = "tuple[Item, ...]"
_FILE: Final = "responses.sqlite3"
logger = logging.getLogger(__name__)


class Kept(Struct):
    """A response with the items of its input and those of the conversation before."""

    reply: dict[str, Any]
    items: list[Item]
    earlier: list[Item]

    @property
    def conversation(self) -> tuple[Item, ...]:
        """Everything that was said, to the end of the response."""
        return (*self.earlier, *self.items, *self.reply["output"])


class Shelf:
    """The kept responses of a daemon; nothing is opened before it is needed."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @property
    def limit(self) -> int:
        """Bytes for all entries; 0 where nothing is kept."""
        return self._services.config.get(RESPONSES_MAX)

    @cached_property
    def _store(self) -> Store:
        return Store(self._services.config.state / _FILE, self.limit)

    async def put(self, reply: Reply, items: Items, earlier: Items) -> bool:
        """Keep a response. False, with a line in the log, where that cannot be; its reply still stands."""
        return await in_thread(_put, self._store, reply, items, earlier)

    async def get(self, key: str) -> Kept | None:
        """What is kept under an id.

        Raises:
            StoreDamaged: the store cannot be read.
        """
        return await in_thread(_get, self._store, key) if self.limit else None

    async def items(self, keys: Sequence[str]) -> dict[str, Item]:
        """Kept items by their ids, these among them as far as they are kept.

        Raises:
            StoreDamaged: the store cannot be read.
        """
        return await in_thread(_items, self._store, keys) if self.limit else {}

    async def delete(self, key: str) -> bool:
        """Forget a response; False where there is none.

        Raises:
            StoreDamaged: the store cannot be written.
        """
        return await in_thread(_delete, self._store, key)


def _put(store: Store, reply: Reply, items: Items, earlier: Items) -> bool:
    body = msgspec.json.encode({"reply": reply, "items": items, "earlier": earlier})
    try:
        kept = store.put(reply.id, body)
    except (sqlite3.Error, OSError) as error:
        logger.warning("a response could not be stored: %s", error)
        return False
    if not kept:
        name = RESPONSES_MAX.env
        logger.warning("a response of %d bytes is too large to be stored; raise %s", len(body), name)
    return kept


def _items(store: Store, keys: Sequence[str]) -> dict[str, Item]:
    found: dict[str, Item] = {}
    for key in keys:
        if key in found:
            continue
        kept = _read(partial(store.find, msgspec.json.encode(key)))
        if kept is None:
            break
        found |= {item["id"]: item for item in kept.conversation}
    return found


def _get(store: Store, key: str) -> Kept | None:
    return _read(partial(store.get, key))


def _read(fetch: Callable[[], bytes | None]) -> Kept | None:
    try:
        body = fetch()
        return msgspec.json.decode(body, type=Kept) if body is not None else None
    except (sqlite3.Error, OSError, msgspec.DecodeError) as error:
        raise _unusable(error) from error


def _delete(store: Store, key: str) -> bool:
    try:
        return store.delete(key)
    except (sqlite3.Error, OSError) as error:
        raise _unusable(error) from error


def _unusable(error: Exception) -> StoreDamaged:
    logger.error("the stored responses cannot be used: %s", error)
    return StoreDamaged("the stored responses cannot be used; the log of the server has the details")

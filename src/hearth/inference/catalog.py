"""The models of the library as cards, read once for each manifest."""

from __future__ import annotations

import logging
import threading
from typing import Final

from hearth.errors import HearthError, ModelNotFound
from hearth.inference.card import Card, read_card
from hearth.library import Library, StoredModel
from hearth.names import ModelName

logger = logging.getLogger(__name__)
_KEPT: Final = 4096


class Catalog:
    """Finds models by name. Its methods block: they read files when a manifest is new."""

    def __init__(self, library: Library, prefer_go: bool | None = None) -> None:
        """`prefer_go` is the setting `go_template`."""
        self.library = library
        self._prefer_go = prefer_go
        self._cards: dict[tuple[str, ModelName], Card] = {}
        self._told: dict[ModelName, str] = {}
        self._lock = threading.Lock()

    def open(self, name: str) -> Card:
        """The card of the model of that name.

        Raises:
            InvalidName: not a model name; ModelNotFound: no such model.
            StoreDamaged: its files are not sound.
        """
        parsed = ModelName.parse(name)
        try:
            return self._card(self.library.find(parsed))
        except ModelNotFound:
            raise ModelNotFound(name) from None

    def cards(self) -> list[Card]:
        """Every model that can be read, the last modified first; the others are logged once."""
        found = []
        for stored in self.library.models():
            try:
                found.append(self._card(stored))
            except HearthError as error:
                self._tell(stored.name, error.message)
        for name, reason in self.library.damaged():
            self._tell(name, reason)
        return found

    def _tell(self, name: ModelName, reason: str) -> None:
        with self._lock:
            known = self._told.get(name) == reason
            self._told[name] = reason
        if not known:
            logger.warning("model %s is left out of the list: %s", name, reason)

    def _card(self, stored: StoredModel) -> Card:
        key = (stored.digest.hex, stored.name)
        with self._lock:
            card = self._cards.get(key)
        if card is not None and card.stored == stored and card.model_path.exists():
            return card
        card = read_card(self.library, stored, self._prefer_go)
        with self._lock:
            if len(self._cards) >= _KEPT:
                self._cards.clear()
            self._cards[key] = card
        return card

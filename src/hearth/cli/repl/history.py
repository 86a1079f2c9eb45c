"""The history file: one entry on each line, the last hundred, shared with Ollama.

An entry of several lines is kept on one, with U+2028 (line separator) between its lines.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from prompt_toolkit.history import History

LIMIT: Final = 100
_LINE_SEPARATOR: Final = "\u2028"


def read(path: Path) -> list[str]:
    """The entries, oldest first; a file that is missing or cannot be read has none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [line.replace(_LINE_SEPARATOR, "\n") for line in text.split("\n") if line.strip()][-LIMIT:]


def add(path: Path, entry: str) -> None:
    """Put an entry at the end of the file, for its user's eyes only; the file is never half-written.

    Raises:
        OSError: the file cannot be written.
    """
    entries = [*read(path), entry][-LIMIT:]
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.writelines(f"{each.replace(chr(10), _LINE_SEPARATOR)}\n" for each in entries)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


class FileHistory(History):
    """The history for the line editor; `enabled` says whether new entries reach the file."""

    def __init__(self, path: Path, enabled: Callable[[], bool]) -> None:
        super().__init__()
        self._path = path
        self._enabled = enabled

    def load_history_strings(self) -> Iterable[str]:
        """Entries, newest first, as prompt_toolkit wants them."""
        return reversed(read(self._path)) if self._enabled() else ()

    def store_string(self, string: str) -> None:
        """Keep an entry; a disk that refuses it must not end the conversation."""
        if self._enabled():
            try:
                add(self._path, string)
            except OSError:
                return

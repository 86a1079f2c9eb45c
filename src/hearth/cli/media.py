"""Images and sound named by path in a prompt, for models that can see or hear.

Only a path that starts with `/`, `./`, `../` or `~/` (or a drive letter) and ends like a picture or a WAV
file counts, only if such a file exists, and only if its bytes are what its name says: a prompt cannot make
the command send any other file.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hearth.cli.failure import CommandError

MAX_BYTES: Final = 100 * 10**6
CAPABILITIES: Final = frozenset({"vision", "audio"})
_PATH: Final = re.compile(
    r"(?:[a-z]:|~|\.{1,2})?[/\\][\S ]{1,4096}?\.(?:jpe?g|png|webp|wav)\b", re.IGNORECASE
)
_ESCAPED: Final = re.compile(r"\\([ ()\[\]{}$&;'\"*?~`|<>!#\\])")
_HEAD: Final = 12


@dataclass(frozen=True, slots=True)
class Media:
    """A prompt without its paths, the files as base64, and a line to show for each."""

    prompt: str
    images: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def extract(prompt: str) -> Media:
    """Take the media files out of a prompt.

    Raises:
        CommandError: a file that is too large or not what its name says, or cannot be read.
    """
    images, notes = [], []
    rest = prompt
    for written, path in _files(prompt):
        kind, data = _read(path)
        images.append(base64.b64encode(data).decode("ascii"))
        notes.append(f"Added {kind} '{path}'")
        rest = rest.replace(f"'{written}'", "").replace(written, "")
    return Media(rest.strip() if images else prompt, tuple(images), tuple(notes))


def is_media(word: str) -> bool:
    """True where the text starts with the path of an existing media file."""
    first = next(_files(word), None)
    return first is not None and word.startswith(first[0])


def _files(prompt: str) -> Iterator[tuple[str, Path]]:
    position = 0
    while match := _PATH.search(prompt, position):
        path = _existing(_ESCAPED.sub(r"\1", match[0]))
        if path is not None:
            yield match[0], path
            position = match.end()
        else:
            position = match.start() + 1


def _existing(text: str) -> Path | None:
    try:
        path = Path(text).expanduser()
        return path if path.is_file() else None
    except (OSError, ValueError, RuntimeError):
        return None


def _read(path: Path) -> tuple[str, bytes]:
    if path.stat().st_size > MAX_BYTES:
        raise CommandError(f"{path}: file size exceeds maximum limit (100MB)")
    with path.open("rb") as file:
        head = file.read(_HEAD)
        kind = _sniff(head)
        if kind is None:
            raise CommandError(f"invalid file type: {path} is no JPEG, PNG, WebP or WAV file")
        data = head + file.read(MAX_BYTES)
    return kind, data


def _sniff(head: bytes) -> str | None:
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return "image"
    if head[:4] == b"RIFF":
        return {b"WEBP": "image", b"WAVE": "audio"}.get(head[8:12])
    return None

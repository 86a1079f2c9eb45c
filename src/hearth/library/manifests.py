"""The tree of manifests on disk: `manifests/<host>/<namespace>/<model>/<tag>`.

Names are found without regard to case and the spelling on disk wins. Directories and files may be links,
which is how a store is spread over several disks.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from hearth.errors import BadRequest, ModelNotFound, StoreDamaged
from hearth.library.atomic import TEMPORARY_PREFIX, read_regular
from hearth.library.manifest import MANIFEST_LIMIT, Manifest, decode_manifest
from hearth.names import Digest, ModelName

MANIFEST_DEPTH: Final = 4
_State = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """A manifest as it lies on disk; `digest` is the sha256 of the file, the time in nanoseconds."""

    name: ModelName
    manifest: Manifest
    digest: Digest
    modified_ns: int


@dataclass(frozen=True, slots=True)
class Listing:
    """What a walk found: manifests by name, files whose names are none, and whether all could be seen."""

    names: list[ModelName] = field(default_factory=list)
    odd: list[Path] = field(default_factory=list)
    unreadable: list[Path] = field(default_factory=list)


class ManifestTree:
    """Reads manifests; parsed ones are kept for as long as their file does not change."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._parsed: dict[ModelName, tuple[_State, ManifestFile]] = {}

    def path(self, name: ModelName) -> Path:
        """Where the manifest of exactly this name lies."""
        return self.root.joinpath(*name.path.parts)

    def listing(self) -> Listing:
        """Everything at the depth of manifests."""
        found = Listing()
        for path in _walk(self.root, MANIFEST_DEPTH, found.unreadable):
            if path.name.startswith(TEMPORARY_PREFIX):
                continue
            name = ModelName.from_path(PurePosixPath(path.relative_to(self.root)))
            if name is None:
                found.odd.append(path)
            else:
                found.names.append(name)
        return found

    def locate(self, name: ModelName) -> ModelName | None:
        """The name as it is spelt on disk, or None if there is no such manifest."""
        parts = _spelling(self.root, name.path.parts)
        return ModelName(*parts) if len(parts) == MANIFEST_DEPTH else None

    def spelling(self, name: ModelName) -> ModelName:
        """The name to write under: parts that exist on disk in another case are spelt as there."""
        parts = name.path.parts
        found = _spelling(self.root, parts)
        return ModelName(*found, *parts[len(found) :])

    def read_bytes(self, name: ModelName) -> bytes:
        """The manifest of exactly this name, verbatim. Raises as `read` does."""
        try:
            return read_regular(self.path(name), MANIFEST_LIMIT)[0]
        except FileNotFoundError:
            raise ModelNotFound(str(name)) from None
        except StoreDamaged as error:
            raise _damaged(name, error) from error

    def read(self, name: ModelName) -> ManifestFile:
        """The manifest of exactly this name.

        Raises:
            ModelNotFound: there is none.
            StoreDamaged: it cannot be read or is no manifest.
        """
        path = self.path(name)
        try:
            kept = self._parsed.get(name)
            if kept is not None and kept[0] == _state(path.stat()):
                return kept[1]
            data, state = read_regular(path, MANIFEST_LIMIT)
            found = ManifestFile(name, decode_manifest(data), Digest.of(data), state.st_mtime_ns)
        except FileNotFoundError:
            self.forget(name)
            raise ModelNotFound(str(name)) from None
        except (BadRequest, StoreDamaged) as error:
            raise _damaged(name, error) from error
        except OSError as error:
            raise _damaged(name, StoreDamaged(f"it cannot be read: {error.strerror}")) from error
        self._parsed[name] = (_state(state), found)
        return found

    def forget(self, name: ModelName) -> None:
        """Drop what is kept of a manifest that was replaced or removed."""
        self._parsed.pop(name, None)

    def references(self) -> frozenset[Digest] | None:
        """Every blob that a manifest names, or None if one could not be read, so nobody knows."""
        found = self.listing()
        if found.unreadable:
            return None
        digests: set[Digest] = set()
        for name in found.names:
            try:
                digests |= self.read(name).manifest.digests
            except ModelNotFound:
                continue
            except StoreDamaged:
                return None
        for path in found.odd:
            digests |= _odd_references(path)
        return frozenset(digests)


def _odd_references(path: Path) -> frozenset[Digest]:
    """A file with a name that is no model's may still be a manifest somebody put aside."""
    try:
        return decode_manifest(read_regular(path, MANIFEST_LIMIT)[0]).digests
    except (BadRequest, StoreDamaged, OSError):
        return frozenset()


def _damaged(name: ModelName, reason: BadRequest | StoreDamaged) -> StoreDamaged:
    return StoreDamaged(
        f"the manifest of '{name}' is damaged ({reason.message}): "
        "delete the model and create or pull it again"
    )


def _state(state: os.stat_result) -> _State:
    return state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino


def _walk(directory: Path, depth: int, unreadable: list[Path]) -> Iterator[Path]:
    """Files exactly `depth` levels down, in order; a link to a directory is a directory."""
    try:
        with os.scandir(directory) as entries:
            found = sorted(((entry.name, entry.is_dir()) for entry in entries), key=lambda item: item[0])
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError:
        unreadable.append(directory)
        return
    for name, is_directory in found:
        if is_directory and depth > 1:
            yield from _walk(directory / name, depth - 1, unreadable)
        elif not is_directory and depth == 1:
            yield directory / name


def _spelling(directory: Path, parts: Sequence[str]) -> tuple[str, ...]:
    """As many of these parts as exist on disk, in the disk's spelling; an exact match comes first."""
    if not parts:
        return ()
    best: tuple[str, ...] = ()
    for name in _matches(directory, parts[0], want_directory=len(parts) > 1):
        found = (name, *_spelling(directory / name, parts[1:]))
        if len(found) == len(parts):
            return found
        best = max(best, found, key=len)
    return best


def _matches(directory: Path, part: str, *, want_directory: bool) -> list[str]:
    folded = part.lower()
    try:
        with os.scandir(directory) as entries:
            same = [
                entry.name
                for entry in entries
                if entry.name.isascii() and entry.name.lower() == folded and entry.is_dir() == want_directory
            ]
    except OSError:
        return []
    return sorted(same, key=lambda name: (name != part, name))

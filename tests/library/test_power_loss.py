"""A power cut loses what was not synced; the store must not have counted on it.

Three disks are imagined. The lazy one keeps a name only when its directory was synced. The eager one keeps
every name at once, before the content behind it, so that a file that was renamed without fsync is empty.
The mixed one is eager with blobs and lazy with manifests, so that what is removed out of order is missed.
At every step of a change, what each would have kept is written out and opened.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.library.operations import OPERATIONS, START, prepare
from tests.library.support import assert_sound

from hearth.library import Library
from hearth.library.atomic import Disk

Tree = dict[str, int]
"""Path below the store to inode number."""


@dataclass
class Medium:
    """What has reached the medium: contents by inode, and names by directory."""

    contents: dict[int, bytes] = field(default_factory=dict)
    names: dict[str, Tree] = field(default_factory=dict)


class LosingDisk(Disk):
    """Keeps account of what is synced and calls `look` before each change."""

    def __init__(self, root: Path, look: Callable[[str], None]) -> None:
        self.root = root
        self.look = look
        self.medium = Medium()
        for directory, _, files in os.walk(root):
            self.keep_names(Path(directory))
            for name in files:
                path = Path(directory, name)
                self.medium.contents[path.stat().st_ino] = path.read_bytes()

    def keep_names(self, directory: Path) -> None:
        entries = {entry.name: entry.stat().st_ino for entry in directory.iterdir()}
        self.medium.names[str(directory.relative_to(self.root))] = entries

    def open(self, path: Path, flags: int, mode: int = 0o644) -> int:
        self.look("open")
        fd = super().open(path, flags, mode)
        if flags & os.O_CREAT:
            self.medium.contents[os.fstat(fd).st_ino] = b""
        return fd

    def write(self, fd: int, data: bytes | memoryview) -> None:
        self.look("write")
        super().write(fd, data)

    def fsync(self, fd: int) -> None:
        self.look("fsync")
        super().fsync(fd)
        path = Path(f"/proc/self/fd/{fd}").resolve()
        if path.is_dir():
            if path.is_relative_to(self.root):
                self.keep_names(path)
        else:
            self.medium.contents[os.fstat(fd).st_ino] = path.read_bytes()

    def rename(self, source: Path, target: Path) -> None:
        self.look("rename")
        super().rename(source, target)

    def unlink(self, path: Path) -> None:
        self.look("unlink")
        super().unlink(path)

    def mkdir(self, path: Path) -> None:
        self.look("mkdir")
        super().mkdir(path)

    def lazy(self) -> dict[str, bytes]:
        """The files of which the medium knows the name."""
        found: dict[str, bytes] = {}
        for directory, entries in self.medium.names.items():
            if directory == "." or self.known(directory):
                for name, inode in entries.items():
                    if inode in self.medium.contents:
                        found[str(Path(directory, name))] = self.medium.contents[inode]
        return found

    def known(self, directory: str) -> bool:
        path = Path(directory)
        parent = str(path.parent)
        return path.name in self.medium.names.get(parent, {}) and (parent == "." or self.known(parent))

    def eager(self) -> dict[str, bytes]:
        """All files, with what was synced of them."""
        return {
            str(path.relative_to(self.root)): self.medium.contents.get(path.stat().st_ino, b"")
            for path in self.root.rglob("*")
            if path.is_file()
        }

    def mixed(self) -> dict[str, bytes]:
        """The blobs that are there, and the manifests of which the medium knows the name."""
        blobs = {name: content for name, content in self.eager().items() if name.startswith("blobs/")}
        return blobs | {
            name: content for name, content in self.lazy().items() if not name.startswith("blobs/")
        }


def write_out(files: dict[str, bytes], root: Path) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/self/fd").exists(), reason="needs the names of open files from the system"
)
@pytest.mark.parametrize("operation", [name for name in OPERATIONS if name != "open"])
def test_what_the_medium_kept_is_a_whole_store(tmp_path: Path, operation: str) -> None:
    root = tmp_path / "store"
    prepare(root, tmp_path / "embedded")
    wanted = OPERATIONS[operation]
    kept: list[tuple[str, dict[str, bytes]]] = []

    def look(step: str) -> None:
        kept.append((f"lazy {step}", disk.lazy()))
        kept.append((f"eager {step}", disk.eager()))
        kept.append((f"mixed {step}", disk.mixed()))

    def ignore(step: str) -> None:
        """Opening the store is no part of the change."""

    disk = LosingDisk(root, ignore)
    with Library(root, embedded=tmp_path / "embedded", disk=disk) as library:
        disk.look = look
        wanted.run(library)
        done = disk.lazy()
    assert len(kept) > 6
    for number, (step, files) in enumerate(kept):
        write_out(files, tmp_path / str(number))
        assert assert_sound(tmp_path / str(number)) in (START, wanted.after), step
    write_out(done, tmp_path / "done")
    assert assert_sound(tmp_path / "done") == wanted.after

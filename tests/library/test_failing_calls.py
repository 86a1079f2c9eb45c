"""Every system call of every change fails in turn: the error is clear and the store stays whole."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest
from tests.library.operations import OPERATIONS, START, prepare
from tests.library.support import State, assert_sound, state, temporaries

from hearth.errors import HearthError, StorageFull, StoreDamaged
from hearth.library import Library
from hearth.library.atomic import Disk
from hearth.names import Digest

CALLS = ("open", "write", "fsync", "rename", "unlink", "mkdir", "rmdir")


class FailingDisk(Disk):
    """Fails the n-th call; a write that fails has written half before."""

    def __init__(self, call: str, number: int, reason: int) -> None:
        self.call = call
        self.left = number
        self.reason = reason

    def open(self, path: Path, flags: int, mode: int = 0o644) -> int:
        self.count("open")
        return super().open(path, flags, mode)

    def write(self, fd: int, data: bytes | memoryview) -> None:
        if self.call == "write" and self.left == 1:
            super().write(fd, memoryview(data)[: len(data) // 2])
        self.count("write")
        super().write(fd, data)

    def fsync(self, fd: int) -> None:
        self.count("fsync")

    def rename(self, source: Path, target: Path) -> None:
        self.count("rename")
        super().rename(source, target)

    def unlink(self, path: Path) -> None:
        self.count("unlink")
        super().unlink(path)

    def mkdir(self, path: Path) -> None:
        self.count("mkdir")
        super().mkdir(path)

    def rmdir(self, path: Path) -> None:
        self.count("rmdir")
        super().rmdir(path)

    def count(self, call: str) -> None:
        if call == self.call:
            self.left -= 1
            if self.left == 0:
                raise OSError(self.reason, os.strerror(self.reason))


def own_state(library: Library) -> State:
    return {text: contents for text, contents in state(library).items() if text != "guide:latest"}


def fail_at(root: Path, embedded: Path, operation: str, disk: FailingDisk) -> tuple[bool, HearthError | None]:
    """Do the operation on a disk that fails, check the store while it is open, and do it again.

    Gives whether the call was met, and the error.
    """
    wanted = OPERATIONS[operation]
    disk.left, number = 0, disk.left
    raised: HearthError | None = None
    with Library(root, embedded=embedded, disk=disk) as library:
        disk.left = number
        try:
            wanted.run(library)
        except HearthError as error:
            raised = error
        met = disk.left <= 0
        disk.left = 0
        assert own_state(library) in ((wanted.after,) if raised is None else (START, wanted.after))
        assert temporaries(root) == [] or disk.call == "unlink"
        if own_state(library) == START:
            wanted.run(library)
        assert own_state(library) == wanted.after
        for data in wanted.blobs:
            assert library.read_blob(Digest.of(data), 100) == data
    return met, raised


@pytest.mark.parametrize(
    "reason",
    [errno.ENOSPC, *(pytest.param(one, marks=pytest.mark.slow) for one in (errno.EDQUOT, errno.EIO))],
)
@pytest.mark.parametrize("operation", [name for name in OPERATIONS if name != "open"])
def test_the_nth_call_fails(tmp_path: Path, operation: str, reason: int) -> None:
    prepare(tmp_path / "start", tmp_path / "embedded")
    expected = StorageFull if reason in (errno.ENOSPC, errno.EDQUOT) else StoreDamaged
    failed = 0
    for call in CALLS:
        number = 0
        met = True
        while met:
            number += 1
            root = tmp_path / f"{call}{number}"
            shutil.copytree(tmp_path / "start", root)
            disk = FailingDisk(call, number, reason)
            met, raised = fail_at(root, tmp_path / "embedded", operation, disk)
            failed += met
            assert raised is None or type(raised) is expected
            assert raised is None or str(root) not in raised.message
            # Only tidying up may fail without a word; it is done when the store is next opened.
            assert raised is not None or not met or call in ("unlink", "rmdir")
            assert assert_sound(root) == OPERATIONS[operation].after
            shutil.rmtree(root)
    assert failed >= 4


def test_a_failed_put_leaves_no_blob_of_its_own(tmp_path: Path) -> None:
    prepare(tmp_path / "start", tmp_path / "embedded")
    before = {path.name for path in (tmp_path / "start" / "blobs").iterdir()}
    disk = FailingDisk("rename", 0, errno.ENOSPC)
    with Library(tmp_path / "start", embedded=tmp_path / "embedded", disk=disk) as library:
        for operation, last in (("copy embedded", 3), ("put embedded", 3)):
            disk.left = last
            with pytest.raises(StorageFull):
                OPERATIONS[operation].run(library)
            assert {path.name for path in (tmp_path / "start" / "blobs").iterdir()} == before
    assert not (tmp_path / "start/manifests/registry.ollama.ai/library/b").exists()

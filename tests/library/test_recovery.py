"""What opening a store puts right, and what it leaves alone."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.library.support import add_model, age, blob_names, name, state, write_blob, write_model

from hearth.errors import BlobNotFound, Conflict, ReadOnly, StorageFull, StoreDamaged
from hearth.library import Library, ModelConfig
from hearth.library.atomic import Disk
from hearth.names import Digest

HOLD = """
import sys, pathlib
from hearth.library import Library
with Library(pathlib.Path(sys.argv[1]), embedded=None):
    print("open", flush=True)
    sys.stdin.read()
"""


class RefusingDisk(Disk):
    """A disk on which nothing can be changed."""

    def __init__(self, reason: int) -> None:
        self.reason = reason

    def mkdir(self, path: Path) -> None:
        raise OSError(self.reason, os.strerror(self.reason))

    def open(self, path: Path, flags: int, mode: int = 0o644) -> int:
        if flags & os.O_CREAT:
            raise OSError(self.reason, os.strerror(self.reason))
        return super().open(path, flags, mode)

    def unlink(self, path: Path) -> None:
        raise OSError(self.reason, os.strerror(self.reason))


def open_and_close(root: Path, *, prune: bool = True) -> None:
    with Library(root, embedded=None, prune=prune):
        pass


def test_our_temporary_files_go_and_partial_downloads_stay(root: Path) -> None:
    path = write_model(root, "registry.ollama.ai/library/mine/latest")
    partial = root / "blobs" / (Digest.of(b"x").filename + "-partial")
    ours = [
        root / "blobs" / ".hearth-0123",
        path.with_name(".hearth-4567"),
        root / "manifests" / ".hearth-89",
    ]
    for file in (partial, partial.with_name(partial.name + "-0"), *ours):
        file.write_bytes(b"half")
        age(file, 100)
    open_and_close(root)
    assert not any(file.exists() for file in ours)
    assert partial.exists()
    assert partial.with_name(partial.name + "-0").exists()


def test_old_unused_blobs_go_and_young_ones_stay(root: Path) -> None:
    write_model(root, "registry.ollama.ai/library/mine/latest")
    for data, hours in ((b"old", 1.1), (b"young", 0.9), (b"weights", 99)):
        write_blob(root, data)
        age(root / "blobs" / Digest.of(data).filename, hours)
    other = root / "blobs" / "notes.txt"
    other.write_text("mine")
    age(other, 99)
    (root / "blobs" / Digest.of(b"directory").filename).mkdir()
    age(root / "blobs" / Digest.of(b"directory").filename, 99)
    open_and_close(root)
    left = blob_names(root)
    assert Digest.of(b"old").filename not in left
    assert {Digest.of(data).filename for data in (b"young", b"weights", b"directory")} <= left
    assert "notes.txt" in left


def test_nothing_goes_without_pruning_or_with_a_damaged_manifest(root: Path) -> None:
    write_blob(root, b"old")
    old = root / "blobs" / Digest.of(b"old").filename
    age(old, 99)
    (root / "manifests" / "empty").mkdir(parents=True)
    open_and_close(root, prune=False)
    assert old.exists()
    assert (root / "manifests" / "empty").exists()
    bad = write_model(root, "registry.ollama.ai/library/bad/latest")
    bad.write_bytes(b"")
    open_and_close(root)
    assert old.exists()
    bad.unlink()
    open_and_close(root)
    assert not old.exists()
    assert list((root / "manifests").iterdir()) == []


def test_the_blob_names_of_the_first_versions_are_changed(root: Path) -> None:
    write_model(root, "registry.ollama.ai/library/mine/latest")
    for blob in list((root / "blobs").iterdir()):
        blob.rename(blob.with_name(blob.name.replace("sha256-", "sha256:")))
    twice = root / "blobs" / f"sha256:{Digest.of(b'kept').hex}"
    twice.write_bytes(b"kept?")
    write_blob(root, b"kept")
    with Library(root, embedded=None) as library:
        assert state(library) == {"mine:latest": ("weights",)}
        assert library.read_blob(Digest.of(b"kept"), 9) == b"kept"
    assert twice.exists()


def test_a_second_daemon_is_refused_with_the_first_ones_number(root: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"open\n"
        with pytest.raises(Conflict, match=f"process {first.pid}:"):
            Library(root, embedded=None).open()
        first.kill()
    open_and_close(root)


def test_a_second_library_in_one_process_is_refused(root: Path) -> None:
    with Library(root, embedded=None) as first:
        with pytest.raises(Conflict, match=f"process {os.getpid()}:"):
            Library(root, embedded=None).open()
        add_model(first, "mine", "one")
    open_and_close(root)


def test_a_lock_file_with_anything_in_it(root: Path) -> None:
    with Library(root, embedded=None):
        (root / ".hearth.lock").write_bytes(b"\xff not a number at all, and long")
        with pytest.raises(Conflict, match="another process"):
            Library(root, embedded=None).open()


def test_a_lock_file_that_is_a_link_is_not_followed(root: Path, tmp_path: Path) -> None:
    root.mkdir()
    (tmp_path / "precious").write_text("precious")
    (root / ".hearth.lock").symlink_to(tmp_path / "precious")
    with pytest.raises(StoreDamaged):
        open_and_close(root)
    assert (tmp_path / "precious").read_text() == "precious"


def test_closing_twice_and_opening_again(root: Path) -> None:
    library = Library(root, embedded=None)
    for _ in range(2):
        library.open()
        assert library.writable
        library.close()
        library.close()
        assert not library.writable


@pytest.mark.parametrize("reason", [errno.EACCES, errno.EROFS, errno.EPERM])
def test_a_store_that_may_only_be_read(root: Path, embedded: Path, reason: int) -> None:
    with Library(root, embedded=embedded, disk=RefusingDisk(reason)) as library:
        assert state(library) == {"guide:latest": ("guide weights",)}
        for change in (
            lambda: library.add_bytes(b"x"),
            lambda: library.put(name("a"), ModelConfig(), []),
            lambda: library.copy(name("guide"), name("b")),
            lambda: library.delete(name("guide")),
        ):
            with pytest.raises(ReadOnly, match="read-only for this server"):
                change()
    assert not root.exists()


@pytest.mark.parametrize("reason", [errno.EACCES, errno.EROFS, errno.EPERM])
def test_a_store_whose_files_may_only_be_read(root: Path, reason: int) -> None:
    write_model(root, "registry.ollama.ai/library/mine/latest")
    (root / "blobs" / ".hearth-0").write_bytes(b"left behind")
    with Library(root, embedded=None, disk=RefusingDisk(reason)) as library:
        assert state(library) == {"mine:latest": ("weights",)}
        for change in (lambda: library.add_bytes(b"x"), lambda: library.delete(name("mine"))):
            with pytest.raises(ReadOnly):
                change()
        assert state(library) == {"mine:latest": ("weights",)}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere; the read-only mount covers it")
def test_a_store_without_write_permission(root: Path) -> None:
    write_model(root, "registry.ollama.ai/library/mine/latest")
    root.chmod(0o555)
    try:
        with Library(root, embedded=None) as library:
            assert state(library) == {"mine:latest": ("weights",)}
            assert not library.writable
    finally:
        root.chmod(0o755)


def test_a_disk_too_full_for_the_directories(root: Path) -> None:
    with pytest.raises(StorageFull):
        Library(root, embedded=None, disk=RefusingDisk(errno.ENOSPC)).open()


def test_a_file_where_the_store_should_be(root: Path) -> None:
    root.write_bytes(b"")
    with pytest.raises(StoreDamaged, match="could not be written"):
        open_and_close(root)


def test_blobs_of_a_store_that_vanished(root: Path) -> None:
    with Library(root, embedded=None) as library:
        digest, _ = library.add_bytes(b"x")
        (root / "blobs" / digest.filename).unlink()
        (root / "blobs").rmdir()
        with pytest.raises(BlobNotFound):
            library.blob_path(digest)
        with pytest.raises(StoreDamaged, match="could not be written"):
            library.add_bytes(b"x")


def test_a_file_system_without_locks(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(fd: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", refuse)
    with Library(root, embedded=None) as library:
        add_model(library, "mine", "one")
        assert state(library) == {"mine:latest": ("one",)}


def test_a_manifest_that_is_being_written_is_not_listed(root: Path) -> None:
    with Library(root, embedded=None) as library:
        path = write_model(root, "registry.ollama.ai/library/mine/latest")
        path.with_name(".hearth-0").write_bytes(b"half")
        assert state(library) == {"mine:latest": ("weights",)}
        assert library.damaged() == []
        library.delete(name("mine"))
        assert blob_names(root) == set()

"""A disk that is really full, and one that is really read-only: small file systems mounted for the test."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

import pytest
from tests.library.support import add_model, assert_sound, blob_names, name, state

from hearth.errors import ReadOnly, StorageFull
from hearth.library import BlobWriter, Layer, Library, MediaType, ModelConfig

SIZE = 1 << 20
pytestmark = pytest.mark.slow


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if os.geteuid() != 0 or mount is None or umount is None:
        pytest.skip("NOT TESTED: a full disk, because only root can mount a small file system")
    target = tmp_path / "disk"
    target.mkdir()
    mounted = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(target)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("NOT TESTED: a full disk, because this system does not let root mount a file system")
    yield target
    subprocess.run([umount, str(target)], check=True)


def fill_file(file: FileIO) -> None:
    while True:
        file.write(bytes(4096))


def fill(directory: Path, *, leave: int = 0) -> Path:
    """Write a file until nothing fits any more, and then give back a number of bytes."""
    path = directory / "filler"
    with path.open("wb", buffering=0) as file:
        with pytest.raises(OSError, match="No space left"):
            fill_file(file)
        file.truncate(max(0, file.tell() - leave))
    return path


def test_every_change_on_a_full_disk(disk: Path, embedded: Path) -> None:
    root = disk / "models"
    with Library(root, embedded=embedded) as library:
        add_model(library, "mine", "weights")
        layers = library.find(name("mine")).manifest.layers
        before, blobs = state(library), blob_names(root)
        filler = fill(disk)
        for change in (
            lambda: library.add_bytes(b"x" * 5000),
            lambda: library.put(name("yours"), ModelConfig(model_family="new"), layers),
            lambda: library.copy(name("mine"), name("yours")),
            lambda: library.copy(name("guide"), name("yours")),
        ):
            with pytest.raises(StorageFull):
                change()
            assert (state(library), blob_names(root)) == (before, blobs)
        library.delete(name("mine"))
        filler.unlink()
        add_model(library, "mine", "weights")
        assert state(library) == before
    assert assert_sound(root) == {"mine:latest": ("weights",)}


def write_zeros(writer: BlobWriter, size: int) -> None:
    for _ in range(size // 4096):
        writer.write(bytes(4096))


def test_the_disk_fills_up_in_the_middle_of_a_blob(disk: Path) -> None:
    root = disk / "models"
    with Library(root, embedded=None) as library:
        fill(disk, leave=SIZE // 4)
        with library.blob_writer() as writer, pytest.raises(StorageFull):
            write_zeros(writer, SIZE)
        assert blob_names(root) == set()
        with pytest.raises(StorageFull, match=f"{SIZE} bytes are needed"), library.blob_writer(size=SIZE):
            pass
        add_model(library, "small", "fits")
        assert state(library) == {"small:latest": ("fits",)}


def test_a_file_from_another_disk_that_does_not_fit(disk: Path, tmp_path: Path) -> None:
    source = tmp_path / "model.gguf"
    source.write_bytes(bytes(2 * SIZE))
    with Library(disk / "models", embedded=None) as library:
        for move in (True, False):
            with pytest.raises(StorageFull):
                library.add_file(source, move=move)
        assert source.stat().st_size == 2 * SIZE
        assert blob_names(disk / "models") == set()


def test_a_file_moved_from_another_disk(disk: Path, tmp_path: Path) -> None:
    source = tmp_path / "model.gguf"
    source.write_bytes(b"weights")
    with Library(disk / "models", embedded=None) as library:
        digest, size = library.add_file(source, move=True)
        library.put(name("mine"), ModelConfig(), [Layer(MediaType.MODEL, digest, size)])
        assert state(library) == {"mine:latest": ("weights",)}
    assert not source.exists()


def copy_often(library: Library) -> None:
    for number in range(20):
        library.copy(name("mine"), name(f"copy{number}"))


def test_no_inodes_left(disk: Path) -> None:
    root = disk / "models"
    with Library(root, embedded=None) as library:
        add_model(library, "mine", "weights")
        subprocess.run(["mount", "-o", "remount,nr_inodes=20", str(disk)], check=True)
        with pytest.raises(StorageFull):
            copy_often(library)
        assert 1 < len(library.models()) < 12
        assert library.damaged() == []


def test_a_file_system_mounted_read_only(disk: Path) -> None:
    root = disk / "models"
    with Library(root, embedded=None) as library:
        add_model(library, "mine", "weights")
    (root / "blobs" / ".hearth-0").write_bytes(b"left behind")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    for _ in range(2):
        with Library(root, embedded=None) as library:
            assert not library.writable
            assert state(library) == {"mine:latest": ("weights",)}
            with pytest.raises(ReadOnly):
                library.add_bytes(b"x")
            with pytest.raises(ReadOnly):
                library.delete(name("mine"))

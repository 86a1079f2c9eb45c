from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest
from tests.library.support import blob_names, temporaries, write_blob

from hearth.errors import BadRequest, BlobNotFound, DigestMismatch, ReadOnly, StorageFull, StoreDamaged
from hearth.library import Layer, Library, MediaType
from hearth.library.atomic import Disk
from hearth.names import Digest


class OtherDisk(Disk):
    """A disk on which nothing can be renamed from elsewhere, as between two file systems."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def rename(self, source: Path, target: Path) -> None:
        if source.parent != self.directory:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        super().rename(source, target)


def test_written_in_pieces(library: Library, root: Path) -> None:
    with library.blob_writer() as writer:
        writer.write(b"he")
        writer.write(memoryview(b"llo"))
        assert writer.commit() == writer.digest == Digest.of(b"hello")
        assert writer.size == 5
    assert library.blob_path(writer.digest) == root / "blobs" / Digest.of(b"hello").filename
    assert library.read_blob(writer.digest, 5) == b"hello"
    mode = library.blob_path(writer.digest).stat().st_mode
    assert stat.S_IMODE(mode) & 0o600 == 0o600


def test_an_empty_blob(library: Library) -> None:
    digest, size = library.add_bytes(b"")
    assert (size, library.read_blob(digest, 0)) == (0, b"")


def test_other_bytes_than_expected_leave_nothing(library: Library, root: Path) -> None:
    expected = Digest.of(b"hello")
    with library.blob_writer(expected) as writer:
        writer.write(b"hullo")
        with pytest.raises(DigestMismatch) as caught:
            writer.commit()
    assert caught.value.message == f'digest mismatch, expected "{expected}", got "{Digest.of(b"hullo")}"'
    assert blob_names(root) == set()


def test_leaving_without_commit_leaves_nothing(library: Library, root: Path) -> None:
    with library.blob_writer() as writer:
        writer.write(b"half")
        assert len(temporaries(root)) == 1
    assert blob_names(root) == set()
    with pytest.raises(RuntimeError, match="not committed"):
        _ = writer.digest


def test_an_error_while_writing_leaves_nothing(library: Library, root: Path) -> None:
    with pytest.raises(TypeError), library.blob_writer() as writer:
        writer.write("no bytes")  # type: ignore[arg-type]
    assert blob_names(root) == set()


def test_what_cannot_fit_is_refused_before_it_is_written(library: Library, root: Path) -> None:
    with pytest.raises(StorageFull, match="bytes are needed"), library.blob_writer(size=1 << 60):
        pass
    assert blob_names(root) == set()


def test_a_damaged_blob_is_healed_by_storing_it_again(library: Library) -> None:
    digest, _ = library.add_bytes(b"hello")
    library.blob_path(digest).write_bytes(b"hxllo")
    with pytest.raises(StoreDamaged, match="another digest"):
        library.read_blob(digest, 5)
    library.add_bytes(b"hello")
    assert library.read_blob(digest, 5) == b"hello"


def test_a_linked_blob_is_read_and_stays_a_link(library: Library, tmp_path: Path) -> None:
    digest = Digest.of(b"hello")
    (tmp_path / "elsewhere").write_bytes(b"hello")
    link = library.blob_path(library.add_bytes(b"x")[0]).with_name(digest.filename)
    link.symlink_to(tmp_path / "elsewhere")
    assert library.read_blob(digest, 5) == b"hello"
    library.add_bytes(b"hello")
    assert link.is_symlink()


def test_a_linked_blob_cut_short_is_replaced(library: Library, root: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"hel")
    link = root / "blobs" / Digest.of(b"hello").filename
    link.symlink_to(tmp_path / "elsewhere")
    digest, _ = library.add_bytes(b"hello")
    assert library.read_blob(digest, 5) == b"hello"
    assert (tmp_path / "elsewhere").read_bytes() == b"hel"


def test_reading(library: Library) -> None:
    digest, size = library.add_bytes(b"hello")
    with pytest.raises(BlobNotFound):
        library.read_blob(Digest.of(b"absent"), 10)
    with pytest.raises(BlobNotFound):
        library.blob_path(Digest.of(b"absent"))
    with pytest.raises(StoreDamaged, match="larger than 4 bytes"):
        library.read_blob(digest, 4)
    assert library.read_layer(Layer(MediaType.SYSTEM, digest, size), 10) == b"hello"
    with pytest.raises(StoreDamaged, match="5 bytes and its manifest says 6"):
        library.read_layer(Layer(MediaType.SYSTEM, digest, 6), 10)


@pytest.mark.parametrize("kind", ["pipe", "directory", "dangling"])
def test_what_is_no_file_is_no_blob(library: Library, root: Path, kind: str) -> None:
    digest = Digest.of(b"hello")
    path = root / "blobs" / digest.filename
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    else:
        path.symlink_to(root / "nowhere")
    assert not library.has_blob(digest)
    with pytest.raises(BlobNotFound):
        library.blob_path(digest)


def test_embedded_blobs_are_behind_the_own_ones(library: Library, embedded: Path) -> None:
    digest = Digest.of(b"guide weights")
    assert library.blob_path(digest).is_relative_to(embedded)
    assert library.read_blob(digest, 20) == b"guide weights"
    library.add_bytes(b"guide weights")
    assert not library.blob_path(digest).is_relative_to(embedded)


def test_moving_a_file_in(library: Library, root: Path) -> None:
    done: list[int] = []
    with library.temp_path() as path:
        path.write_bytes(b"hello")
        path.chmod(0o600)
        os.utime(path, (0, 0))
        digest, size = library.add_file(path, move=True, progress=done.append)
        assert not path.exists()
    state = library.blob_path(digest).stat()
    assert (size, done, stat.S_IMODE(state.st_mode)) == (5, [5], 0o644)
    assert state.st_mtime > 0
    assert temporaries(root) == []


def test_copying_a_file_in(library: Library, tmp_path: Path) -> None:
    source = tmp_path / "model.gguf"
    source.write_bytes(b"hello")
    done: list[int] = []
    digest, size = library.add_file(source, move=False, progress=done.append)
    assert (library.read_blob(digest, size), source.exists(), done) == (b"hello", True, [5])


@pytest.mark.parametrize("move", [True, False])
def test_progress_can_stop_the_work(library: Library, root: Path, tmp_path: Path, move: bool) -> None:
    source = tmp_path / "model.gguf"
    source.write_bytes(b"hello")

    def stop(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.add_file(source, move=move, progress=stop)
    assert blob_names(root) == set()
    assert source.exists()


def test_moving_from_another_disk(root: Path, tmp_path: Path) -> None:
    source = tmp_path / "model.gguf"
    source.write_bytes(b"hello")
    with Library(root, embedded=None, disk=OtherDisk(root / "blobs")) as library:
        digest, _ = library.add_file(source, move=True)
        assert library.read_blob(digest, 5) == b"hello"
    assert not source.exists()


@pytest.mark.parametrize("move", [True, False])
def test_only_regular_files_are_taken(library: Library, tmp_path: Path, move: bool) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        with pytest.raises(BadRequest, match="not a regular file"):
            library.add_file(path, move=move)
    with pytest.raises(StoreDamaged, match="No such file"):
        library.add_file(tmp_path / "absent", move=move)


def test_a_link_is_not_moved(library: Library, tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(b"hello")
    (tmp_path / "link").symlink_to(tmp_path / "model.gguf")
    with pytest.raises(BadRequest, match="not a regular file"):
        library.add_file(tmp_path / "link", move=True)
    assert (tmp_path / "model.gguf").exists()


def test_a_temporary_path_is_cleared(library: Library, root: Path) -> None:
    with library.temp_path() as path:
        path.write_bytes(b"half")
    assert blob_names(root) == set()


def test_errors_hold_no_path(library: Library, root: Path) -> None:
    digest = write_blob(root, b"hello")
    parsed = Digest.parse(digest)
    library.blob_path(parsed).write_bytes(b"other")
    for limit in (2, 9):
        with pytest.raises(StoreDamaged) as caught:
            library.read_blob(parsed, limit)
        assert str(root) not in caught.value.message


def test_a_closed_library_takes_nothing(root: Path) -> None:
    library = Library(root, embedded=None)
    with library:
        pass
    with pytest.raises(ReadOnly):
        library.add_bytes(b"hello")
    with pytest.raises(ReadOnly), library.temp_path():
        pass

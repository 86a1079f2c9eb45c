"""Hashing files before they are uploaded."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from hearth.errors import ModelfileError, RequestCancelled
from hearth.modelfile import hash_files
from hearth.names import Digest


def test_every_file_gets_its_digest_and_progress_reaches_the_end(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a", "b", "c")]
    for number, path in enumerate(paths, 1):
        path.write_bytes(bytes([number]) * number * 3_000_000)
    seen: dict[Path, list[tuple[int, int]]] = {path: [] for path in paths}
    digests = hash_files(paths, lambda path, done, total: seen[path].append((done, total)))
    assert digests == {path: Digest.of(path.read_bytes()) for path in paths}
    for path, steps in seen.items():
        size = path.stat().st_size
        assert steps[-1] == (size, size)
        assert steps == sorted(steps)


def test_nothing_to_hash() -> None:
    assert hash_files([]) == {}


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"x")
    with pytest.raises(ModelfileError, match="cannot be read"):
        hash_files([tmp_path / "there", tmp_path / "gone"])


def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ModelfileError, match="not a regular file"):
        hash_files([tmp_path / "pipe"])


def test_a_file_that_shrinks_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_bytes(bytes(9_000_000))
    with pytest.raises(ModelfileError, match="became shorter"):
        hash_files([path], lambda *_: os.truncate(path, 10))


def test_cancelled(tmp_path: Path) -> None:
    path, cancelled = tmp_path / "m", threading.Event()
    path.write_bytes(bytes(9_000_000))
    steps: list[int] = []

    def progress(_: Path, done: int, __: int) -> None:
        steps.append(done)
        cancelled.set()

    with pytest.raises(RequestCancelled):
        hash_files([path], progress, cancelled)
    assert len(steps) == 1

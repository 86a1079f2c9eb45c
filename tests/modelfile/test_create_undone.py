"""A create that fails, is cancelled or loses its disk leaves the library as it was."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.modelfile.workshop import Workshop

from hearth.errors import BadRequest, RequestCancelled, StorageFull
from hearth.library import Library, MediaType
from hearth.library.atomic import Disk
from hearth.modelfile import Status
from hearth.names import ModelName


class FailingDisk(Disk):
    """Is full from the n-th write or sync of a file on, once told to be."""

    def __init__(self) -> None:
        self.left: int | None = None

    def _use(self) -> None:
        if self.left is not None:
            if self.left == 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            self.left -= 1

    def write(self, fd: int, data: bytes | memoryview) -> None:
        self._use()
        super().write(fd, data)

    def fsync(self, fd: int) -> None:
        self._use()
        super().fsync(fd)

    def sync_directory(self, path: Path) -> None:
        """Needs no space."""


@pytest.fixture
def disk() -> FailingDisk:
    return FailingDisk()


@pytest.fixture
def failing(tmp_path: Path, disk: FailingDisk) -> Iterator[Workshop]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with Library(tmp_path / "models", embedded=None, disk=disk) as library:
        yield Workshop(library, tmp_path / "models", scratch)


def test_a_full_disk_at_any_write_leaves_nothing(failing: Workshop, disk: FailingDisk) -> None:
    files = {path.name: failing.upload(path) for path in failing.split(failing.llama())}
    files["clip.gguf"] = failing.upload(failing.projector())
    before = failing.files()
    for allowed in range(100):
        disk.left = allowed
        try:
            failing.create(files=files, system="s", template="t", parameters={"top_k": 1})
        except StorageFull:
            disk.left = None
            assert failing.library.models() == []
            assert failing.files() == before
        else:
            break
    assert allowed > 5
    disk.left = None
    assert len(failing.library.find(ModelName.parse("made")).manifest.layers) == 5


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if os.geteuid() != 0 or mount is None or umount is None:
        pytest.skip("NOT TESTED: a full disk, because only root can mount a small file system")
    target = tmp_path / "disk"
    target.mkdir()
    command = [mount, "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(target)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("NOT TESTED: a full disk, because this system does not let root mount a file system")
    yield target
    subprocess.run([umount, str(target)], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("quantize", ["", "F16"])
def test_a_disk_that_is_really_full(small_disk: Path, tmp_path: Path, quantize: str) -> None:
    with Library(small_disk / "models", embedded=None) as library:
        shop = Workshop(library, small_disk / "models", tmp_path)
        files = {path.name: shop.upload(path) for path in shop.split(shop.llama())}
        before = shop.files()
        filler = small_disk / "filler"
        free = shutil.disk_usage(small_disk).free
        filler.write_bytes(bytes(free - 100_000))
        with pytest.raises(StorageFull):
            shop.create(files=files, quantize=quantize)
        assert library.models() == []
        assert shop.files() == before
        filler.unlink()
        assert shop.create(files=files, quantize=quantize).config.file_type == (quantize or "F32")


def test_cancelling_at_any_step_leaves_nothing(shop: Workshop) -> None:
    files = {path.name: shop.upload(path) for path in shop.split(shop.llama())}
    files["clip.gguf"] = shop.upload(shop.projector())
    before = shop.files()
    steps = 0
    while True:
        shop.cancelled = CancelledAfter(steps)
        try:
            shop.create(files=files, system="s", template="t")
        except RequestCancelled:
            assert shop.library.models() == []
            assert shop.files() == before
            steps += 1
        else:
            break
    assert steps > 10


class CancelledAfter(threading.Event):
    """An event that is found set from the n-th look on."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self._looks = looks

    def is_set(self) -> bool:
        self._looks -= 1
        return self._looks < 0


def test_cancelled_before_it_starts(shop: Workshop) -> None:
    files = {"m.gguf": shop.upload(shop.llama())}
    shop.cancelled.set()
    with pytest.raises(RequestCancelled):
        shop.create(files=files)
    assert shop.library.models() == []


@pytest.mark.slow
def test_cancelled_while_it_quantises(shop: Workshop) -> None:
    files = {"m.gguf": shop.upload(shop.llama(layers=8))}
    before = shop.files()

    class Stopping(list[Status]):
        def append(self, status: Status) -> None:
            super().append(status)
            if status.status.startswith("quantizing"):
                shop.cancelled.set()

    shop.statuses = Stopping()
    with pytest.raises(RequestCancelled):
        shop.create(files=files, quantize="Q8_0")
    assert shop.library.models() == []
    assert shop.files() == before


def test_a_failure_keeps_the_model_that_was_there(shop: Workshop) -> None:
    first = shop.create_from(shop.llama(), system="kept")
    before = shop.files()
    lora = shop.upload(shop.adapter(arch="qwen2"))
    with pytest.raises(BadRequest):
        shop.create(from_="made", system="new", adapters={"l": lora})
    assert shop.files() - before == {shop.library.blob_path(lora)}
    assert shop.text(shop.library.find(first.name), MediaType.SYSTEM) == ["kept"]


def test_a_blob_that_others_use_survives_a_failure(shop: Workshop) -> None:
    shop.create_from(shop.llama(), "other", system="shared")
    base = shop.create("base", from_="other")
    weights = base.layers(MediaType.MODEL)[0].digest

    class Stopping(list[Status]):
        def append(self, status: Status) -> None:
            super().append(status)
            if status.status == "writing manifest":
                raise RuntimeError("the connection is gone")

    shop.statuses = Stopping()
    with pytest.raises(RuntimeError):
        shop.create(files={"m": weights}, system="shared", template="mine")
    assert shop.text(shop.library.find(base.name), MediaType.SYSTEM) == ["shared"]
    assert not any(path.read_bytes() == b"mine" for path in shop.files())


def test_deleting_the_base_while_creating_from_it(shop: Workshop) -> None:
    base = shop.create_from(shop.llama(), "base", system="s")

    class Deleting(list[Status]):
        def append(self, status: Status) -> None:
            super().append(status)
            if status.status == "writing manifest":
                shop.library.delete(base.name)

    shop.statuses = Deleting()
    model = shop.create(from_="base")
    assert shop.text(model, MediaType.SYSTEM) == ["s"]
    assert shop.library.blob_path(model.layers(MediaType.MODEL)[0].digest).exists()

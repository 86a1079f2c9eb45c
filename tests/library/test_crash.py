"""A process that is killed at any step of a change leaves the old state or the new one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.library.operations import OPERATIONS, START, prepare
from tests.library.support import State, assert_sound, state

from hearth.library import Library

pytestmark = pytest.mark.slow

Crash = Callable[[Path, Path, str, int], str]
FAILPOINTS = {
    "blob.before_write",
    "blob.before_fsync",
    "blob.before_rename",
    "blob.after_rename",
    "manifest.before_write",
    "manifest.before_fsync",
    "manifest.before_rename",
    "manifest.after_rename",
    "delete.before_unlink",
    "delete.after_unlink",
    "collect.before_unlink",
}


@pytest.fixture(scope="module")
def crash() -> Iterator[Crash]:
    """Runs an operation in a process that dies at a step; gives the step's name, or `done`."""
    repository = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.library.crasher"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=repository,
    ) as process:
        writer, reader = process.stdin, process.stdout
        assert writer is not None
        assert reader is not None

        def run(root: Path, embedded: Path, operation: str, step: int) -> str:
            writer.write(f"{root}\t{embedded}\t{operation}\t{step}\n")
            writer.flush()
            return reader.readline().rstrip("\n")

        yield run
        writer.close()


def crash_everywhere(crash: Crash, directory: Path, operation: str) -> Iterator[tuple[str, Path, Path]]:
    """The store after a death at each step in turn, and last after the whole operation."""
    prepare(directory / "start", directory / "embedded")
    reached = ""
    step = 0
    while reached != "done":
        step += 1
        root = directory / str(step)
        shutil.copytree(directory / "start", root)
        if operation == "open":
            (root / "blobs" / ".hearth-0").write_bytes(b"left behind")
            (root / "manifests" / "empty" / "directory").mkdir(parents=True)
        reached = crash(root, directory / "embedded", operation, step)
        assert reached != "failed"
        yield reached, root, directory / "embedded"
        shutil.rmtree(root)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_killed_at_every_step(crash: Crash, tmp_path: Path, operation: str) -> None:
    wanted = OPERATIONS[operation]
    seen: list[State] = []
    for reached, root, embedded in crash_everywhere(crash, tmp_path, operation):
        found = assert_sound(root)
        assert found in (START, wanted.after), reached
        seen.append(found)
        with Library(root, embedded=embedded) as library:
            if found == START:
                wanted.run(library)
            assert own_state(library) == wanted.after
    assert seen[-1] == wanted.after
    turn = seen.index(wanted.after)
    assert seen == [START] * turn + [wanted.after] * (len(seen) - turn)


def own_state(library: Library) -> State:
    return {text: contents for text, contents in state(library).items() if text != "guide:latest"}


def test_every_fail_point_is_met(crash: Crash, tmp_path: Path) -> None:
    reached: set[str] = set()
    for index, operation in enumerate(("upload", "replace", "delete")):
        reached |= {step for step, _, _ in crash_everywhere(crash, tmp_path / str(index), operation)}
    assert reached >= FAILPOINTS
    assert reached - FAILPOINTS <= {"open", "write", "fsync", "rename", "unlink", "mkdir", "rmdir", "done"}

"""Runs operations in processes that die at a chosen step; started by the crash tests.

It reads lines `root<TAB>embedded<TAB>operation<TAB>step`, forks, and lets the child do the operation until
that step, where the child kills itself as a power cut would. The answer is one line: the name of the step,
or `done` if the operation ended before. This process has one thread, so forking it is safe.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from tests.library.operations import OPERATIONS

from hearth.library import Library
from hearth.library.atomic import Disk


class DyingDisk(Disk):
    """Kills the process at the n-th step; a write gets half of its bytes out first.

    It does not wait for the medium: what a killed process wrote is not lost.
    """

    def __init__(self, step: int, report: int) -> None:
        self.left = step
        self.report = report

    def failpoint(self, name: str) -> None:
        self.step(name)

    def open(self, path: Path, flags: int, mode: int = 0o644) -> int:
        self.step("open")
        return super().open(path, flags, mode)

    def write(self, fd: int, data: bytes | memoryview) -> None:
        if self.left == 1:
            super().write(fd, memoryview(data)[: len(data) // 2])
        self.step("write")
        super().write(fd, data)

    def fsync(self, fd: int) -> None:
        self.step("fsync")

    def rename(self, source: Path, target: Path) -> None:
        self.step("rename")
        super().rename(source, target)

    def unlink(self, path: Path) -> None:
        self.step("unlink")
        super().unlink(path)

    def mkdir(self, path: Path) -> None:
        self.step("mkdir")
        super().mkdir(path)

    def rmdir(self, path: Path) -> None:
        self.step("rmdir")
        super().rmdir(path)

    def step(self, name: str) -> None:
        self.left -= 1
        if self.left == 0:
            os.write(self.report, name.encode())
            os.kill(os.getpid(), signal.SIGKILL)


def child(root: Path, embedded: Path, operation: str, step: int, report: int) -> NoReturn:
    with Library(root, embedded=embedded, disk=DyingDisk(step, report)) as library:
        OPERATIONS[operation].run(library)
    os.write(report, b"done")
    os._exit(0)


def main() -> None:
    for line in sys.stdin:
        root, embedded, operation, step = line.rstrip("\n").split("\t")
        reader, writer = os.pipe()
        process = os.fork()
        if process == 0:
            child(Path(root), Path(embedded), operation, int(step), writer)
        os.close(writer)
        os.waitpid(process, 0)
        sys.stdout.write((os.read(reader, 100).decode() or "failed") + "\n")
        sys.stdout.flush()
        os.close(reader)


if __name__ == "__main__":
    main()

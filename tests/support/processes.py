"""The processes that a test has started."""

from __future__ import annotations

import contextlib
from pathlib import Path


def children(module: str) -> set[int]:
    """The children of this process that run a module, such as `hearth.engine.runner`."""
    found = set()
    for thread in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):
            found |= {int(pid) for pid in (thread / "children").read_text(encoding="ascii").split()}
    return {pid for pid in found if _runs(pid, module)}


def _runs(pid: int, module: str) -> bool:
    try:
        return module.encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False

"""How much memory a model can have, and how many slots it should be given."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

MOST_SLOTS: Final = 4
_SHARE_FOR_SLOTS: Final = 0.6


def choose_slots(
    estimate: Callable[[int], int], available: int, requested: int | None, maximum: int = MOST_SLOTS
) -> int:
    """How many requests a model answers at once.

    Args:
        estimate: bytes that the whole runner takes with a number of slots; must not fall as slots are added.
        available: bytes that are free.
        requested: the user's own number, taken as it is; None or 0 leaves the choice to the memory.
        maximum: most slots that are chosen without being asked for.

    Returns:
        The largest number up to `maximum` with which the runner takes at most 60 % of what is available,
        and at least 1: whether that one fits is for the load to find out.
    """
    if requested:
        return requested
    fitting = (slots for slots in range(maximum, 1, -1) if estimate(slots) <= _SHARE_FOR_SLOTS * available)
    return next(fitting, 1)


def available_memory(root: Path = Path("/")) -> int:
    """Bytes of memory that a new process can take without pushing another one out.

    On Linux the kernel's estimate within the limits of the control groups, read below `root`.
    """
    if sys.platform == "darwin":
        return _darwin_memory()
    system = _linux_memory(root)
    if system is None:
        return _free_pages()
    return max(0, min([system, *_group_memory(root)]))


def _linux_memory(root: Path) -> int | None:
    """From /proc/meminfo, in bytes.

    MemAvailable counts the page cache as free, and with it the weights of every model that is mapped
    into a running process. Those are in use, so mapped file pages (Mapped less shared memory) are not free.
    """
    fields = _fields(root / "proc/meminfo", scale=1024)
    if "MemAvailable" not in fields:
        return None
    return fields["MemAvailable"] - max(0, fields.get("Mapped", 0) - fields.get("Shmem", 0))


def _group_memory(root: Path) -> list[int]:
    """What is left in bytes in this process's control group (version 2) and in each one around it."""
    mount = root / "sys/fs/cgroup"
    lines = _text(root / "proc/self/cgroup").splitlines()
    path = next((line.removeprefix("0::/") for line in lines if line.startswith("0::/")), None)
    if path is None:
        return []
    group = mount / path
    groups = [group, *(parent for parent in group.parents if parent.is_relative_to(mount))]
    return [left for left in map(_group_left, groups) if left is not None]


def _group_left(group: Path) -> int | None:
    limit, used = _text(group / "memory.max").strip(), _text(group / "memory.current").strip()
    if not (limit.isdecimal() and used.isdecimal()):
        return None
    stat = _fields(group / "memory.stat", scale=1)
    cache = stat.get("inactive_file", 0) + stat.get("active_file", 0) - stat.get("file_mapped", 0)
    return int(limit) - int(used) + max(0, cache)


def _darwin_memory() -> int:
    """Free pages and those that the kernel gives up at once, in bytes; half of all memory if it won't say."""
    names = ("vm.page_free_count", "vm.page_speculative_count", "vm.page_purgeable_count")
    pages = [_sysctl(name) for name in (*names, "vm.page_pageable_external_count")]
    size = _sysctl("hw.pagesize")
    known = [count for count in pages if count is not None]
    return sum(known) * size if known and size else _free_pages()


def _sysctl(name: str) -> int | None:
    value, size = ctypes.c_uint64(0), ctypes.c_size_t(8)
    call = getattr(ctypes.CDLL(None), "sysctlbyname", None)
    if call is None or call(name.encode(), ctypes.byref(value), ctypes.byref(size), None, 0) != 0:
        return None
    return value.value


def _free_pages() -> int:
    names = os.sysconf_names
    if "SC_AVPHYS_PAGES" in names:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


def _fields(path: Path, scale: int) -> dict[str, int]:
    """Lines of a name and a number, as the kernel writes them."""
    rows = (line.replace(":", " ").split() for line in _text(path).splitlines())
    return {row[0]: int(row[1]) * scale for row in rows if len(row) > 1 and row[1].isdecimal()}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""

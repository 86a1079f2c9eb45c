from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.scheduler.memory import available_memory, choose_slots

linux = pytest.mark.skipif(sys.platform == "darwin", reason="reads the files of a Linux kernel")


def write(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(
        tmp_path, "proc/meminfo", "MemTotal: 9000 kB\nMemAvailable: 5000 kB\nMapped: 900 kB\nShmem: 100 kB\n"
    )
    return tmp_path


@linux
def test_mapped_weights_are_not_available(root: Path) -> None:
    assert available_memory(root) == (5000 - 800) * 1024


@linux
def test_the_tightest_control_group_counts(root: Path) -> None:
    write(root, "proc/self/cgroup", "0::/slice/job\n")
    write(root, "sys/fs/cgroup/slice/memory.max", "3000000\n")
    write(root, "sys/fs/cgroup/slice/memory.current", "1500000\n")
    write(root, "sys/fs/cgroup/slice/memory.stat", "inactive_file 300\nactive_file 200\nfile_mapped 100\n")
    write(root, "sys/fs/cgroup/slice/job/memory.max", "max\n")
    write(root, "sys/fs/cgroup/slice/job/memory.current", "1400000\n")
    assert available_memory(root) == 1_500_400


@linux
def test_a_group_over_its_limit_leaves_nothing(root: Path) -> None:
    write(root, "proc/self/cgroup", "0::/\n")
    write(root, "sys/fs/cgroup/memory.max", "1000\n")
    write(root, "sys/fs/cgroup/memory.current", "2000\n")
    assert available_memory(root) == 0


@linux
@pytest.mark.parametrize("text", ["", "MemAvailable:\n", "MemAvailable: lots kB\n", "\xff\x00"])
def test_unreadable_kernel_files_fall_back(tmp_path: Path, text: str) -> None:
    write(tmp_path, "proc/meminfo", text)
    assert available_memory(tmp_path) > 0


def test_this_machine_has_memory() -> None:
    assert available_memory() > 0


@pytest.mark.parametrize(
    ("available", "slots"), [(0, 1), (100, 1), (249, 1), (250, 2), (300, 2), (417, 4), (10**9, 4)]
)
def test_slots_take_at_most_sixty_percent(available: int, slots: int) -> None:
    assert choose_slots(lambda n: 50 + 50 * n, available, None) == slots


def test_the_user_has_the_last_word_on_slots() -> None:
    assert choose_slots(lambda n: 10**12, 1, 16) == 16
    assert choose_slots(lambda n: 0, 1, 0) == 4


@given(base=st.integers(0, 10**6), each=st.integers(0, 10**6), available=st.integers(0, 10**7))
def test_more_memory_never_means_fewer_slots(base: int, each: int, available: int) -> None:
    few = choose_slots(lambda n: base + each * n, available, None)
    more = choose_slots(lambda n: base + each * n, available * 2, None)
    assert 1 <= few <= more <= 4

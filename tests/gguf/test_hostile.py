"""Files made to break a reader: each is refused with a GGUFError, in little time and memory."""

from __future__ import annotations

import contextlib
import os
import resource
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.gguf.raw import ARRAY, STRING, U32, Raw, array, entry, line, string, u32
from tests.support.models import make_llama

from hearth.errors import GGUFError
from hearth.gguf import GGUF

HUGE = [2**31, 2**32, 2**60, 2**63 - 1, 2**63, 2**64 - 1]


def refuse(file: Raw | bytes, path: Path, match: str) -> None:
    path.write_bytes(file if isinstance(file, bytes) else file.bytes())
    with pytest.raises(GGUFError, match=match) as caught:
        GGUF.open(path)
    assert str(path) not in str(caught.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "hostile.gguf"


def test_every_prefix_of_a_model_is_refused(path: Path) -> None:
    file = Raw([u32("a", 1), entry("s", STRING, string("text"))], [line(shape=(40,))], bytes(160)).bytes()
    for length in range(len(file)):
        refuse(file[:length], path, r"GGUF|cut short|damaged")
    path.write_bytes(file)
    assert GGUF.open(path).tensors[0].size == 160


def test_a_real_model_cut_by_one_byte(path: Path) -> None:
    whole = make_llama(path).read_bytes()
    with GGUF.open(path) as gguf:
        last = max(gguf.tensors, key=lambda t: t.position)
    refuse(whole[: last.position + last.size - 1], path, "cut short or damaged: tensor")


@pytest.mark.parametrize("magic", [b"GGML", b"\0\0\0\0", b"PK\x03\x04", b"ggla"])
def test_other_formats(path: Path, magic: bytes) -> None:
    refuse(Raw(magic=magic), path, "not a GGUF file: it begins with")


@pytest.mark.parametrize(
    ("version", "match"),
    [
        (1, r"version 1 is not supported .* convert"),
        (0, "version 0"),
        (4, "version 4"),
        (3 << 24, "big-endian"),
        (2 << 24, "big-endian"),
        (0xFFFFFFFF, "version 4294967295"),
    ],
)
def test_other_versions(path: Path, version: int, match: str) -> None:
    refuse(Raw(version=version), path, match)


@pytest.mark.parametrize("count", [1, *HUGE])
def test_counts_beyond_the_file(path: Path, count: int) -> None:
    refuse(Raw(entry_count=count), path, "metadata")
    refuse(Raw(tensor_count=count), path, "tensor")


@pytest.mark.parametrize("length", [200, 17 << 20, *HUGE])
def test_lengths_of_strings(path: Path, length: int) -> None:
    lie = struct.pack("<Q", length) + b"hello"
    refuse(Raw([entry("k", STRING, lie)]), path, r"cut short|declared|damaged")
    refuse(Raw([lie], entry_count=1), path, r"cut short|declared|damaged|do not fit")
    refuse(Raw([], [lie + bytes(64)], tensor_count=1), path, r"cut short|declared|damaged")


@pytest.mark.parametrize("length", HUGE)
@pytest.mark.parametrize("kind", range(13))
def test_lengths_of_arrays(path: Path, length: int, kind: int) -> None:
    refuse(Raw([array("k", kind, length, bytes(100))]), path, r"declares|array of arrays")


@pytest.mark.parametrize("length", HUGE)
@pytest.mark.parametrize("position", [0, 63, 64, 99])
def test_lengths_of_strings_in_arrays(path: Path, length: int, position: int) -> None:
    strings = [string("x")] * 100
    strings[position] = struct.pack("<Q", length)
    refuse(Raw([array("k", STRING, 100, b"".join(strings))]), path, r"declared|cut short")


def test_arrays_of_arrays(path: Path) -> None:
    refuse(Raw([array("k", ARRAY, 1, struct.pack("<IQ", U32, 0))]), path, "array of arrays")


@pytest.mark.parametrize("kind", [13, 255, 2**31, 2**32 - 1])
def test_unknown_value_types(path: Path, kind: int) -> None:
    refuse(Raw([entry("k", kind, bytes(8))]), path, f"unknown type {kind}")
    refuse(Raw([array("k", kind, 0)]), path, f"unknown type {kind}")


def test_keys_twice(path: Path) -> None:
    refuse(Raw([u32("k", 1), u32("k", 2)]), path, '"k" occurs twice')


def test_keys_that_are_no_text(path: Path) -> None:
    refuse(Raw([entry(b"\xff\xfe", U32, bytes(4))]), path, "not UTF-8")


@pytest.mark.parametrize("alignment", [0, 3, 33, 2**21, 2**31, 2**32 - 1])
def test_alignments_that_are_none(path: Path, alignment: int) -> None:
    refuse(Raw([u32("general.alignment", alignment)], [line()], bytes(128)), path, "power of two")


@pytest.mark.parametrize("kind", [5, 10, STRING])
def test_alignments_of_another_type(path: Path, kind: int) -> None:
    payload = string("32") if kind == STRING else struct.pack("<q", -32)[: 4 if kind == 5 else 8]
    refuse(Raw([entry("general.alignment", kind, payload)]), path, "expected UINT32")


@pytest.mark.parametrize("kind", [4, 5, 31, 36, 43, 255, 2**32 - 1])
def test_unknown_tensor_types(path: Path, kind: int) -> None:
    refuse(Raw([], [line(kind=kind)], bytes(4096)), path, f"type {kind}, which is unknown or was removed")


@pytest.mark.parametrize("shape", [(), (0,), (32, 0), (2**63,), (1, 1, 1, 1, 1), (1,) * 9])
def test_shapes_that_are_none(path: Path, shape: tuple[int, ...]) -> None:
    refuse(Raw([], [line(shape=shape)], bytes(4096)), path, r"dimensions|shape")


@pytest.mark.parametrize(
    "shape", [(2**32, 2**32), (2**62, 2), (2**63 - 1,) * 4, (2**61 + 8, 8), (2**40, 2**20, 16)]
)
def test_products_that_overflow_64_bits(path: Path, shape: tuple[int, ...]) -> None:
    refuse(Raw([], [line(shape=shape)], bytes(4096)), path, "cut short or damaged")


@pytest.mark.parametrize(("kind", "row"), [(2, 31), (8, 33), (12, 128), (40, 32), (41, 64)])
def test_rows_that_fill_no_whole_blocks(path: Path, kind: int, row: int) -> None:
    refuse(Raw([], [line(shape=(row, 4), kind=kind)], bytes(4096)), path, "must be a multiple of")


@pytest.mark.parametrize("offset", [1, 16, 31, 33])
def test_offsets_off_the_alignment(path: Path, offset: int) -> None:
    refuse(Raw([], [line(offset=offset)], bytes(4096)), path, "not a multiple of the alignment")


@pytest.mark.parametrize("offset", [4096 - 96, 4096, 2**40, 2**63, 2**64 - 128, 2**64 - 32])
def test_offsets_outside_the_file(path: Path, offset: int) -> None:
    refuse(Raw([], [line(offset=offset)], bytes(4096)), path, "cut short or damaged")


def test_tensors_that_overlap(path: Path) -> None:
    refuse(Raw([], [line("a"), line("b", offset=96)], bytes(4096)), path, '"a" and "b" overlap')
    refuse(Raw([], [line("a", offset=64), line("b", offset=64)], bytes(4096)), path, "overlap")


def test_the_sum_of_all_tensors_is_held_against_the_file(path: Path) -> None:
    tensors = [line(f"t{i}", shape=(2**20,), offset=i * 32) for i in range(64)]
    refuse(Raw([], tensors, bytes(2**22 + 64 * 32)), path, "overlap")


def test_tensor_names(path: Path) -> None:
    refuse(Raw([], [line("a"), line("a", offset=128)], bytes(4096)), path, 'two tensors named "a"')
    refuse(Raw([], [line("x" * 64)], bytes(4096)), path, "declared 64 bytes long, over 63")
    refuse(Raw([], [line(b"\xc3\x28")], bytes(4096)), path, "not UTF-8")


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", tmp_path, Path("/dev/zero"), Path("/dev/null")):
        with pytest.raises(GGUFError, match="not a regular file"):
            GGUF.open(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        GGUF.open(tmp_path / "nope")


def test_no_declared_size_is_allocated(path: Path) -> None:
    """In a process that may hold 64 MB more than it needs to start, in five seconds of processor time."""
    attacks = [
        Raw([array("k", STRING, 2**60)]),
        Raw([array("k", U32, 2**60)]),
        Raw([entry("k", STRING, struct.pack("<Q", 2**60))]),
        Raw(entry_count=2**60),
        Raw(tensor_count=2**60),
        Raw([], [line(shape=(2**62,))]),
    ]
    for number, attack in enumerate(attacks):
        path.with_suffix(f".{number}").write_bytes(attack.bytes()[:100].ljust(100, b"\0"))
    script = (
        "import resource, sys; from hearth.gguf import GGUF; from hearth.errors import GGUFError\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for path in sys.argv[1:]:\n"
        "    try: GGUF.open(path)\n"
        "    except GGUFError: pass\n"
        "    else: sys.exit('accepted ' + path)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    files = [str(path.with_suffix(f".{number}")) for number in range(len(attacks))]
    limit = lambda: resource.setrlimit(resource.RLIMIT_CPU, (5, 5))  # noqa: E731
    done = subprocess.run(
        [sys.executable, "-c", script, *files], capture_output=True, check=True, text=True, preexec_fn=limit
    )
    assert int(done.stdout) < 64 * 1024 * (1024 if sys.platform == "darwin" else 1)


SOUND = Raw(
    [
        u32("general.alignment", 32),
        entry("general.architecture", STRING, string("llama")),
        array("tokens", STRING, 70, b"".join(string(f"t{i}") for i in range(70))),
        array("few", 5, 3, struct.pack("<3i", 1, 2, 3)),
        entry("f", 6, struct.pack("<f", 1.5)),
    ],
    [line("a", (8, 4)), line("b", (256,), 12, 128), line("c", (32, 2), 8, 288)],
    bytes(288 + 68),
).bytes()


def consume(gguf: GGUF) -> None:
    for value in gguf.metadata.values():
        repr(list(value) if isinstance(value, tuple) else value)
    for tensor in gguf.tensors:
        assert sum(map(len, gguf.chunks(tensor))) == tensor.size


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    flips=st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), min_size=1, max_size=6),
    cut=st.integers(0, 40),
)
def test_damaged_bytes_are_read_or_refused(path: Path, flips: list[tuple[int, int]], cut: int) -> None:
    file = bytearray(SOUND)
    for position, value in flips:
        file[position] = value
    path.write_bytes(file[: len(file) - cut])
    with contextlib.suppress(GGUFError):
        consume(GGUF.open(path))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(0, len(SOUND) - 8), value=st.sampled_from([0, 1, 2**16, *HUGE, 2**64 - 32]))
def test_damaged_numbers_are_read_or_refused(path: Path, position: int, value: int) -> None:
    path.write_bytes(SOUND[:position] + struct.pack("<Q", value) + SOUND[position + 8 :])
    with contextlib.suppress(GGUFError):
        consume(GGUF.open(path))


def test_the_sound_file_is_sound(path: Path) -> None:
    path.write_bytes(SOUND)
    gguf = GGUF.open(path)
    consume(gguf)
    assert [t.name for t in gguf.tensors] == ["a", "b", "c"]

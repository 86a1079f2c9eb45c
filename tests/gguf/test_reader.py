"""What a sound file gives."""

from __future__ import annotations

import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.gguf import raw
from tests.support.models import make_llama

from hearth.errors import GGUFError
from hearth.gguf import (
    GGUF,
    U32,
    Array,
    LazyArray,
    MetadataValue,
    TensorSource,
    TensorType,
    ValueType,
    write_gguf,
)


@pytest.fixture
def llama(tmp_path: Path) -> GGUF:
    return GGUF.open(make_llama(tmp_path / "llama.gguf"))


def test_metadata_has_python_values(llama: GGUF) -> None:
    assert llama.version == 3
    assert llama.metadata["general.name"] == "tiny random llama"
    assert llama.metadata["llama.block_count"] == 2
    assert llama.metadata["tokenizer.ggml.add_bos_token"] is True
    assert llama.metadata["llama.attention.layer_norm_rms_epsilon"] == pytest.approx(1e-5)


def test_metadata_keeps_the_order_of_the_file(llama: GGUF) -> None:
    assert next(iter(llama.metadata)) == "general.architecture"


def test_long_arrays_are_lazy_and_short_ones_tuples(tmp_path: Path) -> None:
    write_gguf(tmp_path / "a", {"short": ["a", "b"], "long": [str(i) for i in range(100)]})
    gguf = GGUF.open(tmp_path / "a")
    assert gguf.metadata["short"] == ("a", "b")
    long = gguf.metadata["long"]
    assert isinstance(long, LazyArray)
    assert len(long) == 100
    assert (long[0], long[99], long[-1], long[64]) == ("0", "99", "99", "64")
    assert long[62:66] == ["62", "63", "64", "65"]
    assert long.to_list() == [str(i) for i in range(100)]
    assert "LazyArray of 100 STRING" in repr(long)
    with pytest.raises(IndexError):
        long[100]


def test_lazy_arrays_of_numbers(tmp_path: Path) -> None:
    scores = [i / 2 for i in range(200)]
    write_gguf(tmp_path / "a", {"scores": Array(ValueType.FLOAT32, scores)})
    array = GGUF.open(tmp_path / "a").metadata["scores"]
    assert isinstance(array, LazyArray)
    assert array[7] == 3.5
    assert array.to_list() == scores
    assert array.raw(7) == struct.pack("<f", 3.5)
    assert next(reversed(array)) == 99.5


def test_a_string_is_found_in_a_long_array(tmp_path: Path) -> None:
    hidden = struct.pack("<Q", 5) + b"token"
    strings = [f"{i}".encode() for i in range(200)] + [b"a" + hidden, b"token", b"tokens", b"token"]
    write_gguf(
        tmp_path / "a",
        {"strings": Array(ValueType.STRING, strings), "numbers": Array(ValueType.UINT8, list(range(100)))},
    )
    metadata = GGUF.open(tmp_path / "a").metadata
    array, numbers = metadata["strings"], metadata["numbers"]
    assert isinstance(array, LazyArray)
    assert isinstance(numbers, LazyArray)
    assert array.find(b"token") == 201
    assert [array.find(text) for text in strings[:200]] == list(range(200))
    assert array.find(b"oken") == array.find(b"") == array.find(b"200") == -1
    assert numbers.find(b"1") == -1


def test_tokens_that_are_no_utf8_are_kept_as_bytes(tmp_path: Path) -> None:
    tokens = [bytes([i]) for i in range(256)]
    write_gguf(tmp_path / "a", {"tokens": Array(ValueType.STRING, tokens)})
    array = GGUF.open(tmp_path / "a").metadata["tokens"]
    assert isinstance(array, LazyArray)
    assert [array.raw(i) for i in range(256)] == tokens
    assert array[65] == "A"
    assert array[255] == "�"


def test_tensors(llama: GGUF) -> None:
    info = llama.tensor("blk.1.ffn_down.weight")
    assert info.shape == (128, 64)
    assert info.type is TensorType.F32
    assert (info.elements, info.rows, info.row_bytes, info.size) == (8192, 64, 512, 32768)
    assert info.position == llama.data_offset + info.offset
    assert info.position % llama.alignment == 0


def test_tensor_data(tmp_path: Path) -> None:
    data = bytes(range(256))
    write_gguf(tmp_path / "a", {}, [TensorSource("t", (64,), TensorType.F32, [data])])
    gguf = GGUF.open(tmp_path / "a")
    info = gguf.tensor("t")
    assert gguf.read(info, 3, 5) == data[3:8]
    assert list(gguf.chunks(info, 100)) == [data[:100], data[100:200], data[200:]]
    with pytest.raises(ValueError, match="outside"):
        gguf.read(info, 250, 7)


def test_a_tensor_that_is_not_there(llama: GGUF) -> None:
    with pytest.raises(GGUFError, match='no tensor "nope"'):
        llama.tensor("nope")


def test_version_2_is_read(tmp_path: Path) -> None:
    gguf = raw.Raw([raw.u32("a", 5)], [raw.line()], bytes(128), version=2).open(tmp_path / "v2")
    assert gguf.version == 2
    assert gguf.metadata == {"a": 5}


def test_an_alignment_of_its_own(tmp_path: Path) -> None:
    sources = [TensorSource(n, (3,), TensorType.F32, [bytes(12)]) for n in "ab"]
    write_gguf(tmp_path / "a", {"general.alignment": U32(8)}, sources, alignment=8)
    gguf = GGUF.open(tmp_path / "a")
    assert gguf.alignment == 8
    assert [t.offset for t in gguf.tensors] == [0, 16]


def test_a_file_without_tensors_needs_no_data(tmp_path: Path) -> None:
    (tmp_path / "vocab").write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + raw.u32("a", 1))
    assert GGUF.open(tmp_path / "vocab").tensors == ()


def test_closing(tmp_path: Path) -> None:
    path = make_llama(tmp_path / "a")
    with GGUF.open(path) as gguf:
        info = gguf.tensors[0]
    with pytest.raises(OSError, match=r"."):
        gguf.read(info, 0, 1)


def test_arrays_read_before_closing_stay(tmp_path: Path) -> None:
    write_gguf(tmp_path / "a", {"short": ["a"]})
    with GGUF.open(tmp_path / "a") as gguf:
        pass
    assert gguf.metadata["short"] == ("a",)


def test_big_vocabularies_open_in_milliseconds_and_little_memory(tmp_path: Path) -> None:
    count = 262_144
    tokens = [f"token{i}" for i in range(count)]
    metadata: dict[str, MetadataValue] = {"tokens": tokens, "scores": Array(ValueType.FLOAT32, [0.5] * count)}
    write_gguf(tmp_path / "big", metadata)
    best = min(_seconds_to_open(tmp_path / "big") for _ in range(3))
    assert best < 0.5
    array = GGUF.open(tmp_path / "big").metadata["tokens"]
    assert isinstance(array, LazyArray)
    assert array[200_001] == "token200001"
    assert _kilobytes_to_open(tmp_path / "big") < 24_000


def _seconds_to_open(path: Path) -> float:
    start = time.perf_counter()
    GGUF.open(path)
    return time.perf_counter() - start


def _kilobytes_to_open(path: Path) -> int:
    script = (
        "import resource, sys; from hearth.gguf import GGUF\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "GGUF.open(sys.argv[1])\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, check=True, text=True)
    return int(done.stdout) // (1024 if sys.platform == "darwin" else 1)


def test_forgotten_files_are_closed(tmp_path: Path) -> None:
    path = make_llama(tmp_path / "a")
    for _ in range(300):
        GGUF.open(path)
    assert len(list(Path("/dev/fd").iterdir())) < 200

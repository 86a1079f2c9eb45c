"""Files that the writer makes can be read, by us and by the reference package, and copies are faithful."""

from __future__ import annotations

import errno
import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.models import make_llama

import gguf as reference
from hearth.errors import GGUFError, StorageFull
from hearth.gguf import (
    F32,
    F64,
    GGUF,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    Array,
    MetadataValue,
    TensorSource,
    TensorType,
    Typed,
    ValueType,
    rewrite,
    write_gguf,
)

EVERY_TYPE: dict[str, MetadataValue] = {
    "text": "naïve ☕",
    "empty": "",
    "yes": True,
    "no": False,
    "u8": U8(255),
    "i8": I8(-128),
    "u16": U16(65535),
    "i16": I16(-32768),
    "u32": U32(2**32 - 1),
    "i32": I32(-(2**31)),
    "u64": U64(2**64 - 1),
    "i64": I64(-(2**63)),
    "f32": F32(0.5),
    "f64": F64(math.pi),
    "whole": 7,
    "fraction": 0.25,
    "texts": ["a", "b"],
    "no_texts": [],
    "floats": Array(ValueType.FLOAT64, [1.5, 2.5]),
    "flags": Array(ValueType.BOOL, [True, False]),
    "many": Array(ValueType.INT16, list(range(-50, 50))),
    "many_texts": [str(number) for number in range(100)],
}
PLAIN = {
    key: value.value
    if isinstance(value, Typed)
    else list(value.values)
    if isinstance(value, Array)
    else value
    for key, value in EVERY_TYPE.items()
}


def tensor(name: str = "t", data: bytes = bytes(128)) -> TensorSource:
    return TensorSource(name, (len(data) // 4,), TensorType.F32, [data])


def read_back(path: Path) -> dict[str, Any]:
    with GGUF.open(path) as file:
        return {
            key: value if isinstance(value, str | int | float) else list(value)
            for key, value in file.metadata.items()
        }


def test_every_type_of_value(tmp_path: Path) -> None:
    write_gguf(tmp_path / "a", EVERY_TYPE)
    assert read_back(tmp_path / "a") == PLAIN


def test_plain_numbers_get_the_types_that_llama_cpp_expects(tmp_path: Path) -> None:
    write_gguf(tmp_path / "a", {"whole": 7, "fraction": 0.5, "yes": True})
    types = [entry.type for entry in GGUF.open(tmp_path / "a").entries.values()]
    assert types == [ValueType.UINT32, ValueType.FLOAT32, ValueType.BOOL]


def test_the_reference_reader_agrees(tmp_path: Path) -> None:
    data = bytes(range(128))
    metadata = {**EVERY_TYPE, "general.architecture": "llama"}
    write_gguf(tmp_path / "a", metadata, [tensor("x", data), tensor("y")])
    file = reference.GGUFReader(tmp_path / "a")
    assert {name: file.fields[name].contents() for name in ("text", "i64", "texts", "many", "f64")} == {
        name: PLAIN[name] for name in ("text", "i64", "texts", "many", "f64")
    }
    assert [(t.name, t.data.tobytes()) for t in file.tensors] == [("x", data), ("y", bytes(128))]


def test_the_size_is_given_and_the_file_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    assert write_gguf(path, {"a": 1}, [tensor()]) == path.stat().st_size
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_to_an_open_file() -> None:
    file = io.BytesIO()
    assert write_gguf(file, EVERY_TYPE, [tensor()]) == len(file.getvalue())
    assert file.getvalue().startswith(b"GGUF\x03\0\0\0")


def test_progress_counts_the_bytes_of_data(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    chunks = [bytes(64), bytes(64)]
    sources = [TensorSource("t", (32,), TensorType.F32, chunks), tensor("u", bytes(4))]
    write_gguf(tmp_path / "a", {}, sources, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(64, 132), (128, 132), (132, 132)]


@pytest.mark.parametrize("length", [0, 4, 124, 132, 256])
def test_data_of_the_wrong_size_leaves_nothing(tmp_path: Path, length: int) -> None:
    wrong = TensorSource("t", (32,), TensorType.F32, [bytes(length)])
    with pytest.raises(GGUFError, match='"t" has not the size'):
        write_gguf(tmp_path / "a", {}, [wrong])
    assert list(tmp_path.iterdir()) == []


def test_an_error_in_the_middle_leaves_the_old_file(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield bytes(64)
        raise RuntimeError("source went away")

    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(RuntimeError):
        write_gguf(path, {}, [TensorSource("t", (32,), TensorType.F32, broken())])
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_full_disk() -> None:
    class Full(io.BytesIO):
        def write(self, data: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StorageFull, match="disk is full"):
        write_gguf(Full(), {})


@pytest.mark.parametrize(
    "value",
    [
        U8(256),
        U8(-1),
        U64(2**64),
        2**32,
        -1,
        U32(1.5),
        U32("seven"),
        Typed(ValueType.STRING, 7),
        Array(ValueType.INT8, [1, 1000]),
        Array(ValueType.ARRAY, []),
        "\ud800",
    ],
)
def test_values_that_do_not_fit_are_named(tmp_path: Path, value: MetadataValue) -> None:
    with pytest.raises(GGUFError, match=r'"the\.key" cannot be written'):
        write_gguf(tmp_path / "a", {"the.key": value})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["", "k" * 65536])
def test_keys_that_are_none(tmp_path: Path, key: str) -> None:
    with pytest.raises(GGUFError, match="metadata key"):
        write_gguf(tmp_path / "a", {key: 1})


@pytest.mark.parametrize(
    ("sources", "match"),
    [
        ([tensor(""), tensor("a")], "empty"),
        ([tensor("a"), tensor("a")], "used twice"),
        ([tensor("x" * 64)], "too long"),
        ([TensorSource("t", (), TensorType.F32, [])], "shape"),
        ([TensorSource("t", (4, 0), TensorType.F32, [])], "shape"),
        ([TensorSource("t", (1,) * 5, TensorType.F32, [])], "shape"),
        ([TensorSource("t", (31,), TensorType.Q8_0, [])], "multiple of 32"),
    ],
)
def test_tensors_that_cannot_be_written(tmp_path: Path, sources: list[TensorSource], match: str) -> None:
    with pytest.raises(GGUFError, match=match):
        write_gguf(tmp_path / "a", {}, sources)


@pytest.mark.parametrize("alignment", [0, 3, -32])
def test_alignments_that_are_none(tmp_path: Path, alignment: int) -> None:
    with pytest.raises(GGUFError, match="power of two"):
        write_gguf(tmp_path / "a", {}, alignment=alignment)


@pytest.mark.parametrize("kind", ["spm", "bpe"])
def test_a_copy_is_the_same_byte_for_byte(tmp_path: Path, kind: Any) -> None:
    source = make_llama(tmp_path / "a", kind=kind, extra_metadata=EVERY_TYPE)
    with GGUF.open(source) as file:
        rewrite(file, tmp_path / "b", {})
    assert (tmp_path / "b").read_bytes() == source.read_bytes()


def test_a_copy_with_changes(tmp_path: Path) -> None:
    with GGUF.open(make_llama(tmp_path / "a", tensor_type=TensorType.BF16)) as file:
        rewrite(
            file, tmp_path / "b", {"general.name": "other", "tokenizer.chat_template": None, "new": U64(1)}
        )
        copy = GGUF.open(tmp_path / "b")
        expected = {**file.metadata, "general.name": "other", "new": 1}
        del expected["tokenizer.chat_template"]
        assert list(copy.metadata) == list(expected)
        assert copy.metadata["general.name"] == "other"
        for before, after in zip(file.tensors, copy.tensors, strict=True):
            assert file.read(before, 0, before.size) == copy.read(after, 0, after.size)


def test_a_copy_keeps_the_alignment(tmp_path: Path) -> None:
    write_gguf(tmp_path / "a", {}, [tensor("x", bytes(4)), tensor("y")], alignment=256)
    with GGUF.open(tmp_path / "a") as file:
        assert file.tensors[1].offset == 256
        rewrite(file, tmp_path / "b", {})
    assert (tmp_path / "b").read_bytes() == (tmp_path / "a").read_bytes()


def test_lazy_arrays_can_be_written_again(tmp_path: Path) -> None:
    write_gguf(tmp_path / "a", {"tokens": [str(i) for i in range(500)]})
    with GGUF.open(tmp_path / "a") as file:
        tokens: Any = file.metadata["tokens"]
        write_gguf(tmp_path / "b", {"tokens": tokens})
    assert (tmp_path / "b").read_bytes() == (tmp_path / "a").read_bytes()


scalars = st.one_of(st.text(), st.booleans(), st.integers(0, 2**32 - 1), st.floats(width=32, allow_nan=False))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    metadata=st.dictionaries(
        st.text(min_size=1, max_size=20).filter(lambda key: key != "general.alignment"),
        st.one_of(scalars, st.lists(st.text(), max_size=100)),
        max_size=8,
    ),
    sizes=st.lists(st.integers(1, 70), max_size=5),
)
def test_what_is_written_is_read(tmp_path: Path, metadata: dict[str, Any], sizes: list[int]) -> None:
    datas = [bytes([n]) * 4 * size for n, size in enumerate(sizes)]
    with (tmp_path / "a").open("wb") as file:
        write_gguf(file, metadata, [tensor(f"t{n}", data) for n, data in enumerate(datas)])
    assert read_back(tmp_path / "a") == metadata
    with GGUF.open(tmp_path / "a") as gguf:
        assert [gguf.read(t, 0, t.size) for t in gguf.tensors] == datas

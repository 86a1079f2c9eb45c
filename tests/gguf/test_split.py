"""Models in several files."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.models import make_llama

from hearth.errors import GGUFError
from hearth.gguf import (
    GGUF,
    I32,
    U16,
    MetadataValue,
    PartName,
    TensorSource,
    TensorType,
    copies,
    merge,
    open_parts,
    parts_beside,
    rewrite,
    write_gguf,
)


def split(model: Path, count: int, directory: Path) -> list[Path]:
    """The parts of a model, cut as llama.cpp's tool does it."""
    paths = []
    with GGUF.open(model) as gguf:
        sources = copies(gguf)
        size = -(-len(sources) // count)
        for number in range(count):
            keys: dict[str, MetadataValue] = {
                "split.no": U16(number),
                "split.count": U16(count),
                "split.tensors.count": I32(len(sources)),
            }
            metadata: dict[str, MetadataValue] = {**(gguf.entries if number == 0 else {}), **keys}
            path = directory / f"m-{number + 1:05}-of-{count:05}.gguf"
            write_gguf(path, metadata, sources[number * size : (number + 1) * size])
            paths.append(path)
    return paths


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return make_llama(tmp_path / "model.gguf")


@pytest.fixture
def parts(model: Path, tmp_path: Path) -> list[Path]:
    return split(model, 3, tmp_path)


def test_names() -> None:
    name = PartName.parse("llama-8b-00002-of-00003.gguf")
    assert name == PartName("llama-8b", 2, 3)
    assert str(name) == "llama-8b-00002-of-00003.gguf"
    assert name.siblings() == [f"llama-8b-0000{number}-of-00003.gguf" for number in (1, 2, 3)]


@pytest.mark.parametrize(
    "name",
    [
        "model.gguf",
        "a-00000-of-00003.gguf",
        "a-00004-of-00003.gguf",
        "a-1-of-3.gguf",
        "a-00001-of-00000.gguf",
        "a-00001-of-99999.gguf",
        "-00001-of-00002.gguf",
        "a-00001-of-00002.gguf.tmp",
    ],
)
def test_names_that_are_no_part(name: str) -> None:
    assert PartName.parse(name) is None


def test_merging_gives_the_model_that_was_split(parts: list[Path], model: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    merge(parts, tmp_path / "merged", lambda done, total: seen.append((done, total)))
    assert (tmp_path / "merged").read_bytes() == model.read_bytes()
    assert seen[-1][0] == seen[-1][1] > 0


def test_the_order_does_not_matter(parts: list[Path], model: Path, tmp_path: Path) -> None:
    merge([parts[2], parts[0], parts[1]], tmp_path / "merged")
    assert (tmp_path / "merged").read_bytes() == model.read_bytes()


def test_a_model_in_one_file_is_one_part(model: Path, tmp_path: Path) -> None:
    with open_parts([model]) as opened:
        assert opened.first.arch == "llama"
        assert len(opened.tensors) == len(opened.first.tensors)
    merge([model], tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == model.read_bytes()


def test_parts_are_found_beside_one_of_them(parts: list[Path], model: Path) -> None:
    assert parts_beside(parts[1]) == parts
    assert parts_beside(model) == [model]
    parts[2].unlink()
    with pytest.raises(GGUFError, match=r"3 parts, and m-00003-of-00003\.gguf is missing"):
        parts_beside(parts[0])


def test_missing_doubled_and_foreign_parts(parts: list[Path], model: Path, tmp_path: Path) -> None:
    others = split(make_llama(tmp_path / "other.gguf"), 2, tmp_path)
    for paths, match in [
        ([], "at least one"),
        (parts[:2], "3 parts, but 2 were given"),
        ([*parts, parts[0]], "3 parts, but 4 were given"),
        ([parts[0], parts[1], parts[1]], "missing or given twice"),
        ([parts[0], parts[1], model], r'"split\.no" is missing'),
        ([parts[0], parts[1], others[1]], "missing or given twice|different models"),
        ([parts[1]], "3 parts, but 1 were given"),
    ]:
        with pytest.raises(GGUFError, match=match):
            merge(paths, tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


def test_a_part_with_a_tensor_too_many(parts: list[Path], tmp_path: Path) -> None:
    with GGUF.open(parts[2]) as last:
        extra = TensorSource("extra", (1,), TensorType.F32, [bytes(4)])
        write_gguf(tmp_path / "last", dict(last.entries), [*copies(last), extra])
    with pytest.raises(GGUFError, match="tensors together"):
        merge([*parts[:2], tmp_path / "last"], tmp_path / "merged")


def test_the_same_tensor_in_two_parts(parts: list[Path], tmp_path: Path) -> None:
    with GGUF.open(parts[0]) as first, GGUF.open(parts[2]) as last:
        total = len(first.tensors) * 2 + len(GGUF.open(parts[1]).tensors)
        rewrite(first, tmp_path / "first", {"split.tensors.count": I32(total)})
        write_gguf(tmp_path / "last", dict(last.entries), copies(first))
    with pytest.raises(GGUFError, match="same tensor"):
        merge([tmp_path / "first", parts[1], tmp_path / "last"], tmp_path / "merged")


@pytest.mark.parametrize("count", [U16(0), U16(5000), I32(-1), "three"])
def test_hostile_counts(model: Path, tmp_path: Path, count: MetadataValue) -> None:
    with GGUF.open(model) as gguf:
        rewrite(gguf, tmp_path / "a", {"split.count": count, "split.no": U16(0)})
    if count == U16(0):
        merge([tmp_path / "a"], tmp_path / "merged")
        return
    with pytest.raises(GGUFError, match=r"split\.count"):
        merge([tmp_path / "a"], tmp_path / "merged")

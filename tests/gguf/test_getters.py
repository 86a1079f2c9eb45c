"""Typed getters: a value of another type, or out of range, is a clear error and nothing worse."""

from __future__ import annotations

from pathlib import Path

import pytest

from hearth.errors import GGUFError
from hearth.gguf import F32, GGUF, I32, U32, U64, Array, MetadataValue, ValueType, write_gguf


def opened(path: Path, **metadata: MetadataValue) -> GGUF:
    values: dict[str, MetadataValue] = {key.replace("__", "."): value for key, value in metadata.items()}
    write_gguf(path / "a", {"general.architecture": "llama", **values})
    return GGUF.open(path / "a")


def test_values_of_the_right_type(tmp_path: Path) -> None:
    gguf = opened(tmp_path, text="a", whole=U64(5), half=F32(0.5), yes=True, texts=["a", "b"])
    assert gguf.string("text") == "a"
    assert gguf.integer("whole") == 5
    assert gguf.number("half") == 0.5
    assert gguf.number("whole") == 5.0
    assert gguf.boolean("yes") is True
    assert gguf.strings("texts") == ["a", "b"]


def test_missing_keys(tmp_path: Path) -> None:
    gguf = opened(tmp_path)
    assert gguf.string("k", None) is None
    assert gguf.integer("k", 3, minimum=5) == 3
    assert gguf.number("k", 1.5) == 1.5
    assert gguf.boolean("k", False) is False
    assert gguf.strings("k", ()) == ()
    for getter in (gguf.string, gguf.integer, gguf.number, gguf.boolean, gguf.strings):
        with pytest.raises(GGUFError, match='"k" is missing'):
            getter("k")


WRONG: dict[str, MetadataValue] = {
    "text": "x",
    "whole": U32(0),
    "negative": I32(-1),
    "fraction": F32(0.5),
    "flag": True,
    "array": [],
    "numbers": Array(ValueType.INT32, list(range(100))),
}


@pytest.mark.parametrize(
    ("getter", "accepted", "expected"),
    [
        ("string", {"text"}, "a text"),
        ("integer", {"whole", "negative"}, "a whole number"),
        ("number", {"whole", "negative", "fraction"}, "a finite number"),
        ("boolean", {"flag"}, "true or false"),
        ("strings", {"array"}, "an array of texts"),
    ],
)
@pytest.mark.parametrize("key", WRONG)
def test_wrong_types_name_key_and_expectation(
    tmp_path: Path, getter: str, accepted: set[str], expected: str, key: str
) -> None:
    gguf = opened(tmp_path, **WRONG)
    if key in accepted:
        getattr(gguf, getter)(key)
        return
    with pytest.raises(GGUFError, match=f'"{key}" is .*expected {expected}'):
        getattr(gguf, getter)(key)
    with pytest.raises(GGUFError, match=f'"{key}" is '):
        getattr(gguf, getter)(key, None)


@pytest.mark.parametrize("value", [I32(-1), U32(0), U64(2**63), U64(2**64 - 1), F32(8.0), True, "8"])
def test_block_count_of_any_kind_but_a_sane_one(tmp_path: Path, value: MetadataValue) -> None:
    gguf = opened(tmp_path, llama__block_count=value)
    with pytest.raises(GGUFError, match=r"llama\.block_count"):
        gguf.arch_integer("block_count", minimum=1, maximum=1000)
    with pytest.raises(GGUFError, match=r"llama\.block_count"):
        gguf.arch_integers("attention.head_count_kv", 1)


def test_a_default_does_not_excuse_a_value_out_of_range(tmp_path: Path) -> None:
    gguf = opened(tmp_path, k=U32(0))
    with pytest.raises(GGUFError, match="expected 1 to 10"):
        gguf.integer("k", 0, minimum=1, maximum=10)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_numbers_are_finite(tmp_path: Path, value: float) -> None:
    with pytest.raises(GGUFError, match="finite"):
        opened(tmp_path, k=F32(value)).number("k")


def test_architecture(tmp_path: Path) -> None:
    assert opened(tmp_path, llama__x=U32(3)).arch_integer("x") == 3
    write_gguf(tmp_path / "b", {})
    with pytest.raises(GGUFError, match=r'"general\.architecture" is missing'):
        _ = GGUF.open(tmp_path / "b").arch
    write_gguf(tmp_path / "c", {"general.architecture": ""})
    with pytest.raises(GGUFError, match="is empty"):
        _ = GGUF.open(tmp_path / "c").arch


def test_one_number_stands_for_all_layers(tmp_path: Path) -> None:
    gguf = opened(tmp_path, llama__block_count=U32(3), llama__k=U32(8))
    assert gguf.arch_integers("k") == (8, 8, 8)
    assert gguf.arch_integers("other", 1) == (1, 1, 1)
    with pytest.raises(GGUFError, match=r'"llama\.other" is missing'):
        gguf.arch_integers("other")


def test_a_number_for_each_layer(tmp_path: Path) -> None:
    values = Array(ValueType.UINT32, [1, 2, 3])
    assert opened(tmp_path, llama__block_count=U32(3), llama__k=values).arch_integers("k") == (1, 2, 3)
    with pytest.raises(GGUFError, match="3 elements for 4 layers"):
        opened(tmp_path, llama__block_count=U32(4), llama__k=values).arch_integers("k")
    with pytest.raises(GGUFError, match="expected 0 to 2"):
        opened(tmp_path, llama__block_count=U32(3), llama__k=values).arch_integers("k", maximum=2)
    texts = ["1", "2", "3"]
    with pytest.raises(GGUFError, match="whole number"):
        opened(tmp_path, llama__block_count=U32(3), llama__k=texts).arch_integers("k")

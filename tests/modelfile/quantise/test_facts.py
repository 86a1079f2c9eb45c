"""What of a model's metadata decides its quantisation."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.models import make_llama

from hearth.errors import GGUFError
from hearth.gguf import GGUF, U32, Array, MetadataValue, ValueType, write_gguf
from hearth.modelfile.quantise import Facts


def facts(path: Path, metadata: dict[str, MetadataValue]) -> Facts:
    write_gguf(path, metadata)
    with GGUF.open(path) as gguf:
        return Facts.of(gguf)


def test_of_a_model(tmp_path: Path) -> None:
    with GGUF.open(make_llama(tmp_path / "a", layers=3, heads=8, kv_heads=2)) as gguf:
        made = Facts.of(gguf)
    assert made == Facts("llama", 3, experts=0, heads=8, kv_heads=2)
    assert made.queries_per_kv_head == 4


def test_a_number_of_heads_for_each_layer(tmp_path: Path) -> None:
    heads = Array(ValueType.INT32, [8, 0])
    made = facts(
        tmp_path / "a",
        {
            "general.architecture": "deci",
            "deci.block_count": U32(2),
            "deci.attention.head_count": heads,
            "deci.attention.head_count_kv": heads,
            "deci.expert_count": U32(4),
        },
    )
    assert made == Facts("deci", 2, experts=4, heads=8, kv_heads=8)


def test_a_model_without_layers(tmp_path: Path) -> None:
    made = facts(tmp_path / "a", {"general.architecture": "clip"})
    assert made == Facts("clip", 0)
    assert made.queries_per_kv_head == 0


def test_the_wrong_type_is_named(tmp_path: Path) -> None:
    with pytest.raises(GGUFError, match=r'"llama.block_count" is the text'):
        facts(tmp_path / "a", {"general.architecture": "llama", "llama.block_count": "many"})


@pytest.mark.parametrize(
    ("model", "is_70b"),
    [
        (Facts("llama", 80, heads=64, kv_heads=8), True),
        (Facts("llama", 80, heads=64, kv_heads=64), False),
        (Facts("llama", 80, experts=8, heads=64, kv_heads=8), False),
        (Facts("qwen2", 80, heads=64, kv_heads=64), True),
        (Facts("llama", 32, heads=64, kv_heads=8), False),
        (Facts("falcon", 80), False),
    ],
)
def test_70b(model: Facts, is_70b: bool) -> None:
    assert model.is_70b is is_70b

"""The memory estimate, held against what llama.cpp then allocates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.support.llama import run_model
from tests.support.models import make_llama

from hearth.errors import BadRequest, GGUFError
from hearth.gguf import (
    GGUF,
    U32,
    Array,
    MemoryModel,
    MetadataValue,
    TensorSource,
    TensorType,
    ValueType,
    estimate_memory,
    write_gguf,
)

MIB = 1 << 20


def opened(path: Path, arch: str, **metadata: MetadataValue) -> GGUF:
    """A file of metadata only, keys of the architecture written with `__` for a dot."""
    values: dict[str, MetadataValue] = {f"{arch}.{k.replace('__', '.')}": v for k, v in metadata.items()}
    write_gguf(path / "m", {"general.architecture": arch, **values})
    return GGUF.open(path / "m")


LLAMA: dict[str, MetadataValue] = {
    "block_count": U32(4),
    "embedding_length": U32(512),
    "feed_forward_length": U32(1024),
    "attention__head_count": U32(8),
    "attention__head_count_kv": U32(2),
}
ROW = 2 * 2 * 64 * 2
"""Bytes of a token's key and value in F16 in one layer: two heads of 64."""


def kv(gguf: GGUF, **options: Any) -> int:
    return estimate_memory(gguf, **{"context": 1024, **options}).kv_cache


def test_rows_for_each_token_and_layer(tmp_path: Path) -> None:
    gguf = opened(tmp_path, "llama", **LLAMA)
    assert kv(gguf) == 4 * 1024 * ROW
    assert kv(gguf, slots=3) == 3 * 4 * 1024 * ROW
    assert kv(gguf, context=1000) == 4 * 1024 * ROW
    assert kv(gguf, kv_type="q8_0") == 4 * 1024 * ROW * 34 // 64


def test_heads_of_their_own_length(tmp_path: Path) -> None:
    lengths: dict[str, MetadataValue] = {
        "attention__key_length": U32(128),
        "attention__value_length": U32(64),
    }
    assert kv(opened(tmp_path, "qwen3", **LLAMA, **lengths)) == 4 * 1024 * 2 * 2 * (128 + 64)


def test_a_number_of_heads_for_each_layer(tmp_path: Path) -> None:
    heads: dict[str, MetadataValue] = {"attention__head_count_kv": Array(ValueType.INT32, [2, 0, 4, 2])}
    assert kv(opened(tmp_path, "deci", **{**LLAMA, **heads})) == 4 * 1024 * ROW


def test_sliding_windows(tmp_path: Path) -> None:
    window: dict[str, MetadataValue] = {**LLAMA, "attention__sliding_window": U32(512)}
    full, part = 8192 * ROW, 1024 * ROW
    assert kv(opened(tmp_path, "gemma2", **window), context=8192) == 2 * full + 2 * part
    assert kv(opened(tmp_path, "gemma3", **window), context=8192) == 4 * part
    assert kv(opened(tmp_path, "llama", **window), context=8192) == 4 * full
    flags = Array(ValueType.BOOL, [True, False, True, True])
    patterned = opened(tmp_path, "gemma4", **window, attention__sliding_window_pattern=flags)
    assert kv(patterned, context=8192) == full + 3 * part


def test_latent_attention_keeps_no_values(tmp_path: Path) -> None:
    gguf = opened(
        tmp_path,
        "deepseek2",
        **{**LLAMA, "attention__head_count_kv": U32(1)},
        attention__key_length=U32(576),
        attention__value_length=U32(512),
        attention__key_length_mla=U32(192),
        attention__value_length_mla=U32(128),
    )
    assert kv(gguf) == 4 * 1024 * 576 * 2


def test_recurrent_states_do_not_grow_with_the_context(tmp_path: Path) -> None:
    gguf = opened(
        tmp_path,
        "mamba",
        block_count=U32(4),
        embedding_length=U32(128),
        attention__head_count=U32(0),
        ssm__conv_kernel=U32(4),
        ssm__inner_size=U32(256),
        ssm__state_size=U32(16),
    )
    state = 4 * 4 * (3 * 256 + 256 * 16)
    assert kv(gguf) == kv(gguf, context=65536) == state
    assert kv(gguf, slots=2) == 2 * state


def test_hybrids_keep_both(tmp_path: Path) -> None:
    heads: dict[str, MetadataValue] = {"attention__head_count_kv": Array(ValueType.INT32, [0, 0, 2, 0])}
    short = opened(tmp_path, "lfm2", **{**LLAMA, **heads}, shortconv__l_cache=U32(3))
    assert kv(short) == 1024 * ROW + 3 * 4 * 512 * 2


def test_embedding_models_have_no_cache(tmp_path: Path) -> None:
    gguf = opened(tmp_path, "bert", **LLAMA, attention__causal=False)
    assert kv(gguf) == 0


def test_the_projector_counts_as_weights(tmp_path: Path) -> None:
    model = make_llama(tmp_path / "a")
    data = TensorSource("v", (1024,), TensorType.F32, [bytes(4096)])
    write_gguf(tmp_path / "projector", {"general.architecture": "clip"}, [data])
    with GGUF.open(model) as gguf:
        alone = estimate_memory(gguf, context=256)
        both = estimate_memory(gguf, context=256, projector=tmp_path / "projector")
    assert both.weights == alone.weights + 4096
    assert both.total == alone.total + 4096


def test_the_model_of_memory_outlives_the_file(tmp_path: Path) -> None:
    with GGUF.open(make_llama(tmp_path / "a")) as gguf:
        model = MemoryModel.read(gguf)
    totals = [model.estimate(context=2048, slots=slots).total for slots in range(1, 9)]
    assert totals == sorted(set(totals))


def test_nothing_is_known_of_a_file_without_layers(tmp_path: Path) -> None:
    assert kv(opened(tmp_path, "clip")) == 0


def test_wrong_metadata_is_named(tmp_path: Path) -> None:
    with pytest.raises(GGUFError, match=r"llama\.block_count"):
        kv(opened(tmp_path, "llama", block_count="many"))
    heads: dict[str, MetadataValue] = {"attention__head_count": Array(ValueType.INT32, [1, 1])}
    with pytest.raises(GGUFError, match="2 elements for 4 layers"):
        kv(opened(tmp_path, "llama", **{**LLAMA, **heads}))


def test_unknown_cache_types(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match='unknown type "q9" of the KV cache'):
        kv(opened(tmp_path, "llama", **LLAMA), kv_type="q9")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("context", "slots", "batch"), [(256, 1, 64), (4096, 1, 512), (1000, 4, 256), (8192, 2, 2048)]
)
def test_llama_cpp_allocates_what_was_estimated(tmp_path: Path, context: int, slots: int, batch: int) -> None:
    path = make_llama(tmp_path / "a", dim=256, feed_forward=768, layers=4, vocab=2000, heads=8, kv_heads=4)
    with GGUF.open(path) as gguf:
        estimate = estimate_memory(gguf, context=context, slots=slots, batch=batch)
    real = run_model(path, context=context, slots=slots, batch=batch).buffers
    assert estimate.weights == pytest.approx(real["model"], abs=MIB // 50)
    assert estimate.kv_cache == pytest.approx(real["KV"], abs=MIB // 50)
    compute = real["compute"] + real.get("output", 0)
    assert compute <= estimate.compute <= 1.5 * compute + 2 * MIB

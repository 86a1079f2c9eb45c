"""Tiny models with random weights that llama.cpp loads and runs; made in a fraction of a second."""

from __future__ import annotations

import random
import struct
from array import array
from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path
from typing import Literal

from tests.support import tokenizers

from hearth.gguf import F32, U32, FileType, MetadataValue, TensorSource, TensorType, write_gguf

_FILE_TYPES = {TensorType.F32: FileType.F32, TensorType.F16: FileType.F16, TensorType.BF16: FileType.BF16}


def make_llama(
    path: Path,
    *,
    vocab: int = 512,
    dim: int = 64,
    layers: int = 2,
    heads: int = 4,
    kv_heads: int = 2,
    feed_forward: int = 128,
    context: int = 512,
    template: str | None = tokenizers.CHATML,
    kind: Literal["spm", "bpe"] = "spm",
    seed: int = 0,
    tensor_type: TensorType = TensorType.F32,
    tied: bool = True,
    extra_metadata: Mapping[str, MetadataValue] | None = None,
) -> Path:
    """Write a llama-architecture GGUF at `path` and give the path; its text is noise, its tokens are real.

    `vocab` is at least 420; `tensor_type` (of all matrices) is F32, F16 or BF16. The tokens <|im_start|> and
    <|im_end|> exist in both kinds of vocabulary, and `template` (ChatML unless given) is stored for Jinja.
    """
    if vocab < 420:
        raise ValueError("the vocabulary needs room for all bytes, letters and words: 420 at least")
    metadata: dict[str, MetadataValue] = {
        "general.architecture": "llama",
        "general.name": "tiny random llama",
        "general.file_type": U32(_FILE_TYPES[tensor_type]),
        "llama.context_length": U32(context),
        "llama.embedding_length": U32(dim),
        "llama.block_count": U32(layers),
        "llama.feed_forward_length": U32(feed_forward),
        "llama.attention.head_count": U32(heads),
        "llama.attention.head_count_kv": U32(kv_heads),
        "llama.attention.layer_norm_rms_epsilon": F32(1e-5),
        "llama.rope.dimension_count": U32(dim // heads),
        "llama.vocab_size": U32(vocab),
        **(tokenizers.spm(vocab) if kind == "spm" else tokenizers.bpe(vocab)),
        **({"tokenizer.chat_template": template} if template is not None else {}),
        **(extra_metadata or {}),
    }
    shapes = _shapes(vocab, dim, layers, dim // heads * kv_heads, feed_forward, tied)
    write_gguf(path, metadata, [random_tensor(n, s, tensor_type, seed) for n, s in shapes.items()])
    return path


def random_tensor(name: str, shape: tuple[int, ...], tensor_type: TensorType, seed: int) -> TensorSource:
    """Small random numbers, the same for the same name and seed; ones in F32 for a vector."""
    if len(shape) == 1:
        return TensorSource(name, shape, TensorType.F32, [struct.pack("<f", 1.0) * shape[0]])
    return TensorSource(name, shape, tensor_type, _random_chunks(name, shape, tensor_type, seed))


def _random_chunks(name: str, shape: tuple[int, ...], tensor_type: TensorType, seed: int) -> Iterator[bytes]:
    source = random.Random(f"{seed} {name}")
    for _ in range(prod(shape[1:])):
        values = [sample * 2e-6 for sample in array("h", source.randbytes(2 * shape[0]))]
        yield encode(values, tensor_type)


def encode(values: list[float], tensor_type: TensorType) -> bytes:
    """Numbers as F32, F16 or BF16 (cut, not rounded)."""
    if tensor_type is TensorType.F16:
        return struct.pack(f"<{len(values)}e", *values)
    raw = struct.pack(f"<{len(values)}f", *values)
    if tensor_type is TensorType.BF16:
        return b"".join(raw[start + 2 : start + 4] for start in range(0, len(raw), 4))
    return raw


def _shapes(
    vocab: int, dim: int, layers: int, kv_dim: int, feed_forward: int, tied: bool
) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {"token_embd.weight": (dim, vocab), "output_norm.weight": (dim,)}
    if not tied:
        shapes["output.weight"] = (dim, vocab)
    for layer in range(layers):
        shapes |= {
            f"blk.{layer}.attn_norm.weight": (dim,),
            f"blk.{layer}.attn_q.weight": (dim, dim),
            f"blk.{layer}.attn_k.weight": (dim, kv_dim),
            f"blk.{layer}.attn_v.weight": (dim, kv_dim),
            f"blk.{layer}.attn_output.weight": (dim, dim),
            f"blk.{layer}.ffn_norm.weight": (dim,),
            f"blk.{layer}.ffn_gate.weight": (dim, feed_forward),
            f"blk.{layer}.ffn_up.weight": (dim, feed_forward),
            f"blk.{layer}.ffn_down.weight": (feed_forward, dim),
        }
    return shapes

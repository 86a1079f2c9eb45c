"""A tiny model of random weights that gives a score for a query and a document."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.support import tokenizers
from tests.support.models import random_tensor

from hearth.gguf import F32, U32, MetadataValue, TensorType, write_gguf

_VOCABULARY: Final = 512
_WIDTH: Final = 64
_LAYERS: Final = 2
_FEED_FORWARD: Final = 128
_RANK: Final = 4


def make_ranker(
    path: Path, *, context: int = 256, extra_metadata: Mapping[str, MetadataValue] | None = None
) -> Path:
    """Write a bert-architecture GGUF with a classification head of one label at `path`; give the path.

    It reads `<s>query</s></s>document</s>`, as rerankers made from XLM-RoBERTa do.
    """
    metadata: dict[str, MetadataValue] = {
        "general.architecture": "bert",
        "general.name": "tiny random ranker",
        "general.file_type": U32(0),
        "bert.context_length": U32(context),
        "bert.embedding_length": U32(_WIDTH),
        "bert.block_count": U32(_LAYERS),
        "bert.feed_forward_length": U32(_FEED_FORWARD),
        "bert.attention.head_count": U32(4),
        "bert.attention.layer_norm_epsilon": F32(1e-5),
        "bert.attention.causal": False,
        "bert.pooling_type": U32(_RANK),
        "bert.classifier.output_labels": ["score"],
        **tokenizers.spm(_VOCABULARY),
        "tokenizer.ggml.add_eos_token": True,
        "tokenizer.ggml.add_sep_token": True,
        "tokenizer.ggml.seperator_token_id": U32(2),
        "tokenizer.ggml.token_type_count": U32(1),
        **(extra_metadata or {}),
    }
    tensors = [random_tensor(name, shape, TensorType.F32, 0) for name, shape in _shapes(context).items()]
    write_gguf(path, metadata, tensors)
    return path


def _shapes(context: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (_WIDTH, _VOCABULARY),
        "position_embd.weight": (_WIDTH, context),
        "token_types.weight": (_WIDTH, 1),
        "token_embd_norm.weight": (_WIDTH,),
        "token_embd_norm.bias": (_WIDTH,),
        "cls.weight": (_WIDTH, _WIDTH),
        "cls.bias": (_WIDTH,),
        "cls.output.weight": (_WIDTH, 1),
        "cls.output.bias": (1,),
    }
    for layer in range(_LAYERS):
        for name, before, after in _MATRICES:
            shapes[f"blk.{layer}.{name}.weight"] = (before, after)
            shapes[f"blk.{layer}.{name}.bias"] = (after,)
        for name in ("attn_output_norm", "layer_output_norm"):
            shapes[f"blk.{layer}.{name}.weight"] = shapes[f"blk.{layer}.{name}.bias"] = (_WIDTH,)
    return shapes


_MATRICES: Final = (
    ("attn_q", _WIDTH, _WIDTH),
    ("attn_k", _WIDTH, _WIDTH),
    ("attn_v", _WIDTH, _WIDTH),
    ("attn_output", _WIDTH, _WIDTH),
    ("ffn_up", _WIDTH, _FEED_FORWARD),
    ("ffn_down", _FEED_FORWARD, _WIDTH),
)
"""Matrices of a layer, with the width of what goes in and of what comes out."""

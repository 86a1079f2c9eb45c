"""How much memory a model takes when it runs, from its metadata alone.

The scheduler decides by it what can be resident together. The formulas follow llama.cpp's allocations:
weights as stored, two rows for each token and layer in the KV cache, a fixed state for recurrent layers, and
a compute buffer for one batch. The compute buffer is an upper estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hearth.errors import BadRequest
from hearth.gguf.layers import LayerCache, layer_caches
from hearth.gguf.quants import TensorType
from hearth.gguf.reader import GGUF

_CELLS_ALIGNMENT: Final = 256
_OVERHEAD: Final = 1 << 20
_F32: Final = 4
_F16: Final = 2
_LIVE_WIDTHS: Final = 5
"""Activations as wide as the model that are alive at once: residual, norm, query, attention output, spare."""
_LIVE_FEED_FORWARD: Final = 3


@dataclass(frozen=True, slots=True)
class MemoryEstimate:
    """Bytes, by what takes them."""

    weights: int
    kv_cache: int
    """Also the states of recurrent layers."""
    compute: int

    @property
    def total(self) -> int:
        return self.weights + self.kv_cache + self.compute


@dataclass(frozen=True, slots=True)
class MemoryModel:
    """What the estimate needs to know of a model; small, and independent of the open file."""

    weights: int
    layers: tuple[LayerCache, ...]
    width: int
    feed_forward: int
    heads: int
    vocabulary: int
    attention_window: int
    causal: bool

    @classmethod
    def read(cls, gguf: GGUF, projector: Path | None = None) -> MemoryModel:
        """The facts of an open model file, and the weights of its projector.

        GGUFError where the metadata has values of the wrong type, or the projector is no GGUF file.
        """
        weights = sum(tensor.size for tensor in gguf.tensors)
        if projector is not None:
            with GGUF.open(projector) as file:
                weights += sum(tensor.size for tensor in file.tensors)
        layers = layer_caches(gguf)
        return cls(
            weights=weights,
            layers=layers,
            width=gguf.arch_integer("embedding_length", 0),
            feed_forward=_feed_forward(gguf, len(layers)),
            heads=max(gguf.arch_integers("attention.head_count", 0)) if layers else 0,
            vocabulary=_vocabulary(gguf),
            attention_window=gguf.arch_integer("attention.sliding_window", 0),
            causal=gguf.boolean(f"{gguf.arch}.attention.causal", True),
        )

    def estimate(
        self,
        *,
        context: int,
        slots: int = 1,
        kv_type: str = "f16",
        batch: int = 512,
        flash_attention: bool = True,
    ) -> MemoryEstimate:
        """Bytes for `slots` sequences of `context` tokens each; BadRequest for an unknown `kv_type`."""
        cells = _padded(max(context, 1))
        cache_type = _cache_type(kv_type)
        window = min(cells, _padded(self.attention_window + batch))
        caches = sum(layer.bytes(cells, window, cache_type) for layer in self.layers)
        return MemoryEstimate(
            weights=self.weights,
            kv_cache=slots * caches,
            compute=self._compute(cells, slots, batch, flash_attention=flash_attention),
        )

    def _compute(self, cells: int, slots: int, batch: int, *, flash_attention: bool) -> int:
        if not self.causal:
            cells = batch
        activations = _F32 * (_LIVE_WIDTHS * self.width + _LIVE_FEED_FORWARD * self.feed_forward)
        masks = cells * _F16 * (2 if self.attention_window else 1)
        scores = 0 if flash_attention else 2 * _F32 * self.heads * cells
        logits = 2 * slots * self.vocabulary * _F32 if self.causal else 0
        return batch * (activations + masks + scores) + logits + _OVERHEAD


def estimate_memory(
    gguf: GGUF,
    *,
    context: int,
    slots: int = 1,
    kv_type: str = "f16",
    batch: int = 512,
    projector: Path | None = None,
) -> MemoryEstimate:
    """The memory that an open model takes with `slots` sequences of `context` tokens each."""
    model = MemoryModel.read(gguf, projector)
    return model.estimate(context=context, slots=slots, kv_type=kv_type, batch=batch)


def _cache_type(name: str) -> TensorType:
    try:
        return TensorType[name.upper()]
    except KeyError:
        raise BadRequest(
            f'unknown type "{name}" of the KV cache; expected f16, q8_0, q4_0 or another'
        ) from None


def _padded(cells: int) -> int:
    return -(-cells // _CELLS_ALIGNMENT) * _CELLS_ALIGNMENT


def _feed_forward(gguf: GGUF, layers: int) -> int:
    """The widest feed-forward that one token passes: dense, or the experts that are used."""
    if not layers:
        return 0
    dense = max(gguf.arch_integers("feed_forward_length", 0))
    used = gguf.arch_integer("expert_used_count", 0, maximum=1 << 16)
    experts = used * gguf.arch_integer("expert_feed_forward_length", dense)
    shared = gguf.arch_integer("expert_shared_feed_forward_length", 0)
    return max(dense, experts + shared)


def _vocabulary(gguf: GGUF) -> int:
    tokens = gguf.metadata.get("tokenizer.ggml.tokens")
    if isinstance(tokens, str | int | float) or tokens is None:
        return gguf.arch_integer("vocab_size", 0)
    return len(tokens)

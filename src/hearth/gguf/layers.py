"""What each layer of a model keeps for the tokens it has seen: rows of keys and values, or a state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hearth.gguf.arrays import LazyArray
from hearth.gguf.quants import TensorType, row_size
from hearth.gguf.reader import GGUF

_MAX_LAYERS: Final = 65536
_WINDOW_EVERY: Final = {
    "gemma2": 2,
    "gpt-oss": 2,
    "cohere2": 4,
    "exaone4": 4,
    "exaone-moe": 4,
    "llama4": 4,
    "olmo2": 4,
    "afmoe": 4,
    "gemma3n": 5,
    "gemma3": 6,
    "plamo3": 8,
}
"""Where the file does not say: every n-th layer sees the whole context and the others a window."""
_RECURRENT_EVERY: Final = {"qwen3next": 4, "qwen35": 4, "qwen35moe": 4}
"""Every n-th layer has attention and the others a state."""


@dataclass(frozen=True, slots=True)
class LayerCache:
    """Elements that a layer keeps for each token, and bytes of state for each sequence."""

    key_width: int = 0
    value_width: int = 0
    windowed: bool = False
    state: int = 0

    def bytes(self, cells: int, window: int, cache_type: TensorType) -> int:
        """Bytes for one sequence of `cells` tokens, of which a windowed layer keeps `window`."""
        per_token = _row(self.key_width, cache_type) + _row(self.value_width, cache_type)
        return per_token * (window if self.windowed else cells) + self.state


def layer_caches(gguf: GGUF) -> tuple[LayerCache, ...]:
    """The caches of all layers; GGUFError where the metadata has values of the wrong type."""
    layers = gguf.arch_integer("block_count", 0, maximum=_MAX_LAYERS)
    if not layers:
        return ()
    if not gguf.boolean(f"{gguf.arch}.attention.causal", True):
        return (LayerCache(),) * layers
    heads = gguf.arch_integers("attention.head_count", 0)
    kv_heads = gguf.arch_integers("attention.head_count_kv", heads[0])
    owning = layers - gguf.arch_integer("attention.shared_kv_layers", 0)
    return tuple(
        _layer(gguf, layer, heads[layer], kv_heads[layer]) if layer < owning else LayerCache()
        for layer in range(layers)
    )


def _layer(gguf: GGUF, layer: int, heads: int, kv_heads: int) -> LayerCache:
    if _is_recurrent(gguf, layer, kv_heads):
        return LayerCache(state=_state_bytes(gguf))
    windowed = _is_windowed(gguf, layer)
    head = gguf.arch_integer("embedding_length", 0) // heads if heads else 0
    key = gguf.arch_integer("attention.key_length", head)
    value = gguf.arch_integer("attention.value_length", head)
    if windowed:
        key = gguf.arch_integer("attention.key_length_swa", key)
        value = gguf.arch_integer("attention.value_length_swa", value)
    if f"{gguf.arch}.attention.key_length_mla" in gguf.metadata:
        value = 0
    return LayerCache(key * kv_heads, value * kv_heads, windowed)


def _is_windowed(gguf: GGUF, layer: int) -> bool:
    if not gguf.arch_integer("attention.sliding_window", 0):
        return False
    key = f"{gguf.arch}.attention.sliding_window_pattern"
    pattern = gguf.metadata.get(key)
    if isinstance(pattern, tuple | LazyArray):
        return layer < len(pattern) and bool(pattern[layer])
    every = gguf.integer(key, _WINDOW_EVERY.get(gguf.arch, 1), minimum=0, maximum=_MAX_LAYERS)
    if key not in gguf.metadata and gguf.arch not in _WINDOW_EVERY:
        # Most models that name a window without a pattern do not use it.
        return False
    return every == 0 or layer % every < every - 1


def _is_recurrent(gguf: GGUF, layer: int, kv_heads: int) -> bool:
    if not _state_bytes(gguf):
        return False
    every = gguf.arch_integer("full_attention_interval", _RECURRENT_EVERY.get(gguf.arch, 0))
    return (layer + 1) % every != 0 if every else kv_heads == 0


def _state_bytes(gguf: GGUF) -> int:
    """The state of one recurrent layer in F32: Mamba's, RWKV's or LFM2's."""
    width = gguf.arch_integer("embedding_length", 0)
    wkv_head = gguf.arch_integer("wkv.head_size", 0)
    if wkv_head:
        return 4 * width * (wkv_head + gguf.arch_integer("token_shift_count", 2))
    convolution = gguf.arch_integer("shortconv.l_cache", 0)
    if convolution:
        return 4 * width * (convolution - 1)
    inner = gguf.arch_integer("ssm.inner_size", 0)
    state = gguf.arch_integer("ssm.state_size", 0)
    groups = gguf.arch_integer("ssm.group_count", 0)
    kernel = max(gguf.arch_integer("ssm.conv_kernel", 1), 1)
    return 4 * ((kernel - 1) * (inner + 2 * groups * state) + inner * state)


def _row(width: int, cache_type: TensorType) -> int:
    block = cache_type.block_size
    return row_size(cache_type, -(-width // block) * block)

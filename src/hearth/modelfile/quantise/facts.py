"""The few properties of a model on which its quantisation depends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hearth.gguf import GGUF

_MAX_LAYERS: Final = 65536
_LAYERS_OF_70B: Final = {"llama": 80, "llama-embed": 80, "qwen2": 80, "deci": 80, "olmo": 80, "jais2": 68}


@dataclass(frozen=True, slots=True)
class Facts:
    """Architecture, layers, experts in a layer, and query heads for each key/value head."""

    arch: str
    layers: int
    experts: int = 0
    heads: int = 0
    kv_heads: int = 0

    @classmethod
    def of(cls, gguf: GGUF) -> Facts:
        """The facts of an open file; GGUFError where its metadata is of the wrong type."""
        layers = gguf.arch_integer("block_count", 0, maximum=_MAX_LAYERS)
        heads = gguf.arch_integers("attention.head_count", 0)[0] if layers else 0
        return cls(
            arch=gguf.arch,
            layers=layers,
            experts=gguf.arch_integer("expert_count", 0),
            heads=heads,
            kv_heads=gguf.arch_integers("attention.head_count_kv", heads)[0] if layers else 0,
        )

    @property
    def queries_per_kv_head(self) -> int:
        return self.heads // self.kv_heads if self.kv_heads else 0

    @property
    def is_70b(self) -> bool:
        """A size that llama.cpp names 70B, where attention values are small and worth more bits."""
        if _LAYERS_OF_70B.get(self.arch) != self.layers:
            return False
        if self.arch.startswith("llama"):
            return self.heads != self.kv_heads and self.experts != 8
        return True

"""Tensor tables of well-known model shapes, and a short way to write which layer got which type."""

from __future__ import annotations

from typing import Final

from hearth.gguf import TensorInfo, TensorType
from hearth.modelfile.quantise import Facts

MODELS: Final = {
    "llama-8b": Facts("llama", 32, heads=32, kv_heads=8),
    "llama-7b": Facts("llama", 32, heads=32, kv_heads=32),
    "llama-70b": Facts("llama", 80, heads=64, kv_heads=8),
    "qwen2-7b": Facts("qwen2", 28, heads=28, kv_heads=4),
    "mixtral-8x7b": Facts("llama", 32, experts=8, heads=32, kv_heads=8),
    "qwen3moe-30b": Facts("qwen3moe", 48, experts=128, heads=32, kv_heads=4),
    "falcon-7b": Facts("falcon", 32, heads=71, kv_heads=1),
}
_WIDTH: Final = 512


def matrix(name: str, *shape: int, kind: TensorType = TensorType.F16) -> TensorInfo:
    return TensorInfo(name, shape or (_WIDTH, _WIDTH), kind, 0, 0, 0)


def table(facts: Facts, *, width: int = _WIDTH, tied: bool = False) -> list[TensorInfo]:
    """The tensors of a model, in the order of a file that was made layer by layer."""
    tensors = [matrix("token_embd.weight", width, 1000), matrix("output_norm.weight", width)]
    if not tied:
        tensors.append(matrix("output.weight", width, 1000))
    for layer in range(facts.layers):
        tensors += _layer(f"blk.{layer}.", facts, width)
    return tensors


def _layer(prefix: str, facts: Facts, width: int) -> list[TensorInfo]:
    attention = ["attn_qkv"] if facts.arch == "falcon" else ["attn_q", "attn_k", "attn_v"]
    names = [f"{prefix}{part}.weight" for part in (*attention, "attn_output")]
    tensors = [matrix(f"{prefix}attn_norm.weight", width)]
    tensors += [matrix(name, width, width) for name in names]
    gated = ["ffn_up", "ffn_down"] if facts.arch == "falcon" else ["ffn_gate", "ffn_up", "ffn_down"]
    if not facts.experts:
        return tensors + [matrix(f"{prefix}{part}.weight", width, width) for part in gated]
    tensors.append(matrix(f"{prefix}ffn_gate_inp.weight", width, facts.experts))
    return tensors + [matrix(f"{prefix}{part}_exps.weight", width, width, facts.experts) for part in gated]


def summary(types: dict[str, TensorType]) -> dict[str, str]:
    """For each tensor name without its layer: the types and the layers of each, `Q6_K 0-3,6 Q4_K 4-5,7`."""
    layers: dict[str, dict[str, list[int]]] = {}
    for name, kind in types.items():
        if not name.startswith("blk."):
            layers.setdefault(name.removesuffix(".weight"), {})[kind.name] = []
            continue
        _, layer, part = name.removesuffix(".weight").split(".")
        layers.setdefault(part, {}).setdefault(kind.name, []).append(int(layer))
    return {part: _ranges(kinds) for part, kinds in layers.items() if not part.endswith(("norm", "inp"))}


def _ranges(kinds: dict[str, list[int]]) -> str:
    if len(kinds) == 1:
        return next(iter(kinds))
    return " ".join(f"{kind} {_spans(numbers)}" for kind, numbers in sorted(kinds.items()))


def _spans(numbers: list[int]) -> str:
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)

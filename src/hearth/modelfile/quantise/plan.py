"""Gives every tensor of a model its type for a file type, in the way of llama.cpp's quantiser."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from hearth.errors import BadRequest, GGUFError
from hearth.gguf import FileType, TensorInfo, TensorType
from hearth.modelfile.quantise import mixes
from hearth.modelfile.quantise.facts import Facts
from hearth.modelfile.quantise.kinds import BASE_TYPES
from hearth.modelfile.quantise.roles import Role, may_be_quantised, role_of

SOURCE_TYPES: Final = frozenset({TensorType.F32, TensorType.F16, TensorType.BF16})
"""What can be quantised; anything else has lost its precision already."""

_LAYER: Final = re.compile(r"blk\.(\d{1,9})\.")
_FFN: Final = frozenset({Role.FFN_UP, Role.FFN_GATE, Role.FFN_DOWN})
_NARROWER: Final[dict[TensorType, TensorType]] = {
    **dict.fromkeys((TensorType.IQ1_S, TensorType.IQ1_M), TensorType.IQ4_NL),
    **dict.fromkeys((TensorType.IQ2_XXS, TensorType.IQ2_XS, TensorType.IQ2_S), TensorType.IQ4_NL),
    **dict.fromkeys((TensorType.IQ3_XXS, TensorType.IQ3_S, TensorType.IQ4_XS), TensorType.IQ4_NL),
    **dict.fromkeys((TensorType.Q2_0, TensorType.Q2_K, TensorType.Q3_K), TensorType.Q4_0),
    **dict.fromkeys((TensorType.TQ1_0, TensorType.TQ2_0), TensorType.Q4_0),
    TensorType.Q4_K: TensorType.Q5_0,
    TensorType.Q5_K: TensorType.Q5_1,
    TensorType.Q6_K: TensorType.Q8_0,
}
_NEEDS_IMPORTANCE: Final = frozenset(
    {
        *(TensorType.IQ1_S, TensorType.IQ1_M, TensorType.IQ2_XXS, TensorType.IQ2_XS),
        *(TensorType.IQ2_S, TensorType.IQ3_XXS),
    }
)


def plan_types(tensors: Sequence[TensorInfo], facts: Facts, file_type: FileType) -> dict[str, TensorType]:
    """The type of every tensor, by name.

    BadRequest where the source is quantised already, or where the file type needs an importance matrix or
    rows of another length.
    """
    chosen = choose_types(tensors, facts, file_type)
    for tensor in tensors:
        _check(tensor, chosen[tensor.name], file_type)
    return chosen


def choose_types(tensors: Sequence[TensorInfo], facts: Facts, file_type: FileType) -> dict[str, TensorType]:
    """As `plan_types`, without asking whether this source can be brought to those types."""
    chooser = _Chooser(tensors, facts, file_type)
    return {tensor.name: chooser.choose(tensor) for tensor in _in_layer_order(tensors)}


class _Chooser:
    """Counts the tensors of each role as they pass, for the rules that depend on the place in the model."""

    def __init__(self, tensors: Iterable[TensorInfo], facts: Facts, file_type: FileType) -> None:
        self.facts = facts
        self.file_type = file_type
        self.base = BASE_TYPES[file_type]
        self.totals = Counter(role_of(tensor.name) for tensor in tensors)
        self.seen: Counter[Role] = Counter()

    def choose(self, tensor: TensorInfo) -> TensorType:
        if not may_be_quantised(tensor.name, tensor.shape, self.facts.arch):
            return tensor.type
        if not self.base.is_quantised:
            return self.base
        return _fitting(tensor, self._wanted(tensor), self.file_type)

    def _wanted(self, tensor: TensorInfo) -> TensorType:
        if self._is_kept_precise(tensor.name):
            return TensorType.Q8_0
        role = role_of(tensor.name)
        tied = self.totals[Role.OUTPUT] == 0
        if role is Role.OUTPUT or (tied and role is Role.TOKEN_EMBEDDING):
            return self._output_type(tensor)
        if self.file_type is FileType.MXFP4_MOE:
            return TensorType.MXFP4 if self._is_expert(tensor, role) else TensorType.Q8_0
        if role is Role.TOKEN_EMBEDDING:
            rule = mixes.TOKEN_EMBEDDING.get(self.file_type)
            return mixes.choose(rule, mixes.Place(self.facts, 0, 1), self.base)
        return self._mixed(tensor, role)

    def _output_type(self, tensor: TensorInfo) -> TensorType:
        if self.file_type is FileType.MXFP4_MOE or self.facts.arch == "falcon":
            return TensorType.Q8_0
        if tensor.shape[0] % self.base.block_size:
            return TensorType.Q8_0
        return mixes.choose(mixes.OUTPUT.get(self.file_type), mixes.Place(self.facts, 0, 1), TensorType.Q6_K)

    def _mixed(self, tensor: TensorInfo, role: Role) -> TensorType:
        lowest = self.file_type in mixes.LOWEST
        rule = self._mix(lowest).get(role, {}).get(self.file_type)
        chosen = mixes.choose(rule, self._place(tensor, role, by_name=not lowest), self.base)
        return chosen if lowest else self._raised(chosen, role)

    def _mix(self, lowest: bool) -> dict[Role, mixes.Table]:
        if lowest:
            return mixes.LOWEST_MIX
        return mixes.FALCON_MIX if self.facts.arch == "falcon" else mixes.MIX

    def _place(self, tensor: TensorInfo, role: Role, *, by_name: bool) -> mixes.Place:
        index = self.seen[role]
        self.seen[role] += 1
        if role not in _FFN:
            return mixes.Place(self.facts, index, self.totals[role])
        if by_name and self.facts.experts > 1:
            index = self._layer(tensor.name)
        return mixes.Place(self.facts, index, self.facts.layers)

    def _layer(self, name: str) -> int:
        found = _LAYER.match(name)
        if found is None or int(found[1]) >= self.facts.layers:
            raise GGUFError(f'tensor "{name}" belongs to none of the {self.facts.layers} layers of the model')
        return int(found[1])

    def _raised(self, chosen: TensorType, role: Role) -> TensorType:
        """Attention keys and values are small beside eight experts, values also in a 70B model."""
        if self.facts.experts == 8 and role in (Role.ATTENTION_VALUE, Role.ATTENTION_KEY):
            return TensorType.Q8_0
        if self.facts.is_70b and role is Role.ATTENTION_VALUE:
            return TensorType.Q5_K if chosen in (TensorType.Q3_K, TensorType.Q4_K) else chosen
        return chosen

    def _is_expert(self, tensor: TensorInfo, role: Role) -> bool:
        # Bailing's latent attention has matrices of three dimensions too.
        stacked = len(tensor.shape) > 2 and tensor.shape[2] > 1
        return stacked and (self.facts.arch != "bailingmoe3" or role in _FFN)

    def _is_kept_precise(self, name: str) -> bool:
        sensitive = ("attn_q_a", "attn_q_b", "nextn.eh_proj")
        return self.facts.arch == "glm5-next" and any(part in name for part in sensitive)


def _in_layer_order(tensors: Iterable[TensorInfo]) -> list[TensorInfo]:
    """llama.cpp's order, on which its counts depend: tensors of no layer, then layer by layer, by name."""

    def key(tensor: TensorInfo) -> tuple[int, bytes]:
        found = _LAYER.match(tensor.name)
        return (int(found[1]) if found else -1, tensor.name.encode())

    return sorted(tensors, key=key)


def _fitting(tensor: TensorInfo, wanted: TensorType, file_type: FileType) -> TensorType:
    """The wanted type, or one of smaller blocks where rows do not fill whole ones, or F16 at last."""
    row = tensor.shape[0]
    if row % wanted.block_size == 0:
        return wanted
    narrower = _NARROWER.get(wanted, wanted if wanted.block_size <= 32 else None)
    if narrower is None:
        raise BadRequest(
            f"quantization type {file_type.name} needs rows that are a multiple of {wanted.block_size} long, "
            f'but tensor "{tensor.name}" has rows of {row}; choose another type, such as Q4_0'
        )
    return narrower if row % narrower.block_size == 0 else TensorType.F16


def _check(tensor: TensorInfo, chosen: TensorType, file_type: FileType) -> None:
    if chosen is tensor.type:
        return
    if tensor.type not in SOURCE_TYPES:
        raise BadRequest(
            f"quantization is only supported for F16, BF16 and F32 models, and tensor "
            f'"{tensor.name}" is {tensor.type.name}'
        )
    if _needs_importance(tensor.name, chosen, file_type):
        raise BadRequest(
            f"quantization type {file_type.name} needs an importance matrix, without which its output is "
            "useless; choose Q2_K, IQ3_S or another type of three bits or more"
        )


def _needs_importance(name: str, chosen: TensorType, file_type: FileType) -> bool:
    if role_of(name) in (Role.OUTPUT, Role.TOKEN_EMBEDDING):
        return chosen in (TensorType.IQ1_S, TensorType.IQ2_XXS, TensorType.IQ2_XS)
    return chosen in _NEEDS_IMPORTANCE or (chosen is TensorType.Q2_K and file_type is FileType.Q2_K_S)

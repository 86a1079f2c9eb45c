"""What part of a model a tensor is, told by its name, and which parts are never quantised.

The names are those of GGUF; the lists follow llama.cpp's quantiser.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import cache
from typing import Final


class Role(Enum):
    """A part of a model that the mixes treat in its own way."""

    OUTPUT = auto()
    TOKEN_EMBEDDING = auto()
    ATTENTION_VALUE = auto()
    """The value matrix, or one that holds it: fused query-key-value, or MLA's key-value expansion."""
    ATTENTION_KEY = auto()
    ATTENTION_QUERY = auto()
    ATTENTION_OUTPUT = auto()
    FFN_UP = auto()
    FFN_GATE = auto()
    FFN_DOWN = auto()
    OTHER = auto()


_WHOLE_NAMES: Final = {
    "output.weight": Role.OUTPUT,
    "token_embd.weight": Role.TOKEN_EMBEDDING,
    "per_layer_token_embd.weight": Role.TOKEN_EMBEDDING,
}
_PARTS: Final = (
    ("attn_qkv.weight", Role.ATTENTION_VALUE),
    ("attn_kv_b.weight", Role.ATTENTION_VALUE),
    ("attn_v.weight", Role.ATTENTION_VALUE),
    ("attn_k.weight", Role.ATTENTION_KEY),
    ("attn_q.weight", Role.ATTENTION_QUERY),
    ("attn_output.weight", Role.ATTENTION_OUTPUT),
    ("ffn_up", Role.FFN_UP),
    ("ffn_gate", Role.FFN_GATE),
    ("ffn_down", Role.FFN_DOWN),
)
_KEPT_WHOLE_NAMES: Final = frozenset({"position_embd.weight", "token_types.weight"})
_KEPT_PARTS: Final = (
    "_norm.weight",
    "ffn_gate_inp.weight",
    "ffn_gate_tid2eid.weight",
    "altup",
    "laurel",
    "per_layer_model_proj",
    "ssm_conv1d",
    "shortconv.conv.weight",
    "indexer.k_proj.weight",
    "indexer.q_proj.weight",
    *(f"time_mix_{part}.weight" for part in ("first", "w0", "w1", "w2", "v0", "v1", "v2", "a0", "a1", "a2")),
    *(f"time_mix_{part}.weight" for part in ("g1", "g2", "decay_w1", "decay_w2", "lerp_fused")),
    "attn_rel_b.weight",
    ".position_embd",
    "sam.pos_embd",
    "sam.neck.",
    "sam.net_",
    ".rel_pos",
    ".patch_embd",
    ".patch_merger",
    "a.rvq.codebook",
    "mm.a.code_embd",
)
_KEPT_PARTS_OF: Final = {
    "glm5-next": (
        "hc_",
        "indexer.attn_q_b",
        "indexer.attn_k",
        "indexer.proj",
        "indexer_compressor_gate",
        "indexer_compressor_ape",
        *(f"ssm_{part}.weight" for part in ("f_a", "f_b", "g_a", "g_b", "beta")),
        "attn_kv_a_mqa.weight",
        "attn_k_b.weight",
        "attn_v_b.weight",
    )
}


def role_of(name: str) -> Role:
    """The part of the model that the tensor of this name is."""
    whole = _WHOLE_NAMES.get(name)
    if whole is not None:
        return whole
    return next((role for part, role in _PARTS if part in name), Role.OTHER)


def may_be_quantised(name: str, shape: tuple[int, ...], arch: str) -> bool:
    """Only matrices and stacks of them; never norms, routers, positions, small or sensitive matrices."""
    if all(size == 1 for size in shape[1:]) or not name.endswith("weight"):
        return False
    return name not in _KEPT_WHOLE_NAMES and _kept(arch).search(name) is None


@cache
def _kept(arch: str) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, (*_KEPT_PARTS, *_KEPT_PARTS_OF.get(arch, ())))))

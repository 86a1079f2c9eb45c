"""The quantisation types a user may ask for, and the tensor type at the base of each.

The list is that of llama.cpp's quantiser; the mixes in `mixes` then depart from the base for some tensors.
"""

from __future__ import annotations

from typing import Final

from hearth.errors import BadRequest
from hearth.gguf import FileType, TensorType

BASE_TYPES: Final[dict[FileType, TensorType]] = {
    FileType.F32: TensorType.F32,
    FileType.F16: TensorType.F16,
    FileType.BF16: TensorType.BF16,
    FileType.Q1_0: TensorType.Q1_0,
    FileType.Q2_0: TensorType.Q2_0,
    FileType.Q4_0: TensorType.Q4_0,
    FileType.Q4_1: TensorType.Q4_1,
    FileType.Q5_0: TensorType.Q5_0,
    FileType.Q5_1: TensorType.Q5_1,
    FileType.Q8_0: TensorType.Q8_0,
    FileType.Q2_K: TensorType.Q2_K,
    FileType.Q2_K_S: TensorType.Q2_K,
    FileType.Q3_K_S: TensorType.Q3_K,
    FileType.Q3_K_M: TensorType.Q3_K,
    FileType.Q3_K_L: TensorType.Q3_K,
    FileType.Q4_K_S: TensorType.Q4_K,
    FileType.Q4_K_M: TensorType.Q4_K,
    FileType.Q5_K_S: TensorType.Q5_K,
    FileType.Q5_K_M: TensorType.Q5_K,
    FileType.Q6_K: TensorType.Q6_K,
    FileType.IQ1_S: TensorType.IQ1_S,
    FileType.IQ1_M: TensorType.IQ1_M,
    FileType.IQ2_XXS: TensorType.IQ2_XXS,
    FileType.IQ2_XS: TensorType.IQ2_XS,
    FileType.IQ2_S: TensorType.IQ2_XS,
    FileType.IQ2_M: TensorType.IQ2_S,
    FileType.IQ3_XXS: TensorType.IQ3_XXS,
    FileType.IQ3_XS: TensorType.IQ3_S,
    FileType.IQ3_S: TensorType.IQ3_S,
    FileType.IQ3_M: TensorType.IQ3_S,
    FileType.IQ4_NL: TensorType.IQ4_NL,
    FileType.IQ4_XS: TensorType.IQ4_XS,
    FileType.TQ1_0: TensorType.TQ1_0,
    FileType.TQ2_0: TensorType.TQ2_0,
    FileType.MXFP4_MOE: TensorType.MXFP4,
}

_ALIASES: Final = {"Q3_K": FileType.Q3_K_M, "Q4_K": FileType.Q4_K_M, "Q5_K": FileType.Q5_K_M}

SUPPORTED: Final = tuple(sorted([*(kind.name for kind in BASE_TYPES), *_ALIASES]))
"""The names a user may give, in any case."""


def parse_file_type(name: str) -> FileType:
    """The file type of that name; BadRequest lists the supported ones."""
    upper = name.strip().upper()
    if upper in _ALIASES:
        return _ALIASES[upper]
    if upper not in SUPPORTED:
        raise BadRequest(
            f"unsupported quantization type {name[:40]} - supported types are {', '.join(SUPPORTED)}"
        )
    return FileType[upper]

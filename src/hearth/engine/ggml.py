"""ggml's quantisation functions, called by ctypes in the library that the xllamacpp wheel carries.

The wheel has no Python call for them but exports them. Only a child process may use this module: the
functions end the process on a wrong argument.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any, Final

from hearth.errors import EngineError
from hearth.gguf import TensorType, row_size

_POINTER: Final = ctypes.c_void_p
_INT64: Final = ctypes.c_int64


@cache
def library() -> Any:
    """The wheel's shared library with the signatures of what is used; EngineError where it cannot load."""
    try:
        from xllamacpp import xllamacpp
    except ImportError as error:
        raise EngineError(f"llama.cpp cannot be loaded: {error}") from None
    lib = ctypes.CDLL(xllamacpp.__file__)
    lib.ggml_quantize_chunk.restype = ctypes.c_size_t
    lib.ggml_quantize_chunk.argtypes = [
        ctypes.c_int, _POINTER, _POINTER, _INT64, _INT64, _INT64, _POINTER
    ]  # fmt: skip
    lib.ggml_validate_row_data.restype = ctypes.c_bool
    lib.ggml_validate_row_data.argtypes = [ctypes.c_int, _POINTER, ctypes.c_size_t]
    for name in ("ggml_fp16_to_fp32_row", "ggml_bf16_to_fp32_row"):
        function = getattr(lib, name)
        function.restype = None
        function.argtypes = [_POINTER, _POINTER, _INT64]
    lib.ggml_type_size.restype = ctypes.c_size_t
    lib.ggml_blck_size.restype = ctypes.c_int64
    lib.ggml_cpu_init.restype = None
    # Fills the table that F16 conversion reads.
    lib.ggml_cpu_init()
    return lib


def is_finite(data: bytes | bytearray, tensor_type: TensorType) -> bool:
    """Whether whole blocks of this type hold neither NaN nor infinity, in their numbers or their scales."""
    return bool(library().ggml_validate_row_data(tensor_type, _address(data), len(data)))


def quantise_rows(data: bytes, source: TensorType, target: TensorType, rows: int, length: int) -> bytearray:
    """`rows` rows of `length` numbers in F32, F16 or BF16, as blocks of the target type. Releases the GIL.

    The target must not need an importance matrix, and `length` must fill whole blocks of it.
    """
    if len(data) != rows * row_size(source, length):
        raise ValueError("the data has not the size of its rows")
    out = bytearray(rows * row_size(target, length))
    numbers = _as_f32(data, source, rows * length)
    written = library().ggml_quantize_chunk(target, _address(numbers), _address(out), 0, rows, length, None)
    if written != len(out):
        raise EngineError(f"quantising to {target.name} gave {written} bytes where {len(out)} were expected")
    return out


def _as_f32(data: bytes, source: TensorType, count: int) -> bytes | bytearray:
    if source is TensorType.F32:
        return data
    numbers = bytearray(4 * count)
    convert = {
        TensorType.F16: library().ggml_fp16_to_fp32_row,
        TensorType.BF16: library().ggml_bf16_to_fp32_row,
    }[source]
    convert(_address(data), _address(numbers), count)
    return numbers


def _address(data: bytes | bytearray) -> Any:
    if isinstance(data, bytearray):
        return ctypes.byref((ctypes.c_char * len(data)).from_buffer(data))
    return ctypes.cast(ctypes.c_char_p(data), _POINTER)

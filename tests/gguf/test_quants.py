"""Sizes of tensor types, held against two other implementations."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import gguf as reference
from hearth.errors import GGUFError
from hearth.gguf import FileType, TensorType, file_type_name, row_size, tensor_size

# The reference package counts the old layout of Q8_1, with F32 for both scales.
DIFFERENT = {"Q8_1"}


@pytest.mark.parametrize(
    "kind", [t for t in reference.GGMLQuantizationType if t.name not in DIFFERENT], ids=lambda t: t.name
)
def test_sizes_equal_those_of_the_reference_package(kind: reference.GGMLQuantizationType) -> None:
    ours = TensorType(int(kind))
    assert ours.name == kind.name
    assert (ours.block_size, ours.block_bytes) == reference.GGML_QUANT_SIZES[kind]


@pytest.mark.slow
def test_sizes_equal_those_of_llama_cpp() -> None:
    script = (
        "import ctypes, json, xllamacpp\n"
        "from hearth.engine.ggml import library\n"
        "lib = library()\n"
        "lib.ggml_type_name.restype = ctypes.c_char_p\n"
        "numbers = range(int(xllamacpp.ggml_type.GGML_TYPE_COUNT))\n"
        "print(json.dumps([(lib.ggml_type_name(n).decode(), n, lib.ggml_blck_size(n), lib.ggml_type_size(n))"
        " for n in numbers if lib.ggml_type_name(n)]))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    theirs = [(name.upper(), *sizes) for name, *sizes in json.loads(done.stdout.splitlines()[-1]) if sizes[1]]
    assert [(t.name, t.value, t.block_size, t.block_bytes) for t in TensorType] == theirs


def test_row_sizes() -> None:
    assert row_size(TensorType.F32, 3) == 12
    assert row_size(TensorType.Q4_K, 512) == 288
    assert tensor_size(TensorType.Q8_0, (64, 3, 2)) == 68 * 6
    with pytest.raises(GGUFError, match="multiple of 256"):
        row_size(TensorType.Q6_K, 128)


def test_which_types_are_quantised() -> None:
    plain = {t.name for t in TensorType if not t.is_quantised}
    assert plain == {"F32", "F16", "BF16", "F64", "I8", "I16", "I32", "I64"}


def test_file_types() -> None:
    assert file_type_name(15) == "Q4_K_M"
    assert file_type_name(0) == "F32"
    assert file_type_name(99) == "unknown"
    assert FileType["Q4_K_M"] == 15


def test_file_types_equal_those_of_the_reference_package() -> None:
    theirs = {t.name.removeprefix("MOSTLY_").removeprefix("ALL_"): t.value for t in reference.LlamaFileType}
    del theirs["GUESSED"]
    assert theirs.items() <= {t.name: t.value for t in FileType}.items()

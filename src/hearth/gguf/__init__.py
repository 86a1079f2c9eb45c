"""The GGUF file format: a reader that believes nothing, a writer, sizes, split files and memory estimates."""

from hearth.gguf.arrays import LazyArray
from hearth.gguf.encode import MetadataValue
from hearth.gguf.entries import Entry, Value
from hearth.gguf.estimate import MemoryEstimate, MemoryModel, estimate_memory
from hearth.gguf.quants import FileType, TensorType, file_type_name, row_size
from hearth.gguf.reader import GGUF
from hearth.gguf.split import PartName, Parts, merge, open_parts, parts_beside
from hearth.gguf.tensors import TensorInfo, tensor_size
from hearth.gguf.values import F32, F64, I8, I16, I32, I64, U8, U16, U32, U64, Array, Scalar, Typed, ValueType
from hearth.gguf.writer import TensorSource, copies, rewrite, write_gguf

__all__ = [
    "F32",
    "F64",
    "GGUF",
    "I8",
    "I16",
    "I32",
    "I64",
    "U8",
    "U16",
    "U32",
    "U64",
    "Array",
    "Entry",
    "FileType",
    "LazyArray",
    "MemoryEstimate",
    "MemoryModel",
    "MetadataValue",
    "PartName",
    "Parts",
    "Scalar",
    "TensorInfo",
    "TensorSource",
    "TensorType",
    "Typed",
    "Value",
    "ValueType",
    "copies",
    "estimate_memory",
    "file_type_name",
    "merge",
    "open_parts",
    "parts_beside",
    "rewrite",
    "row_size",
    "tensor_size",
    "write_gguf",
]

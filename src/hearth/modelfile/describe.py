"""The facts about a GGUF file that go into a model's config, as Ollama shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from hearth.gguf import FileType, TensorInfo, file_type_name
from hearth.gguf.split import Parts
from hearth.library import ModelConfig

UNKNOWN: Final = "unknown"
_BILLION: Final = 10**9
_MILLION: Final = 10**6
_THOUSAND: Final = 10**3


def human_number(count: int) -> str:
    """A count as Ollama prints it: 8030261248 is "8.0B", 136730000 "136.73M", 292800 "293K"."""
    for unit, letter, digits in ((_BILLION, "B", 1), (_MILLION, "M", 2), (_THOUSAND, "K", 0)):
        if count >= unit:
            return f"{count / unit:.{0 if count % unit == 0 else digits}f}{letter}"
    return str(count)


def parameter_count(tensors: Iterable[TensorInfo]) -> int:
    """The number of weights: the elements of all tensors."""
    return sum(tensor.elements for tensor in tensors)


def file_type(model: Parts) -> str:
    """The name of `general.file_type`; where the file does not say, the type that its matrices share."""
    number = model.first.integer("general.file_type", None)
    if number is not None:
        return file_type_name(number)
    types = {tensor.type for _, tensor in model.tensors if len(tensor.shape) > 1}
    if len(types) != 1:
        return UNKNOWN
    name = types.pop().name
    return name if name in FileType.__members__ else UNKNOWN


def config_of(model: Parts) -> ModelConfig:
    """The config of a model that consists of this text model alone."""
    return ModelConfig(
        model_format="gguf",
        model_family=model.first.arch,
        model_families=(model.first.arch,),
        model_type=human_number(parameter_count(tensor for _, tensor in model.tensors)),
        file_type=file_type(model),
    )


def with_family(config: ModelConfig, family: str) -> ModelConfig:
    """The config with one more family, such as that of a projector, unless it has it."""
    if family in config.model_families:
        return config
    return replace(config, model_families=(*config.model_families, family))

"""The facts about a GGUF file that go into a model's config, as Ollama shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from hearth.gguf import FileType, TensorInfo, file_type_name
from hearth.gguf.split import Parts
from hearth.library import ModelConfig
from hearth.numbers import human_number

UNKNOWN: Final = "unknown"


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

"""Which type each tensor of a model gets when the model is quantised; llama.cpp's published mixes."""

from hearth.modelfile.quantise.facts import Facts
from hearth.modelfile.quantise.kinds import SUPPORTED, parse_file_type
from hearth.modelfile.quantise.plan import plan_types

__all__ = ["SUPPORTED", "Facts", "parse_file_type", "plan_types"]

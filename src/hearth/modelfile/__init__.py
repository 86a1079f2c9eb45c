"""Modelfiles: reading and printing them, and making models of them."""

from hearth.modelfile.create import create
from hearth.modelfile.describe import parameter_count
from hearth.modelfile.grammar import Command, Modelfile, parse, render
from hearth.modelfile.hashing import hash_files
from hearth.modelfile.layers import decode_messages, decode_parameters
from hearth.modelfile.making import Report, Status
from hearth.modelfile.request import Draft, build
from hearth.modelfile.show import Parts, read_parts, show_modelfile
from hearth.modelfile.validate import CreateRequest

__all__ = [
    "Command",
    "CreateRequest",
    "Draft",
    "Modelfile",
    "Parts",
    "Report",
    "Status",
    "build",
    "create",
    "decode_messages",
    "decode_parameters",
    "hash_files",
    "parameter_count",
    "parse",
    "read_parts",
    "render",
    "show_modelfile",
]

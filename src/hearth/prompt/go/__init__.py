"""Go's text/template language: parsed to a tree, and executed with bounds on time, depth and size."""

from hearth.prompt.go.evaluate import execute
from hearth.prompt.go.functions import BUILTINS, Function
from hearth.prompt.go.nodes import Tree
from hearth.prompt.go.parse import parse
from hearth.prompt.go.values import Fields, Struct, Value

__all__ = ["BUILTINS", "Fields", "Function", "Struct", "Tree", "Value", "execute", "parse"]

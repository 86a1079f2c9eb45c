"""Renders Go templates on plain data, as the tests of the language need it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hearth.prompt.go import BUILTINS, Function, Value, execute, parse
from hearth.prompt.go.jsontext import to_json

FUNCTIONS: Final[Mapping[str, Function]] = {
    **BUILTINS,
    "json": Function(lambda values: to_json(values[0]), 1, 1),
}
DATA: Final[Mapping[str, Value]] = {
    "s": "héllo",
    "e": "",
    "n": 3,
    "z": 0,
    "f": 2.5,
    "t": True,
    "b": False,
    "nil": None,
    "l": [1, "a", None, [2]],
    "el": [],
    "m": {"b": 1, "a": "x", "c": {"d": []}},
    "em": {},
    "big": 1e21,
    "million": 1000000.0,
    "small": 1e-7,
    "html": '<a href="x">&\'\n</a>',
}
"""A value of every kind."""


def go(template: str, data: Value = DATA) -> str:
    """The output of a template; raises TemplateError."""
    return execute(parse(template, FUNCTIONS), data, FUNCTIONS)

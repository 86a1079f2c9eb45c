"""The families of tools the corpus draws from, read from tools.toml."""

import random
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from training.kinds import words

Maker: TypeAlias = Callable[[random.Random], Any]

FILE = Path(__file__).parents[1] / "tools.toml"


@dataclass(frozen=True)
class Param:
    """One parameter: the names and JSON types it may have, a maker of values, a description.

    `values` are the allowed ones, where the definition may list them.
    """

    names: str
    type: str
    make: Maker
    doc: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Family:
    """Tools that do the same thing under different names."""

    names: str
    docs: str
    params: tuple[Param, ...]
    ask: tuple[str, ...]


def one_of(values: list[str]) -> Maker:
    """A maker that takes one of `values`."""
    return lambda rng: rng.choice(values)


MAKERS: dict[str, Maker] = {
    "city": words.city,
    "code": words.code,
    "colour": one_of(words.COLOURS),
    "command": words.command,
    "country": lambda rng: words.mostly(words.COUNTRIES, rng),
    "expression": words.expression,
    "integer": words.integer,
    "invented": words.invent,
    "language": one_of(words.LANGUAGES),
    "minutes": lambda rng: rng.randint(1, 120),
    "number": words.number,
    "path": words.path,
    "person": words.person,
    "phrase": words.phrase,
    "room": one_of(words.ROOMS),
    "sides": lambda rng: rng.randint(2, 100),
    "symbol": words.symbol,
    "url": words.url,
}


def _param(entry: dict[str, Any]) -> Param:
    choices = entry.get("choices", [])
    make = one_of(choices) if choices else MAKERS[entry["make"]]
    return Param(
        entry["names"], entry["type"], make, entry.get("doc", ""), tuple(choices) if entry.get("enum") else ()
    )


@cache
def families() -> tuple[Family, ...]:
    """All families in file order."""
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))["family"]
    return tuple(
        Family(e["names"], e["docs"], tuple(map(_param, e.get("params", []))), tuple(e["ask"]))
        for e in entries
    )

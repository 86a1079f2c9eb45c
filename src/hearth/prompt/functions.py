"""The functions that Ollama adds to Go's: json, the dates, and toTypeScriptType."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from hearth.prompt.data import typescript
from hearth.prompt.go import BUILTINS, Function, Value
from hearth.prompt.go.jsontext import to_json

NAMES: Final = frozenset(BUILTINS) | {"json", "currentDate", "yesterdayDate", "toTypeScriptType"}
"""Every function that a template can call."""


def functions(today: date) -> Mapping[str, Function]:
    """The functions by name; `today` is what they take for it."""
    return {
        **BUILTINS,
        "json": Function(lambda values: to_json(values[0]), 1, 1),
        "currentDate": Function(_always(today.isoformat()), 0),
        "yesterdayDate": Function(_always((today - timedelta(days=1)).isoformat()), 0),
        "toTypeScriptType": Function(lambda values: typescript(values[0]), 1, 1),
    }


def _always(text: str) -> Callable[[Sequence[Value]], Value]:
    return lambda _: text

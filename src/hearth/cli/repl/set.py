"""`/set`: changes how the rest of the conversation runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from hearth import options
from hearth.cli.repl import texts
from hearth.cli.repl.lines import unquote
from hearth.cli.repl.state import Reply, State
from hearth.errors import OptionError

_LEVELS: Final = ("low", "medium", "high", "max")


def apply(state: State, line: str) -> Reply:
    """Carry out a line that starts with `/set`."""
    parts = line.split(maxsplit=2)
    if len(parts) < 2:
        return Reply(texts.SET, error=True)
    name, rest = parts[1], parts[2] if len(parts) > 2 else ""
    handler = _HANDLERS.get(name)
    if handler is None:
        return Reply(f"Unknown command '/set {name}'. Type /? for help")
    return handler(state, rest)


def _parameter(state: State, rest: str) -> Reply:
    name, _, text = rest.partition(" ")
    values = text.split()
    if not values:
        rows = (f"  /set parameter {option.name:<18} {option.doc}" for option in options.OPTIONS.values())
        return Reply(texts.USAGE_PARAMETER + "\n".join(rows) + "\n", error=True)
    try:
        parsed = [options.parse(name, value) for value in values]
    except OptionError as error:
        return Reply(f"Couldn't set parameter: {json.dumps(error.message, ensure_ascii=False)}")
    state.chat.options[name] = list(values) if isinstance(parsed[0], list) else parsed[0]
    return Reply(f"Set parameter '{name}' to '{', '.join(values)}'")


def _system(state: State, rest: str) -> Reply:
    if not rest:
        return Reply(texts.USAGE_SYSTEM, error=True)
    text = unquote(rest)
    if text == rest and len(text) > 1 and text.startswith('"') and text.endswith('"'):
        text = text[1:-1]
    state.chat.system = text
    return Reply("Set system message.")


def _history(state: State, rest: str) -> Reply:
    state.history = True
    return Reply("")


def _no_history(state: State, rest: str) -> Reply:
    state.history = False
    return Reply("")


def _word_wrap(state: State, rest: str) -> Reply:
    state.chat.wordwrap = True
    return Reply("Set 'wordwrap' mode.")


def _no_word_wrap(state: State, rest: str) -> Reply:
    state.chat.wordwrap = False
    return Reply("Set 'nowordwrap' mode.")


def _verbose(state: State, rest: str) -> Reply:
    state.chat.verbose = True
    return Reply("Set 'verbose' mode.")


def _quiet(state: State, rest: str) -> Reply:
    state.chat.verbose = False
    return Reply("Set 'quiet' mode.")


def _format(state: State, rest: str) -> Reply:
    if rest.strip() != "json":
        return Reply("Invalid or missing format. For 'json' mode use '/set format json'")
    state.chat.format = "json"
    return Reply("Set format to 'json' mode.")


def _no_format(state: State, rest: str) -> Reply:
    state.chat.format = None
    return Reply("Disabled format.")


def _think(state: State, rest: str) -> Reply:
    level = rest.strip()
    if level and level not in _LEVELS:
        return Reply(f"Invalid level '{level}'. Use one of {', '.join(_LEVELS)}")
    if (warning := _cannot_think(state)) is not None:
        return warning
    state.chat.think = level or True
    return Reply(f"Set 'think' mode to '{level}'." if level else "Set 'think' mode.")


def _no_think(state: State, rest: str) -> Reply:
    if (warning := _cannot_think(state)) is not None:
        return warning
    state.chat.think = False
    return Reply("Set 'nothink' mode.")


def _cannot_think(state: State) -> Reply | None:
    if "thinking" in state.chat.capabilities:
        return None
    return Reply(f'warning: model "{state.chat.model}" does not support thinking output', error=True)


_HANDLERS: Final[dict[str, Callable[[State, str], Reply]]] = {
    "parameter": _parameter,
    "system": _system,
    "history": _history,
    "nohistory": _no_history,
    "wordwrap": _word_wrap,
    "nowordwrap": _no_word_wrap,
    "verbose": _verbose,
    "quiet": _quiet,
    "format": _format,
    "noformat": _no_format,
    "think": _think,
    "nothink": _no_think,
}

"""Reads JSON that a model wrote: finds where a value ends, and forgives what is safe to forgive.

Forgiven are commas before a closing bracket and raw line breaks inside strings. Refused is what could not be
sent on as JSON: infinities, integers beyond 64 bits, halves of surrogate pairs, nesting without end.
"""

from __future__ import annotations

import json
import math
import re

from hearth.messages import Json

MAX_DEPTH = 64
"""Levels of nesting in the arguments of a call."""

_INT64_MIN = -(2**63)
_UINT64_MAX = 2**64 - 1
_MARKS = re.compile(r'["\\{}\[\]]')
_COMMAS = re.compile(r'("(?:[^"\\]|\\.)*"?)|,(?=\s*[}\]])', re.DOTALL)


class ValueScan:
    """Finds the end of the object or array that begins at `start`, in text that only ever grows at its end.

    Each character is looked at once however often `end` is asked, so a long value that arrives token by
    token costs time in proportion to its length.
    """

    def __init__(self, start: int = 0) -> None:
        self._at = start
        self._depth = 0
        self._quoted = False

    def end(self, text: str) -> int | None:
        """The index after the closing bracket; None while it is missing."""
        while mark := _MARKS.search(text, self._at):
            self._at = mark.end()
            if self._step(mark.group()):
                return self._at
        self._at = max(self._at, len(text))
        return None

    @property
    def quoted(self) -> bool:
        """Whether what was looked at so far ends inside a string."""
        return self._quoted

    def _step(self, mark: str) -> bool:
        if self._quoted:
            if mark == "\\":
                self._at += 1
            elif mark == '"':
                self._quoted = False
        elif mark == '"':
            self._quoted = True
        elif mark in "{[":
            self._depth += 1
        elif mark in "}]":
            self._depth -= 1
            return self._depth <= 0
        return False


def read_json(text: str) -> Json:
    """Read one JSON value. Raises ValueError for what is none and cannot safely be repaired."""
    try:
        value = _load(text)
    except ValueError:
        value = _load(_COMMAS.sub(lambda found: found.group(1) or "", text))
    return checked(value)


def checked(value: Json) -> Json:
    """The value itself. Raises ValueError for what could not be sent on as JSON."""
    return _checked(value, MAX_DEPTH)


def _load(text: str) -> Json:
    try:
        value: Json = json.loads(text, strict=False, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is not JSON")


def _checked(value: Json, depth: int) -> Json:
    if depth < 0:
        raise ValueError("nested too deeply")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number is out of range")
    if isinstance(value, int) and not _INT64_MIN <= value <= _UINT64_MAX:
        raise ValueError("a number is out of range")
    if isinstance(value, str):
        return _whole_text(value)
    if isinstance(value, list):
        return [_checked(item, depth - 1) for item in value]
    if isinstance(value, dict):
        return {_whole_text(key): _checked(item, depth - 1) for key, item in value.items()}
    return value


def _whole_text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("half of a surrogate pair") from error
    return text

"""The values that every dialect writes in the same way and that must be checked."""

from __future__ import annotations

import binascii
import math
from typing import Any, Final

from hearth.duration import parse_duration
from hearth.errors import BadRequest
from hearth.messages import KeepAlive

_FOREVER: Final = 2**63 / 1e9
"""Seconds; what does not fit in Go's durations, which count nanoseconds, is for ever."""


def keep_alive(value: Any) -> KeepAlive | None:
    """A number of seconds or a duration such as "5m"; negative is for ever, None was not given.

    Raises:
        BadRequest: another type, or a text that is neither a duration nor a number.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise BadRequest(
            f'keep_alive must be a duration such as "5m" or a number of seconds, not {shown(value)}'
        )
    seconds = _seconds(value) if isinstance(value, str) else float(value)
    return KeepAlive(None if seconds < 0 or seconds >= _FOREVER else seconds)


def _seconds(text: str) -> float:
    try:
        number = float(text)
        if math.isfinite(number):
            return number
        return parse_duration(text)
    except ValueError:
        pass
    try:
        return parse_duration(text)
    except ValueError as error:
        raise BadRequest(f"keep_alive: {error}") from None


def base64_bytes(text: str, where: str) -> bytes:
    """The bytes of standard base64; `where` names the field in errors.

    Raises:
        BadRequest: nothing, or not base64.
    """
    try:
        # Line breaks inside base64 are common, and Go's decoder skips them as well.
        data = binascii.a2b_base64(text.replace("\n", "").replace("\r", ""), strict_mode=True)
    except ValueError as error:
        raise BadRequest(f"{where} is not base64: {str(error).lower()}", where) from None
    if not data:
        raise BadRequest(f"{where} is empty; expected an image in base64", where)
    return data


def shown(value: Any) -> str:
    """A value as an error quotes it: texts in quotes, long ones cut."""
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."

"""Durations as Go writes them: `5m`, `1h30m`, `-1s`, `250ms`."""

from __future__ import annotations

import re
from typing import Final

_UNITS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART: Final = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_LIMIT: Final = 2**63 / 1e9


def parse_duration(text: str) -> float:
    """Seconds in a Go duration; negative if it starts with a minus.

    Raises:
        ValueError: not a Go duration, or more than 292 years.
    """
    sign = -1.0 if text.startswith("-") else 1.0
    rest = text[1:] if text[:1] in {"-", "+"} else text
    if rest == "0":
        return 0.0
    seconds, position = 0.0, 0
    for part in _PART.finditer(rest):
        if part.start() != position:
            break
        seconds += float(part[1]) * _UNITS[part[2]]
        position = part.end()
    if position == 0 or position != len(rest) or seconds > _LIMIT:
        raise ValueError(f"invalid duration {text!r}; expected forms are 5m, 1h30m, 90s")
    return sign * seconds


def format_duration(seconds: float) -> str:
    """A duration as Go prints it: `1h0m0s`, `4m59.5s`, `12.3ms`, `0s`."""
    ns = round(abs(seconds) * 1e9)
    sign = "-" if seconds < 0 and ns else ""
    if ns < 1000:
        return f"{sign}{ns}ns" if ns else "0s"
    for limit, scale, unit in ((10**6, 10**3, "µs"), (10**9, 10**6, "ms")):
        if ns < limit:
            return f"{sign}{_decimal(ns, scale)}{unit}"
    minutes, rest = divmod(ns, 60 * 10**9)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{sign}{head}{_decimal(rest, 10**9)}s"


def _decimal(value: int, scale: int) -> str:
    whole, part = divmod(value, scale)
    digits = len(str(scale)) - 1
    fraction = f"{part:0{digits}d}".rstrip("0")
    return f"{whole}.{fraction}" if fraction else str(whole)

"""The timings that `--verbose` prints after an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hearth.cli.shape import number
from hearth.duration import format_duration

_LABEL: Final = 22


def summary(final: Mapping[str, Any]) -> list[str]:
    """Lines for the metrics of an answer's last object (durations in nanoseconds); zeros are left out."""
    lines = [
        _duration("total duration", number(final.get("total_duration"))),
        _duration("load duration", number(final.get("load_duration"))),
        *_stage(
            "prompt eval", number(final.get("prompt_eval_count")), number(final.get("prompt_eval_duration"))
        ),
        *_stage("eval", number(final.get("eval_count")), number(final.get("eval_duration"))),
    ]
    return [line for line in lines if line]


def _stage(name: str, count: int, nanoseconds: int) -> list[str]:
    lines = [_row(f"{name} count", f"{count} token(s)") if count else ""]
    lines.append(_duration(f"{name} duration", nanoseconds))
    if count and nanoseconds:
        lines.append(_row(f"{name} rate", f"{count / (nanoseconds / 1e9):.2f} tokens/s"))
    return lines


def _duration(label: str, nanoseconds: int) -> str:
    return _row(label, format_duration(nanoseconds / 1e9)) if nanoseconds else ""


def _row(label: str, value: str) -> str:
    return f"{label + ':':<{_LABEL}}{value}"

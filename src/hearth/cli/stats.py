"""The timings that `--verbose` prints after an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hearth.duration import format_duration

_LABEL: Final = 22


def summary(final: Mapping[str, Any]) -> list[str]:
    """Lines for the metrics of an answer's last object (durations in nanoseconds); zeros are left out."""
    lines = [
        _duration("total duration", final.get("total_duration")),
        _duration("load duration", final.get("load_duration")),
        *_stage("prompt eval", final.get("prompt_eval_count"), final.get("prompt_eval_duration")),
        *_stage("eval", final.get("eval_count"), final.get("eval_duration")),
    ]
    return [line for line in lines if line]


def _stage(name: str, count: int | None, nanoseconds: int | None) -> list[str]:
    lines = [_row(f"{name} count", f"{count} token(s)") if count else ""]
    lines.append(_duration(f"{name} duration", nanoseconds))
    if count and nanoseconds:
        lines.append(_row(f"{name} rate", f"{count / (nanoseconds / 1e9):.2f} tokens/s"))
    return lines


def _duration(label: str, nanoseconds: int | None) -> str:
    return _row(label, format_duration(nanoseconds / 1e9)) if nanoseconds else ""


def _row(label: str, value: str) -> str:
    return f"{label + ':':<{_LABEL}}{value}"

"""Numbers, times and tables as Ollama prints them, so that scripts that read its output go on working."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

_GAP: Final = "    "
_DECIMAL: Final = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "KB"))
_DAY: Final = 24
_FOREVER: Final = timedelta(days=365 * 20)


def human_bytes(count: int) -> str:
    """A size in decimal units: `4.7 GB`, `12 GB`, `512 B`."""
    for scale, unit in _DECIMAL:
        if count >= scale:
            value = count / scale
            shown = f"{value:.1f}" if value < 10 and value != int(value) else str(int(value))
            return f"{shown} {unit}"
    return f"{count} B"


def human_duration(span: timedelta) -> str:
    """A span in words: `Less than a second`, `About an hour`, `3 weeks`."""
    seconds = span.total_seconds()
    if seconds < 60:
        whole = int(seconds)
        return "Less than a second" if whole < 1 else "1 second" if whole == 1 else f"{whole} seconds"
    minutes = int(seconds / 60)
    if minutes < 60:
        return "About a minute" if minutes == 1 else f"{minutes} minutes"
    hours = int(seconds / 3600 + 0.5)
    if hours == 1:
        return "About an hour"
    limits = (
        (48, 1, "hours"),
        (14 * _DAY, _DAY, "days"),
        (60 * _DAY, 7 * _DAY, "weeks"),
        (730 * _DAY, 30 * _DAY, "months"),
    )
    for limit, scale, unit in limits:
        if hours < limit:
            return f"{hours // scale} {unit}"
    return f"{int(seconds / 3600) // _DAY // 365} years"


def human_time(moment: datetime | None, now: datetime) -> str:
    """How long ago, or in how long: `2 hours ago`, `4 minutes from now`, `Never`, `Forever`."""
    if moment is None:
        return "Never"
    if moment - now > _FOREVER:
        return "Forever"
    if moment > now:
        return f"{human_duration(moment - now)} from now"
    return f"{human_duration(now - moment)} ago"


def parse_time(text: object) -> datetime | None:
    """The moment in an RFC 3339 text; None for Go's zero time or anything that is no time."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    if moment.year <= 1:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def processor(size: int, size_vram: int) -> str:
    """Where a loaded model lies: `100% GPU`, `100% CPU`, `48%/52% CPU/GPU` or `Unknown`."""
    if size_vram == 0:
        return "100% CPU"
    if size_vram > size or size == 0:
        return "Unknown"
    if size_vram == size:
        return "100% GPU"
    cpu = int(100 * (size - size_vram) / size + 0.5)
    return f"{cpu}%/{100 - cpu}% CPU/GPU"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A header and rows in left-aligned columns, four spaces apart; one line each."""
    return "\n".join(columns([header, *rows]))


def columns(rows: Iterable[Sequence[str]], indent: str = "") -> list[str]:
    """Rows of cells as lines of aligned columns; a newline in a cell becomes a space."""
    cells = [[" ".join(cell.splitlines()) for cell in row] for row in rows]
    count = max((len(row) for row in cells), default=0)
    widths = [max(len(row[i]) for row in cells if i < len(row)) for i in range(count)]
    lines = (_GAP.join(cell.ljust(widths[i]) for i, cell in enumerate(row)) for row in cells)
    return [f"{indent}{line}".rstrip() for line in lines]

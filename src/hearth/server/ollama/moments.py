"""Points in time as Ollama writes them."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> str:
    """The present in UTC with nanoseconds: `2026-08-21T10:00:00.123456789Z`."""
    seconds, nanoseconds = divmod(time.time_ns(), 10**9)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"


def local(moment: datetime) -> str:
    """A moment at the machine's own offset: `2026-08-21T12:00:00.123456+02:00`."""
    text = moment.astimezone().isoformat()
    return text.replace("+00:00", "Z")

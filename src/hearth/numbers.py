"""Counts as people write them."""

from __future__ import annotations

from typing import Final

_UNITS: Final = ((10**9, "B", 1), (10**6, "M", 2), (10**3, "K", 0))


def human_number(count: int) -> str:
    """A count such as a model's parameters, as Ollama prints it: `8.2B`, `137M`, `136.73M`, `12K`, `812`."""
    for unit, letter, digits in _UNITS:
        if count >= unit:
            return f"{count / unit:.{digits if count % unit else 0}f}{letter}"
    return str(count)

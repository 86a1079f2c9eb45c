"""Numbers as people write them."""

from __future__ import annotations


def parameter_size(count: int) -> str:
    """A number of parameters: `8.0B`, `136.73M`, `260.03K`, `512`."""
    for limit, unit, digits in ((10**12, "T", 1), (10**9, "B", 1), (10**6, "M", 2), (10**3, "K", 2)):
        if count >= limit:
            return f"{count / limit:.{digits}f}{unit}"
    return str(count)

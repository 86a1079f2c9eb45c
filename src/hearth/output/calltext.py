"""How a model writes calls of tools, so that it can be held to writing them.

A format of calls that has one of these can be enforced; one that has none is only read.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallText:
    """The text around calls: each is `before`, the tool's name, `between`, the arguments in JSON, `after`."""

    before: str
    between: str
    after: str
    separator: str = ""
    """What stands between two calls."""
    opening: str = ""
    """What stands before the first call, and `closing` after the last."""
    closing: str = ""
    bare_alone: bool = False
    """Whether a single call goes without `opening` and `closing`."""
    quoted: bool = True
    """Whether the name is a JSON string; it stands as it is otherwise."""

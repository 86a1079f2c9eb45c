"""Reads what a server answered: a value that is missing or of the wrong type counts as empty.

The server at the configured address may be another program or another version, and a table with a gap tells
its user more than a traceback does.
"""

from __future__ import annotations

from typing import Any

from hearth.cli.client import Object


def mapping(value: Any) -> Object:
    """An object, or an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[Object]:
    """The objects of a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def number(value: Any) -> int:
    """A whole number, zero or more, or zero."""
    return value if isinstance(value, int) and value > 0 else 0


def text(value: Any) -> str:
    """A text, or the empty one."""
    return value if isinstance(value, str) else ""


def texts(value: Any) -> list[str]:
    """The texts of a list."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []

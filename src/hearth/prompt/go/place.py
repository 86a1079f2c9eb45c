"""Where in a template something is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hearth.errors import TemplateError


class _Placed(TemplateError):
    """An error that names its line already."""


def wrong(line: int, message: str) -> TemplateError:
    """An error at a line of the template, from 1."""
    return _Placed(f"line {line}: {message}")


@contextmanager
def placed(line: int) -> Iterator[None]:
    """Errors inside get this line, unless they have one."""
    try:
        yield
    except _Placed:
        raise
    except TemplateError as error:
        raise wrong(line, error.message) from error

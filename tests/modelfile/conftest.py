"""What most tests of creating start from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.modelfile.workshop import Workshop

from hearth.library import Library


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    """An empty library, and a directory for files to make models of."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with Library(tmp_path / "models", embedded=None) as library:
        yield Workshop(library, tmp_path / "models", scratch)

"""What most tests of the library start from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.library.support import write_model

from hearth.library import Library


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def embedded(tmp_path: Path) -> Path:
    """A package's store that holds the model `guide`."""
    directory = tmp_path / "embedded"
    write_model(directory, "registry.ollama.ai/library/guide/latest", b"guide weights")
    return directory


@pytest.fixture
def library(root: Path, embedded: Path) -> Iterator[Library]:
    with Library(root, embedded=embedded) as opened:
        yield opened

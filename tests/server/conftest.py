"""What the tests of the server start from: a library in a temporary directory and a scripted road."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from tests.server.support import ScriptedRoad, app_of, client_of, settings

from hearth.config import Config
from hearth.library import Library


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return settings(tmp_path / "models")


@pytest.fixture
def library(config: Config) -> Iterator[Library]:
    with Library(config.models, embedded=None) as opened:
        yield opened


@pytest.fixture
async def road(library: Library) -> ScriptedRoad:
    return ScriptedRoad(library)


@pytest.fixture
async def client(road: ScriptedRoad, library: Library, config: Config) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app_of(road, library, config)) as opened:
        yield opened

"""Fixtures of the engine's tests: tiny models, loaded for real."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.support.models import make_llama

from hearth.engine.builtin import BuiltinEngine, BuiltinRunner
from hearth.engine.contract import RunnerSpec


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of random weights with a byte-level vocabulary and a ChatML template."""
    return make_llama(tmp_path_factory.mktemp("engine") / "tiny.gguf", kind="bpe", context=2048)


@pytest_asyncio.fixture
async def runner(tiny: Path) -> AsyncIterator[BuiltinRunner]:
    """That model, loaded with two slots."""
    loaded = await BuiltinEngine().load(RunnerSpec(tiny, context=512, slots=2))
    yield loaded
    await loaded.close()

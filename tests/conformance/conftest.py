"""One daemon for all clients, with the embedded model and two small ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.daemon import Daemon, running
from tests.support.models import make_llama

from hearth.gguf import U32


@pytest.fixture(scope="session")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon that has `guide`, `tiny` (random weights) and `embedder` (random weights, mean pooling)."""
    home = tmp_path_factory.mktemp("conformance")
    with running(home) as started:
        create(started, "tiny", make_llama(home / "tiny.gguf", kind="bpe", context=2048))
        pooled = make_llama(home / "pooled.gguf", extra_metadata={"llama.pooling_type": U32(1)})
        create(started, "embedder", pooled)
        yield started


def create(daemon: Daemon, name: str, gguf: Path) -> None:
    """Make a model of a GGUF file with the command line."""
    modelfile = gguf.with_suffix(".Modelfile")
    modelfile.write_text(f"FROM {gguf}\n", encoding="utf-8")
    made = daemon.run("create", name, "-f", str(modelfile))
    assert made.returncode == 0, made.stderr

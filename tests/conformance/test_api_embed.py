"""`/api/embed` and `/api/embeddings` as their clients see them, where a model or an input is of no use."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.conformance.conftest import create
from tests.support.daemon import Daemon
from tests.support.models import make_llama

from hearth.gguf import F32, U32

pytestmark = pytest.mark.slow


def test_a_vector_of_no_numbers_is_an_error_of_the_model(daemon: Daemon, tmp_path: Path) -> None:
    broken = {"llama.pooling_type": U32(1), "llama.rope.freq_base": F32(0.0)}
    create(daemon, "broken", make_llama(tmp_path / "broken.gguf", extra_metadata=broken))
    status, reply = daemon.post("/api/embed", {"model": "broken", "input": "hello world"})
    assert status == 400
    assert "embedding contains NaN or Inf values" in reply["error"]


@pytest.mark.parametrize("path", ["/api/embed", "/api/embeddings"])
def test_an_input_that_is_too_long_is_told_so(daemon: Daemon, path: str) -> None:
    text = "hello " * 3000
    body = {"model": "embedder", "input": text, "prompt": text, "truncate": False}
    status, reply = daemon.post(path, body)
    assert status == 400
    assert "the input length exceeds the context length" in reply["error"]
    assert "no larger window than 512" in reply["error"]

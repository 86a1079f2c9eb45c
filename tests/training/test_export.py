"""The exported file and the store around it."""

import hashlib
import json

import numpy as np
import pytest
from training.evaluate import embedded
from training.export import BLOCK, STORE, q8_0, size_label

from hearth.gguf import GGUF, TensorType

MANIFEST = STORE / "manifests/registry.ollama.ai/library/guide/latest"


def unpacked(data: bytes) -> np.ndarray:
    blocks = np.frombuffer(data, np.dtype([("scale", "<f2"), ("values", "i1", BLOCK)]))
    return np.asarray(blocks["scale"][:, None].astype(np.float32) * blocks["values"]).ravel()


def test_q8_0_is_within_half_a_step() -> None:
    matrix = np.random.default_rng(0).normal(size=(8, 64)).astype(np.float32)
    error = np.abs(unpacked(q8_0(matrix)) - matrix.ravel()).reshape(-1, BLOCK)
    step = np.abs(matrix).reshape(-1, BLOCK).max(axis=1, keepdims=True) / 127
    assert (error <= step * 0.6).all()


def test_q8_0_of_zeros_is_zeros() -> None:
    assert not unpacked(q8_0(np.zeros((1, BLOCK), np.float32))).any()


@pytest.mark.parametrize(("count", "label"), [(2_607_168, "2.6M"), (999_999, "1.0M"), (12_340_000, "12.3M")])
def test_size_label(count: int, label: str) -> None:
    assert size_label(count) == label


def test_the_store_is_whole_and_holds_nothing_else() -> None:
    manifest = json.loads(MANIFEST.read_bytes())
    parts = [manifest["config"], *manifest["layers"]]
    for part in parts:
        data = (STORE / "blobs" / part["digest"].replace(":", "-")).read_bytes()
        assert "sha256:" + hashlib.sha256(data).hexdigest() == part["digest"]
        assert len(data) == part["size"]
    named = {part["digest"].replace(":", "-") for part in parts}
    assert {path.name for path in (STORE / "blobs").iterdir()} == named
    assert sum(part["size"] for part in parts) <= 8_000_000


def test_the_file_says_what_it_is() -> None:
    with GGUF.open(embedded()) as file:
        assert file.metadata["general.architecture"] == "llama"
        assert file.metadata["general.name"] == "guide"
        assert file.metadata["general.license"] == "mit"
        assert file.metadata["tokenizer.ggml.add_bos_token"] is False
        assert "<tool_call>" in str(file.metadata["tokenizer.chat_template"])
        kinds = {info.type for info in file.tensors}
    assert kinds == {TensorType.Q8_0, TensorType.F32}

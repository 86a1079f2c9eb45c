from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.errors import BadRequest
from hearth.library import ModelConfig, decode_config, encode_config
from hearth.library.model_config import CONFIG_LIMIT


def test_fields() -> None:
    data = {
        "model_format": "gguf",
        "model_family": "llama",
        "model_families": ["llama", "clip"],
        "model_type": "8.0B",
        "file_type": "Q4_K_M",
        "renderer": "qwen3-coder",
        "parser": "qwen3-coder",
        "requires": "0.19.0",
        "capabilities": ["completion", "tools"],
        "context_length": 131072,
        "architecture": "amd64",
        "os": "linux",
    }
    config = decode_config(json.dumps(data).encode())
    assert config.model_families == ("llama", "clip")
    assert config.capabilities == ("completion", "tools")
    assert config.context_length == 131072
    assert json.loads(encode_config(config)) == data


def test_absent_and_null_are_the_defaults() -> None:
    assert decode_config(b"{}") == ModelConfig()
    assert decode_config(b'{"model_families":null,"renderer":null,"context_length":null}') == ModelConfig()


def test_unknown_keys_are_kept_and_rootfs_is_dropped() -> None:
    draft = {"model_format": "gguf", "config": {"x": [1, None]}}
    data = {"draft": draft, "extra": 7, "rootfs": {"type": "layers", "diff_ids": ["sha256:0"]}}
    config = decode_config(json.dumps(data).encode())
    assert config.extra == {"draft": draft, "extra": 7}
    written = json.loads(encode_config(config))
    assert written["draft"] == draft
    assert written["extra"] == 7
    assert "rootfs" not in written


def test_empty_optional_keys_are_left_out() -> None:
    assert list(json.loads(encode_config(ModelConfig(base_name="b")))) == [
        "model_format",
        "model_family",
        "model_families",
        "model_type",
        "file_type",
        "base_name",
        "architecture",
        "os",
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"model_family":7}',
        b'{"model_families":"llama"}',
        b'{"model_families":[7]}',
        b'{"context_length":"4096"}',
        b'{"context_length":1.5}',
        b'{"\xff":1}',
        b" " * (CONFIG_LIMIT + 1),
    ],
)
def test_garbage_is_a_bad_request(data: bytes) -> None:
    with pytest.raises(BadRequest):
        decode_config(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
keys = st.sampled_from(["model_format", "model_families", "context_length", "capabilities", "os"]) | st.text()


@given(st.dictionaries(keys, json_values))
def test_any_object_is_read_or_refused(value: dict[str, object]) -> None:
    with contextlib.suppress(BadRequest):
        config = decode_config(json.dumps(value).encode())
        assert decode_config(encode_config(config)) == config

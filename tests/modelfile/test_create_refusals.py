"""What create refuses: each time with a clear error, and with the library as it was."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.modelfile.workshop import Workshop

from hearth.errors import BadRequest, BlobNotFound, GGUFError, ModelNotFound, OptionError
from hearth.gguf import F32, U32, MetadataValue
from hearth.messages import Message
from hearth.modelfile.validate import is_clean
from hearth.names import Digest


@pytest.fixture(autouse=True)
def nothing_stays(shop: Workshop) -> Iterator[None]:
    """No test here leaves a model, a temporary file, or any blob that was not uploaded."""
    yield
    assert shop.library.models() == []
    assert not [path for path in shop.files() if not path.name.startswith("sha256-")]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "neither 'from' or 'files' was specified"),
        ({"from_": "a b"}, "invalid model name"),
        ({"quantize": "Q4_K_XXL"}, "unsupported quantization type Q4_K_XXL - supported types are"),
        ({"messages": (Message("tool", "x"),)}, "message role must be one of system, user, assistant"),
        ({"messages": (Message("user", "x", images=(b"png",)),)}, "hold a role and a text only"),
        ({"requires": "soon"}, "requires must be a valid semver"),
        ({"system": "half \ud800"}, "half a surrogate pair"),
        ({"parameters": {"stop": ["\udfff"]}}, "half a surrogate pair"),
        ({"parameters": {"nonsense": 1}}, 'unknown option "nonsense"'),
        ({"parameters": {"top_k": "many"}}, 'option "top_k" must be of type integer'),
        ({"parameters": {"stop": [1]}}, 'option "stop" must be of an array of strings'),
        ({"parameters": {"num_ctx": 0}}, "must be between"),
    ],
)
def test_fields_of_no_use(shop: Workshop, fields: dict[str, Any], message: str) -> None:
    files = {"m.gguf": shop.upload(shop.llama())} if fields and "from_" not in fields else {}
    before = shop.files()
    with pytest.raises((BadRequest, OptionError), match=message.replace("(", r"\(")):
        shop.create(files=files, **fields)
    assert shop.files() == before


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "../m.gguf",
        "a/../../m.gguf",
        "./m.gguf",
        "a//m.gguf",
        "a/",
        "..",
        ".",
        "a\\b",
        "a\0b",
        "x" * 5000,
    ],
)
@pytest.mark.parametrize("field", ["files", "adapters", "draft_files"])
def test_keys_that_are_no_clean_relative_paths(shop: Workshop, field: str, key: str) -> None:
    fields: dict[str, Any] = {"files": {"m.gguf": Digest("0" * 64)}} | {field: {key: Digest("0" * 64)}}
    with pytest.raises(BadRequest, match="file path must be relative"):
        shop.create(**fields)


@given(st.text(alphabet="./\\ab\0", max_size=12))
def test_a_clean_key_stays_below_any_directory(key: str) -> None:
    if is_clean(key):
        assert Path("/base", key).resolve().is_relative_to("/base")
        assert Path("/base", key) != Path("/base")


@pytest.mark.parametrize("key", ["model.safetensors", "a/pytorch_model.PTH"])
def test_what_must_be_converted(shop: Workshop, key: str) -> None:
    with pytest.raises(BadRequest, match="comes in a later version"):
        shop.create(files={key: Digest("0" * 64)})


def test_a_blob_that_was_not_uploaded(shop: Workshop) -> None:
    with pytest.raises(BlobNotFound, match=f'blob "sha256:{"0" * 64}" not found'):
        shop.create(files={"m.gguf": Digest("0" * 64)})
    with pytest.raises(ModelNotFound):
        shop.create(from_="no", adapters={"l.gguf": Digest("0" * 64)})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "'m.gguf' cannot be used: not a GGUF file"),
        (b"<html>nothing</html>", "not a GGUF file"),
        (b"GGUF", "'m.gguf' cannot be used"),
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0), "GGUF version 1 is not supported"),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**60, 0), "'m.gguf' cannot be used"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 0), "general.architecture"),
    ],
)
def test_files_that_are_no_sound_gguf(shop: Workshop, content: bytes, message: str) -> None:
    path = shop.scratch / "m.gguf"
    path.write_bytes(content)
    with pytest.raises(GGUFError, match=message):
        shop.create_from(path)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("llama.block_count", F32(2.0), "llama.block_count"),
        ("llama.block_count", U32(2**31), "expected .* to 65536"),
        ("llama.context_length", U32(0), "llama.context_length.* is 0; expected 1 to 2147483647"),
        ("llama.context_length", U32(2**31), "llama.context_length"),
        ("llama.context_length", "long", "llama.context_length"),
        ("llama.attention.head_count", F32(4.0), "llama.attention.head_count"),
        ("llama.feed_forward_length", "wide", "llama.feed_forward_length"),
        ("llama.pooling_type", "mean", "llama.pooling_type"),
        ("tokenizer.chat_template", U32(1), "tokenizer.chat_template"),
    ],
)
def test_metadata_that_would_hide_the_model_that_was_made(
    shop: Workshop, key: str, value: MetadataValue, message: str
) -> None:
    with pytest.raises(GGUFError, match=f"'model.gguf' cannot be used: .*{message}"):
        shop.create_from(shop.llama(extra_metadata={key: value}))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_file_that_was_cut_is_refused(shop: Workshop, data: st.DataObject) -> None:
    whole = shop.projector(projector_type="mlp").read_bytes()
    cut = data.draw(st.integers(0, len(whole) - 1))
    path = shop.scratch / "cut.gguf"
    path.write_bytes(whole[:cut])
    with pytest.raises(BadRequest):
        shop.create_from(path)


def test_a_model_without_tensors(shop: Workshop) -> None:
    with pytest.raises(BadRequest, match=r"there are no tensors in 'm\.gguf'"):
        shop.create_from(shop.write("m.gguf", {"general.architecture": "llama"}, {}))


def test_several_models_projectors_and_adapters(shop: Workshop) -> None:
    one, two = shop.upload(shop.llama()), shop.upload(shop.llama("b", seed=1))
    with pytest.raises(BadRequest, match="several text models were given \\('a', 'b'\\)"):
        shop.create(files={"a": one, "b": two})
    clip = shop.upload(shop.projector())
    with pytest.raises(BadRequest, match="several projectors were given"):
        shop.create(files={"a": one, "b": clip, "c": clip})
    lora = shop.upload(shop.adapter())
    with pytest.raises(BadRequest, match="only one adapter is currently supported"):
        shop.create(files={"a": one}, adapters={"b": lora, "c": lora})


def test_files_in_the_wrong_place(shop: Workshop) -> None:
    model, lora = shop.upload(shop.llama()), shop.upload(shop.adapter())
    with pytest.raises(BadRequest, match="'m' is not an adapter"):
        shop.create(files={"m": model}, adapters={"m": model})
    with pytest.raises(BadRequest, match="'l' is not a text model"):
        shop.create(files={"m": model}, draft_files={"l": lora})
    with pytest.raises(BadRequest, match="the files hold no text model"):
        shop.create(files={"l": lora})


def test_kinds_that_make_no_model(shop: Workshop) -> None:
    for kind in ("imatrix", "vocab"):
        path = shop.write("x", {"general.architecture": "llama", "general.type": kind}, {"a": (2, 2)})
        with pytest.raises(GGUFError, match=f"unknown type '{kind}'"):
            shop.create_from(path)
    other = {"general.architecture": "llama", "general.type": "adapter", "adapter.type": "aloha"}
    with pytest.raises(GGUFError, match="only adapters of the type lora"):
        shop.create_from(shop.write("y", other, {"a": (2, 2)}))


def test_an_adapter_for_another_model(shop: Workshop) -> None:
    model = {"m": shop.upload(shop.llama())}
    with pytest.raises(BadRequest, match=r"is for 'qwen2' models and the base is a 'llama' model"):
        shop.create(files=model, adapters={"l": shop.upload(shop.adapter(arch="qwen2"))})
    with pytest.raises(BadRequest, match=r"the tensor 'blk\.0\.attn_q\.weight' is missing there"):
        shop.create(files=model, adapters={"l": shop.upload(shop.adapter(dim=96))})


def test_parts_that_are_not_one_model(shop: Workshop) -> None:
    parts = [shop.upload(path) for path in shop.split(shop.llama())]
    with pytest.raises(GGUFError, match="3 parts, but 2 were given"):
        shop.create(files={"a": parts[0], "b": parts[1]})
    with pytest.raises(GGUFError, match="missing or given twice"):
        shop.create(files={"a": parts[0], "b": parts[1], "c": parts[1]})

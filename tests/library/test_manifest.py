from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.errors import BadRequest, InvalidDigest
from hearth.library import Layer, Manifest, MediaType, decode_manifest, encode_manifest
from hearth.library.manifest import CONFIG_TYPE, MANIFEST_LIMIT
from hearth.names import Digest

CONFIG = {"mediaType": CONFIG_TYPE, "digest": "sha256:" + "a" * 64, "size": 3}
LAYER = {"mediaType": str(MediaType.MODEL), "digest": "sha256:" + "b" * 64, "size": 5}


def manifest(**changes: object) -> bytes:
    return json.dumps({"schemaVersion": 2, "config": CONFIG, "layers": [LAYER], **changes}).encode()


def test_fields() -> None:
    layer = {**LAYER, "from": "llama3.2:latest", "name": "model.gguf"}
    found = decode_manifest(manifest(layers=[layer]))
    assert found.config == Layer(CONFIG_TYPE, Digest("a" * 64), 3)
    expected = Layer(MediaType.MODEL, Digest("b" * 64), 5, "llama3.2:latest", "model.gguf")
    assert found.layers == (expected,)
    assert found.size == 8
    assert found.digests == {Digest("a" * 64), Digest("b" * 64)}


def test_unknown_fields_and_types_are_kept_out_of_the_way() -> None:
    embed = {**LAYER, "mediaType": "application/vnd.ollama.image.embed", "annotations": {"a": [1]}}
    found = decode_manifest(manifest(layers=[embed], subject=None, annotations={"x": "y"}))
    assert found.layers[0].media_type == "application/vnd.ollama.image.embed"


@pytest.mark.parametrize("layers", [None, []])
def test_a_stub_has_no_layers(layers: object) -> None:
    assert decode_manifest(manifest(layers=layers)).layers == ()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b"\x00" * 300,
        b"\xff\xfe{}",
        b'{"schemaVersion":2,"config":{"mediaType":"\xff","digest":"","size":0},"layers":[]}',
        b"[" * 100_000,
        b'{"x":' * 100_000,
        manifest(schemaVersion=1),
        manifest(schemaVersion="2"),
        manifest(schemaVersion=None),
        manifest(config=None),
        manifest(config=[]),
        manifest(config={}),
        manifest(layers={}),
        manifest(layers=[None]),
        manifest(layers=[[]]),
        manifest(layers=[{**LAYER, "size": -1}]),
        manifest(layers=[{**LAYER, "size": 2**63}]),
        manifest(layers=[{**LAYER, "size": 2**200}]),
        manifest(layers=[{**LAYER, "size": 1.5}]),
        manifest(layers=[{**LAYER, "size": "5"}]),
        manifest(layers=[{**LAYER, "size": True}]),
        manifest(layers=[{**LAYER, "digest": None}]),
        manifest(layers=[{**LAYER, "digest": 7}]),
        manifest(layers=[{**LAYER, "mediaType": 7}]),
        manifest(layers=[{**LAYER, "from": 7}]),
        manifest(mediaType=7),
    ],
)
def test_garbage_is_a_bad_request(data: bytes) -> None:
    with pytest.raises(BadRequest):
        decode_manifest(data)


@pytest.mark.parametrize(
    "digest",
    [
        "",
        "../../etc/passwd",
        "sha256:" + "../" * 21 + "x",
        "sha256:" + "b" * 63,
        "sha256:" + "b" * 65,
        "b" * 64,
    ],
)
def test_a_digest_that_is_none(digest: str) -> None:
    with pytest.raises(InvalidDigest):
        decode_manifest(manifest(layers=[{**LAYER, "digest": digest}]))
    with pytest.raises(InvalidDigest):
        decode_manifest(manifest(config={**CONFIG, "digest": digest}))


def test_too_long() -> None:
    with pytest.raises(BadRequest, match="at most"):
        decode_manifest(b" " * (MANIFEST_LIMIT + 1))


def test_written_as_ollama_writes_it() -> None:
    model = Layer(MediaType.MODEL, Digest("b" * 64), 5, from_="base:latest")
    plain = Layer(MediaType.SYSTEM, Digest("c" * 64), 7)
    data = encode_manifest(Manifest(Layer(CONFIG_TYPE, Digest("a" * 64), 3), (model, plain)))
    assert data.decode() == (
        '{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json",'
        '"config":{"mediaType":"application/vnd.docker.container.image.v1+json",'
        f'"digest":"sha256:{"a" * 64}","size":3}},'
        f'"layers":[{{"mediaType":"application/vnd.ollama.image.model","digest":"sha256:{"b" * 64}",'
        '"size":5,"from":"base:latest"},'
        f'{{"mediaType":"application/vnd.ollama.image.system","digest":"sha256:{"c" * 64}","size":7}}]}}'
    )


digests = st.binary(max_size=4).map(Digest.of)
sizes = st.integers(0, 2**63 - 1)
layers = st.builds(Layer, st.text(), digests, sizes, st.text(), st.text())


@given(st.builds(Manifest, st.builds(Layer, st.text(), digests, sizes), st.lists(layers).map(tuple)))
def test_what_is_written_is_read(value: Manifest) -> None:
    assert decode_manifest(encode_manifest(value)) == value


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("sha256:" + "a" * 64),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(sorted(LAYER)) | st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["schemaVersion", "mediaType", "config", "layers"]), json_values))
def test_any_json_is_read_or_refused(value: object) -> None:
    with contextlib.suppress(BadRequest):
        assert isinstance(decode_manifest(json.dumps(value).encode()), Manifest)


@given(st.binary())
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(BadRequest):
        decode_manifest(data)

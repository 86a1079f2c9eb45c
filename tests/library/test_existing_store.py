"""Stores as Ollama wrote them, today's and those of its first versions."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest
from tests.library.support import age, blob_names, name, write_blob, write_model

from hearth.errors import ModelNotFound
from hearth.library import Layer, Library, MediaType
from hearth.names import Digest

KIND = "application/vnd.ollama.image."


def layer(root: Path, kind: str, data: bytes, **more: str) -> dict[str, object]:
    return {"mediaType": KIND + kind, "digest": write_blob(root, data), "size": len(data), **more}


def legacy_model(root: Path) -> bytes:
    """A model with everything that old versions wrote; gives its manifest's bytes."""
    layers = [
        layer(root, "model", b"GGUF weights", **{"from": "library/base:latest"}),
        layer(root, "embed", b"embeddings of old"),
        layer(root, "prompt", b"{{ .Prompt }}"),
        layer(root, "system", b"You are old."),
        layer(root, "params", b'{"stop":["User:"]}'),
        layer(root, "license", b"MIT"),
        layer(root, "license", b"and another"),
    ]
    config = {
        "model_format": "gguf",
        "model_family": "llama",
        "model_families": None,
        "model_type": "7B",
        "file_type": "Q4_0",
        "architecture": "amd64",
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [entry["digest"] for entry in layers]},
        "container_config": {"Cmd": None},
    }
    data = json.dumps(config).encode()
    described = {
        "mediaType": "application/vnd.docker.container.image.v1+json",
        "digest": write_blob(root, data),
        "size": len(data),
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": described,
        "layers": layers,
        "annotations": {"made.by": "hand"},
    }
    path = root / "manifests" / "registry.ollama.ai" / "library" / "Old" / "7B-Chat"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(manifest, indent=1) + "\n")
    return path.read_bytes()


def test_a_legacy_model(root: Path) -> None:
    data = legacy_model(root)
    with Library(root, embedded=None) as library:
        (model,) = library.models()
        assert model == library.find(name("old:7b-chat"))
        assert library.damaged() == []
        assert str(model.name) == "Old:7B-Chat"
        assert model.digest.hex == hashlib.sha256(data).hexdigest()
        assert model.size == sum(path.stat().st_size for path in (root / "blobs").iterdir())
        assert model.config.model_type == "7B"
        assert model.config.model_families == ()
        assert "rootfs" not in model.config.extra
        (weights,) = model.layers(MediaType.MODEL)
        assert weights == Layer(MediaType.MODEL, Digest.of(b"GGUF weights"), 12, "library/base:latest")
        (template,) = model.layers(MediaType.TEMPLATE)
        assert library.read_layer(template, 100) == b"{{ .Prompt }}"
        assert [library.read_layer(one, 100) for one in model.layers(MediaType.LICENSE)] == [
            b"MIT",
            b"and another",
        ]


def test_opening_changes_nothing_of_it(root: Path) -> None:
    data = legacy_model(root)
    before = blob_names(root)
    for blob in (root / "blobs").iterdir():
        age(blob, 9000)
    with Library(root, embedded=None):
        pass
    assert (root / "manifests/registry.ollama.ai/library/Old/7B-Chat").read_bytes() == data
    assert blob_names(root) == before


def test_a_remote_stub(root: Path) -> None:
    path = write_model(root, "registry.ollama.ai/library/big/cloud")
    config = b'{"model_format":"","remote_host":"https://ollama.com:443","remote_model":"big","capabilities":["tools"]}'
    path.write_text(
        json.dumps(
            {
                "schemaVersion": 2,
                "config": {"mediaType": "", "digest": write_blob(root, config), "size": len(config)},
                "layers": None,
            }
        )
    )
    with Library(root, embedded=None) as library:
        model = library.find(name("big:cloud"))
        assert (model.config.remote_model, model.config.capabilities) == ("big", ("tools",))
        assert model.manifest.layers == ()


def test_hosts_with_ports_and_other_registries(root: Path) -> None:
    for path in ("localhost:5000/me/model/v1", "hf.co/Someone/Some-Model-GGUF/Q4_K_M", "_h/_n/_m/_t"):
        write_model(root, path)
    with Library(root, embedded=None) as library:
        assert {model.name.full for model in library.models()} == {
            "localhost:5000/me/model:v1",
            "hf.co/Someone/Some-Model-GGUF:Q4_K_M",
            "_h/_n/_m:_t",
        }
        assert library.find(name("hf.co/someone/some-model-gguf:q4_k_m")).name.model == "Some-Model-GGUF"


def test_files_with_odd_names_are_passed_over(root: Path) -> None:
    good = write_model(root, "registry.ollama.ai/library/good/latest")
    for path in (
        "registry.ollama.ai/library/good/.DS_Store",
        "registry.ollama.ai/library/good/with space",
        "registry.ollama.ai/library/good/latest~",
        "registry.ollama.ai/library/good/neue\nzeile",
        "registry.ollama.ai/library/good/модель",
        "registry.ollama.ai/library/.hidden/latest",
        "registry.ollama.ai/name.space/good/latest",
        "registry.ollama.ai/library/good/" + "t" * 81,
        "registry.ollama.ai/library/good/deeper/latest",
        "registry.ollama.ai/library/shallow",
        "README",
    ):
        (root / "manifests" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "manifests" / path).write_bytes(b"no manifest")
    (good.parent / os.fsdecode(b"\xff\xfe")).write_bytes(b"no manifest")
    with Library(root, embedded=None) as library:
        assert [str(model.name) for model in library.models()] == ["good:latest"]
        assert library.damaged() == []
        with pytest.raises(ModelNotFound):
            library.find(name("shallow"))
        library.delete(name("good"))
        assert blob_names(root) == set()


def test_a_manifest_put_aside_keeps_its_blobs(root: Path) -> None:
    path = write_model(root, "registry.ollama.ai/library/mine/latest")
    path.with_name("latest (copy)").write_bytes(path.read_bytes())
    with Library(root, embedded=None) as library:
        library.delete(name("mine"))
        assert library.has_blob(Digest.of(b"weights"))


@pytest.mark.parametrize("moved", ["", "blobs", "manifests", "manifests/registry.ollama.ai/library/mine"])
def test_a_store_spread_over_disks_by_links(root: Path, tmp_path: Path, moved: str) -> None:
    write_model(root, "registry.ollama.ai/library/mine/latest")
    target = tmp_path / "elsewhere"
    (root / moved).rename(target)
    (root / moved).symlink_to(target)
    with Library(root, embedded=None) as library:
        model = library.find(name("mine"))
        assert library.read_layer(model.layers(MediaType.MODEL)[0], 10) == b"weights"
        library.copy(name("mine"), name("mine:copy"))
        library.delete(name("mine"))
        assert [str(model.name) for model in library.models()] == ["mine:copy"]
        library.delete(name("mine:copy"))
        assert blob_names(root) == set()
    assert (root / moved).is_symlink()


def test_deleting_removes_links_and_not_what_they_point_to(root: Path, tmp_path: Path) -> None:
    path = write_model(root, "registry.ollama.ai/library/mine/latest")
    blob = root / "blobs" / Digest.of(b"weights").filename
    for link in (path, blob):
        link.rename(tmp_path / link.name)
        link.symlink_to(tmp_path / link.name)
    with Library(root, embedded=None) as library:
        model = library.find(name("mine"))
        assert library.read_layer(model.layers(MediaType.MODEL)[0], 10) == b"weights"
        library.delete(name("mine"))
    assert blob_names(root) == set()
    assert (tmp_path / "latest").exists()
    assert (tmp_path / blob.name).read_bytes() == b"weights"


def test_a_circle_of_links_ends(root: Path) -> None:
    path = write_model(root, "registry.ollama.ai/library/mine/latest")
    (path.parent / "loop").symlink_to(root / "manifests")
    (root / "manifests" / "loop").symlink_to(root / "manifests")
    with Library(root, embedded=None) as library:
        assert str(library.find(name("mine")).name) == "mine:latest"
        assert "mine:latest" in [str(model.name) for model in library.models()]


@pytest.mark.parametrize("kind", ["pipe", "device", "directory"])
def test_a_manifest_that_is_no_file(root: Path, kind: str) -> None:
    directory = root / "manifests/registry.ollama.ai/library/mine"
    directory.mkdir(parents=True)
    if kind == "pipe":
        os.mkfifo(directory / "latest")
    elif kind == "device":
        (directory / "latest").symlink_to("/dev/zero")
    else:
        (directory / "latest").mkdir()
    with Library(root, embedded=None) as library:
        assert library.models() == []
        reported = [reason for _, reason in library.damaged()]
        assert bool(reported) == (kind != "directory")
        assert all("not a regular file" in reason for reason in reported)

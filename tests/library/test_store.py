from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.library.support import add_model, age, blob_names, name, state, write_model

from hearth.errors import BlobNotFound, InvalidName, ModelNotFound, ReadOnly, StoreDamaged
from hearth.library import Layer, Library, MediaType, ModelConfig
from hearth.names import Digest

GUIDE = {"guide:latest": ("guide weights",)}


def test_a_new_library_has_the_embedded_models(library: Library, root: Path) -> None:
    assert state(library) == GUIDE
    assert library.models()[0].embedded
    assert {path.name for path in root.iterdir()} == {"blobs", "manifests", ".hearth.lock"}


def test_an_absent_embedded_store_is_empty(root: Path, tmp_path: Path) -> None:
    for directory in (None, tmp_path / "absent"):
        with Library(root, embedded=directory) as library:
            assert library.models() == []
            with pytest.raises(ModelNotFound):
                library.find(name("guide"))


def test_put(library: Library, root: Path) -> None:
    digest, size = library.add_bytes(b"weights")
    config = ModelConfig(model_family="llama", context_length=4096)
    stored = library.put(name("mine"), config, [Layer(MediaType.MODEL, digest, size, from_="base")])
    path = root / "manifests/registry.ollama.ai/library/mine/latest"
    assert stored == library.find(name("mine"))
    assert stored.digest == Digest.of(path.read_bytes())
    assert stored.config == config
    assert stored.size == size + stored.manifest.config.size
    assert stored.modified_at.timestamp() == pytest.approx(path.stat().st_mtime)
    assert stored.modified_at.tzinfo is UTC
    assert path.stat().st_mode & 0o777 == 0o644
    assert not stored.embedded


def test_put_wants_every_blob(library: Library, root: Path) -> None:
    digest, size = library.add_bytes(b"weights")
    absent = Layer(MediaType.SYSTEM, Digest.of(b"absent"), 6)
    with pytest.raises(BlobNotFound):
        library.put(name("mine"), ModelConfig(), [Layer(MediaType.MODEL, digest, size), absent])
    with pytest.raises(StoreDamaged, match="7 bytes instead of 8"):
        library.put(name("mine"), ModelConfig(), [Layer(MediaType.MODEL, digest, 8)])
    assert blob_names(root) == {digest.filename}
    assert list((root / "manifests").iterdir()) == []


def test_a_stub_without_layers(library: Library) -> None:
    config = ModelConfig(remote_host="https://ollama.com", remote_model="big")
    assert library.put(name("big"), config, []).config == config


def test_putting_again_collects_what_only_the_old_one_used(library: Library, root: Path) -> None:
    add_model(library, "mine", "shared", "old")
    add_model(library, "mine", "shared", "new")
    assert state(library) == {**GUIDE, "mine:latest": ("shared", "new")}
    assert not library.has_blob(Digest.of(b"old"))
    add_model(library, "other", "shared")
    add_model(library, "mine", "else")
    assert not library.has_blob(Digest.of(b"new"))
    assert state(library) == {**GUIDE, "mine:latest": ("else",), "other:latest": ("shared",)}
    library.delete(name("other"))
    assert blob_names(root) == {digest.filename for digest in library.find(name("mine")).manifest.digests}


@pytest.mark.parametrize(
    "asked", ["mine", "MINE", "Mine:LATEST", "LIBRARY/mInE", "Registry.Ollama.AI/library/mine"]
)
def test_names_are_found_in_any_case(library: Library, asked: str) -> None:
    add_model(library, "Mine", "weights")
    assert str(library.find(name(asked)).name) == "Mine:latest"


def test_the_exact_spelling_comes_first(library: Library, root: Path) -> None:
    for index, spelling in enumerate(("mine", "Mine", "MINE")):
        write_model(root, f"registry.ollama.ai/library/{spelling}/latest", b"%d" % index)
    for spelling in ("mine", "Mine", "MINE"):
        assert library.find(name(spelling)).name.model == spelling


def test_a_name_is_found_in_the_second_of_two_spellings(library: Library, root: Path) -> None:
    write_model(root, "registry.ollama.ai/library/mine/one")
    write_model(root, "registry.ollama.ai/library/MINE/two")
    assert str(library.find(name("mine:two")).name) == "MINE:two"
    assert str(library.find(name("MINE:one")).name) == "mine:one"


def test_new_names_take_the_spelling_on_disk(library: Library) -> None:
    add_model(library, "Mine", "one")
    add_model(library, "mine:v2", "two")
    add_model(library, "mINE", "three")
    assert state(library) == {**GUIDE, "Mine:latest": ("three",), "Mine:v2": ("two",)}


def test_not_found_names_what_was_asked(library: Library) -> None:
    with pytest.raises(ModelNotFound) as caught:
        library.find(name("Absent"))
    assert caught.value.message == "model 'Absent:latest' not found"


def test_models_are_listed_the_last_modified_first(library: Library, root: Path) -> None:
    for hours, text in ((3, "b"), (1, "c"), (3, "a"), (2, "d")):
        age(write_model(root, f"registry.ollama.ai/library/{text}/latest"), hours)
    os.utime(root / "manifests/registry.ollama.ai/library/a/latest", (1000.75, 1000.75))
    os.utime(root / "manifests/registry.ollama.ai/library/b/latest", (1000.25, 1000.25))
    listed = [model for model in library.models() if not model.embedded]
    assert [model.name.model for model in listed] == ["c", "d", "a", "b"]
    assert listed[2].modified_at == datetime(1970, 1, 1, 0, 16, 40, 750_000, UTC)


def test_a_changed_manifest_is_read_again(library: Library, root: Path) -> None:
    path = write_model(root, "registry.ollama.ai/library/mine/latest", b"one")
    before = library.find(name("mine"))
    write_model(root, "registry.ollama.ai/library/mine/latest", b"two")
    assert library.find(name("mine")).digest != before.digest
    path.unlink()
    with pytest.raises(ModelNotFound):
        library.find(name("mine"))


def test_layers_by_type(library: Library) -> None:
    layers: list[Layer] = []
    for kind in (MediaType.MODEL, MediaType.LICENSE, MediaType.PROMPT, MediaType.LICENSE, MediaType.TEMPLATE):
        digest, size = library.add_bytes(f"{kind}{len(layers)}".encode())
        layers.append(Layer(kind, digest, size))
    model = library.put(name("mine"), ModelConfig(), layers)
    assert model.layers(MediaType.LICENSE) == (layers[1], layers[3])
    assert model.layers(MediaType.TEMPLATE) == (layers[2], layers[4])
    assert model.layers(MediaType.ADAPTER) == ()


def test_copy_keeps_the_manifest_to_the_byte(library: Library, root: Path) -> None:
    source = write_model(root, "registry.ollama.ai/library/mine/latest")
    source.write_text(source.read_text().replace("{", '{ "unknown" : [1], ', 1))
    library.copy(name("MINE"), name("team/yours:v1"))
    assert (root / "manifests/registry.ollama.ai/team/yours/v1").read_bytes() == source.read_bytes()
    assert library.find(name("team/yours:v1")).digest == library.find(name("mine")).digest


def test_copy_over_another_model_collects_its_blobs(library: Library, root: Path) -> None:
    add_model(library, "mine", "one")
    add_model(library, "Yours", "two")
    library.copy(name("mine"), name("yours"))
    assert state(library) == {**GUIDE, "mine:latest": ("one",), "Yours:latest": ("one",)}
    assert Digest.of(b"two").filename not in blob_names(root)


def test_copy_onto_itself_changes_nothing(library: Library) -> None:
    add_model(library, "mine", "one")
    before = library.find(name("mine"))
    library.copy(name("mine"), name("MINE"))
    assert library.find(name("mine")) == before


def test_copy_of_nothing(library: Library, root: Path) -> None:
    with pytest.raises(ModelNotFound) as caught:
        library.copy(name("absent"), name("mine"))
    assert caught.value.name == "absent:latest"
    assert list((root / "manifests").iterdir()) == []


def test_a_model_without_its_config_can_be_copied(library: Library, root: Path) -> None:
    add_model(library, "mine", "one")
    library.blob_path(library.find(name("mine")).manifest.config.digest).unlink()
    library.copy(name("mine"), name("yours"))
    assert (root / "manifests/registry.ollama.ai/library/yours/latest").exists()


def test_a_copy_of_an_embedded_model_is_the_users_own(library: Library, root: Path) -> None:
    library.copy(name("guide"), name("mine"))
    assert state(library) == {**GUIDE, "mine:latest": ("guide weights",)}
    assert not library.find(name("mine")).embedded
    library.copy(name("guide"), name("guide"))
    assert not library.find(name("guide")).embedded
    library.delete(name("guide"))
    assert library.find(name("guide")).embedded
    library.delete(name("mine"))
    assert blob_names(root) == set()


def test_an_own_model_hides_the_embedded_one(library: Library) -> None:
    add_model(library, "Guide", "mine now")
    assert state(library) == {"Guide:latest": ("mine now",)}
    assert library.find(name("guide")).name.model == "Guide"
    library.delete(name("guide"))
    assert state(library) == GUIDE


def test_put_takes_layers_from_the_embedded_store(library: Library, root: Path) -> None:
    layer = library.find(name("guide")).layers(MediaType.MODEL)[0]
    library.put(name("mine"), ModelConfig(), [layer])
    assert library.blob_path(layer.digest) == root / "blobs" / layer.digest.filename
    library.delete(name("mine"))
    assert blob_names(root) == set()


def test_a_damaged_embedded_blob_is_not_taken_over(library: Library, root: Path, embedded: Path) -> None:
    layer = library.find(name("guide")).layers(MediaType.MODEL)[0]
    (embedded / "blobs" / layer.digest.filename).write_bytes(b"guide wEights")
    with pytest.raises(Exception, match="digest mismatch"):
        library.copy(name("guide"), name("mine"))
    assert blob_names(root) == set()


def test_delete(library: Library, root: Path) -> None:
    add_model(library, "mine", "shared", "one")
    add_model(library, "yours", "shared", "two")
    library.delete(name("MINE"))
    assert state(library) == {**GUIDE, "yours:latest": ("shared", "two")}
    assert Digest.of(b"one").filename not in blob_names(root)
    library.delete(name("yours"))
    assert blob_names(root) == set()
    assert list((root / "manifests").iterdir()) == []
    with pytest.raises(ModelNotFound):
        library.delete(name("yours"))


def test_delete_of_an_embedded_model_says_what_to_do(library: Library) -> None:
    with pytest.raises(ReadOnly, match="create a model of the same name") as caught:
        library.delete(name("guide"))
    assert caught.value.status == 403


def test_delete_keeps_what_is_held_and_what_was_just_uploaded(library: Library) -> None:
    add_model(library, "mine", "held", "again", "gone")
    held, again, gone = (Digest.of(text) for text in (b"held", b"again", b"gone"))
    library.add_bytes(b"again")
    with library.hold([held]):
        library.delete(name("mine"))
        assert library.has_blob(held)
    assert library.has_blob(again)
    assert not library.has_blob(gone)
    assert not library.has_blob(held)


def test_what_is_inherited_answers_no_upload(library: Library) -> None:
    add_model(library, "base", "shared")
    digest, size = library.add_bytes(b"shared")
    base = library.find(name("base"))
    library.put(name("mine"), ModelConfig(), base.manifest.layers, inherited=base.manifest.digests)
    library.delete(name("base"))
    library.delete(name("mine"))
    library.put(name("other"), ModelConfig(), [Layer(MediaType.MODEL, digest, size)])
    assert state(library)["other:latest"] == ("shared",)


def test_delete_leaves_other_uploads_alone(library: Library) -> None:
    digest, _ = library.add_bytes(b"uploaded")
    add_model(library, "mine", "one")
    age(library.blob_path(digest), 50)
    library.delete(name("mine"))
    assert library.has_blob(digest)


def test_without_pruning_blobs_stay(root: Path) -> None:
    with Library(root, embedded=None, prune=False) as library:
        add_model(library, "mine", "one")
        add_model(library, "mine", "two")
        library.delete(name("mine"))
        assert library.has_blob(Digest.of(b"one"))
        assert library.has_blob(Digest.of(b"two"))


def test_damaged_models_are_reported_and_the_others_listed(library: Library, root: Path) -> None:
    add_model(library, "good", "one")
    write_model(root, "registry.ollama.ai/library/bad/latest").write_text('{"schemaVersion":2}')
    write_model(root, "registry.ollama.ai/library/guide/latest").write_bytes(b"")
    (root / "manifests/registry.ollama.ai/library/gone").symlink_to("bad")
    link = root / "manifests/registry.ollama.ai/library/good/link"
    link.symlink_to(root / "nowhere")
    assert [model.name.model for model in library.models()] == ["good"]
    assert [str(found) for found, _ in library.damaged()] == [
        "bad:latest",
        "gone:latest",
        "good:link",
        "guide:latest",
    ]
    assert all(str(root) not in reason for _, reason in library.damaged())
    with pytest.raises(StoreDamaged, match="delete the model and create or pull it again"):
        library.find(name("bad"))


@pytest.mark.parametrize("damage", ["absent", "changed", "other"])
def test_a_model_whose_config_is_damaged(root: Path, damage: str) -> None:
    with Library(root, embedded=None) as library:
        add_model(library, "mine", "one")
        path = library.blob_path(library.find(name("mine")).manifest.config.digest)
    if damage == "absent":
        path.unlink()
    else:
        path.write_bytes(b"{}" if damage == "changed" else b"[1]")
    with Library(root, embedded=None) as library:
        assert library.models() == []
        with pytest.raises(StoreDamaged, match="the config of 'mine:latest' cannot be read"):
            library.find(name("mine"))


def test_nothing_is_collected_while_a_manifest_is_damaged(library: Library, root: Path) -> None:
    bad = write_model(root, "registry.ollama.ai/library/bad/latest", b"precious")
    good = bad.read_bytes()
    bad.write_bytes(good[:-9])
    add_model(library, "mine", "precious", "one")
    library.delete(name("mine"))
    assert library.has_blob(Digest.of(b"precious"))
    assert library.has_blob(Digest.of(b"one"))
    bad.write_bytes(good)
    assert state(library)["bad:latest"] == ("precious",)


def test_a_damaged_model_can_be_deleted_or_replaced(library: Library, root: Path) -> None:
    for text in ("bad", "worse"):
        write_model(root, f"registry.ollama.ai/library/{text}/latest").write_bytes(b"\0" * 40)
    library.delete(name("bad"))
    add_model(library, "worse", "better")
    assert library.damaged() == []
    assert state(library) == {**GUIDE, "worse:latest": ("better",)}


def test_hundreds_of_models_are_listed_from_memory(library: Library, root: Path) -> None:
    for index in range(300):
        write_model(root, f"registry.ollama.ai/library/m{index}/latest", b"%d" % index)
    first = library.models()
    second = library.models()
    assert len(first) == 301
    assert all(one.manifest is two.manifest for one, two in zip(first, second, strict=True))


def test_a_name_too_long_for_the_file_system(library: Library, root: Path) -> None:
    add_model(library, "mine", "one")
    before = blob_names(root)
    with pytest.raises(InvalidName, match="too long"):
        library.copy(name("mine"), name("h" * 300 + "/team/mine"))
    with pytest.raises(InvalidName, match="too long"):
        library.put(name("h" * 300 + "/team/mine"), ModelConfig(model_family="other"), [])
    with pytest.raises(ModelNotFound):
        library.find(name("h" * 300 + "/team/mine"))
    assert blob_names(root) == before


def test_a_letter_that_folds_to_another_is_no_match(library: Library, root: Path) -> None:
    write_model(root, "registry.ollama.ai/library/mi\N{KELVIN SIGN}e/latest")
    with pytest.raises(ModelNotFound):
        library.find(name("mike"))


def test_blobs_of_a_model_that_does_not_come_to_be_are_given_up(library: Library) -> None:
    add_model(library, "mine", "shared")
    shared, wanted, alone = (library.add_bytes(data)[0] for data in (b"shared", b"wanted", b"alone"))
    library.add_bytes(b"wanted")
    library.discard([shared, wanted, alone])
    assert library.has_blob(shared)
    assert library.has_blob(wanted)
    assert not library.has_blob(alone)
    library.discard([wanted])
    assert not library.has_blob(wanted)

"""Creating models from uploaded files and from other models."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from tests.modelfile.workshop import Workshop

from hearth.errors import ModelNotFound
from hearth.gguf import GGUF
from hearth.library import MediaType
from hearth.messages import Message
from hearth.names import Digest, ModelName


def test_from_a_gguf_file(shop: Workshop) -> None:
    path = shop.llama()
    model = shop.create_from(path)
    assert model == shop.library.find(ModelName.parse("made"))
    (layer,) = model.manifest.layers
    assert (layer.media_type, layer.digest) == (MediaType.MODEL, Digest.of(path.read_bytes()))
    config = model.config
    assert (config.model_format, config.model_family, config.model_families) == ("gguf", "llama", ("llama",))
    assert (config.model_type, config.file_type) == ("107K", "F32")
    assert shop.steps() == ["parsing GGUF", "using existing layer", "writing manifest", "success"]
    assert shop.statuses[1].status == f"using existing layer {layer.digest}"


def test_a_template_inside_the_gguf_gives_no_template_layer(shop: Workshop) -> None:
    model = shop.create_from(shop.llama(template="{{ messages }}"))
    assert model.layers(MediaType.TEMPLATE) == ()


def test_texts_parameters_and_messages(shop: Workshop) -> None:
    model = shop.create_from(
        shop.llama(),
        template="{{ .Prompt }} <|x|>",
        system="be kind",
        licenses=("one", "two"),
        parameters={"top_k": 20.0, "temperature": 1.0, "stop": ["<|a|>", "b"], "top_p": 0.5, "seed": None},
        messages=(Message("user", "hi & <b>"), Message("assistant", "hello")),
        renderer="r",
        parser="p",
        requires="v0.14.0",
    )
    assert shop.text(model, MediaType.TEMPLATE) == ["{{ .Prompt }} <|x|>"]
    assert shop.text(model, MediaType.SYSTEM) == ["be kind"]
    assert shop.text(model, MediaType.LICENSE) == ["one", "two"]
    assert shop.text(model, MediaType.PARAMS) == [
        '{"stop":["\\u003c|a|\\u003e","b"],"temperature":1,"top_k":20,"top_p":0.5}\n'
    ]
    (messages,) = shop.text(model, MediaType.MESSAGES)
    assert messages.endswith("]\n")
    assert "<" not in messages
    assert json.loads(messages) == [
        {"role": "user", "content": "hi & <b>"},
        {"role": "assistant", "content": "hello"},
    ]
    assert (model.config.renderer, model.config.parser, model.config.requires) == ("r", "p", "0.14.0")
    assert "creating new layer" in shop.steps()


def test_from_a_model_everything_is_inherited(shop: Workshop) -> None:
    base = shop.create_from(
        shop.llama(), "base", system="old", licenses=("one",), parameters={"top_k": 1}, renderer="r"
    )
    model = shop.create(from_="base")
    assert [replace(layer, from_="") for layer in model.manifest.layers] == list(base.manifest.layers)
    assert {layer.from_ for layer in model.manifest.layers} == {"base:latest"}
    assert model.config == base.config


def test_what_is_new_replaces_adds_or_merges(shop: Workshop) -> None:
    shop.create_from(
        shop.llama(),
        "base",
        template="old",
        system="old",
        licenses=("one",),
        parameters={"top_k": 1, "top_p": 0.5, "stop": ["a"]},
        messages=(Message("user", "old"),),
        requires="0.1.0",
    )
    model = shop.create(
        from_="base",
        template="new",
        system="new",
        licenses=("one", "two"),
        parameters={"top_k": 2, "stop": ["b"]},
        messages=(Message("user", "new"),),
        requires="0.2.0",
    )
    assert shop.text(model, MediaType.TEMPLATE) == ["new"]
    assert shop.text(model, MediaType.SYSTEM) == ["new"]
    assert shop.text(model, MediaType.LICENSE) == ["one", "two"]
    assert shop.text(model, MediaType.PARAMS) == ['{"stop":["b"],"top_k":2,"top_p":0.5}\n']
    assert shop.text(model, MediaType.MESSAGES) == ['[{"role":"user","content":"new"}]\n']
    assert model.config.requires == "0.2.0"


def test_a_model_can_be_made_from_itself(shop: Workshop) -> None:
    shop.create_from(shop.llama(), system="old")
    model = shop.create(from_="made", system="new")
    assert shop.text(model, MediaType.SYSTEM) == ["new"]
    assert shop.text(shop.create(from_="made"), MediaType.SYSTEM) == ["new"]


def test_creating_again_removes_what_only_the_old_one_used(shop: Workshop) -> None:
    shop.create_from(shop.llama(), system="old")
    old = Digest.of(b"old")
    assert shop.library.has_blob(old)
    shop.create_from(shop.llama("other.gguf", seed=1), system="new")
    assert not shop.library.has_blob(old)


def test_a_base_that_is_not_there(shop: Workshop) -> None:
    with pytest.raises(ModelNotFound, match="'nothing:latest' not found: pulling comes in a later version"):
        shop.create(from_="nothing")


def test_a_split_model_becomes_one_file(shop: Workshop) -> None:
    whole = shop.llama()
    parts = shop.split(whole)
    model = shop.create(files={path.name: shop.upload(path) for path in reversed(parts)})
    (layer,) = model.manifest.layers
    with GGUF.open(shop.library.blob_path(layer.digest)) as merged, GGUF.open(whole) as source:
        assert dict(merged.metadata).keys() == dict(source.metadata).keys()
        assert [t.name for t in merged.tensors] == [t.name for t in source.tensors]
        for tensor, original in zip(merged.tensors, source.tensors, strict=True):
            assert merged.read(tensor, 0, tensor.size) == source.read(original, 0, original.size)
    assert model.config.model_type == "107K"
    assert "merging the parts of the model" in shop.steps()


def test_a_projector_beside_the_model(shop: Workshop) -> None:
    text, clip = shop.llama(), shop.projector(projector_type="mlp")
    model = shop.create(files={"a.gguf": shop.upload(clip), "b.gguf": shop.upload(text)})
    assert [layer.media_type for layer in model.manifest.layers] == [MediaType.MODEL, MediaType.PROJECTOR]
    assert model.manifest.layers[1].digest == Digest.of(clip.read_bytes())
    assert (model.config.model_family, model.config.model_families) == ("llama", ("llama", "clip"))


def test_a_projector_can_be_given_to_a_model(shop: Workshop) -> None:
    shop.create_from(shop.llama(), "base")
    model = shop.create_from(shop.projector(projector_type="mlp"), from_="base")
    assert [layer.media_type for layer in model.manifest.layers] == [MediaType.MODEL, MediaType.PROJECTOR]
    assert model.config.model_families == ("llama", "clip")


def test_a_projector_of_the_first_kind_gets_its_name(shop: Workshop) -> None:
    model = shop.create(
        files={"m.gguf": shop.upload(shop.llama()), "clip.gguf": shop.upload(shop.projector())}
    )
    (layer,) = model.layers(MediaType.PROJECTOR)
    with GGUF.open(shop.library.blob_path(layer.digest)) as projector:
        assert projector.string("clip.projector_type") == "mlp"
    assert "updating GGUF projector metadata" in shop.steps()
    again = shop.create(files={"m": model.manifest.layers[0].digest, "p": layer.digest})
    assert again.layers(MediaType.PROJECTOR) == (layer,)


def test_an_adapter_on_a_file_and_on_a_model(shop: Workshop) -> None:
    lora = {"lora.gguf": shop.upload(shop.adapter())}
    first = shop.create_from(shop.llama(), adapters=lora)
    shop.create_from(shop.llama(), "base")
    second = shop.create("second", from_="base", adapters=lora)
    for model in (first, second):
        assert [layer.media_type for layer in model.manifest.layers] == [MediaType.MODEL, MediaType.ADAPTER]
        assert model.manifest.layers[1].digest == lora["lora.gguf"]
    both = shop.create("both", from_="second", adapters={"l": shop.upload(shop.adapter("other", dim=64))})
    assert len(both.layers(MediaType.ADAPTER)) == 1


def test_a_draft_model_is_kept(shop: Workshop) -> None:
    small = shop.upload(shop.llama("small.gguf", layers=1))
    model = shop.create_from(shop.llama(), draft_files={"small.gguf": small})
    (layer,) = model.layers(MediaType.DRAFT)
    assert layer.digest == small


@pytest.mark.slow
def test_quantising(shop: Workshop) -> None:
    model = shop.create_from(shop.llama(), quantize="q8_0", system="kept")
    assert model.config.file_type == "Q8_0"
    (layer,) = model.layers(MediaType.MODEL)
    with GGUF.open(shop.library.blob_path(layer.digest)) as gguf:
        assert gguf.tensor("blk.0.attn_q.weight").type.name == "Q8_0"
    progress = [status for status in shop.statuses if status.status == "quantizing F32 model to Q8_0"]
    assert progress
    assert all(status.digest == "0" * 19 for status in progress)
    assert progress[-1].completed == progress[-1].total > 0


@pytest.mark.slow
def test_quantising_a_model_and_a_split_one(shop: Workshop) -> None:
    path = shop.llama()
    shop.create_from(path, "base", system="kept")
    first = shop.create("first", from_="base", quantize="Q8_0")
    second = shop.create(
        "second", files={part.name: shop.upload(part) for part in shop.split(path)}, quantize="Q8_0"
    )
    assert first.config.file_type == second.config.file_type == "Q8_0"
    assert shop.text(first, MediaType.SYSTEM) == ["kept"]
    third = shop.create("third", from_="first", quantize="Q8_0")
    assert third.manifest.layers[0].digest == first.manifest.layers[0].digest

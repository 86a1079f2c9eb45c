"""What is known of a model at rest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.inference.support import card_of

from hearth.errors import InvalidName, ModelNotFound, StoreDamaged
from hearth.gguf import U32
from hearth.inference.catalog import Catalog
from hearth.library import Library, MediaType
from hearth.messages import Message
from hearth.names import ModelName

THINKING = "{{ tools }}{% if enable_thinking %}<think></think>{% endif %}"


def test_a_card_tells_layers_and_metadata(tmp_path: Path) -> None:
    card = card_of(
        tmp_path,
        parameters={"stop": ["x"]},
        texts={
            MediaType.SYSTEM: "Be kind.",
            MediaType.LICENSE: "MIT",
            MediaType.MESSAGES: json.dumps([{"role": "user", "content": "hi"}]),
            MediaType.TEMPLATE: "{{ .Prompt }}",
        },
    )
    assert card.system == "Be kind."
    assert card.licenses == ("MIT",)
    assert card.messages == (Message("user", "hi"),)
    assert card.parameters == {"stop": ["x"]}
    assert card.go_template == "{{ .Prompt }}"
    assert card.architecture == "llama"
    assert card.context_length == 512
    assert card.family == "llama"
    assert card.parameter_count > 50_000
    assert card.file_type == "F32"


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("{{ messages }}", ("completion",)),
        ("{{ tools }}", ("completion", "tools")),
        (THINKING, ("completion", "tools", "thinking")),
    ],
)
def test_capabilities_come_from_the_template(tmp_path: Path, template: str, found: tuple[str, ...]) -> None:
    assert card_of(tmp_path, template=template).capabilities == found


def test_pooling_makes_an_embedding_model(tmp_path: Path) -> None:
    card = card_of(tmp_path, metadata={"llama.pooling_type": U32(1)}, template=THINKING)
    assert card.capabilities == ("embedding",)
    assert card.pooled


def test_a_pooling_that_gives_scores_makes_a_model_that_ranks(tmp_path: Path) -> None:
    card = card_of(tmp_path, metadata={"llama.pooling_type": U32(4)}, declared=("embedding", "completion"))
    assert card.capabilities == ("rerank",)
    assert card.pooled
    assert card.vocabulary == 512


def test_tokens_for_filling_in_are_a_capability(tmp_path: Path) -> None:
    names = ("fim_pre", "fim_suf", "fim_mid")
    metadata = {f"tokenizer.ggml.{name}_token_id": U32(300 + at) for at, name in enumerate(names)}
    card = card_of(tmp_path, metadata=metadata)
    assert "insert" in card.capabilities
    assert card.fim == (300, 301, 302)


@pytest.mark.parametrize("names", [("fim_prefix", "fim_suffix", "fim_middle"), ("PRE", "SUF", "MID")])
def test_tokens_for_filling_in_are_known_by_name(tmp_path: Path, names: tuple[str, str, str]) -> None:
    tokens = [f"piece{number}" for number in range(512)]
    tokens[500], tokens[77], tokens[509] = (f"<{name}>" for name in names)
    card = card_of(tmp_path, metadata={"tokenizer.ggml.tokens": tokens})
    assert "insert" in card.capabilities
    assert card.fim == (500, 77, 509)


def test_half_of_the_tokens_for_filling_in_are_not_enough(tmp_path: Path) -> None:
    card = card_of(tmp_path, metadata={"tokenizer.ggml.fim_mid_token_id": U32(300)})
    assert "insert" not in card.capabilities
    assert card.fim is None


def test_names_are_found_in_any_case_and_missed_by_what_was_asked(tmp_path: Path) -> None:
    card_of(tmp_path)
    with Library(tmp_path / "models", embedded=None) as library:
        catalog = Catalog(library)
        assert catalog.open("M:LATEST") is catalog.open("m")
        with pytest.raises(ModelNotFound, match="model 'other:1' not found"):
            catalog.open("other:1")
        with pytest.raises(InvalidName):
            catalog.open("../m")


def test_a_missing_or_cut_blob_is_damage_and_leaves_the_list_whole(tmp_path: Path) -> None:
    card_of(tmp_path)
    with Library(tmp_path / "models", embedded=None) as library:
        library.copy(ModelName.parse("m"), ModelName.parse("n"))
        catalog = Catalog(library)
        weights = catalog.open("m").model_path
        content = weights.read_bytes()
        weights.unlink()
        with pytest.raises(StoreDamaged, match="damaged"):
            catalog.open("m")
        weights.write_bytes(content[:-1])
        with pytest.raises(StoreDamaged, match="damaged"):
            Catalog(library).open("m")
        assert Catalog(library).cards() == []


def test_a_model_that_is_left_out_of_the_list_is_logged_once_with_the_reason(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    card_of(tmp_path)
    with Library(tmp_path / "models", embedded=None) as library:
        library.copy(ModelName.parse("m"), ModelName.parse("n"))
        for path in (tmp_path / "models" / "manifests").rglob("n/latest"):
            path.write_text("{")
        catalog = Catalog(library)
        assert [str(card.stored.name) for card in catalog.cards() + catalog.cards()] == ["m:latest"] * 2
    told = [record.getMessage() for record in caplog.records if "left out" in record.getMessage()]
    assert len(told) == 1
    assert "n:latest" in told[0]
    assert "the manifest of 'n:latest' is damaged" in told[0]


def test_a_layer_of_garbage_is_damage(tmp_path: Path) -> None:
    with pytest.raises(StoreDamaged):
        card_of(tmp_path, texts={MediaType.PARAMS: "[1, 2"})

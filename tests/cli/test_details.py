"""What `show` prints about a model."""

from __future__ import annotations

from typing import Any

from hearth.cli.details import details

SHOWN: dict[str, Any] = {
    "license": "MIT License\n\n  Copyright\n\nPermission is hereby granted\n",
    "parameters": 'stop                           "<|end|>"\ntemperature                    0.7',
    "system": "You are brief.",
    "details": {"family": "llama", "parameter_size": "8.0B", "quantization_level": "Q4_K_M"},
    "model_info": {
        "general.architecture": "llama",
        "general.parameter_count": 8030261248,
        "llama.context_length": 8192,
        "llama.embedding_length": 4096,
        "tokenizer.ggml.tokens": ["a", "b", "c", "d", "e"],
        "tokenizer.ggml.add_bos_token": True,
    },
    "tensors": [{"name": "output.weight", "type": "Q6_K", "shape": [4096, 128256]}],
    "capabilities": ["completion", "tools"],
}


def test_the_sections_of_a_model() -> None:
    assert details(SHOWN).split("\n") == [
        "  Model",
        "    architecture        llama",
        "    parameters          8.0B",
        "    context length      8192",
        "    embedding length    4096",
        "    quantization        Q4_K_M",
        "",
        "  Capabilities",
        "    completion",
        "    tools",
        "",
        "  Parameters",
        '    stop           "<|end|>"',
        "    temperature    0.7",
        "",
        "  System",
        "    You are brief.",
        "",
        "  License",
        "    MIT License",
        "    Copyright",
        "    ...",
        "",
    ]


def test_verbose_adds_metadata_and_tensors() -> None:
    shown = details(SHOWN, verbose=True)
    assert "    tokenizer.ggml.tokens           [a b c ...+2 more]\n" in shown
    assert "    tokenizer.ggml.add_bos_token    true\n" in shown
    assert "  Tensors\n    output.weight    Q6_K    [4096 128256]\n" in shown


def test_a_projector_has_its_own_section() -> None:
    projector = {
        "general.architecture": "clip",
        "general.parameter_count": 1_000_000,
        "clip.vision.embedding_length": 64,
        "clip.vision.projection_dim": 288,
    }
    assert details(SHOWN | {"projector_info": projector}).split("\n")[11:17] == [
        "  Projector",
        "    architecture        clip",
        "    parameters          1M",
        "    embedding length    64",
        "    dimensions          288",
        "",
    ]


def test_little_known_is_little_shown() -> None:
    assert details({"details": {"family": "llama", "parameter_size": "260K"}, "model_info": {}}).split(
        "\n"
    ) == [
        "  Model",
        "    architecture    llama",
        "    parameters      260K",
        "",
    ]

"""What a model can do, judged from its files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hearth.gguf import GGUF
from hearth.output.formats import template_capabilities

ORDER: Final = ("completion", "tools", "insert", "vision", "embedding", "rerank", "thinking", "audio")
_RANK: Final = 4
"""llama.cpp's number of the pooling that gives a score in place of a vector."""
_ANSWERS: Final = frozenset({"completion", "embedding"})
"""What a model that ranks cannot do, whatever its config states."""
_MIDDLE_KEYS: Final = ("tokenizer.ggml.fim_mid_token_id", "tokenizer.ggml.middle_token_id")


def capabilities(
    gguf: GGUF, declared: Sequence[str], projector: Path | None, jinja: str, go_template: str
) -> tuple[str, ...]:
    """The capabilities in the order in which they are listed.

    `declared` are those that the model's config states, `jinja` and `go_template` its prompt templates.
    """
    found = (set(declared) - _ANSWERS if ranks(gguf) else set(declared)) | {_answers(gguf)}
    if any(key in gguf.metadata for key in _MIDDLE_KEYS) or ".Suffix" in go_template:
        found.add("insert")
    if "completion" in found:
        found |= template_capabilities(jinja) if jinja else _go_capabilities(go_template)
    found |= _media(gguf, gguf.arch)
    if projector is not None:
        with GGUF.open(projector) as clip:
            found |= _media(clip, "clip")
            if not found & {"vision", "audio"}:
                found.add("vision")
    return tuple(name for name in ORDER if name in found)


def ranks(gguf: GGUF) -> bool:
    """Whether the model gives a score for a pair of texts, and nothing else."""
    return gguf.arch_integer("pooling_type", -1) == _RANK


def _answers(gguf: GGUF) -> str:
    """What the model makes of a text."""
    if ranks(gguf):
        return "rerank"
    return "embedding" if f"{gguf.arch}.pooling_type" in gguf.metadata else "completion"


def _media(gguf: GGUF, prefix: str) -> set[str]:
    kinds = {"vision": f"{prefix}.vision.block_count", "audio": f"{prefix}.audio.block_count"}
    flags = {"vision": "clip.has_vision_encoder", "audio": "clip.has_audio_encoder"}
    return {kind for kind in kinds if kinds[kind] in gguf.metadata or gguf.metadata.get(flags[kind]) is True}


def _go_capabilities(template: str) -> set[str]:
    found = set()
    if ".Tools" in template:
        found.add("tools")
    if ".Thinking" in template:
        found.add("thinking")
    return found

"""What a model can do, judged from its files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hearth.gguf import GGUF
from hearth.inference.fim import fim_tokens
from hearth.output.formats import template_capabilities, template_reading, thinking_tags
from hearth.prompt import Template

ORDER: Final = ("completion", "tools", "insert", "vision", "embedding", "rerank", "thinking", "audio")
_RANK: Final = 4
"""llama.cpp's number of the pooling that gives a score in place of a vector."""
_ANSWERS: Final = frozenset({"completion", "embedding"})
"""What a model that ranks cannot do, whatever its config states."""


def capabilities(
    gguf: GGUF,
    declared: Sequence[str],
    projector: Path | None,
    jinja: str,
    go: Template | None,
    *,
    uses_go: bool,
) -> tuple[str, ...]:
    """The capabilities in the order in which they are listed.

    `declared` are those that the model's config states, `jinja` and `go` its prompt templates.
    """
    found = (set(declared) - _ANSWERS if ranks(gguf) else set(declared)) | {_answers(gguf)}
    if "completion" in found:
        if fim_tokens(gguf) is not None or (go is not None and "suffix" in go.variables):
            found.add("insert")
        found |= _template_capabilities(jinja, go, uses_go=uses_go)
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


def _template_capabilities(jinja: str, go: Template | None, *, uses_go: bool) -> frozenset[str]:
    if not uses_go:
        # Ollama's own judgement knows no thinking in other tags than the commonest.
        thinks = frozenset({"thinking"} if thinking_tags(jinja) else ())
        return template_capabilities(jinja) | thinks
    if go is None:
        return frozenset()
    framed = template_reading(go.text).framed is not None
    return go.capabilities() | (frozenset({"thinking"}) if framed else frozenset())

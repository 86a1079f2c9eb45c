"""Which tokens mark prefix, suffix and middle for filling in.

Few converters write the numbers of these tokens into the file, so they are also looked for by the names that
the families which were trained for it gave them.
"""

from __future__ import annotations

from typing import Final

from hearth.gguf import GGUF, LazyArray

_KEYS: Final = (("fim_pre", "prefix"), ("fim_suf", "suffix"), ("fim_mid", "middle"))
_NAMES: Final = (
    ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    ("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
    ("<fim-prefix>", "<fim-suffix>", "<fim-middle>"),
    ("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
    ("<PRE>", "<SUF>", "<MID>"),
    ("▁<PRE>", "▁<SUF>", "▁<MID>"),
    ("<|code_prefix|>", "<|code_suffix|>", "<|code_middle|>"),
)


def fim_tokens(gguf: GGUF) -> tuple[int, int, int] | None:
    """The numbers of the prefix, suffix and middle token, or None where the model lacks one of them."""
    named = (_named(gguf, names) for names in _NAMES)
    return _stated(gguf) or next((found for found in named if found is not None), None)


def _stated(gguf: GGUF) -> tuple[int, int, int] | None:
    found = []
    for names in _KEYS:
        numbers = [gguf.integer(f"tokenizer.ggml.{name}_token_id", -1) for name in names]
        found.append(next((number for number in numbers if number >= 0), -1))
    return _all(found)


def _named(gguf: GGUF, names: tuple[str, str, str]) -> tuple[int, int, int] | None:
    tokens = gguf.metadata.get("tokenizer.ggml.tokens")
    if not isinstance(tokens, LazyArray):
        return None
    return _all([tokens.find(name.encode()) for name in names])


def _all(found: list[int]) -> tuple[int, int, int] | None:
    prefix, suffix, middle = found
    return (prefix, suffix, middle) if min(found) >= 0 else None

"""Small vocabularies for models that tests make, as metadata of a GGUF file."""

from __future__ import annotations

from typing import Final

from hearth.gguf import U32, Array, MetadataValue, ValueType

NORMAL: Final = 1
UNKNOWN: Final = 2
CONTROL: Final = 3
BYTE: Final = 6

CHATML: Final = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
WORDS: Final = ("the", "and", "cat", "dog", "sat", "red", "blue", "went", "home", "hello", "world")


def spm(size: int) -> dict[str, MetadataValue]:
    """A SentencePiece vocabulary: all bytes, single letters, a few words, filled up to `size`."""
    tokens = ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"]
    types = [UNKNOWN, CONTROL, CONTROL, CONTROL, CONTROL]
    tokens += [f"<0x{byte:02X}>" for byte in range(256)]
    types += [BYTE] * 256
    pieces = ["▁", *map(chr, range(ord("!"), ord("~") + 1)), *_growing(WORDS)]
    pieces += [f"▁x{number}" for number in range(size)]
    tokens += pieces[: size - len(tokens)]
    types += [NORMAL] * (len(tokens) - len(types))
    return {
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.pre": "default",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.scores": Array(ValueType.FLOAT32, [-float(rank) for rank in range(len(tokens))]),
        "tokenizer.ggml.token_type": Array(ValueType.INT32, types),
        "tokenizer.ggml.bos_token_id": U32(1),
        "tokenizer.ggml.eos_token_id": U32(2),
        "tokenizer.ggml.eot_token_id": U32(4),
        "tokenizer.ggml.unknown_token_id": U32(0),
        "tokenizer.ggml.add_bos_token": True,
        "tokenizer.ggml.add_eos_token": False,
    }


def bpe(size: int) -> dict[str, MetadataValue]:
    """A byte-level BPE vocabulary of the GPT-2 kind: all bytes, a few words, filled up to `size`."""
    tokens = list(_byte_letters())
    merges = []
    for word in WORDS:
        for end in range(2, len(word) + 1):
            merges.append(f"{word[: end - 1]} {word[end - 1]}")
            tokens.append(word[:end])
    tokens, merges = list(dict.fromkeys(tokens)), list(dict.fromkeys(merges))
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    tokens += [f"Ġx{number}" for number in range(size - len(tokens) - len(special))]
    types = [NORMAL] * len(tokens) + [CONTROL] * len(special)
    tokens += special
    return {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "gpt-2",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": Array(ValueType.INT32, types),
        "tokenizer.ggml.merges": merges,
        "tokenizer.ggml.bos_token_id": U32(len(tokens) - 3),
        "tokenizer.ggml.eos_token_id": U32(len(tokens) - 1),
        "tokenizer.ggml.add_bos_token": False,
    }


def _growing(words: tuple[str, ...]) -> list[str]:
    prefixes = [("▁" + word)[:end] for word in words for end in range(2, len(word) + 2)]
    return list(dict.fromkeys(prefixes))


def _byte_letters() -> list[str]:
    """GPT-2's letters for the 256 bytes: printable ones stand for themselves, the rest from U+0100 on."""
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    spare = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(spare)) for byte in range(256)]

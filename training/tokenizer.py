"""The tokenizer: a byte-level BPE whose words look the same with and without a space before them.

Merges are learned on words, numbers and punctuation apart; only then the space is joined to the frequent
whole words. So a name in a question (after a space) and in a tool call (after a quote) is the same tokens,
which makes copying easy.

    python -m training.tokenizer        trains it and writes runs/tokenizer.json
"""

import json
import re
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from training.chat import END_OF_TEXT, IM_END, IM_START, Sample
from training.corpus import documents, samples

RUNS = Path(__file__).parent / "runs"
CONTROL = (END_OF_TEXT, IM_START, IM_END)
MARKS = ("<think>", "</think>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>")
SIZE = 2048
LEARNED = 1240
# How llama.cpp splits text for tokenizer.ggml.pre = "qwen2".
PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
LEARNING_PATTERN = r"\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+|\s+"
SPACE = "\u0120"  # how the byte-level alphabet writes a space


def _splitter(pattern: str) -> pre_tokenizers.PreTokenizer:
    split = pre_tokenizers.Split(Regex(pattern), behavior="isolated")
    return pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def _learn(texts: list[str]) -> tuple[list[str], list[tuple[str, str]]]:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = _splitter(LEARNING_PATTERN)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=256 + LEARNED, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    merges = [tuple(m) for m in model["merges"]]
    return sorted(model["vocab"], key=model["vocab"].get), [(a, b) for a, b in merges]


def _frequent(found: list[Sample]) -> Counter[str]:
    words: Counter[str] = Counter()
    for sample in found:
        if sample.kind in ("help", "greeting", "refusal"):
            words.update(
                re.findall(r" ([A-Za-z]+)", sample.turns[-1][1] + " " + sample.thought + " " + sample.answer)
            )
    return words


def train(seed: int = 0) -> Tokenizer:
    """Train on the corpus of `seed`; the result depends on nothing else."""
    texts = [
        re.sub(r"<\|?/?\w+\|?>", " ", "".join(piece.text for piece in d))
        for d in islice(documents(seed), 20000)
    ]
    vocabulary, merges = _learn(texts)
    room = SIZE - len(vocabulary) - len(CONTROL) - len(MARKS)
    known = set(vocabulary)
    spaced = [w for w, _ in _frequent(list(islice(samples(seed), 20000))).most_common() if w in known][:room]
    merges += [(SPACE, word) for word in spaced if SPACE + word not in known]
    vocabulary += [SPACE + word for word in spaced if SPACE + word not in known]
    return build(vocabulary, merges)


def build(vocabulary: list[str], merges: list[tuple[str, str]]) -> Tokenizer:
    """A tokenizer from its word list and merges, with the special tokens at the end."""
    tokenizer = Tokenizer(models.BPE(vocab={t: i for i, t in enumerate(vocabulary)}, merges=merges))
    tokenizer.pre_tokenizer = _splitter(PATTERN)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in CONTROL])
    tokenizer.add_tokens([AddedToken(t, special=False, normalized=False) for t in MARKS])
    return tokenizer


def load() -> Tokenizer:
    """The trained tokenizer of the runs folder."""
    return Tokenizer.from_file(str(RUNS / "tokenizer.json"))


def main() -> None:
    """Train and save, and print how well it packs the corpus."""
    RUNS.mkdir(exist_ok=True)
    tokenizer = train()
    tokenizer.save(str(RUNS / "tokenizer.json"))
    texts = ["".join(piece.text for piece in d) for d in islice(documents(7), 2000)]
    tokens = sum(len(e.ids) for e in tokenizer.encode_batch(texts))
    sys.stdout.write(
        f"{tokenizer.get_vocab_size()} tokens; {sum(map(len, texts)) / tokens:.2f} characters per token\n"
    )


if __name__ == "__main__":
    main()

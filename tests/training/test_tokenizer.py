"""The shipped tokenizer: nothing is lost, and words to copy look the same wherever they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from training.evaluate import embedded

from hearth.gguf import GGUF
from training import tokenizer


def shipped() -> Tokenizer:
    with GGUF.open(embedded()) as file:
        tokens: list[str] = list(file.metadata["tokenizer.ggml.tokens"])  # type: ignore[arg-type]
        merges: list[str] = list(file.metadata["tokenizer.ggml.merges"])  # type: ignore[arg-type]
    plain = tokens[: -len(tokenizer.CONTROL) - len(tokenizer.MARKS)]
    pairs = [merge.split(" ") for merge in merges]
    return tokenizer.build(plain, [(first, second) for first, second in pairs])


WORDS = shipped()


@given(st.text())
def test_text_survives(text: str) -> None:
    assert WORDS.decode(WORDS.encode(text).ids, skip_special_tokens=False) == text


@pytest.mark.parametrize("name", ["Reykjavik", "Quentin", "grizzle_flonk", "4711"])
def test_a_name_after_a_space_ends_in_the_tokens_of_the_name_after_a_quote(name: str) -> None:
    quoted = WORDS.encode(f'"{name}"').tokens[1:-1]
    spaced = WORDS.encode(f" {name}").tokens
    assert spaced[-len(quoted) :] == quoted


def test_marks_are_single_tokens() -> None:
    for mark in (*tokenizer.CONTROL, *tokenizer.MARKS):
        assert len(WORDS.encode(mark).ids) == 1


def test_the_space_joins_frequent_words() -> None:
    assert WORDS.encode(" the").tokens == [tokenizer.SPACE + "the"]

"""The pattern notation and the slips."""

import random

import pytest
from training.phrases import adorn, pick, slip, wrap


def all_of(pattern: str) -> set[str]:
    rng = random.Random(0)
    return {pick(pattern, rng) for _ in range(200)}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("plain", {"plain"}),
        ("(a|b) c", {"a c", "b c"}),
        ("a (b |)c", {"a b c", "a c"}),
        ("(a|b (c|d))", {"a", "b c", "b d"}),
        ("a|b", {"a", "b"}),
        ("models?", {"model", "models"}),
        ("(x|y)s? z", {"x z", "xs z", "y z", "ys z"}),
        (r"ctrl\+c \(x\|y\)", {"ctrl+c (x|y)"}),
    ],
)
def test_pattern(pattern: str, expected: set[str]) -> None:
    assert all_of(pattern) == expected


def test_wrap_puts_the_phrase_into_a_frame() -> None:
    assert wrap("run (a|a) model", ("how do i {}",), random.Random(0)) == "how do i run a model"


def test_slip_changes_one_place_of_a_word() -> None:
    rng = random.Random(0)
    for _ in range(100):
        changed = slip("import a gguf file", rng)
        assert abs(len(changed) - len("import a gguf file")) <= 1
        assert len(changed.split()) == 4


def test_slip_leaves_short_words_alone() -> None:
    assert slip("ls -l", random.Random(0)) == "ls -l"


def test_adorn_keeps_the_letters_of_commands() -> None:
    rng = random.Random(3)
    texts = {adorn("what does hearth ls do", rng) for _ in range(200)}
    assert any("hearth ls" in text for text in texts)
    assert all(text.strip() for text in texts)

"""What a grammar made from a regular expression lets through matches the expression."""

from __future__ import annotations

import random
import re

import pytest
from tests.support.gbnf import Gbnf

from hearth.output.grammar import regex_grammar

PATTERNS = [
    "",
    "abc",
    "^abc$",
    "^a|b$",
    "^(yes|no|maybe)$",
    "^[A-Z][a-z]+( [A-Z][a-z]+)*$",
    r"^\d{3}-\d{2,4}$",
    r"^\w+@\w+\.(com|org)$",
    r"^[^\s,]+(,[^\s,]+){0,3}$",
    r"^[^\S]x$",
    r"^\S+\s\S+$",
    r"^[\w.-]{1,8}$",
    r"^[]]?$".replace("[]]", "[\\]]"),
    r"^[a\-z]+$",
    r"^[-az]+$",
    r"^[az-]+$",
    r"^[\x41-\x43\u00e9]+$",
    r'^"[^"\\]*(\\.[^"\\]*)*"$',
    r"^(?:a|b)+?c*$",
    r"^(?P<year>\d{4})$",
    r"^\(\[\{\.\*\+\?\|\^\$\/\-\\$",
    r"^.{2,4}$",
    r"^(a(b(c(d)?)?)?)+$",
    r"^\t\n\r\f\v$",
    r"^[^a]$",
    r"^#[0-9a-fA-F]{6}$",
    r"^x{2,}$",
    r"^x{0}y$",
    r"^x{2500}$",
    "^é+漢$",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_whatever_matches_the_grammar_matches_the_expression(pattern: str) -> None:
    grammar = Gbnf(regex_grammar(pattern))
    for seed in range(30):
        text = grammar.sample(random.Random(seed))
        assert re.search(pattern, text), text


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        (r"^\d{2,3}$", ["12", "123"], ["1", "1234", "1a"]),
        (r"^[^a-c]*$", ["", "xyz é\n"], ["a", "xa"]),
        (r"^.$", ["a", "é", "漢"], ["\n", "", "ab"]),
        ("a|bc", ["a", "bc"], ["ab", "b"]),
        ("^(a|b){2}c?$", ["ab", "bbc"], ["a", "abcc"]),
    ],
)
def test_a_text_matches_as_a_whole(pattern: str, matching: list[str], other: list[str]) -> None:
    grammar = Gbnf(regex_grammar(pattern))
    assert [text for text in matching if not grammar.matches(text)] == []
    assert [text for text in other if grammar.matches(text)] == []

"""Sets of characters as ranges of code points: what a class in a regular expression stands for."""

from __future__ import annotations

from collections.abc import Iterable

from hearth.output.grammar.nodes import Ranges

TEXT: Ranges = ((0x09, 0x0A), (0x0D, 0x0D), (0x20, 0x7E), (0x80, 0xD7FF), (0xE000, 0x10FFFF))
"""Every character that belongs in a text: no control characters but tab and line breaks, no surrogates."""

DIGITS: Ranges = ((0x30, 0x39),)
WORD: Ranges = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
BREAKS: Ranges = ((0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029))
BLANKS: Ranges = ((0x09, 0x0A), (0x0D, 0x0D), (0x20, 0x20))
"""The white space that \\s gives: what is common, though more is recognised."""

ALL_BLANKS: Ranges = (
    (0x09, 0x0D),
    (0x1C, 0x20),
    (0x85, 0x85),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x3000, 0x3000),
    (0xFEFF, 0xFEFF),
)
"""Everything that some dialect calls white space, which \\S excludes."""


def union(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """The ranges in order and merged."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def intersection(left: Ranges, right: Ranges) -> Ranges:
    """The characters in both."""
    pairs = ((max(a, c), min(b, d)) for a, b in left for c, d in right)
    return union(pair for pair in pairs if pair[0] <= pair[1])


def complement(ranges: Ranges) -> Ranges:
    """The characters of a text that are not in `ranges`."""
    gaps: list[tuple[int, int]] = []
    start = 0
    for first, last in union(ranges):
        gaps.append((start, first - 1))
        start = last + 1
    gaps.append((start, 0x10FFFF))
    return intersection(tuple(gap for gap in gaps if gap[0] <= gap[1]), TEXT)

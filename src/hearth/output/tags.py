"""Finds tags in text that arrives in pieces.

A tag may be cut anywhere by the boundary between two pieces, so text that could still become a tag must be
held back. Which text that is depends only on what was written, never on how it was cut.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Cut:
    """A buffer cut at its first tag: what stands `before` it, the `tag` (empty: none yet), the `rest`."""

    before: str
    tag: str
    rest: str


def cut_at_tag(buffer: str, tags: Sequence[str], final: bool) -> Cut:
    """Cut `buffer` at the earliest of `tags` (the longest of those that begin at the same place).

    Without a tag, `rest` is the end of the buffer that may grow into one; `final` says that nothing will
    follow, so nothing is held back.
    """
    found = find_tag(buffer, tags, 0, final)
    if found:
        return Cut(buffer[: found.start()], found.group(), buffer[found.end() :])
    held = len(buffer) if final else _held_from(buffer, tags)
    return Cut(buffer[:held], "", buffer[held:])


def find_tag(text: str, tags: Sequence[str], start: int, final: bool) -> re.Match[str] | None:
    """The earliest of `tags` at or after `start` (the longest of those that begin at the same place).

    None as well where an earlier place may still become a tag; `final` says that nothing will follow.
    """
    found = _pattern(tuple(tags)).search(text, start)
    if found and not final and found.start() > _held_from(text, tags):
        return None
    return found


def cut_space(text: str) -> tuple[str, str]:
    """Cut the white space off the end of `text`: what precedes it, and it."""
    kept = text.rstrip()
    return kept, text[len(kept) :]


@lru_cache(maxsize=64)
def _pattern(tags: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(tags, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or "(?!)")


def _held_from(buffer: str, tags: Sequence[str]) -> int:
    """Where the longest end of `buffer` starts that is a proper beginning of a tag."""
    longest = max((len(tag) for tag in tags), default=1) - 1
    firsts = {tag[0] for tag in tags}
    for at in range(max(0, len(buffer) - longest), len(buffer)):
        if buffer[at] not in firsts:
            continue
        tail = buffer[at:]
        if any(len(tag) > len(tail) and tag.startswith(tail) for tag in tags):
            return at
    return len(buffer)

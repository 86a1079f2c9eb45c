"""How large a schema and its grammar may be.

A schema comes from outside; a small one can ask for a grammar without end. These limits keep the work on both
sides (here and in llama.cpp, which expands repetitions into rules) within seconds at worst.
"""

from __future__ import annotations

MAX_DEPTH = 64
"""Levels of nesting in a schema."""

MAX_DOCUMENT_DEPTH = 256
"""Levels of nesting of the JSON that holds a schema."""

MAX_DOCUMENT_VALUES = 50_000
"""JSON values in it."""

MAX_DIGITS_READ = 300
"""Digits of a whole number in it."""

MAX_ALTERNATIVES = 500
"""Pairs that come of two `anyOf` that must hold at once."""

MAX_SCHEMAS = 5_000
"""Schemas inside a schema, each counted as often as it is compiled."""

MAX_VALUES = 2_000
"""Values of one `enum`."""

MAX_COUNT = 100_000
"""The largest length of a string or of an array that a schema may name."""

MAX_REPETITIONS = 200_000
"""Sum of all bounded repetitions of a grammar."""

MAX_TEXT = 1_000_000
"""Characters of a grammar."""

MAX_PATTERN = 2_000
"""Characters of a regular expression."""

MAX_PATTERN_DEPTH = 32
"""Levels of groups in a regular expression."""

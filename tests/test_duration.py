"""Durations in Go's notation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.duration import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0), ("5m", 300), ("1h30m", 5400), ("-1s", -1), ("250ms", 0.25), ("1.5h", 5400), (".5s", 0.5),
        ("+2s", 2), ("1h1m1s1ms1us1ns", 3661.001001001), ("10µs", 1e-5), ("10μs", 1e-5),
    ],
)  # fmt: skip
def test_parses_what_go_parses(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "-", "5", "m", "5 m", "5m ", "1x", "5m5", "١s", "1e3s", "--1s", "300000h" * 9]
)
def test_refuses_the_rest(text: str) -> None:
    with pytest.raises(ValueError, match="invalid duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"), (300, "5m0s"), (5400, "1h30m0s"), (0.25, "250ms"), (1.5, "1.5s"), (1e-9, "1ns"),
        (2.5e-6, "2.5µs"),
        (-1, "-1s"), (3661.25, "1h1m1.25s"), (-1e-12, "0s"),
    ],
)  # fmt: skip
def test_prints_as_go_prints(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.integers(-(10**15), 10**15))
def test_what_is_printed_parses_to_the_same(microseconds: int) -> None:
    seconds = microseconds / 1e6
    assert parse_duration(format_duration(seconds)) == pytest.approx(seconds, abs=1e-6)


@given(st.text())
def test_any_text_is_a_duration_or_a_value_error(text: str) -> None:
    try:
        parse_duration(text)
    except ValueError:
        return

"""Numbers, times and tables look as Ollama's do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hearth.cli.render import (
    columns,
    human_bytes,
    human_duration,
    human_time,
    parse_time,
    processor,
    table,
)
from hearth.numbers import human_number

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 KB"),
        (1500, "1.5 KB"),
        (9_999, "10.0 KB"),
        (12_900, "12 KB"),
        (999_999, "999 KB"),
        (1_000_000, "1 MB"),
        (4_661_224_676, "4.7 GB"),
        (12_000_000_000, "12 GB"),
        (2_000_000_000_000, "2 TB"),
    ],
)
def test_sizes_are_decimal_with_one_digit_below_ten(count: int, shown: str) -> None:
    assert human_bytes(count) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1K"),
        (12_345, "12K"),
        (1_000_000, "1M"),
        (136_727_040, "136.73M"),
        (137_000_000, "137M"),
        (8_000_000_000, "8B"),
        (8_190_735_360, "8.2B"),
    ],
)
def test_counts_are_rounded_by_their_unit(count: int, shown: str) -> None:
    assert human_number(count) == shown


MINUTE, HOUR, DAY = 60, 3600, 86400


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "Less than a second"),
        (0.99, "Less than a second"),
        (1, "1 second"),
        (59.9, "59 seconds"),
        (MINUTE, "About a minute"),
        (2 * MINUTE - 1, "About a minute"),
        (2 * MINUTE, "2 minutes"),
        (HOUR - 1, "59 minutes"),
        (HOUR, "About an hour"),
        (1.5 * HOUR - 1, "About an hour"),
        (1.5 * HOUR, "2 hours"),
        (47.4 * HOUR, "47 hours"),
        (48 * HOUR, "2 days"),
        (13.9 * DAY, "13 days"),
        (14 * DAY, "2 weeks"),
        (59 * DAY, "8 weeks"),
        (60 * DAY, "2 months"),
        (729 * DAY, "24 months"),
        (730 * DAY, "2 years"),
    ],
)
def test_spans_in_words(seconds: float, shown: str) -> None:
    assert human_duration(timedelta(seconds=seconds)) == shown


def test_times_say_on_which_side_of_now_they_lie() -> None:
    assert human_time(NOW - timedelta(hours=2), NOW) == "2 hours ago"
    assert human_time(NOW + timedelta(minutes=4, seconds=30), NOW) == "4 minutes from now"
    assert human_time(None, NOW) == "Never"
    assert human_time(NOW + timedelta(days=365 * 21), NOW) == "Forever"
    assert human_time(NOW + timedelta(days=365 * 19), NOW) == "19 years from now"


def test_times_are_read_as_the_server_writes_them() -> None:
    with_nanoseconds = parse_time("2026-11-20T12:00:00.123456789Z")
    assert with_nanoseconds is not None
    assert with_nanoseconds.replace(microsecond=0) == NOW
    assert parse_time("2026-11-20T13:00:00+01:00") == NOW
    assert parse_time("0001-01-01T00:00:00Z") is None
    assert parse_time("yesterday") is None
    assert parse_time(None) is None


@pytest.mark.parametrize(
    ("size", "size_vram", "shown"),
    [
        (100, 0, "100% CPU"),
        (0, 0, "100% CPU"),
        (100, 100, "100% GPU"),
        (100, 101, "Unknown"),
        (0, 5, "Unknown"),
        (200, 103, "49%/51% CPU/GPU"),
        (1000, 999, "0%/100% CPU/GPU"),
    ],
)
def test_where_a_model_lies(size: int, size_vram: int, shown: str) -> None:
    assert processor(size, size_vram) == shown


def test_a_table_has_aligned_columns_four_spaces_apart() -> None:
    shown = table(("NAME", "SIZE"), [("guide:latest", "8 MB"), ("m:1b", "12 GB")])
    assert shown.split("\n") == ["NAME            SIZE", "guide:latest    8 MB", "m:1b            12 GB"]


def test_a_table_without_rows_is_its_header() -> None:
    assert table(("NAME", "ID"), []) == "NAME    ID"


def test_a_cell_cannot_start_a_line() -> None:
    assert columns([["a\nb", "c"]]) == ["a b    c"]

"""Tags are found however the text is cut, and no earlier than is certain."""

from __future__ import annotations

import pytest

from hearth.output.tags import Cut, cut_at_tag, find_tag


@pytest.mark.parametrize(
    ("buffer", "tags", "expected"),
    [
        ("", ["<a>"], Cut("", "", "")),
        ("text", [], Cut("text", "", "")),
        ("text<a>more", ["<a>"], Cut("text", "<a>", "more")),
        ("text<a", ["<a>"], Cut("text", "", "<a")),
        ("text<b", ["<a>"], Cut("text<b", "", "")),
        ("<<a", ["<a>"], Cut("<", "", "<a")),
        ("x<b>y<a>", ["<a>", "<b>"], Cut("x", "<b>", "y<a>")),
        ("x[ab", ["[ab]", "b"], Cut("x", "", "[ab")),
        ("x[ab]", ["[ab]", "b"], Cut("x", "[ab]", "")),
    ],
)
def test_the_first_tag_is_found_and_the_beginning_of_one_held_back(
    buffer: str, tags: list[str], expected: Cut
) -> None:
    assert cut_at_tag(buffer, tags, final=False) == expected


def test_a_search_goes_on_from_where_it_was() -> None:
    found = find_tag("<a><b><a>", ["<a>", "<b>"], 3, final=False)
    assert found
    assert (found.start(), found.group()) == (3, "<b>")
    assert find_tag("<a><b>", ["<a>"], 3, final=True) is None


def test_a_tag_waits_for_one_that_may_begin_before_it() -> None:
    assert find_tag('x<|"', ['"', '<|"|>'], 0, final=False) is None
    late = find_tag('x<|"', ['"', '<|"|>'], 0, final=True)
    assert late
    assert late.group() == '"'


def test_at_the_end_nothing_is_held_back() -> None:
    assert cut_at_tag("text<a", ["<a>"], final=True) == Cut("text<a", "", "")

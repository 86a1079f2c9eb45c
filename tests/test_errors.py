"""The exception tree."""

from __future__ import annotations

import re

from hearth import errors


def tree(kind: type[errors.HearthError], depth: int = 0) -> list[tuple[str, int, int]]:
    rows = [(kind.__name__, kind.status, depth)]
    for below in kind.__subclasses__():
        if below.__module__ == errors.__name__:
            rows += tree(below, depth + 1)
    return rows


def test_the_tree_is_drawn_as_it_is() -> None:
    drawn = re.findall(r"^ {4}([│├└─ ]*)(\w+) +(\d{3})", errors.__doc__ or "", re.MULTILINE)
    assert sorted((name, int(status)) for _, name, status in drawn) == sorted(
        (name, status) for name, status, _ in tree(errors.HearthError)
    )
    depths = {name: len(branch) // 4 for branch, name, _ in drawn}
    assert depths == {name: depth for name, _, depth in tree(errors.HearthError)}


def test_an_overlong_prompt_is_told_with_its_numbers_and_the_way_out() -> None:
    message = errors.ContextExceeded(5000, 4096).message
    assert "5000" in message
    assert "4096" in message
    assert "num_ctx" in message


def test_a_larger_window_is_no_way_out_of_a_model_that_cannot_have_one() -> None:
    known = errors.ContextExceeded(5000, 4096, cut=True)
    assert "num_ctx" in known.of_model(0).message
    assert "num_ctx" in known.of_model(5001).message
    full = known.of_model(5000)
    assert "num_ctx" not in full.message
    assert "no larger window than 5000" in full.message
    assert "truncate" not in full.message
    assert (full.prompt_tokens, full.context) == (5000, 4096)

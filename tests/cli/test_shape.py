"""Whatever a server answers, a command shows what it can and never a traceback."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.support import piped

from hearth.cli.answer import AnswerPrinter, remarks
from hearth.cli.chat import from_show
from hearth.cli.commands import list as list_command
from hearth.cli.commands import ps
from hearth.cli.details import details
from hearth.cli.shape import mapping, number, objects, text, texts
from hearth.cli.stats import summary

NOW = datetime(2026, 11, 20, tzinfo=UTC)
FIELDS = (
    "model_info details capabilities projector_info parameters system license messages tensors name digest "
    "size size_vram modified_at expires_at context_length eval_count eval_duration total_duration message "
    "response thinking tool_calls done notes truncated general.parameter_count general.architecture role "
    "content function"
).split()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=12,
)
ANSWER = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6)


@given(ANSWER)
def test_any_answer_can_be_shown(answer: dict[str, Any]) -> None:
    assert details(answer, verbose=True).count("\n  Model") <= 1
    assert len(list_command.render([answer], NOW).split("\n")) == 2
    assert len(ps.render([answer], NOW).split("\n")) == 2
    assert all(line for line in [*summary(answer), *remarks(answer)])
    assert from_show("m", answer).model == "m"
    printer = AnswerPrinter(piped().console, wrap=True, show_thinking=True)
    printer.feed(answer)
    assert (printer.final is not None) == bool(answer.get("done"))


@pytest.mark.parametrize("value", [None, 1.5, "5", [1], {"a": 1}, -1])
def test_a_number_is_a_whole_number_or_zero(value: Any) -> None:
    assert number(value) == 0
    assert number(7) == 7


def test_other_values_of_the_wrong_type_are_empty() -> None:
    assert (mapping([1]), mapping({"a": 1})) == ({}, {"a": 1})
    assert (objects("x"), objects([1, {"a": 1}])) == ([], [{"a": 1}])
    assert (text(None), text("x")) == ("", "x")
    assert (texts({"a": 1}), texts([1, "x"])) == ([], ["x"])

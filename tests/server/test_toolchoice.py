"""OpenAI's `tool_choice` in its three forms."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.errors import BadRequest
from hearth.messages import Tool, ToolChoice
from hearth.server.toolchoice import tool_choice

TOOLS = (Tool("f"), Tool("g"), Tool("h"))
F: dict[str, Any] = {"type": "function", "function": {"name": "f"}}
H: dict[str, Any] = {"type": "function", "name": "h"}

keys = st.sampled_from(["type", "function", "name", "allowed_tools", "mode", "tools"])
words = st.sampled_from(["function", "allowed_tools", "auto", "none", "required", "f", "x", ""])
anything = st.recursive(
    words | st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=10,
)


@pytest.mark.parametrize("value", [F, {"type": "function", "name": "f"}])
def test_a_function_may_be_named_on_either_level(value: Any) -> None:
    assert tool_choice(value, TOOLS) == (ToolChoice("named", "f"), TOOLS)


def test_words_say_how_tools_are_called() -> None:
    assert tool_choice(None, TOOLS) == (ToolChoice(), TOOLS)
    for word in ("auto", "none", "required"):
        assert tool_choice(word, TOOLS)[0].mode == word


@pytest.mark.parametrize("mode", ["auto", "required"])
def test_only_the_allowed_tools_are_offered(mode: str) -> None:
    listed = {"mode": mode, "tools": [H, F]}
    chosen = tool_choice({"type": "allowed_tools", "allowed_tools": listed}, TOOLS)
    assert (chosen[0].mode, chosen[1]) == (mode, (TOOLS[0], TOOLS[2]))
    assert tool_choice({"type": "allowed_tools", **listed}, TOOLS) == chosen


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("always", '"always"; expected "none", "auto" or "required"'),
        (1, "tool_choice is 1; expected"),
        ({"type": "custom"}, "expected .* a function by its name"),
        ({"type": "function"}, "names no function"),
        ({"type": "function", "function": {"name": ""}}, "names no function"),
        ({"type": "allowed_tools"}, "must list one tool or more"),
        ({"type": "allowed_tools", "tools": [{"name": "x"}]}, 'allows "x", which is not one of the tools'),
        ({"type": "allowed_tools", "tools": [F], "mode": "some"}, '"some"; expected'),
    ],
)
def test_what_is_wrong_is_said(value: Any, words: str) -> None:
    with pytest.raises(BadRequest, match=words) as refused:
        tool_choice(value, TOOLS)
    assert refused.value.field == "tool_choice"


@given(anything | st.dictionaries(keys, anything, max_size=4))
def test_any_json_is_a_choice_or_refused(value: Any) -> None:
    with contextlib.suppress(BadRequest):
        choice, tools = tool_choice(value, TOOLS)
        assert isinstance(choice, ToolChoice)
        assert all(tool in TOOLS for tool in tools)

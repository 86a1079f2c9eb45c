"""`/set` changes the conversation and says so."""

from __future__ import annotations

from typing import Any

import pytest
from tests.cli.support import piped

from hearth.cli.chat import Chat
from hearth.cli.command import Arguments, Call
from hearth.cli.repl.set import apply
from hearth.cli.repl.state import State


def state(*capabilities: str) -> State:
    return State(Call("hearth", Arguments(), piped().console), Chat("m", frozenset(capabilities)))


@pytest.mark.parametrize(
    ("line", "reply", "name", "value"),
    [
        ("/set verbose", "Set 'verbose' mode.", "verbose", True),
        ("/set quiet", "Set 'quiet' mode.", "verbose", False),
        ("/set wordwrap", "Set 'wordwrap' mode.", "wordwrap", True),
        ("/set nowordwrap", "Set 'nowordwrap' mode.", "wordwrap", False),
        ("/set format json", "Set format to 'json' mode.", "format", "json"),
        ("/set noformat", "Disabled format.", "format", None),
        ("/set think", "Set 'think' mode.", "think", True),
        ("/set think high", "Set 'think' mode to 'high'.", "think", "high"),
        ("/set nothink", "Set 'nothink' mode.", "think", False),
        ("/set system Be brief.", "Set system message.", "system", "Be brief."),
        ('/set system "Be brief."', "Set system message.", "system", "Be brief."),
        ('/set system """Be\nbrief."""', "Set system message.", "system", "Be\nbrief."),
        (
            "/set parameter temperature 0.5",
            "Set parameter 'temperature' to '0.5'",
            "options",
            {"temperature": 0.5},
        ),
        ("/set parameter num_ctx 8192", "Set parameter 'num_ctx' to '8192'", "options", {"num_ctx": 8192}),
        ("/set parameter stop a b", "Set parameter 'stop' to 'a, b'", "options", {"stop": ["a", "b"]}),
        (
            "/set parameter use_mmap false",
            "Set parameter 'use_mmap' to 'false'",
            "options",
            {"use_mmap": False},
        ),
    ],
)
def test_what_can_be_set(line: str, reply: str, name: str, value: Any) -> None:
    current = state("completion", "thinking")
    answer = apply(current, line)
    assert (answer.text, answer.error) == (reply, False)
    assert getattr(current.chat, name) == value


def test_history_is_switched() -> None:
    current = state()
    apply(current, "/set nohistory")
    assert not current.history
    apply(current, "/set history")
    assert current.history


@pytest.mark.parametrize(
    ("line", "text", "error"),
    [
        ("/set", "Available Commands:", True),
        ("/set nonsense", "Unknown command '/set nonsense'", False),
        ("/set format xml", "Invalid or missing format. For 'json' mode use '/set format json'", False),
        ("/set format", "Invalid or missing format", False),
        ("/set parameter", "num_ctx", True),
        ("/set parameter temperature", "Usage:", True),
        ("/set parameter nonsense 1", "Couldn't set parameter: \"unknown parameter 'nonsense'", False),
        ("/set parameter temperature hot", "Couldn't set parameter: \"invalid float value [hot]", False),
        ("/set system", "Usage:", True),
        ("/set think", 'warning: model "m" does not support thinking output', True),
        ("/set nothink", 'warning: model "m" does not support thinking output', True),
        ("/set think hard", "Invalid level 'hard'", False),
    ],
)
def test_what_cannot_be_set_changes_nothing(line: str, text: str, error: bool) -> None:
    current = state("completion")
    before = repr(current.chat)
    answer = apply(current, line)
    assert text in answer.text
    assert answer.error is error
    assert repr(current.chat) == before

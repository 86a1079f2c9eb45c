"""An answer is shown as it comes, with its deliberation set apart."""

from __future__ import annotations

import pytest
from tests.cli.support import on_terminal, piped

from hearth.cli.answer import AnswerPrinter, remarks
from hearth.cli.failure import CommandError

DONE = {"response": "", "done": True}


def test_a_piped_answer_is_the_text_alone() -> None:
    screen = piped()
    printer = AnswerPrinter(screen.console, wrap=True, show_thinking=True)
    final = printer.show([{"response": "Hel"}, {"response": "lo " * 60}, DONE | {"eval_count": 3}])
    assert screen.out.getvalue() == "Hello " + "lo " * 59
    assert final["eval_count"] == 3
    assert printer.content == screen.out.getvalue()


def test_deliberation_is_framed() -> None:
    screen = piped()
    printer = AnswerPrinter(screen.console, wrap=True, show_thinking=True)
    printer.show([{"thinking": "let me "}, {"thinking": "see"}, {"response": "Four."}, DONE])
    assert screen.out.getvalue() == "Thinking...\nlet me see\n...done thinking.\n\nFour."
    assert printer.thinking == "let me see"


def test_deliberation_that_ends_its_line_gets_no_second_newline() -> None:
    screen = piped()
    AnswerPrinter(screen.console, wrap=True, show_thinking=True).show([{"thinking": "hm\n"}, DONE])
    assert screen.out.getvalue() == "Thinking...\nhm\n...done thinking.\n\n"


def test_hidden_deliberation_is_remembered_but_not_shown() -> None:
    screen = piped()
    printer = AnswerPrinter(screen.console, wrap=True, show_thinking=False)
    printer.show([{"message": {"thinking": "secret"}}, {"message": {"content": "Four."}}, DONE])
    assert screen.out.getvalue() == "Four."
    assert printer.thinking == "secret"


def test_a_terminal_shows_deliberation_in_grey_and_returns_to_plain() -> None:
    screen = on_terminal()
    AnswerPrinter(screen.console, wrap=True, show_thinking=True).show(
        [{"thinking": "hm"}, {"response": "x"}, DONE]
    )
    shown = screen.out.getvalue()
    assert "\x1b[90m\x1b[1mThinking...\n" in shown
    assert shown.endswith("\x1b[0mx")


def test_an_answer_cannot_command_the_terminal() -> None:
    screen = on_terminal()
    AnswerPrinter(screen.console, wrap=True, show_thinking=True).show([{"response": "\x1b]0;x\x07"}, DONE])
    assert "\x1b" not in screen.out.getvalue()


def test_a_call_of_a_tool_is_named() -> None:
    screen = piped()
    printer = AnswerPrinter(screen.console, wrap=True, show_thinking=True)
    called = {"function": {"name": "weather", "arguments": {"city": "Łódź"}}}
    printer.show([{"message": {"content": "Well", "tool_calls": [called]}}, DONE])
    assert screen.out.getvalue() == (
        'Well\nModel called a non-existent function \'weather()\' with arguments: {"city": "Łódź"}\n'
    )
    assert printer.tool_calls == [called]


def test_an_answer_that_breaks_off_is_an_error() -> None:
    printer = AnswerPrinter(piped().console, wrap=True, show_thinking=True)
    with pytest.raises(CommandError, match="before it was complete"):
        printer.show([{"response": "Hel"}])
    assert printer.content == "Hel"


def test_an_answer_that_is_stopped_ends_its_line_and_style() -> None:
    screen = on_terminal()
    printer = AnswerPrinter(screen.console, wrap=True, show_thinking=True)
    printer.feed({"thinking": "hm"})
    printer.stop()
    assert screen.out.getvalue().endswith("hm\x1b[0m\n")
    unsaid = on_terminal()
    AnswerPrinter(unsaid.console, wrap=True, show_thinking=True).stop()
    assert "\n" not in unsaid.out.getvalue()


def test_what_was_cut_is_told() -> None:
    assert remarks({"done": True}) == []
    cut = remarks({"truncated": {"dropped_messages": 2, "dropped_tokens": 50}, "notes": ["odd call"]})
    assert cut[0] == "note: odd call"
    assert "2 messages and 50 tokens" in cut[1]

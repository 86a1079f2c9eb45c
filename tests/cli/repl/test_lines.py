"""Messages in triple quotes."""

from __future__ import annotations

import pytest

from hearth.cli.repl.lines import incomplete, quoted, unquote


@pytest.mark.parametrize(
    ("text", "open_"),
    [
        ("hello", False),
        ('"""', True),
        ('"""hello', True),
        ('"""hello"""', False),
        ('"""hello\nworld', True),
        ('"""hello\nworld"""', False),
        ('"""hello\nworld"""  ', False),
        ('""""""', False),
        ('say """ now', False),
        ('/set system """You are', True),
        ('/set system """You are\nbrief"""', False),
        ("/set system brief", False),
        ("", False),
    ],
)
def test_a_message_is_open_until_its_quotes_are_closed(text: str, open_: bool) -> None:
    assert incomplete(text) is open_


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("plain", "plain"),
        ('"""a\nb"""', "a\nb"),
        ('"""\na\n"""', "\na\n"),
        ('  """x"""  ', "x"),
        ('a """b"""', 'a """b"""'),
        ('""""""', ""),
    ],
)
def test_quotes_are_taken_off(text: str, message: str) -> None:
    assert unquote(text) == message


def test_a_quoted_message_is_told_from_a_line() -> None:
    assert quoted('"""/bye"""')
    assert not quoted('/set system """x"""')

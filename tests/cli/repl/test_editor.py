"""Writing a message in an editor."""

from __future__ import annotations

from pathlib import Path

import pytest

from hearth.cli.failure import CommandError
from hearth.cli.repl.editor import edit, editor
from hearth.config import Config


@pytest.mark.parametrize(
    ("environment", "chosen"),
    [
        ({"OLLAMA_EDITOR": "a", "VISUAL": "b", "EDITOR": "c"}, "a"),
        ({"VISUAL": "b -w", "EDITOR": "c"}, "b -w"),
        ({"EDITOR": "c"}, "c"),
        ({"EDITOR": " "}, "vi"),
        ({}, "vi"),
    ],
)
def test_which_editor_is_used(environment: dict[str, str], chosen: str, tmp_path: Path) -> None:
    assert editor(Config.load({"HOME": str(tmp_path), **environment})) == chosen


def test_the_edited_text_comes_back(tmp_path: Path) -> None:
    script = tmp_path / "my editor"
    script.write_text(
        '#!/bin/sh\ncase "$2" in *ollama-prompt*.txt) printf \' and %s\\n\' "$1" >> "$2";; esac\n'
    )
    script.chmod(0o755)
    assert edit("this", f"'{script}' that") == "this and that"


def test_a_missing_editor_is_named() -> None:
    with pytest.raises(CommandError, match='editor "no-such-editor" not found, set OLLAMA_EDITOR'):
        edit("x", "no-such-editor --wait")


def test_an_editor_that_fails_leaves_the_text() -> None:
    with pytest.raises(CommandError, match="ended with code 1"):
        edit("x", "false")


@pytest.mark.parametrize("command", ["'unclosed", '"'])
def test_a_command_that_cannot_be_read_is_an_error(command: str) -> None:
    with pytest.raises(CommandError, match="cannot be run"):
        edit("x", command)

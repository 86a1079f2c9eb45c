"""Long work is shown as bars on a terminal and as few plain lines elsewhere."""

from __future__ import annotations

import pyte
import pytest
from tests.cli.support import on_terminal, piped

from hearth.cli.progress import progress


def test_plain_lines_are_not_repeated() -> None:
    screen = piped()
    with progress(screen.console) as shown:
        shown.status("gathering")
        shown.status("gathering")
        for done in (0, 500, 1000, 1000):
            shown.bar("copying", done, 1000)
        shown.status("success")
    assert screen.err.getvalue().split("\n") == [
        "gathering",
        "copying 0% of 1 KB",
        "copying 100% of 1 KB",
        "success",
        "",
    ]
    assert screen.out.getvalue() == ""


def test_a_terminal_shows_steps_and_complete_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    screen = on_terminal()
    with progress(screen.console) as shown:
        shown.status("gathering \x1b]0;x\x07")
        shown.bar("copying [red]file[/red]", 1000, 1000)
        shown.status(f"using existing layer sha256:{'0123456789abcdef' * 4}")
        shown.status("success")
    emulated = pyte.Screen(80, 20)
    pyte.Stream(emulated).feed(screen.err.getvalue().replace("\n", "\r\n"))
    lines = [line.strip() for line in emulated.display if line.strip()]
    assert [line.split()[0] for line in lines] == ["gathering", "copying", "using", "success"]
    assert "[red]file[/red]" in lines[1]
    assert "100%" in lines[1]
    assert lines[2] == "using existing layer sha256:0123456789ab"
    assert "\x1b]0;" not in screen.err.getvalue()

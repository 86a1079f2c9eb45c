"""The history file."""

from __future__ import annotations

import stat
from pathlib import Path

from hearth.cli.repl.history import LIMIT, FileHistory, add, read


def test_entries_are_kept_in_order_in_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "state" / "history"
    for entry in ("one", "two", "zwei é"):
        add(path, entry)
    assert path.read_text() == "one\ntwo\nzwei é\n"
    assert read(path) == ["one", "two", "zwei é"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["history"]


def test_an_entry_of_several_lines_comes_back_whole(tmp_path: Path) -> None:
    path = tmp_path / "history"
    add(path, '"""a\nb\\n"""')
    add(path, "next")
    assert len(path.read_text(encoding="utf-8").split("\n")) == 3
    assert read(path) == ['"""a\nb\\n"""', "next"]


def test_only_the_last_hundred_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.write_text("".join(f"{number}\n" for number in range(150)))
    add(path, "last")
    assert read(path) == [*(str(number) for number in range(51, 150)), "last"]
    assert len(path.read_text().splitlines()) == LIMIT


def test_a_file_that_is_missing_or_not_text_is_no_obstacle(tmp_path: Path) -> None:
    assert read(tmp_path / "missing") == []
    path = tmp_path / "history"
    path.write_bytes(b"\xff\xfe\nok\n")
    assert read(path)[-1] == "ok"


def test_nothing_is_read_or_kept_while_history_is_off(tmp_path: Path) -> None:
    path = tmp_path / "history"
    add(path, "old")
    history = FileHistory(path, lambda: False)
    history.store_string("secret")
    assert list(history.load_history_strings()) == []
    assert read(path) == ["old"]


def test_a_disk_that_refuses_does_not_end_the_conversation(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    FileHistory(tmp_path / "file" / "history", lambda: True).store_string("x")
    assert (tmp_path / "file").read_text() == ""

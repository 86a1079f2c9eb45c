"""The store keeps what it may, lets the oldest go, and survives restarts and damage."""

from __future__ import annotations

import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearth.server.responses.store import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "responses.sqlite3"


def kept(store: Store, *keys: str) -> list[str]:
    return [key for key in keys if store.get(key) is not None]


def test_nothing_is_made_before_something_is_kept(path: Path) -> None:
    store = Store(path, 1000)
    assert store.get("a") is None
    assert store.delete("a") is False
    assert not path.parent.exists()


def test_what_is_kept_is_there_after_a_restart(path: Path) -> None:
    assert Store(path, 1000).put("a", b"body")
    assert Store(path, 1000).get("a") == b"body"


def test_only_the_user_can_read_the_file(path: Path) -> None:
    Store(path, 1000).put("a", b"body")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_mode_of_a_file_that_is_there_is_set_right(path: Path) -> None:
    Store(path, 1000).put("a", b"body")
    path.chmod(0o644)
    Store(path, 1000).put("b", b"body")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_oldest_go_first(path: Path) -> None:
    store = Store(path, 400)
    for key in "abcdef":
        assert store.put(key, b"x" * 99)
    assert kept(store, *"abcdef") == ["c", "d", "e", "f"]


def test_what_is_written_again_is_the_newest(path: Path) -> None:
    store = Store(path, 400)
    for key in "abcda":
        store.put(key, b"x" * 99)
    store.put("e", b"x" * 99)
    assert kept(store, *"abcde") == ["a", "c", "d", "e"]


def test_one_entry_cannot_drive_out_all_others(path: Path) -> None:
    store = Store(path, 400)
    store.put("a", b"x")
    assert store.put("b", b"x" * 100) is False
    assert kept(store, "a", "b") == ["a"]


def test_what_is_deleted_is_gone_from_the_file(path: Path) -> None:
    store = Store(path, 10_000)
    store.put("a", b"a secret")
    store.put("b", b"something else")
    assert b"a secret" in path.read_bytes()
    assert store.delete("a") is True
    assert store.delete("a") is False
    assert b"a secret" not in path.read_bytes()
    assert kept(store, "a", "b") == ["b"]


def test_the_file_shrinks_with_what_is_in_it(path: Path) -> None:
    store = Store(path, 2**20)
    for number in range(8):
        store.put(str(number), b"x" * 100_000)
    large = path.stat().st_size
    Store(path, 2**18).put("new", b"y")
    assert path.stat().st_size < large / 2


@pytest.mark.parametrize("damage", [b"", b"not a database at all" * 50])
def test_a_damaged_file_is_moved_aside(path: Path, damage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    store = Store(path, 10_000)
    store.put("a", b"body")
    whole = path.read_bytes()
    broken = damage or whole[:100] + b"\xff" * (len(whole) - 100)
    path.write_bytes(broken)
    assert store.get("a") is None
    assert store.put("b", b"new")
    assert store.get("b") == b"new"
    assert path.with_name("responses.sqlite3.damaged").read_bytes() == broken
    assert "moved to" in caplog.text


def test_a_transaction_that_was_cut_short_leaves_what_was_there(path: Path) -> None:
    store = Store(path, 10_000)
    store.put("a", b"body")
    broken = sqlite3.connect(path, isolation_level=None)
    broken.execute("BEGIN IMMEDIATE")
    broken.execute("DELETE FROM responses")
    broken.close()
    assert store.get("a") == b"body"


def test_a_place_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="exists"):
        Store(tmp_path / "file" / "responses.sqlite3", 1000).put("a", b"b")


def test_the_newest_that_holds_a_text_is_found(path: Path) -> None:
    store = Store(path, 10_000)
    assert store.find(b"b") is None
    for key, body in (("1", b"abc"), ("2", b"cbd"), ("3", b"xyz")):
        store.put(key, body)
    assert store.find(b"b") == b"cbd"
    assert store.find(b"ab") == b"abc"
    assert store.find(b"q") is None


def test_threads_share_a_store(path: Path) -> None:
    store = Store(path, 100_000)
    keys = [str(number) for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda key: store.put(key, b"x"), keys))
    assert kept(store, *keys) == keys


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(sizes=st.lists(st.integers(0, 120), max_size=12))
def test_the_newest_that_fit_are_kept(sizes: list[int], tmp_path_factory: pytest.TempPathFactory) -> None:
    store = Store(tmp_path_factory.mktemp("store") / "file", 400)
    keys = [f"{number:02}" for number in range(len(sizes))]
    fitting = [(key, size) for key, size in zip(keys, sizes, strict=True) if store.put(key, b"x" * size)]
    assert fitting == [(key, size) for key, size in zip(keys, sizes, strict=True) if size + 2 <= 100]
    room = 400
    expected: list[str] = []
    for key, size in reversed(fitting):
        room -= size + 2
        if room < 0:
            break
        expected.insert(0, key)
    assert kept(store, *keys) == expected

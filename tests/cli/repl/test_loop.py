"""A conversation at a terminal, with a server whose answers the test decides."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.cli.support import Answer, Exchange, Served, gives, serving, streams
from tests.cli.tty import (
    CTRL_A,
    CTRL_C,
    CTRL_D,
    CTRL_G,
    CTRL_J,
    CTRL_U,
    CTRL_W,
    PASTE_END,
    PASTE_START,
    UP,
    Tty,
    hearth,
)
from tests.support.daemon import clean_environment

pytestmark = pytest.mark.slow

DONE = {"message": {"role": "assistant", "content": ""}, "done": True, "eval_count": 1}
SHOWN = {"capabilities": ["completion"]}


def says(*pieces: str) -> Answer:
    return streams(*({"message": {"content": piece}} for piece in pieces), DONE)


def answers(chat: Answer, shown: dict[str, Any] = SHOWN) -> dict[str, Answer]:
    loaded = gives({"done": True, "done_reason": "load"})
    return {"POST_api_show": gives(shown), "POST_api_generate": loaded, "POST_api_chat": chat}


class Stall:
    """An answer that says something and then waits until the client hangs up."""

    def __init__(self) -> None:
        self.hung_up = threading.Event()
        self._stalled = False

    def __call__(self, exchange: Exchange) -> None:
        if self._stalled:
            says("later")(exchange)
            return
        self._stalled = True
        exchange.start()
        exchange.chunk(b'{"message": {"content": "I was about to"}}\n')
        if exchange.rfile.read(1) == b"":
            self.hung_up.set()
        exchange.close_connection = True


@pytest.fixture
def echo() -> Iterator[Served]:
    with serving(**answers(says("Hello ", "there."))) as served:
        yield served


def environment(served: Served, home: Path, **more: str) -> dict[str, str]:
    return clean_environment(home, OLLAMA_HOST=served.host, **more)


def contents(served: Served) -> list[list[str]]:
    """The texts of the messages of each chat request."""
    return [[message["content"] for message in body["messages"]] for body in served.bodies("/api/chat")]


def leave(tty: Tty) -> None:
    tty.type(CTRL_D)
    assert tty.wait_end() == 0


def test_every_turn_sends_the_whole_conversation(echo: Served, tmp_path: Path) -> None:
    with hearth(environment(echo, tmp_path), "run", "m") as tty:
        tty.wait("Send a message (/? for help)")
        tty.enter("first")
        tty.wait("Hello there.")
        tty.wait_prompt(2)
        tty.enter("second")
        tty.wait_prompt(3)
        tty.enter("/bye")
        assert tty.wait_end() == 0
    assert contents(echo) == [["first"], ["first", "Hello there.", "second"]]
    assert echo.bodies("/api/generate")[0]["prompt"] == ""


def test_a_message_of_several_lines_in_quotes(echo: Served, tmp_path: Path) -> None:
    with hearth(environment(echo, tmp_path), "run", "m") as tty:
        tty.wait_prompt(1)
        tty.enter('"""one')
        tty.wait("\n...")
        tty.enter("/bye")
        tty.enter('three"""')
        tty.wait("Hello there.")
        tty.wait_prompt(2)
        leave(tty)
    assert contents(echo) == [["one\n/bye\nthree"]]


def test_pasted_lines_are_one_message(echo: Served, tmp_path: Path) -> None:
    with hearth(environment(echo, tmp_path), "run", "m") as tty:
        tty.wait_prompt(1)
        tty.type(f"{PASTE_START}one\r\ntwo\rthree{PASTE_END}")
        tty.wait("three")
        tty.enter("")
        tty.wait("Hello there.")
        tty.wait_prompt(2)
        leave(tty)
    assert contents(echo) == [["one\ntwo\nthree"]]


def test_the_keys_that_edit_a_line(echo: Served, tmp_path: Path) -> None:
    with hearth(environment(echo, tmp_path), "run", "m") as tty:
        tty.wait_prompt(1)
        tty.type(f"gone{CTRL_U}b wrong{CTRL_W}c{CTRL_A}a {CTRL_J}")
        tty.enter("")
        tty.wait("Hello there.")
        tty.wait_prompt(2)
        leave(tty)
    assert contents(echo) == [["a \nb c"]]


def test_the_history_outlives_the_conversation(echo: Served, tmp_path: Path) -> None:
    for keys in ("remembered", UP):
        with hearth(environment(echo, tmp_path), "run", "m") as tty:
            tty.wait_prompt(1)
            tty.enter(keys)
            tty.wait("Hello there.")
            tty.wait_prompt(2)
            leave(tty)
    assert contents(echo) == [["remembered"], ["remembered"]]
    assert (tmp_path / ".ollama" / "history").read_text() == "remembered\n"


def test_no_history_is_kept_where_that_is_wished(echo: Served, tmp_path: Path) -> None:
    with hearth(environment(echo, tmp_path, OLLAMA_NOHISTORY="1"), "run", "m") as tty:
        tty.wait_prompt(1)
        tty.enter("forgotten")
        tty.wait("Hello there.")
        tty.wait_prompt(2)
        leave(tty)
    assert not (tmp_path / ".ollama" / "history").exists()


def test_ctrl_c_stops_the_answer_and_keeps_the_conversation(tmp_path: Path) -> None:
    stall = Stall()
    with serving(**answers(stall)) as served, hearth(environment(served, tmp_path), "run", "m") as tty:
        tty.wait_prompt(1)
        tty.enter("question")
        tty.wait("I was about to")
        tty.type(CTRL_C)
        assert stall.hung_up.wait(10)
        tty.wait_prompt(2)
        tty.enter("again")
        tty.wait("later")
        tty.wait_prompt(3)
        leave(tty)
        assert contents(served)[1] == ["question", "I was about to", "again"]


def test_ctrl_c_on_an_empty_line_tells_how_to_leave(echo: Served, tmp_path: Path) -> None:
    with hearth(environment(echo, tmp_path), "run", "m") as tty:
        tty.wait_prompt(1)
        tty.type(CTRL_C)
        tty.wait("Use Ctrl + d or /bye to exit.")
        tty.type(f"dropped{CTRL_C}")
        tty.wait_prompt(3)
        assert tty.text.count("Use Ctrl + d") == 1
        leave(tty)
    assert contents(echo) == []


def test_ctrl_c_stops_a_command_and_keeps_the_conversation(tmp_path: Path) -> None:
    asked = threading.Event()

    def stall(exchange: Exchange) -> None:
        asked.set()
        exchange.rfile.read(1)
        exchange.close_connection = True

    prepared: dict[str, Answer] = {"GET_api_tags": stall, **answers(says("fine"))}
    with serving(**prepared) as served, hearth(environment(served, tmp_path), "run", "m") as tty:
        tty.wait_prompt(1)
        tty.enter("/list")
        assert asked.wait(10)
        tty.type(CTRL_C)
        tty.wait_prompt(2)
        tty.enter("still there?")
        tty.wait("fine")
        leave(tty)


def test_a_server_that_is_gone_does_not_end_the_conversation(tmp_path: Path) -> None:
    with ExitStack() as server:
        served = server.enter_context(serving(**answers(says("fine"))))
        with hearth(environment(served, tmp_path), "run", "m") as tty:
            tty.wait_prompt(1)
            server.close()
            tty.enter("hello?")
            tty.wait("Error: could not connect to hearth server")
            tty.wait_prompt(2)
            leave(tty)


def test_an_error_is_told_and_the_question_forgotten(tmp_path: Path) -> None:
    failures = [gives({"error": "server busy"}, 503), says("fine")]

    def chat(exchange: Exchange) -> None:
        failures.pop(0)(exchange)

    with serving(**answers(chat)) as served, hearth(environment(served, tmp_path), "run", "m") as tty:
        tty.wait_prompt(1)
        tty.enter("one")
        tty.wait("Error: server busy")
        tty.wait_prompt(2)
        tty.enter("two")
        tty.wait("fine")
        tty.wait_prompt(3)
        leave(tty)
        assert contents(served) == [["one"], ["two"]]


def test_settings_change_the_next_request(echo: Served, tmp_path: Path) -> None:
    with hearth(environment(echo, tmp_path), "run", "m") as tty:
        tty.wait_prompt(1)
        tty.enter("/set parameter seed 7")
        tty.wait("Set parameter 'seed' to '7'")
        tty.enter('/set system """Be')
        tty.wait("\n...")
        tty.enter('brief."""')
        tty.wait("Set system message.")
        tty.enter("/set verbose")
        tty.wait("Set 'verbose' mode.")
        tty.enter("hello")
        tty.wait("eval count:           1 token(s)")
        leave(tty)
    (body,) = echo.bodies("/api/chat")
    assert body["options"] == {"seed": 7}
    assert body["messages"][0] == {"role": "system", "content": "Be\nbrief."}


def test_what_is_typed_during_an_answer_waits_for_the_next_prompt(tmp_path: Path) -> None:
    typed = threading.Event()

    def chat(exchange: Exchange) -> None:
        assert typed.wait(10)
        says("slow")(exchange)

    with serving(**answers(chat)) as served, hearth(environment(served, tmp_path), "run", "m") as tty:
        tty.wait_prompt(1)
        tty.enter("one")
        tty.enter("two")
        typed.set()
        tty.wait_prompt(3)
        leave(tty)
        assert contents(served) == [["one"], ["one", "slow", "two"]]
        assert tty.text.startswith(">>> one\nslow\n\n>>> two\nslow\n\n>>> ")


def test_the_models_own_turns_are_shown(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "Who are you?"}, {"role": "assistant", "content": "A guide."}]
    prepared = answers(says("x"), SHOWN | {"messages": turns})
    with serving(**prepared) as served, hearth(environment(served, tmp_path), "run", "m") as tty:
        tty.wait_prompt(2)
        assert tty.text.startswith(">>> Who are you?\nA guide.\n\n>>> ")
        leave(tty)


def test_deliberation_is_shown_and_sent_back(tmp_path: Path) -> None:
    thought = streams({"message": {"thinking": "hm"}}, {"message": {"content": "Four."}}, DONE)
    shown = {"capabilities": ["completion", "thinking"]}
    with (
        serving(**answers(thought, shown)) as served,
        hearth(environment(served, tmp_path), "run", "m") as tty,
    ):
        tty.wait_prompt(1)
        tty.enter("2+2?")
        tty.wait("Thinking...\nhm\n...done thinking.\n\nFour.")
        tty.wait_prompt(2)
        tty.enter("sure?")
        tty.wait_prompt(3)
        leave(tty)
        first, second = served.bodies("/api/chat")
        assert first["think"] is True
        assert second["messages"][1] == {"role": "assistant", "content": "Four.", "thinking": "hm"}


def test_an_answer_cannot_command_the_terminal(tmp_path: Path) -> None:
    prepared = answers(says("a\x1b]0;owned\x07b\x1b[2J"))
    with serving(**prepared) as served, hearth(environment(served, tmp_path), "run", "m") as tty:
        tty.wait_prompt(1)
        tty.enter("x")
        tty.wait_prompt(2)
        assert "\x1b]0;owned" not in tty.raw
        assert "]0;owned" in tty.text
        leave(tty)


def test_a_message_is_written_in_an_editor(echo: Served, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf "edited\\ntext" > "$1"\n')
    editor.chmod(0o755)
    with hearth(environment(echo, tmp_path, EDITOR=str(editor)), "run", "m") as tty:
        tty.wait_prompt(1)
        tty.type(f"draft{CTRL_G}")
        tty.wait("edited")
        tty.enter("")
        tty.wait("Hello there.")
        tty.wait_prompt(2)
        leave(tty)
    assert contents(echo) == [["edited\ntext"]]


def test_a_missing_editor_is_named_and_the_draft_kept(echo: Served, tmp_path: Path) -> None:
    with hearth(environment(echo, tmp_path, OLLAMA_EDITOR="no-such-editor"), "run", "m") as tty:
        tty.wait_prompt(1)
        tty.type(f"draft{CTRL_G}")
        tty.wait("preferred editor\n>>> draft")
        tty.enter(" kept")
        tty.wait("Hello there.")
        tty.wait_prompt(2)
        leave(tty)
    assert contents(echo) == [["draft kept"]]

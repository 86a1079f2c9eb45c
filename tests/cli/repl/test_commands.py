"""The slash commands of a conversation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.cli.support import Answer, Screen, call, gives, piped, serving, streams

from hearth.cli.chat import Chat
from hearth.cli.commands.run import COMMAND
from hearth.cli.failure import CommandError
from hearth.cli.repl.commands import execute
from hearth.cli.repl.show import parameters
from hearth.cli.repl.state import State

NOWHERE = "127.0.0.1:1"


def talk(host: str = NOWHERE, **settings: Any) -> tuple[State, Screen]:
    screen = piped()
    return State(call(COMMAND, host, "m", screen=screen), Chat("m", **settings)), screen


@pytest.mark.parametrize("text", ["hello", " hello /bye", '"""/bye"""', "what is /etc"])
def test_messages_are_not_commands(text: str) -> None:
    state, screen = talk()
    assert not execute(state, text)
    assert screen.out.getvalue() == ""


@pytest.mark.parametrize("line", ["/bye", "/exit", "  /bye  ", "/bye now"])
def test_leaving(line: str) -> None:
    state, _ = talk()
    assert execute(state, line)
    assert state.done


def test_an_unknown_command_is_not_sent_to_the_model() -> None:
    state, screen = talk()
    assert execute(state, "/nonsense x")
    assert screen.out.getvalue() == "Unknown command '/nonsense'. Type /? for help\n"


def test_a_line_that_starts_with_an_image_is_a_message_for_a_model_that_sees(tmp_path: Path) -> None:
    image = tmp_path / "set.png"
    image.write_bytes(b"\x89PNG\r\n\x1a\n")
    seeing, _ = talk(capabilities=frozenset({"vision"}))
    assert not execute(seeing, f"{image} what is this")
    blind, screen = talk()
    assert execute(blind, f"{image} what is this")
    assert "Unknown command" in screen.out.getvalue()


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("/?", "/save <model>"),
        ("/help", "/save <model>"),
        ("/? set", "/set parameter"),
        ("/help /set", "/set parameter"),
        ("/? show", "/show info"),
        ("/? shortcuts", "Ctrl + g"),
        ("/set", "/set parameter"),
        ("/show", "/show info"),
    ],
)
def test_help_goes_to_stderr(line: str, text: str) -> None:
    state, screen = talk()
    assert execute(state, line)
    assert text in screen.err.getvalue()
    assert screen.out.getvalue() == ""


def test_clearing_keeps_the_system_message() -> None:
    state, screen = talk(system="Be brief.", messages=[{"role": "user", "content": "x"}])
    execute(state, "/clear")
    assert screen.out.getvalue() == "Cleared session context\n"
    assert state.chat.chat_request()["messages"] == [{"role": "system", "content": "Be brief."}]


SHOWN = {
    "license": "MIT\n",
    "modelfile": "FROM x",
    "template": "{{ .Prompt }}",
    "system": "Model's own.",
    "parameters": 'stop                           "x"',
    "details": {"family": "llama"},
}


@pytest.mark.parametrize(
    ("line", "shown", "text"),
    [
        ("/show license", SHOWN, "MIT\n"),
        ("/show modelfile", SHOWN, "FROM x\n"),
        ("/show template", SHOWN, "{{ .Prompt }}\n"),
        ("/show system", SHOWN, "Model's own.\n"),
        ("/show info", SHOWN, "  Model\n    architecture    llama\n"),
        ("/show license", {}, "No license was specified for this model.\n"),
        ("/show system", {}, "No system message was specified for this model.\n"),
        ("/show template", {}, "No prompt template was specified for this model.\n"),
        ("/show nonsense", {}, "Unknown command '/show nonsense'. Type /? for help\n"),
    ],
)
def test_parts_of_the_model(line: str, shown: dict[str, Any], text: str) -> None:
    with serving(POST_api_show=gives(shown)) as served:
        state, screen = talk(served.host)
        execute(state, line)
        assert screen.out.getvalue().startswith(text)


def test_the_conversations_own_system_message_is_shown() -> None:
    with serving(POST_api_show=gives(SHOWN)) as served:
        state, screen = talk(served.host, system="Mine.")
        execute(state, "/show system")
        assert screen.out.getvalue() == "Mine.\n"


def test_parameters_of_the_model_and_of_the_user() -> None:
    none = "  No additional parameters were specified for this model."
    assert parameters("", {}).split("\n") == ["Model defined parameters:", none]
    assert parameters("stop x", {"temperature": 0.5, "stop": ["a", "b"]}).split("\n") == [
        "Model defined parameters:",
        "  stop x",
        "",
        "User defined parameters:",
        "  temperature                    0.5",
        "  stop                           a, b",
    ]


def test_another_model_is_loaded_with_the_settings_of_the_conversation() -> None:
    answers: dict[str, Answer] = {
        "POST_api_show": gives({"capabilities": ["completion", "thinking"]}),
        "POST_api_generate": gives({"done": True}),
    }
    with serving(**answers) as served:
        state, screen = talk(
            served.host, options={"seed": 1}, verbose=True, messages=[{"role": "user", "content": "x"}]
        )
        execute(state, "/load other")
        assert screen.out.getvalue() == "Loading model 'other'\n"
        chat = state.chat
        assert (chat.model, chat.options, chat.verbose, chat.think) == ("other", {"seed": 1}, True, True)
        assert chat.messages == []


def test_a_model_that_is_missing_leaves_the_conversation_as_it_is() -> None:
    with serving(POST_api_show=gives({"error": "model 'other' not found"}, 404)) as served:
        state, screen = talk(served.host, messages=[{"role": "user", "content": "x"}])
        execute(state, "/load other")
        assert screen.out.getvalue() == "Loading model 'other'\nCouldn't find model 'other'\n"
        assert state.chat.model == "m"
        assert state.chat.messages


def test_a_conversation_is_saved_as_a_model() -> None:
    with serving(POST_api_create=streams({"status": "writing manifest"}, {"status": "success"})) as served:
        state, screen = talk(
            served.host,
            system="Be brief.",
            options={"temperature": 0.5},
            loaded=[{"role": "user", "content": "a"}],
            messages=[{"role": "assistant", "content": "b", "thinking": "hm", "images": ["xx"]}],
        )
        execute(state, "/save mine")
        assert screen.out.getvalue() == "Created new model 'mine'\n"
        assert served.bodies("/api/create") == [
            {
                "model": "mine",
                "from": "m",
                "system": "Be brief.",
                "parameters": {"temperature": 0.5},
                "messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}],
            }
        ]


def test_a_bad_name_is_not_saved() -> None:
    state, screen = talk()
    execute(state, "/save ../x")
    assert screen.out.getvalue() == "error: The model name '../x' is invalid\n"


@pytest.mark.parametrize("line", ["/load", "/save", "/load a b"])
def test_a_missing_name_shows_the_usage(line: str) -> None:
    state, screen = talk()
    execute(state, line)
    assert screen.out.getvalue().startswith("Usage:\n  /")


def test_models_are_listed_by_prefix() -> None:
    with serving(GET_api_tags=gives({"models": [{"name": "a:1"}, {"name": "b:1"}]})) as served:
        state, screen = talk(served.host)
        execute(state, "/list B")
        assert [line.split()[0] for line in screen.out.getvalue().splitlines()] == ["NAME", "b:1"]


def test_a_command_that_fails_changes_nothing() -> None:
    state, _ = talk(messages=[{"role": "user", "content": "x"}])
    with pytest.raises(CommandError, match="could not connect"):
        execute(state, "/load other")
    assert state.chat.model == "m"
    assert state.chat.messages

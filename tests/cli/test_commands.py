"""Each command sends what the API wants and prints what a user expects."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.cli.support import Answer, Exchange, call, gives, on_terminal, piped, serving, streams

from hearth.cli.commands import cp, ps, rm, run, show, stop
from hearth.cli.commands import list as list_command
from hearth.cli.failure import ApiError, CommandError

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DIGEST = "365c0bd3c000" + "0" * 52
MODEL: dict[str, Any] = {
    "name": "Guide:latest",
    "digest": DIGEST,
    "size": 4_661_224_676,
    "modified_at": "2026-11-20T10:00:00Z",
}


class Stdin(io.TextIOWrapper):
    """Standard input with the given bytes, from a pipe or a terminal."""

    def __init__(self, data: bytes, terminal: bool) -> None:
        super().__init__(io.BytesIO(data))
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes | None], None]:
    """Set what is piped in; None is a terminal."""

    def use(data: bytes | None) -> None:
        monkeypatch.setattr("sys.stdin", Stdin(data or b"", data is None))

    use(None)
    return use


def test_the_table_of_models() -> None:
    assert list_command.render([MODEL, MODEL | {"name": "far:1b", "remote_model": "x"}], NOW).split("\n") == [
        "NAME            ID              SIZE      MODIFIED",
        "Guide:latest    365c0bd3c000    4.7 GB    2 hours ago",
        "far:1b          365c0bd3c000    -         2 hours ago",
    ]


def test_the_table_of_loaded_models() -> None:
    loaded = {"name": "m:1b", "digest": DIGEST, "size": 2_000_000_000, "size_vram": 1_000_000_000}
    rows = [
        loaded | {"context_length": 4096, "expires_at": "2026-11-20T12:04:30Z"},
        loaded | {"size_vram": 0, "context_length": 0, "expires_at": "2026-11-20T11:59:59Z"},
        loaded | {"size_vram": 2_000_000_000, "context_length": 8, "expires_at": "2318-01-01T00:00:00Z"},
    ]
    assert ps.render(rows, NOW).split("\n") == [
        "NAME    ID              SIZE    PROCESSOR          CONTEXT    UNTIL",
        "m:1b    365c0bd3c000    2 GB    50%/50% CPU/GPU    4096       4 minutes from now",
        "m:1b    365c0bd3c000    2 GB    100% CPU           0          Stopping...",
        "m:1b    365c0bd3c000    2 GB    100% GPU           8          Forever",
    ]


def test_models_are_listed_by_prefix_whatever_the_case() -> None:
    with serving(GET_api_tags=gives({"models": [MODEL, MODEL | {"name": "other"}]})) as served:
        screen = piped()
        assert list_command.run(call(list_command.COMMAND, served.host, "gUI", screen=screen)) == 0
        assert [line.split()[0] for line in screen.out.getvalue().splitlines()] == ["NAME", "Guide:latest"]
        screen = piped()
        list_command.run(call(list_command.COMMAND, served.host, "--json", screen=screen))
        assert [model["name"] for model in json.loads(screen.out.getvalue())["models"]] == [
            "Guide:latest",
            "other",
        ]


def test_loaded_models_are_listed_by_prefix_in_its_case() -> None:
    with serving(GET_api_ps=gives({"models": [MODEL]})) as served:
        for prefix, found in (("Gui", 1), ("gui", 0)):
            screen = piped()
            ps.run(call(ps.COMMAND, served.host, prefix, "--json", screen=screen))
            assert len(json.loads(screen.out.getvalue())["models"]) == found


def test_a_hostile_name_cannot_command_the_terminal() -> None:
    with serving(GET_api_tags=gives({"models": [MODEL | {"name": "a\x1b[2J\nb"}]})) as served:
        screen = on_terminal()
        list_command.run(call(list_command.COMMAND, served.host, "a", screen=screen))
        assert "\x1b" not in screen.out.getvalue()
        assert len(screen.out.getvalue().splitlines()) == 2


def test_a_model_is_copied() -> None:
    with serving(POST_api_copy=lambda exchange: exchange.plain(b"")) as served:
        screen = piped()
        cp.run(call(cp.COMMAND, served.host, "a", "b", screen=screen))
        assert screen.out.getvalue() == "copied 'a' to 'b'\n"
        assert served.bodies("/api/copy") == [{"source": "a", "destination": "b"}]


def test_models_are_unloaded_and_then_deleted_until_one_is_missing() -> None:
    def delete(exchange: Exchange) -> None:
        known = exchange.seen[-1][2]["model"] != "b"
        exchange.json({} if known else {"error": "model 'b' not found"}, 200 if known else 404)

    with serving(POST_api_generate=gives({"done": True}), DELETE_api_delete=delete) as served:
        screen = piped()
        with pytest.raises(ApiError, match="model 'b' not found"):
            rm.run(call(rm.COMMAND, served.host, "a", "b", "c", screen=screen))
        assert screen.out.getvalue() == "deleted 'a'\n"
        assert [path for _, path, _ in served.seen] == ["/api/generate", "/api/delete"] * 2
        assert served.seen[0][2]["keep_alive"] == 0


def test_a_model_that_cannot_be_unloaded_is_deleted_with_a_warning() -> None:
    with serving(POST_api_generate=gives({"error": "busy"}, 503), DELETE_api_delete=gives({})) as served:
        screen = piped()
        rm.run(call(rm.COMMAND, served.host, "a", screen=screen))
        assert screen.err.getvalue() == "Warning: unable to stop model 'a'\n"
        assert screen.out.getvalue() == "deleted 'a'\n"


def test_stopping_says_nothing_or_that_there_is_no_such_model() -> None:
    with serving(POST_api_generate=gives({"done": True})) as served:
        screen = piped()
        assert stop.run(call(stop.COMMAND, served.host, "a", screen=screen)) == 0
        assert screen.out.getvalue() == screen.err.getvalue() == ""
    missing = serving(POST_api_generate=gives({"error": "x"}, 404))
    with missing as served, pytest.raises(CommandError, match='couldn\'t find model "a" to stop'):
        stop.run(call(stop.COMMAND, served.host, "a", screen=piped()))


@pytest.mark.parametrize(
    ("flag", "text"),
    [
        ("--system", "Be brief."),
        ("--template", "{{ .Prompt }}"),
        ("--license", "MIT\n"),
        ("--parameters", "stop x\n"),
        ("--modelfile", "FROM x\n"),
    ],
)
def test_one_part_of_a_model_is_printed_as_it_is(flag: str, text: str) -> None:
    parts = {
        "system": "Be brief.",
        "template": "{{ .Prompt }}",
        "license": "MIT",
        "parameters": "stop x",
        "modelfile": "FROM x",
    }
    with serving(POST_api_show=gives(parts)) as served:
        screen = piped()
        show.run(call(show.COMMAND, served.host, "m", flag, screen=screen))
        assert screen.out.getvalue() == text


def test_a_model_is_shown_as_json() -> None:
    with serving(POST_api_show=gives({"system": "é"})) as served:
        screen = piped()
        show.run(call(show.COMMAND, served.host, "m", "-v", "--json", screen=screen))
        assert json.loads(screen.out.getvalue()) == {"system": "é"}
        assert served.bodies("/api/show") == [{"model": "m", "verbose": True}]


ANSWER = ({"response": "Hel"}, {"response": "lo"}, {"response": "", "done": True, "eval_count": 2})


def answering(*capabilities: str) -> dict[str, Answer]:
    return {
        "POST_api_show": gives({"capabilities": list(capabilities)}),
        "POST_api_generate": streams(*ANSWER),
    }


def test_words_are_one_prompt_and_the_answer_ends_with_an_empty_line(
    stdin: Callable[[bytes | None], None],
) -> None:
    with serving(**answering("completion")) as served:
        screen = piped()
        assert run.run(call(run.COMMAND, served.host, "m", "why", "is", "it", screen=screen)) == 0
        assert screen.out.getvalue() == "Hello\n\n"
        assert screen.err.getvalue() == ""
        assert served.bodies("/api/generate") == [{"model": "m", "options": {}, "prompt": "why is it"}]


def test_piped_text_comes_first_and_verbatim(stdin: Callable[[bytes | None], None]) -> None:
    stdin(b"diff --git\n")
    with serving(**answering("completion")) as served:
        run.run(call(run.COMMAND, served.host, "m", "summarise", "this", screen=piped()))
        assert served.bodies("/api/generate")[0]["prompt"] == "diff --git\n summarise this"


@pytest.mark.parametrize(
    ("piped_in", "words", "prompt"),
    [
        ("", ("a", "b"), "a b"),
        ("x\n", (), "x\n"),
        ("x\n", ("a",), "x\n a"),
        ("", (), ""),
        ("", ("bad \udcff byte",), "bad \ufffd byte"),
    ],
)
def test_how_a_prompt_is_put_together(piped_in: str, words: tuple[str, ...], prompt: str) -> None:
    assert run.assemble(piped_in, words) == prompt


def test_an_empty_prompt_only_loads_the_model(stdin: Callable[[bytes | None], None]) -> None:
    with serving(**answering("completion") | {"POST_api_generate": gives({"done": True})}) as served:
        screen = piped()
        assert run.run(call(run.COMMAND, served.host, "m", "", "--keepalive", "-1s", screen=screen)) == 0
        assert screen.out.getvalue() == ""
        (body,) = served.bodies("/api/generate")
        assert (body["prompt"], body["keep_alive"]) == ("", "-1s")


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        (["--format", "json"], {"format": "json"}),
        (["--format", '{"type": "object"}'], {"format": {"type": "object"}}),
        (["--think"], {"think": True}),
        (["--think=false"], {"think": False}),
        (["--think=high"], {"think": "high"}),
        ([], {"think": True}),
        (["--keepalive", "10m"], {"think": True, "keep_alive": "10m"}),
    ],
)
def test_options_reach_the_request(
    stdin: Callable[[bytes | None], None], options: list[str], fields: dict[str, Any]
) -> None:
    with serving(**answering("completion", "thinking")) as served:
        run.run(call(run.COMMAND, served.host, "m", "x", *options, screen=piped()))
        (body,) = served.bodies("/api/generate")
        assert {name: body[name] for name in fields} == fields


def test_timings_go_to_stderr(stdin: Callable[[bytes | None], None]) -> None:
    with serving(**answering("completion")) as served:
        screen = piped()
        run.run(call(run.COMMAND, served.host, "m", "x", "--verbose", screen=screen))
        assert screen.err.getvalue() == "eval count:           2 token(s)\n"


def test_an_embedding_is_a_json_array(stdin: Callable[[bytes | None], None]) -> None:
    answers: dict[str, Answer] = {
        "POST_api_show": gives({"capabilities": ["embedding"]}),
        "POST_api_embed": gives({"embeddings": [[0.5, -1.0]]}),
    }
    with serving(**answers) as served:
        screen = piped()
        words = ("m", "hello", "--truncate=false", "--dimensions", "2")
        run.run(call(run.COMMAND, served.host, *words, screen=screen))
        assert json.loads(screen.out.getvalue()) == [0.5, -1.0]
        (body,) = served.bodies("/api/embed")
        assert (body["input"], body["truncate"], body["dimensions"]) == ("hello", False, 2)
        with pytest.raises(CommandError, match="embedding models require input text"):
            run.run(call(run.COMMAND, served.host, "m", "", screen=piped()))


def test_a_missing_model_names_the_next_steps(stdin: Callable[[bytes | None], None]) -> None:
    with serving(POST_api_show=gives({"error": "model 'm' not found"}, 404)) as served:
        with pytest.raises(ApiError) as caught:
            run.run(call(run.COMMAND, served.host, "m", "x", screen=piped()))
        assert caught.value.message.startswith("model 'm' not found; 'hearth list'")
        assert "'hearth create'" in caught.value.message


def test_an_interrupted_answer_ends_with_success(stdin: Callable[[bytes | None], None]) -> None:
    class Interrupting(io.StringIO):
        def write(self, text: str) -> int:
            if text == "lo":
                raise KeyboardInterrupt
            return super().write(text)

    with serving(**answering("completion")) as served:
        screen = piped()
        screen.console = type(screen.console)(Interrupting(), screen.err)
        assert run.run(call(run.COMMAND, served.host, "m", "x", screen=screen)) == 0


def test_an_image_is_sent_by_its_path(stdin: Callable[[bytes | None], None], tmp_path: Any) -> None:
    image = tmp_path / "cat.png"
    image.write_bytes(b"\x89PNG\r\n\x1a\n....")
    with serving(**answering("completion", "vision")) as served:
        screen = piped()
        run.run(call(run.COMMAND, served.host, "m", "what is this", str(image), screen=screen))
        (body,) = served.bodies("/api/generate")
        assert body["prompt"] == "what is this"
        assert len(body["images"]) == 1
        assert screen.err.getvalue() == f"Added image '{image}'\n"
    with serving(**answering("completion")) as served:
        run.run(call(run.COMMAND, served.host, "m", "read", str(image), screen=piped()))
        assert served.bodies("/api/generate")[0]["prompt"] == f"read {image}"

"""The program as a user starts it, without any server."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from tests.cli.support import Exchange, gives, piped, serving
from tests.support.daemon import clean_environment, free_port

from hearth import OLLAMA_API_VERSION, __version__
from hearth.cli.help import command_help
from hearth.cli.main import main
from hearth.cli.reference import markdown
from hearth.cli.table import NAMES, commands
from hearth.settings import SETTINGS


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return clean_environment(tmp_path, OLLAMA_HOST=f"127.0.0.1:{free_port()}")


def hearth(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hearth", *words],
        env=environment,
        cwd=environment["HOME"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_version_without_a_server(environment: dict[str, str]) -> None:
    for words in (["--version"], ["-v"], ["version"]):
        found = hearth(environment, *words)
        assert found.returncode == 0
        assert found.stdout == (
            "Warning: could not connect to a running Hearth instance\n"
            f"Warning: client version is {__version__}\n"
        )


def test_the_version_of_this_and_other_servers(environment: dict[str, str]) -> None:
    with serving(GET_api_version=gives({"version": "0.33.0", "hearth": __version__})) as served:
        assert (
            hearth(environment | {"OLLAMA_HOST": served.host}, "-v").stdout
            == f"hearth version is {__version__}\n"
        )
    with serving(GET_api_version=gives({"version": "0.33.0"})) as served:
        found = hearth(environment | {"OLLAMA_HOST": served.host}, "-v")
        assert found.stdout == f"hearth version is 0.33.0\nWarning: client version is {__version__}\n"


def test_under_the_name_ollama_the_version_is_the_apis(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(GET_api_version=gives({"version": OLLAMA_API_VERSION, "hearth": __version__})) as served:
        monkeypatch.setenv("OLLAMA_HOST", served.host)
        screen = piped()
        assert main(["-v"], "ollama", screen.console) == 0
        assert screen.out.getvalue() == f"ollama version is {OLLAMA_API_VERSION}\n"


def test_the_version_as_json(environment: dict[str, str]) -> None:
    found = hearth(environment, "version", "--json")
    assert json.loads(found.stdout) == {"client": __version__, "server": None}


def test_a_server_that_hangs_does_not_hold_up_the_version(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        started = time.monotonic()
        found = hearth(environment | {"OLLAMA_HOST": f"127.0.0.1:{listener.getsockname()[1]}"}, "-v")
        assert time.monotonic() - started < 10
        assert "could not connect" in found.stdout


def test_without_arguments_the_commands_are_listed(environment: dict[str, str]) -> None:
    found = hearth(environment)
    assert found.returncode == 0
    assert all(f"\n  {name} " in found.stdout for name in NAMES)
    assert found.stdout == hearth(environment, "--help").stdout == hearth(environment, "help").stdout


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_help(name: str) -> None:
    (command,) = [each for each in commands() if each.name == name]
    text = command_help(command, "ollama")
    assert f"  ollama {name}" in text
    assert all(f"--{option.name}" in text for option in command.options)
    assert all(setting.env in text for setting in command.settings)


def test_help_is_reached_in_every_way(environment: dict[str, str]) -> None:
    texts = {hearth(environment, *words).stdout for words in (["cp", "--help"], ["cp", "-h"], ["help", "cp"])}
    assert len(texts) == 1
    assert "SOURCE DESTINATION" in texts.pop()


def test_every_setting_is_documented(environment: dict[str, str]) -> None:
    shown = hearth(environment, "config", "--help").stdout
    assert "Environment Variables:\n" in shown
    assert all(f"      {setting.env:<27}   {setting.doc}" in shown for setting in SETTINGS)


def test_the_reference_has_every_command_and_option() -> None:
    text = markdown()
    for command in commands():
        assert f"\n## {command.name}\n" in text
        assert all(f"`{option.shown}`" in text for option in command.options)
    assert text == markdown()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["frobnicate"], 'unknown command "frobnicate"'),
        (["lst"], "did you mean 'hearth list'?"),
        (["--frobnicate"], "unknown option --frobnicate"),
        (["help", "frobnicate"], 'unknown command "frobnicate"'),
        (["show"], "expected 1 argument, not 0"),
        (["show", "m", "--system", "--license"], "only one of '--license'"),
        (["list"], "could not connect to hearth server, run 'hearth serve' to start it"),
        (["run", "m", "--think=much"], 'invalid value for --think: "much"'),
        (["run", "m", "--keepalive", "soon"], "--keepalive: invalid duration"),
        (["run", "m", "--format", "xml"], "a JSON schema"),
        (["create", "m"], "no Modelfile in this directory"),
        (["create", "m", "-f", "missing"], "no Modelfile at missing"),
        (["create", "../m"], "invalid model name"),
        (["pull", "m"], "comes in a later version"),
        (["push", "m"], "comes in a later version"),
        (["config", "path"], "there is no settings file"),
        (["config", "edit"], 'unknown action "edit"'),
    ],
)
def test_mistakes_are_explained_on_stderr(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, words: list[str], message: str
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", environment["OLLAMA_HOST"])
    monkeypatch.setenv("HOME", environment["HOME"])
    monkeypatch.chdir(environment["HOME"])
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
    screen = piped()
    assert main(words, "hearth", screen.console) == 1
    assert screen.out.getvalue() == ""
    assert screen.err.getvalue().startswith("Error: ")
    assert message in screen.err.getvalue()


def test_a_mistake_ends_the_process_with_one(environment: dict[str, str]) -> None:
    found = hearth(environment, "show")
    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr.startswith("Error: ")


def test_an_interrupted_command_ends_with_130(environment: dict[str, str]) -> None:
    asked = threading.Event()

    def stall(exchange: Exchange) -> None:
        asked.set()
        exchange.rfile.read(1)
        exchange.close_connection = True

    with serving(GET_api_tags=stall) as served:
        process = subprocess.Popen(
            [sys.executable, "-m", "hearth", "list"],
            env=environment | {"OLLAMA_HOST": served.host},
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert asked.wait(30)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
        assert (process.returncode, errors) == (130, b"")


def test_closed_streams_are_no_obstacle(environment: dict[str, str]) -> None:
    line = f"{sys.executable} -m hearth config show <&- >&- 2>&-"
    assert subprocess.run(line, shell=True, env=environment, check=False).returncode == 0


def test_settings_and_where_they_came_from(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "hearth.toml").write_text('keep_alive = "10m"\nnum_parallel = 2\n')
    environment["OLLAMA_NUM_PARALLEL"] = "3"
    lines = hearth(environment, "config", "show").stdout.splitlines()
    rows = {line.split()[0]: line.split(maxsplit=2)[1:] for line in lines}
    assert rows["keep_alive"] == ["10m0s", "file hearth.toml"]
    assert rows["num_parallel"] == ["3", "env OLLAMA_NUM_PARALLEL"]
    assert rows["max_queue"] == ["512", "default"]
    listed = json.loads(hearth(environment, "config", "show", "--json").stdout)["settings"]
    assert {
        "key": "num_parallel",
        "env": "OLLAMA_NUM_PARALLEL",
        "value": 3,
        "from": "env OLLAMA_NUM_PARALLEL",
    } in listed
    assert hearth(environment, "config", "path").stdout == f"{tmp_path}/hearth.toml\n"
    assert "1 settings come from it" in hearth(environment, "config", "check").stdout


def test_a_bad_settings_file_is_named(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "hearth.toml").write_text("keep_alife = 1\n")
    found = hearth(environment, "config", "check")
    assert found.returncode == 1
    assert "unknown keys keep_alife" in found.stderr


def test_a_reader_that_leaves_is_no_error(environment: dict[str, str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "hearth", "serve", "--help"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.wait(30) == 141
    assert process.stderr.read() == b""
    process.stderr.close()


def test_the_program_is_named_as_it_was_called(environment: dict[str, str]) -> None:
    script = "import sys; sys.argv[0] = '/usr/bin/ollama'; from hearth.cli.main import entry; entry()"
    found = subprocess.run(
        [sys.executable, "-c", script, "nonsense"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 'unknown command "nonsense" for "ollama"' in found.stderr


def test_nothing_heavy_is_imported_before_the_command_is_known() -> None:
    heavy = (
        "asyncio starlette uvicorn msgspec prompt_toolkit rich xllamacpp http.client argparse numpy".split()
    )
    script = (
        "import sys; import hearth.cli.main; "
        f"loaded = set(sys.modules); print([m for m in {heavy!r} if m in loaded]"
        " + [m for m in loaded if m.startswith('hearth.server')])"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=os.environ
    )
    assert found.stdout == "[]\n"


def test_simple_commands_import_no_framework() -> None:
    heavy = "asyncio starlette uvicorn msgspec prompt_toolkit rich xllamacpp numpy".split()
    script = (
        "import sys; import hearth.cli.table as t; t.commands(); "
        f"print([m for m in {heavy!r} if m in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=os.environ
    )
    assert found.stdout == "[]\n"

"""The command line against a real daemon and the model that Hearth comes with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.tty import CTRL_C, CTRL_D, hearth
from tests.support.daemon import Daemon, clean_environment, free_port, running

from hearth import __version__

pytestmark = pytest.mark.slow

QUESTION = "How do I list my models?"


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with running(tmp_path_factory.mktemp("home")) as started:
        yield started


def names(daemon: Daemon, command: str) -> list[str]:
    """The models that `list` or `ps` shows."""
    return [line.split()[0] for line in daemon.run(command).stdout.splitlines()[1:]]


def test_the_version_is_the_daemons(daemon: Daemon) -> None:
    assert daemon.run("-v").stdout == f"hearth version is {__version__}\n"


def test_the_embedded_model_is_there_and_described(daemon: Daemon) -> None:
    assert "guide:latest" in names(daemon, "list")
    shown = daemon.run("show", "guide")
    assert shown.stdout.startswith("  Model\n    architecture        llama\n")
    assert "  Capabilities\n    completion\n" in shown.stdout
    assert json.loads(daemon.run("show", "guide", "--json").stdout)["details"]["format"] == "gguf"


def test_a_prompt_is_answered_on_stdout_alone(daemon: Daemon) -> None:
    found = daemon.run("run", "guide", "--think=false", QUESTION)
    assert found.returncode == 0
    assert found.stdout.endswith("\n\n")
    assert len(found.stdout.split()) > 3
    assert found.stderr == ""


def test_a_prompt_comes_from_a_pipe(daemon: Daemon) -> None:
    piped = daemon.run("run", "guide", "--think=false", stdin=QUESTION)
    assert piped.stdout == daemon.run("run", "guide", "--think=false", QUESTION).stdout


def test_thinking_is_framed_or_hidden(daemon: Daemon) -> None:
    shown = daemon.run("run", "guide", "--think", QUESTION).stdout
    hidden = daemon.run("run", "guide", "--think", "--hidethinking", QUESTION).stdout
    assert shown.startswith("Thinking...\n")
    assert shown.partition("...done thinking.\n\n")[2] == hidden


def test_an_answer_has_the_form_that_was_asked_for(daemon: Daemon) -> None:
    schema = json.dumps({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]})
    found = daemon.run("run", "guide", "--think=false", "--format", schema, QUESTION)
    assert isinstance(json.loads(found.stdout)["n"], int)


def test_the_timings_add_up(daemon: Daemon) -> None:
    found = daemon.run("run", "guide", "--verbose", "--think=false", QUESTION)
    labels = [line.split(":")[0] for line in found.stderr.splitlines()]
    assert labels[0] == "total duration"
    assert labels[-1] == "eval rate"


def test_a_model_is_loaded_listed_and_stopped(daemon: Daemon) -> None:
    assert daemon.run("run", "guide", "", "--keepalive", "-1s").stdout == ""
    (row,) = [line for line in daemon.run("ps").stdout.splitlines() if line.startswith("guide:latest")]
    assert row.endswith("Forever")
    stopped = daemon.run("stop", "guide")
    assert (stopped.returncode, stopped.stdout, stopped.stderr) == (0, "", "")
    assert "guide:latest" not in names(daemon, "ps")
    assert daemon.run("stop", "nonsense").stderr == 'Error: couldn\'t find model "nonsense" to stop\n'


def test_a_model_is_created_copied_shown_and_removed(daemon: Daemon) -> None:
    modelfile = "FROM guide\nSYSTEM You are brief.\nPARAMETER seed 7\n"
    created = daemon.run("create", "brief", "-f", "-", stdin=modelfile)
    assert created.stderr.splitlines()[-1] == "success"
    assert daemon.run("show", "brief", "--system").stdout == "You are brief."
    assert "seed" in daemon.run("show", "brief", "--parameters").stdout
    assert daemon.run("cp", "brief", "team/short").stdout == "copied 'brief' to 'team/short'\n"
    assert "team/short:latest" in names(daemon, "list")
    assert daemon.run("rm", "brief", "team/short").stdout == "deleted 'brief'\ndeleted 'team/short'\n"
    again = daemon.run("rm", "brief")
    assert (again.returncode, again.stderr) == (1, "Error: model 'brief' not found\n")


def test_a_shown_modelfile_makes_the_model_again(daemon: Daemon, tmp_path: Path) -> None:
    daemon.run(
        "create", "one", "-f", "-", stdin='FROM guide\nSYSTEM """Two\nlines"""\nPARAMETER stop "x y"\n'
    )
    path = tmp_path / "Modelfile"
    path.write_text(daemon.run("show", "one", "--modelfile").stdout)
    assert daemon.run("create", "two", "-f", str(path)).returncode == 0
    for part in ("--system", "--parameters", "--template"):
        assert daemon.run("show", "two", part).stdout == daemon.run("show", "one", part).stdout
    daemon.run("rm", "one", "two")


def test_a_missing_model_names_the_next_steps(daemon: Daemon) -> None:
    found = daemon.run("run", "nonsense", "x")
    assert found.returncode == 1
    assert found.stderr.startswith("Error: model 'nonsense' not found; 'hearth list'")


def test_an_interrupted_answer_ends_with_success(daemon: Daemon) -> None:
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "hearth",
            "run",
            "guide",
            "--format",
            '{"type": "array", "minItems": 500}',
            "x",
        ],
        env=daemon.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.read(1)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def test_a_daemon_in_the_background(tmp_path: Path) -> None:
    environment = clean_environment(tmp_path, OLLAMA_HOST=f"127.0.0.1:{free_port()}")

    def run(*words: str) -> str:
        found = subprocess.run(
            [sys.executable, "-m", "hearth", *words],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return found.stdout

    started = run("serve", "--background")
    number = int(started.split("process ")[1].split(",")[0])
    try:
        log = tmp_path / ".ollama" / "logs" / "server.log"
        assert started.endswith(f"log {log}\n")
        assert "Listening on" in log.read_text()
        assert os.getsid(number) == number
        assert run("serve", "--background").startswith("a server already answers")
        assert run("-v") == f"hearth version is {__version__}\n"
    finally:
        os.kill(number, signal.SIGTERM)


def test_a_daemon_that_cannot_start_says_why(tmp_path: Path, daemon: Daemon) -> None:
    environment = clean_environment(tmp_path, OLLAMA_HOST="192.0.2.1:1")
    found = subprocess.run(
        [sys.executable, "-m", "hearth", "serve", "--background"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert found.returncode == 1
    assert "the server ended with code 1" in found.stderr
    assert "192.0.2.1" in found.stderr


def test_a_conversation_is_saved_and_loaded_again(daemon: Daemon) -> None:
    with hearth(daemon.env, "run", "guide", "--think=false") as tty:
        tty.wait_prompt(1)
        tty.enter(QUESTION)
        tty.wait_prompt(2, timeout=60)
        tty.enter("/set parameter seed 7")
        tty.wait("Set parameter 'seed' to '7'")
        tty.enter("/save talk")
        tty.wait("Created new model 'talk'")
        tty.enter("/clear")
        tty.wait("Cleared session context")
        tty.enter("/load talk")
        tty.wait("Loading model 'talk'")
        tty.enter("/show parameters")
        tty.wait("Model defined parameters:")
        tty.type(CTRL_D)
        assert tty.wait_end() == 0
    turns = json.loads(daemon.run("show", "talk", "--json").stdout)["messages"]
    assert [turn["role"] for turn in turns] == ["user", "assistant"]
    assert turns[0]["content"] == QUESTION
    with hearth(daemon.env, "run", "talk") as tty:
        tty.wait(f">>> {QUESTION}")
        tty.wait_prompt(2)
        tty.type(CTRL_D)
        assert tty.wait_end() == 0
    daemon.run("rm", "talk")


def test_ctrl_c_frees_the_model_for_the_next_question(daemon: Daemon) -> None:
    with hearth(daemon.env, "run", "guide", "--format", '{"type": "array", "minItems": 500}') as tty:
        tty.wait_prompt(1)
        tty.enter(QUESTION)
        tty.wait("[")
        tty.type(CTRL_C)
        tty.wait_prompt(2)
        tty.enter("/set noformat")
        tty.wait("Disabled format.")
        tty.enter("/bye")
        assert tty.wait_end() == 0

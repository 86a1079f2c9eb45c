"""`serve`: run the daemon, in this process or detached from the terminal."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from hearth import settings
from hearth.cli.client import Client
from hearth.cli.command import Call, Command, Option
from hearth.cli.failure import CommandError
from hearth.config import Config

_START_TIMEOUT: Final = 30.0
_BETWEEN_LOOKS: Final = 0.05
_ANSWER_TIMEOUT: Final = 2.0
_LOG_TAIL: Final = 2000
_OF_CONVERSATIONS: Final = (settings.EDITOR, settings.NOHISTORY)
_OVERRIDES: Final = ("host", "models")


def run(call: Call) -> int:
    """Serve until stopped, or start a daemon and come back once it answers."""
    chosen = {name: value for name in _OVERRIDES if (value := call.arguments.value(name)) is not None}
    config = Config.load(overrides=chosen)
    if call.arguments.flag("background"):
        return _background(call, config, chosen)
    from hearth.server.main import serve

    return serve(config)


def _background(call: Call, config: Config, chosen: dict[str, str]) -> int:
    client = Client(config.get(settings.HOST))
    if client.alive(_ANSWER_TIMEOUT):
        call.console.line(f"a server already answers at {client.url}")
        return 0
    log = config.state / "logs" / "server.log"
    before = log.stat().st_size if log.exists() else 0
    start = _start(log, chosen)
    try:
        _wait(start, client, log, before)
    except BaseException:
        start.terminate()
        raise
    call.console.line(f"serving at {client.url}, process {start.pid}, log {log}")
    return 0


def _start(log: Path, chosen: dict[str, str]) -> subprocess.Popen[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    options = [f"--{name}={value}" for name, value in chosen.items()]
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return subprocess.Popen(  # noqa: S603 - this interpreter, without a shell
            [sys.executable, "-m", "hearth", "serve", *options],
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            start_new_session=True,
        )
    finally:
        os.close(descriptor)


def _wait(start: subprocess.Popen[bytes], client: Client, log: Path, before: int) -> None:
    deadline = time.monotonic() + _START_TIMEOUT
    while not client.alive(_ANSWER_TIMEOUT):
        if start.poll() is not None:
            raise CommandError(
                f"the server ended with code {start.returncode}; {log} says:\n{_since(log, before)}"
            )
        if time.monotonic() > deadline:
            raise CommandError(f"the server did not answer within {_START_TIMEOUT:.0f} s; see {log}")
        time.sleep(_BETWEEN_LOOKS)


def _since(log: Path, before: int) -> str:
    """The end of what was written to the log after its first `before` bytes."""
    with log.open("rb") as file:
        file.seek(max(before, log.stat().st_size - _LOG_TAIL))
        return file.read().decode(errors="replace").strip()


COMMAND: Final = Command(
    name="serve",
    aliases=("start",),
    summary="Start Hearth",
    run=run,
    description="Run the server that loads models and answers requests, until it is stopped.",
    options=(
        Option("host", "the address to listen on", "ADDRESS"),
        Option("models", "the directory of the model library", "DIRECTORY"),
        Option("background", "start it detached from the terminal, and end once it answers"),
    ),
    settings=tuple(each for each in settings.SETTINGS if each not in _OF_CONVERSATIONS),
    examples=(
        ("serve", "serve this machine"),
        ("serve --host 0.0.0.0", "serve the network too"),
        ("serve --background", "go on serving after the terminal is closed"),
    ),
)

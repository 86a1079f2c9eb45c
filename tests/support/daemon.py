"""A real daemon for tests: its own store, its own port, its own home."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_TIMEOUT = 30.0


@dataclass
class Daemon:
    """A running `hearth serve`. `env` makes the command line and client libraries talk to it."""

    url: str
    env: dict[str, str]
    home: Path
    process: subprocess.Popen[bytes]
    log: Path
    copier: threading.Thread

    @property
    def models(self) -> Path:
        """The directory of its model library."""
        return self.home / "models"

    def get(self, path: str) -> Any:
        """The JSON of a GET request."""
        with urllib.request.urlopen(self.url + path, timeout=60) as reply:
            return json.loads(reply.read())

    def post(self, path: str, body: Any, *, method: str = "POST") -> tuple[int, Any]:
        """Status and JSON (or text) of a request with a JSON body, errors included."""
        data = json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as reply:
                return reply.status, _decoded(reply.read())
        except urllib.error.HTTPError as error:
            return error.code, _decoded(error.read())

    def lines(self, path: str, body: Any) -> list[Any]:
        """Every line of a streamed reply."""
        request = urllib.request.Request(self.url + path, data=json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=120) as reply:
            return [json.loads(line) for line in reply]

    def run(self, *args: str, stdin: str | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        """Run the `hearth` command against this daemon."""
        return subprocess.run(
            [sys.executable, "-m", "hearth", *args],
            env={**self.env, **env},
            input=stdin if stdin is not None else "",
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def runners(self) -> list[int]:
        """Process numbers of its runners."""
        found = []
        for status in Path("/proc").glob("[0-9]*/status"):
            with contextlib.suppress(OSError):
                fields = dict(
                    line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line
                )
                command = (status.parent / "cmdline").read_bytes()
                if int(fields["PPid"]) == self.process.pid and b"hearth.engine.runner" in command:
                    found.append(int(status.parent.name))
        return found

    def stop(self) -> None:
        """End it with SIGTERM and wait."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.copier.join(10)

    def tail(self) -> str:
        """The end of its log, to show when a test fails."""
        return self.log.read_text(errors="replace")[-4000:]


def _decoded(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return data.decode(errors="replace")


def free_port() -> int:
    """A TCP port on loopback that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def clean_environment(home: Path, **extra: str) -> dict[str, str]:
    """The environment of a user who has set nothing."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("OLLAMA_", "HEARTH_", "XDG_"))}
    return {**kept, "HOME": str(home), "OLLAMA_MODELS": str(home / "models"), **extra}


def start(home: Path, **env: str) -> Daemon:
    """Start a daemon below `home` and wait until it says that it listens."""
    home.mkdir(parents=True, exist_ok=True)
    host = env.pop("OLLAMA_HOST", f"127.0.0.1:{free_port()}")
    environment = clean_environment(home, OLLAMA_HOST=host, **env)
    process = subprocess.Popen(
        [sys.executable, "-m", "hearth", "serve"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=home,
    )
    listening, log = threading.Event(), home / "daemon.log"
    copier = threading.Thread(target=_copy_log, args=(process, log, listening), daemon=True)
    copier.start()
    daemon = Daemon(f"http://{host}", environment, home, process, log, copier)
    if not listening.wait(START_TIMEOUT) or process.poll() is not None:
        daemon.stop()
        raise AssertionError(f"the daemon did not come up:\n{daemon.tail()}")
    return daemon


def _copy_log(process: subprocess.Popen[bytes], log: Path, listening: threading.Event) -> None:
    assert process.stdout is not None
    with process.stdout as lines, log.open("wb", buffering=0) as out:
        for line in lines:
            out.write(line)
            if b"Listening on" in line:
                listening.set()
    # A daemon that ended must not keep the test waiting.
    listening.set()


@contextlib.contextmanager
def running(home: Path, **env: str) -> Iterator[Daemon]:
    """A daemon for the length of a block."""
    daemon = start(home, **env)
    try:
        yield daemon
    finally:
        daemon.stop()

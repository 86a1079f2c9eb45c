"""The daemon as a process: it says where it listens, refuses to start twice, and ends in order."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PROGRAM = (
    "import sys; from hearth.config import Config; from hearth.server.main import serve; "
    "sys.exit(serve(Config.load()))"
)


def start(home: Path, **settings: str) -> subprocess.Popen[str]:
    environment = {"HOME": str(home), "OLLAMA_MODELS": str(home / "models"), "OLLAMA_HOST": "127.0.0.1:0"}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env=environment | settings,
        stderr=subprocess.PIPE,
        text=True,
        cwd=home,
    )


@contextlib.contextmanager
def daemon(home: Path, **settings: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A running daemon and its port."""
    process = start(home, **settings)
    assert process.stderr is not None
    try:
        said = ""
        for line in process.stderr:
            said += line
            if "Listening on" in line:
                break
        else:
            pytest.fail(f"the daemon did not start: {said}")
        yield process, int(said.split("Listening on ")[1].split()[0].rpartition(":")[2])
    finally:
        process.kill()
        process.communicate()


def refusal(home: Path, **settings: str) -> str:
    """What a daemon says that cannot start."""
    process = start(home, **settings)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    return said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_and_ends_in_order_on_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    with daemon(tmp_path) as (process, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/api/tags")
        assert "models" in json.load(connection.getresponse())
        process.send_signal(number)
        assert process.wait(30) == 0
        connection.close()


def test_an_unfinished_upload_does_not_hold_up_the_end_and_leaves_nothing(tmp_path: Path) -> None:
    with daemon(tmp_path) as (process, port), socket.create_connection(("127.0.0.1", port), 10) as client:
        path = "/api/blobs/sha256:" + "0" * 64
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n"
        client.sendall(head.encode() + b"Expect: 100-continue\r\n\r\n")
        assert b"100 Continue" in client.recv(100)
        client.sendall(b"x" * 5_000_000)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert list((tmp_path / "models" / "blobs").iterdir()) == []


def test_a_busy_port_is_said_and_the_library_is_not_touched(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refusal(tmp_path, OLLAMA_HOST=f"127.0.0.1:{port}")
    assert f"Error: listen tcp 127.0.0.1:{port}: bind: address already in use" in said
    assert "OLLAMA_HOST" in said
    assert not (tmp_path / "models").exists()


def test_a_library_in_use_is_said(tmp_path: Path) -> None:
    with daemon(tmp_path) as (process, _):
        said = refusal(tmp_path)
        assert f"Error: the model library is in use by process {process.pid}" in said


def test_an_address_of_another_machine_is_said(tmp_path: Path) -> None:
    said = refusal(tmp_path, OLLAMA_HOST="192.0.2.1:0")
    assert "Error: listen tcp 192.0.2.1:0: bind:" in said
    assert "Traceback" not in said


def test_a_bad_setting_is_said(tmp_path: Path) -> None:
    assert "Error: OLLAMA_ORIGINS" in refusal(tmp_path, OLLAMA_ORIGINS="localhost:3000")


def test_a_public_address_is_warned_about(tmp_path: Path) -> None:
    process = start(tmp_path, OLLAMA_HOST="0.0.0.0:0")
    try:
        assert process.stderr is not None
        assert any("LISTENING BEYOND THIS MACHINE" in line for line in process.stderr)
    finally:
        process.kill()
        process.communicate()

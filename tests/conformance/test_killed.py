"""`kill -9` of each part in the middle of its work: what is lost, and what goes on."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.conformance.conftest import create
from tests.support.daemon import Daemon, running
from tests.support.models import make_llama

from hearth.gguf import TensorType

pytestmark = pytest.mark.slow

LONG = {"model": "endless", "prompt": "hello", "raw": True, "options": {"num_predict": -1, "seed": 1}}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Daemon]:
    """A daemon that may be killed, with a model that writes until its large context is full."""
    with running(tmp_path, OLLAMA_NUM_PARALLEL="1") as daemon:
        create(
            daemon,
            "endless",
            make_llama(tmp_path / "endless.gguf", kind="bpe", dim=256, layers=8, context=32768),
        )
        yield daemon


@contextlib.contextmanager
def streaming(daemon: Daemon) -> Iterator[socket.socket]:
    """A client of a long answer that has read its first piece."""
    address = urlsplit(daemon.url)
    body = json.dumps({**LONG, "options": {**LONG["options"], "num_ctx": 32768}}).encode()  # type: ignore[dict-item]
    with socket.create_connection((address.hostname, address.port), timeout=30) as client:
        head = f"POST /api/generate HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: {len(body)}\r\n\r\n"
        client.sendall(head.encode() + body)
        while b'"response"' not in client.recv(65536):
            pass
        yield client


def drained(client: socket.socket) -> bytes:
    """All that the server still sends."""
    received = b""
    while data := client.recv(65536):
        received += data
        if received.endswith(b"0\r\n\r\n"):
            break
    return received


def answers(daemon: Daemon) -> bool:
    status, reply = daemon.post("/api/generate", {**LONG, "options": {"num_predict": 2}, "stream": False})
    return status == 200 and reply["done"] is True


def test_a_runner_killed_in_mid_answer_costs_that_answer_only(own: Daemon) -> None:
    with streaming(own) as client:
        (runner,) = own.runners()
        os.kill(runner, signal.SIGKILL)
        last = drained(client).split(b"\n")
    (error,) = [line for line in last if line.startswith(b'{"error"')]
    assert b"signal 9" in error
    assert answers(own)
    assert own.runners() != [runner]


def test_a_client_that_goes_away_frees_its_slot(own: Daemon) -> None:
    # The only slot is taken; the second answer can come only once the first is given up.
    with streaming(own) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    assert answers(own)
    assert len(own.runners()) == 1


def test_a_killed_client_program_frees_its_slot(own: Daemon) -> None:
    command = [sys.executable, "-m", "hearth", "run", "endless", "hello", "--nowordwrap"]
    client = subprocess.Popen(command, env=own.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert client.stdout is not None
    client.stdout.read(1)
    client.kill()
    client.wait()
    client.stdout.close()
    assert answers(own)


def test_a_killed_daemon_takes_its_runners_with_it(own: Daemon) -> None:
    with streaming(own):
        (runner,) = own.runners()
        descriptor = os.pidfd_open(runner)
        own.process.kill()
        own.process.wait()
        ended, _, _ = select.select([descriptor], [], [], 10)
        os.close(descriptor)
        assert ended


def test_a_daemon_killed_in_mid_create_leaves_the_store_sound(tmp_path: Path) -> None:
    wide = make_llama(
        tmp_path / "wide.gguf", dim=512, layers=12, feed_forward=1536, tensor_type=TensorType.F16
    )
    (tmp_path / "Modelfile").write_text(f"FROM {wide}\n", encoding="utf-8")
    with running(tmp_path) as daemon:
        create(daemon, "kept", make_llama(tmp_path / "kept.gguf"))
        begun = threading.Event()
        command = [
            sys.executable,
            "-m",
            "hearth",
            "create",
            "lost",
            "-q",
            "q4_k_m",
            "-f",
            str(tmp_path / "Modelfile"),
        ]
        client = subprocess.Popen(
            command,
            env=daemon.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert client.stdout is not None
        for line in client.stdout:
            if b"quantizing" in line:
                begun.set()
                break
        assert begun.is_set()
        daemon.process.kill()
        daemon.process.wait()
        client.communicate()
        assert client.returncode == 1
    with running(tmp_path) as again:
        assert [model["name"] for model in again.get("/api/tags")["models"]][:1] == ["kept:latest"]
        leftovers = [path.name for path in (again.models / "blobs").iterdir() if len(path.name) != 71]
        assert leftovers == []
        status, _ = again.post("/api/generate", {"model": "kept", "prompt": "a", "stream": False})
        assert status == 200


def test_stopping_the_daemon_ends_it_with_its_runners(own: Daemon) -> None:
    assert answers(own)
    assert own.runners()
    own.process.terminate()
    assert own.process.wait(20) == 0
    assert own.runners() == []


def test_two_daemons_cannot_share_a_port_or_a_store(own: Daemon, tmp_path: Path) -> None:
    second = own.run("serve")
    assert second.returncode == 1
    assert "address already in use" in second.stderr
    third = own.run("serve", OLLAMA_HOST="127.0.0.1:0")
    assert third.returncode == 1
    assert str(own.process.pid) in third.stderr
    assert answers(own)

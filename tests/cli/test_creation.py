"""`create` sends the files that the server lacks, and then the request."""

from __future__ import annotations

import hashlib
import io
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.support import Answer, call, gives, piped, serving, streams
from tests.support.daemon import clean_environment

from hearth.cli.commands.create import COMMAND
from hearth.cli.failure import ApiError, CommandError
from hearth.errors import ModelfileError

GGUF = b"GGUF" + bytes(3_000_000)
DIGEST = f"sha256:{hashlib.sha256(GGUF).hexdigest()}"
SUCCESS = ({"status": "parsing GGUF"}, {"status": "writing manifest"}, {"status": "success"})


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.gguf").write_bytes(GGUF)
    (tmp_path / "Modelfile").write_text("FROM ./model.gguf\nPARAMETER temperature 0\n")
    return tmp_path


def answers(has_blob: bool = False) -> dict[str, Answer]:
    return {
        "GET_api_version": gives({"version": "0"}),
        f"HEAD_api_blobs_{DIGEST}": gives({}, 200 if has_blob else 404),
        f"POST_api_blobs_{DIGEST}": gives({}, 201),
        "POST_api_create": streams(*SUCCESS),
    }


def test_a_model_is_created_from_the_modelfile_here(here: Path) -> None:
    with serving(**answers()) as served:
        screen = piped()
        assert COMMAND.run(call(COMMAND, served.host, "mine", "-q", "q4_K_M", screen=screen)) == 0
        assert served.bodies(f"/api/blobs/{DIGEST}") == [b"", GGUF]
        assert served.bodies("/api/create") == [
            {
                "model": "mine",
                "files": {"model.gguf": DIGEST},
                "parameters": {"temperature": 0.0},
                "quantize": "q4_K_M",
            }
        ]
        lines = screen.err.getvalue().splitlines()
        assert lines[0] == "gathering model components"
        assert f"copying file {DIGEST[:19]} 100% of 3.0 MB" in lines
        assert lines[-1] == "success"
        assert screen.out.getvalue() == ""


def test_a_file_that_the_server_has_is_not_sent_again(here: Path) -> None:
    with serving(**answers(has_blob=True)) as served:
        COMMAND.run(call(COMMAND, served.host, "mine", screen=piped()))
        assert ("POST", f"/api/blobs/{DIGEST}", GGUF) not in served.seen


def test_paths_start_at_the_modelfile(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "elsewhere").mkdir()
    monkeypatch.chdir(here / "elsewhere")
    with serving(**answers()) as served:
        COMMAND.run(call(COMMAND, served.host, "mine", "-f", "../Modelfile", screen=piped()))
        assert len(served.bodies("/api/create")) == 1


def test_a_modelfile_from_standard_input_starts_here(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"FROM ./model.gguf")))
    with serving(**answers()) as served:
        COMMAND.run(call(COMMAND, served.host, "mine", "-f", "-", screen=piped()))
        assert served.bodies("/api/create")[0]["files"] == {"model.gguf": DIGEST}


def test_a_bad_modelfile_is_refused_before_anything_is_sent(here: Path) -> None:
    (here / "Modelfile").write_text("FROM ./model.gguf\nPARAMETER temprature 1\n")
    with serving(**answers()) as served:
        with pytest.raises(ModelfileError, match="line 2"):
            COMMAND.run(call(COMMAND, served.host, "mine", screen=piped()))
        assert served.seen == []


def test_an_error_of_the_server_is_the_commands(here: Path) -> None:
    failing: dict[str, Answer] = {
        "POST_api_create": streams({"status": "parsing GGUF"}, {"error": "not enough disk space"})
    }
    with serving(**answers() | failing) as served, pytest.raises(ApiError, match="not enough disk space"):
        COMMAND.run(call(COMMAND, served.host, "mine", screen=piped()))


def test_a_stream_that_ends_without_success_is_an_error(here: Path) -> None:
    short: dict[str, Answer] = {"POST_api_create": streams({"status": "parsing GGUF"})}
    with serving(**answers() | short) as served, pytest.raises(CommandError, match="before the model was"):
        COMMAND.run(call(COMMAND, served.host, "mine", screen=piped()))


def test_ctrl_c_ends_the_hashing_of_a_large_file(here: Path) -> None:
    with (here / "model.gguf").open("r+b") as file:
        file.truncate(64 << 30)
    with serving(GET_api_version=gives({})) as served:
        process = subprocess.Popen(
            [sys.executable, "-m", "hearth", "create", "mine"],
            env=clean_environment(here, OLLAMA_HOST=served.host),
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        with process.stderr as shown:
            assert "gathering" in shown.readline()
            assert "hashing model.gguf" in shown.readline()
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130


def test_a_modelfile_that_is_a_directory_is_an_error(here: Path) -> None:
    with pytest.raises(CommandError, match="cannot read the Modelfile"):
        COMMAND.run(call(COMMAND, "127.0.0.1:1", "mine", "-f", str(here), screen=piped()))

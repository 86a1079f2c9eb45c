"""The client of the HTTP API against a real server that behaves well, badly, or not at all."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from tests.cli.support import Exchange, gives, serving, streams

from hearth import __version__
from hearth.cli.client import Client
from hearth.cli.failure import ApiError, CommandError, Unreachable

DIGEST = f"sha256:{'0' * 64}"


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        assert isinstance(port, int)
        return port


def test_calls_send_and_receive_json() -> None:
    with serving(GET_api_tags=gives({"models": []}), POST_api_show=gives({"template": "é"})) as served:
        client = Client(served.host)
        assert client.get("/api/tags") == {"models": []}
        assert client.post("/api/show", {"model": "ü"}) == {"template": "é"}
        assert served.seen == [("GET", "/api/tags", b""), ("POST", "/api/show", {"model": "ü"})]


def test_an_empty_answer_is_an_empty_object() -> None:
    with serving(POST_api_copy=lambda exchange: exchange.plain(b"")) as served:
        assert Client(served.host).post("/api/copy", {}) == {}


def test_the_client_says_who_it_is() -> None:
    agents: list[str] = []

    def answer(exchange: Exchange) -> None:
        agents.append(exchange.headers["User-Agent"])
        exchange.json({})

    with serving(GET_api_version=answer) as served:
        Client(served.host).get("/api/version")
    assert agents[0].startswith(f"hearth/{__version__} (")


def test_a_path_in_the_address_comes_first() -> None:
    with serving(GET_below_api_tags=gives({})) as served:
        Client(f"http://{served.host}/below").get("/api/tags")
        assert served.seen[0][1] == "/below/api/tags"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error": "model \'x\' not found"}', "model 'x' not found"),
        (b'{"error": {"message": "no key", "type": "auth"}}', "no key"),
        (b"404 page not found", "404 page not found"),
        (b"", "404 Not Found"),
        (b'["odd"]', '["odd"]'),
        (b"\xff\xfe", "\ufffd\ufffd"),
    ],
)
def test_a_refusal_is_told_in_the_servers_words(body: bytes, message: str) -> None:
    with serving(POST_api_show=lambda exchange: exchange.plain(body, 404)) as served:
        with pytest.raises(ApiError) as caught:
            Client(served.host).post("/api/show", {})
        assert (caught.value.message, caught.value.status) == (message, 404)


def test_no_server_is_an_error_that_names_the_next_step() -> None:
    with pytest.raises(
        Unreachable, match="could not connect to hearth server, run 'hearth serve' to start it"
    ):
        Client(f"127.0.0.1:{closed_port()}").get("/api/tags")


def test_an_address_that_cannot_be_resolved_is_named() -> None:
    with pytest.raises(Unreachable, match=r"cannot reach the server at http://no\.such\.host\.invalid:1"):
        Client("http://no.such.host.invalid:1").get("/api/tags")


def test_something_that_is_no_hearth_server_is_recognised() -> None:
    page = serving(GET_api_tags=lambda exchange: exchange.plain(b"<html>"))
    with page as served, pytest.raises(CommandError, match="is that a Hearth server"):
        Client(served.host).get("/api/tags")


def test_something_that_does_not_speak_http_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def garbage() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"SSH-2.0-OpenSSH\r\n")

        thread = threading.Thread(target=garbage)
        thread.start()
        with pytest.raises(CommandError, match="closed the connection"):
            Client(f"127.0.0.1:{listener.getsockname()[1]}").get("/api/tags")
        thread.join()


def test_a_server_that_accepts_and_is_silent_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = Client(f"127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(Unreachable, match="did not answer in time"):
            client.get("/api/version", timeout=0.05)
        assert not client.alive(0.05)


def test_a_stream_gives_each_object_as_it_arrives() -> None:
    first_read = threading.Event()

    def answer(exchange: Exchange) -> None:
        exchange.start()
        exchange.chunk(b'{"response": "a"}\n{"respo')
        assert first_read.wait(10)
        exchange.chunk(b'nse": "b"}\n')
        exchange.chunk(b"")

    with serving(POST_api_generate=answer) as served:
        stream = Client(served.host).stream("/api/generate", {})
        assert next(stream) == {"response": "a"}
        first_read.set()
        assert list(stream) == [{"response": "b"}]


def test_an_error_inside_a_stream_is_raised_after_what_came_before() -> None:
    with serving(POST_api_generate=streams({"response": "a"}, {"error": "the runner died"})) as served:
        stream = Client(served.host).stream("/api/generate", {})
        assert next(stream) == {"response": "a"}
        with pytest.raises(ApiError, match="the runner died"):
            next(stream)


def test_an_error_before_a_stream_keeps_its_status() -> None:
    with serving(POST_api_generate=gives({"error": "server busy"}, 503)) as served:
        with pytest.raises(ApiError) as caught:
            next(Client(served.host).stream("/api/generate", {}))
        assert caught.value.status == 503


def test_a_stream_that_breaks_off_is_an_error() -> None:
    def answer(exchange: Exchange) -> None:
        exchange.start()
        exchange.chunk(b'{"response": "a"}\n')
        exchange.close_connection = True

    with serving(POST_api_generate=answer) as served:
        stream = Client(served.host).stream("/api/generate", {})
        assert next(stream) == {"response": "a"}
        with pytest.raises(CommandError, match="closed the connection"):
            next(stream)


def test_closing_a_stream_hangs_up() -> None:
    gone = threading.Event()

    def answer(exchange: Exchange) -> None:
        exchange.start()
        exchange.chunk(b'{"response": "a"}\n')
        # The client sends nothing more, so reading ends when it hangs up.
        if exchange.rfile.read(1) == b"":
            gone.set()
        exchange.close_connection = True

    with serving(POST_api_generate=answer) as served:
        stream = Client(served.host).stream("/api/generate", {})
        next(stream)
        stream.close()
        assert gone.wait(10)


def test_a_blob_is_found_or_not() -> None:
    answers = {"HEAD_api_blobs_there": gives({}), "HEAD_api_blobs_bad": gives({}, 400)}
    with serving(**answers, HEAD_api_blobs_missing=gives({}, 404)) as served:
        client = Client(served.host)
        assert client.exists("/api/blobs/there")
        assert not client.exists("/api/blobs/missing")
        with pytest.raises(ApiError):
            client.exists("/api/blobs/bad")


def test_an_upload_is_sent_piece_by_piece_with_its_size() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"abc"
        yield b"def"

    with serving(POST_api_blobs_x=gives({})) as served:
        Client(served.host).upload("/api/blobs/x", pieces(), 6)
        assert served.seen == [("POST", "/api/blobs/x", b"abcdef")]


def test_the_reason_for_refusing_an_upload_is_heard_although_the_server_hung_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1024)
                body = b'{"error": "the disk is full"}'
                head = b"HTTP/1.1 507 Insufficient Storage\r\nContent-Length: %d\r\n\r\n" % len(body)
                connection.sendall(head + body)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(1 << 20):
                    pass

        thread = threading.Thread(target=refuse)
        thread.start()
        client = Client(f"127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(ApiError, match="the disk is full"):
            client.upload("/api/blobs/x", (bytes(1 << 20) for _ in range(8)), 8 << 20)
        thread.join()

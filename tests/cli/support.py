"""A server with prepared answers, and consoles whose output a test can read."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

from hearth.cli.command import Arguments, Call, Command
from hearth.cli.terminal import Console

Answer: TypeAlias = "Callable[[Exchange], None]"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@dataclass
class Screen:
    """A console and what was written to it."""

    out: io.StringIO
    err: io.StringIO
    console: Console = field(init=False)

    def __post_init__(self) -> None:
        self.console = Console(self.out, self.err)


def piped() -> Screen:
    """A console whose output goes to files."""
    return Screen(io.StringIO(), io.StringIO())


def on_terminal() -> Screen:
    """A console on a terminal of unknown width, which counts as 80 columns."""
    return Screen(Terminal(), Terminal())


class Exchange(BaseHTTPRequestHandler):
    """One request that a test's answer function replies to."""

    protocol_version = "HTTP/1.1"
    answers: dict[str, Answer]
    seen: list[tuple[str, str, Any]]

    def json(self, body: Any, status: int = 200) -> None:
        """Reply with JSON."""
        self.plain(json.dumps(body).encode(), status)

    def plain(self, data: bytes, status: int = 200) -> None:
        """Reply with bytes."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def start(self) -> None:
        """Begin a stream."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, data: bytes) -> None:
        """Send a piece of a stream; an empty one ends it."""
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def lines(self, *items: Any) -> None:
        """Reply with a whole stream of JSON lines."""
        self.start()
        for item in items:
            self.chunk(json.dumps(item).encode() + b"\n")
        self.chunk(b"")

    def do_GET(self) -> None:
        self._reply()

    def do_POST(self) -> None:
        self._reply()

    def do_DELETE(self) -> None:
        self._reply()

    def do_HEAD(self) -> None:
        self._reply()

    def _reply(self) -> None:
        data = self._body()
        try:
            body = json.loads(data)
        except ValueError:
            body = data
        self.seen.append((self.command, self.path, body))
        answer = self.answers.get(f"{self.command} {self.path}")
        if answer is None:
            self.json({"error": f"no answer prepared for {self.command} {self.path}"}, 500)
        else:
            answer(self)

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Keep the test's output quiet."""


@dataclass
class Served:
    """A running server: its address and the requests it has seen, as (method, path, body)."""

    host: str
    seen: list[tuple[str, str, Any]]

    def bodies(self, path: str) -> list[Any]:
        """The bodies of the requests for a path."""
        return [body for _, seen, body in self.seen if seen == path]


@contextmanager
def serving(**answers: Answer) -> Iterator[Served]:
    """Serve answers by `METHOD_path_with_underscores`: `POST_api_show` answers `POST /api/show`."""
    prepared = {_route(name): answer for name, answer in answers.items()}
    seen: list[tuple[str, str, Any]] = []
    handler = type("Handler", (Exchange,), {"answers": prepared, "seen": seen})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield Served(f"127.0.0.1:{server.server_port}", seen)
        finally:
            server.shutdown()
            thread.join()


def _route(name: str) -> str:
    method, *parts = name.split("_")
    return f"{method} /{'/'.join(parts)}"


def gives(body: Any, status: int = 200) -> Answer:
    """An answer of JSON."""
    return lambda exchange: exchange.json(body, status)


def streams(*items: Any) -> Answer:
    """An answer of JSON lines."""
    return lambda exchange: exchange.lines(*items)


def call(command: Command, host: str, *words: str, screen: Screen) -> Call:
    """A call of a command against a server."""
    from hearth.cli.arguments import parse
    from hearth.config import Config

    made = Call("hearth", parse(command, words) if words else Arguments(), screen.console)
    made.config = Config.load({"OLLAMA_HOST": host, "HOME": "/nonexistent"})
    return made

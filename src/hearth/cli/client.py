"""The command line's client of the HTTP API: JSON calls, streams of JSON lines, and uploads.

It uses `http.client` alone, because that is what a short command can afford to import.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

from hearth import __version__
from hearth.address import Address
from hearth.cli.failure import ApiError, CommandError, Unreachable

Object: TypeAlias = "dict[str, Any]"
"""A JSON object of the API."""

_CONNECT_TIMEOUT: Final = 10.0
_PIECE: Final = 1 << 16
_LONGEST_LINE: Final = 64 << 20
_NO_SERVER: Final = "could not connect to hearth server, run 'hearth serve' to start it"
_CUT: Final = "the server closed the connection before the answer was complete; its log says why"


class Client:
    """A client of the server at `host`, a text as in OLLAMA_HOST. Each call has its own connection."""

    def __init__(self, host: str, connect_timeout: float = _CONNECT_TIMEOUT) -> None:
        self.url = Address.parse(host).base_url
        self._address = Address.parse(self.url)
        self._connect_timeout = connect_timeout

    def get(self, path: str, timeout: float | None = None) -> Object:
        """The JSON object that GET answers; `timeout` in seconds for each wait on the network."""
        with self._open("GET", path, timeout=timeout) as response:
            return self._object(response.read())

    def alive(self, timeout: float) -> bool:
        """True where a server answers within `timeout` seconds."""
        try:
            with self._open("HEAD", "/", timeout=timeout):
                return True
        except ApiError:
            return True
        except CommandError:
            return False

    def post(self, path: str, body: Object) -> Object:
        """The JSON object that POST answers; an empty answer gives an empty object."""
        with self._open("POST", path, _encode(body)) as response:
            data = response.read()
            return self._object(data) if data.strip() else {}

    def delete(self, path: str, body: Object) -> None:
        """Send DELETE with a JSON body."""
        with self._open("DELETE", path, _encode(body)) as response:
            response.read()

    def stream(self, path: str, body: Object) -> Generator[Object]:
        """The objects of the stream that POST answers, each as it arrives.

        Closing the generator closes the connection, by which the server stops its work.

        Raises:
            ApiError: the server refused, or reported an error inside the stream.
            CommandError: the connection broke.
        """
        with self._open("POST", path, _encode(body)) as response:
            for line in _lines(response):
                item = self._object(line)
                if isinstance(item.get("error"), str):
                    raise ApiError(item["error"], response.status)
                yield item

    def exists(self, path: str) -> bool:
        """True where HEAD finds the path; False on 404."""
        try:
            with self._open("HEAD", path):
                return True
        except ApiError as error:
            if error.status == http.HTTPStatus.NOT_FOUND:
                return False
            raise

    def upload(self, path: str, pieces: Iterable[bytes], size: int) -> None:
        """POST `size` bytes given in pieces."""
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        with self._open("POST", path, pieces, headers) as response:
            response.read()

    @contextmanager
    def _open(
        self,
        method: str,
        path: str,
        body: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Generator[http.client.HTTPResponse]:
        connection = self._connect(timeout)
        try:
            response = self._send(connection, method, path, body, headers or {})
            if response.status >= http.HTTPStatus.BAD_REQUEST:
                raise ApiError(_refusal(response), response.status)
            yield response
        except http.client.HTTPException as error:
            raise CommandError(_CUT) from error
        except TimeoutError as error:
            raise Unreachable(f"the server at {self.url} did not answer in time") from error
        except ConnectionError as error:
            raise CommandError(_CUT) from error
        finally:
            connection.close()

    def _connect(self, timeout: float | None) -> http.client.HTTPConnection:
        secure = self._address.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        wait = self._connect_timeout if timeout is None else timeout
        connection = kind(self._address.host, self._address.port, timeout=wait)
        try:
            connection.connect()
        except ConnectionRefusedError as error:
            raise Unreachable(_NO_SERVER) from error
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise Unreachable(
                f"cannot reach the server at {self.url}: {reason}; check OLLAMA_HOST"
            ) from error
        connection.sock.settimeout(timeout)
        return connection

    def _send(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: bytes | Iterable[bytes] | None,
        headers: Mapping[str, str],
    ) -> http.client.HTTPResponse:
        sent = {"User-Agent": _user_agent(), "Accept": "application/json, application/x-ndjson", **headers}
        try:
            connection.request(method, self._address.path + path, body, sent)
        except ConnectionError:
            # A server that refuses an upload may answer and hang up before it has read all of it.
            try:
                return connection.getresponse()
            except (http.client.HTTPException, OSError) as error:
                raise CommandError(_CUT) from error
        return connection.getresponse()

    def _object(self, data: bytes) -> Object:
        try:
            value = json.loads(data)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise CommandError(f"unexpected answer from {self.url}; is that a Hearth server? See OLLAMA_HOST")
        return value


def _encode(body: Object) -> bytes:
    return json.dumps(body).encode()


def _lines(response: http.client.HTTPResponse) -> Generator[bytes]:
    rest = b""
    while piece := response.read1(_PIECE):
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line for line in whole if line.strip())
        if len(rest) > _LONGEST_LINE:
            raise CommandError("the server sent a line of more than 64 MiB")
    if rest.strip():
        yield rest


def _refusal(response: http.client.HTTPResponse) -> str:
    data = response.read(1 << 20)
    try:
        message = json.loads(data)["error"]
    except (ValueError, KeyError, TypeError):
        message = data.decode(errors="replace").strip()
    if isinstance(message, dict):
        message = message.get("message")
    return message if isinstance(message, str) and message else f"{response.status} {response.reason}"


def _user_agent() -> str:
    version = ".".join(str(part) for part in sys.version_info[:3])
    system = os.uname()
    return f"hearth/{__version__} ({system.machine} {system.sysname.lower()}) Python/{version}"

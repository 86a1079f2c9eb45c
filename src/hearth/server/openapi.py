"""The OpenAPI 3.1 document of all routes, made from the app's own route table at `GET /openapi.json`.

Schemas come from the structs that decode requests and encode replies, so the document cannot promise other
fields than the code has. Requests are read more kindly than their schemas say: keys match whatever their
case, null counts as absent, and what is not known is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hearth import __version__
from hearth.server.errors import json_reply
from hearth.server.fields import PARAMETERS, Json
from hearth.server.operations import DIALECTS, JSON, OTHER, Operation, find
from hearth.server.schemas import Schemas
from hearth.server.threads import in_thread

_CONVERTOR: Final = re.compile(r"\{(\w+):\w+\}")
_ERRORS: Final = {
    400: "the request cannot be served as it was sent; the message says why",
    403: "the host or origin is not allowed, or the model cannot be changed",
    404: "no such model or blob",
    413: "the body is larger than the server takes",
    500: "something broke on this side",
    501: "this version does not have it",
    503: "the queue is full",
    507: "the disk is full",
}
_ALWAYS: Final = (400, 403, 404, 500)
_WITH_BODY: Final = (413, 503)


class Endpoint(NamedTuple):
    """One method of one path, as the document writes the path, with the text of its handler's docstring."""

    method: str
    path: str
    text: str
    parameters: tuple[str, ...]

    @property
    def summary(self) -> str:
        return self.text.split("\n")[0]


def endpoints(routes: Iterable[BaseRoute]) -> Iterator[Endpoint]:
    """Every method of every route; the HEAD that stands beside each GET is not told apart."""
    for route in routes:
        if not isinstance(route, Route):
            continue
        methods = set(route.methods or ())
        handler = route.endpoint.func if isinstance(route.endpoint, partial) else route.endpoint
        text = (handler.__doc__ or "").strip()
        path = _CONVERTOR.sub(r"{\1}", route.path)
        for method in sorted(methods - {"HEAD"} if "GET" in methods else methods):
            yield Endpoint(method, path, text, tuple(route.param_convertors))


def document(routes: Iterable[BaseRoute]) -> Json:
    """The OpenAPI document of these routes, as JSON values."""
    schemas = Schemas([*DIALECTS, OTHER])
    paths: dict[str, Json] = {}
    for endpoint in endpoints(routes):
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hearth",
            "version": __version__,
            "summary": "Runs language models on hardware people own.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "http://127.0.0.1:11434"}],
        "tags": [{"name": dialect.name, "description": dialect.about} for dialect in DIALECTS],
        "paths": paths,
        "components": {"schemas": dict(sorted(schemas.components.items()))},
    }


def _operation(endpoint: Endpoint, schemas: Schemas) -> Json:
    dialect, operation = find(endpoint.method, endpoint.path)
    refer = partial(schemas.reference, dialect)
    told: Json = {
        "tags": [dialect.name],
        "operationId": "_".join([endpoint.method.lower(), *re.findall(r"\w+", endpoint.path)]),
        "summary": endpoint.summary,
    }
    if parameters := [
        *(_parameter(name, "path") for name in endpoint.parameters),
        *(_parameter(name, "query") for name in operation.query),
    ]:
        told["parameters"] = parameters
    if operation.body is not None:
        told["requestBody"] = _body(JSON, {"schema": refer(operation.body)})
    elif operation.takes:
        told["requestBody"] = _body(operation.takes, {})
    content = _content(operation, refer)
    successes = {status: _reply(meaning, content) for status, meaning in operation.statuses.items()}
    form = None if dialect.error is None or endpoint.method == "HEAD" else refer(dialect.error)
    errors = _errors(operation, {JSON: {"schema": form}} if form else {})
    told["responses"] = {str(status): reply for status, reply in (successes | errors).items()}
    return told


def _parameter(name: str, place: str) -> Json:
    schema = PARAMETERS.get(name, {"type": "string"})
    return {"name": name, "in": place, "required": place == "path", "schema": schema}


def _body(kind: str, schema: Json) -> Json:
    return {"required": True, "content": {kind: schema}}


def _reply(meaning: str, content: Json) -> Json:
    return {"description": meaning, "content": content} if content else {"description": meaning}


def _content(operation: Operation, refer: Callable[[type[Struct]], Json]) -> Json:
    content: Json = {}
    if operation.reply:
        parts = [refer(part) for part in operation.reply]
        content[JSON] = {"schema": parts[0] if len(parts) == 1 else {"allOf": parts}}
    elif operation.gives:
        content[operation.gives] = {"schema": {"type": "object" if operation.gives == JSON else "string"}}
    if operation.stream:
        # What is in a stream cannot be said by a schema of the whole of it.
        content[operation.stream] = {}
    return content


def _errors(operation: Operation, content: Json) -> dict[int, Json]:
    statuses = {*_ALWAYS, *operation.errors, *(_WITH_BODY if operation.body or operation.takes else ())}
    return {status: _reply(_ERRORS[status], content) for status in sorted(statuses)}


async def openapi(request: Request) -> Response:
    """This description of all routes, as an OpenAPI document."""
    return json_reply(msgspec.json.encode(await in_thread(document, request.app.routes)))


def routes() -> list[Route]:
    """The routes of this module."""
    return [Route("/openapi.json", openapi, methods=["GET"])]

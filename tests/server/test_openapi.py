"""The OpenAPI document: all routes are in it, and it names nothing that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

import httpx
import pytest
from starlette.routing import Route

from hearth.server.app import all_routes
from hearth.server.fields import FORMS, PARAMETERS, REQUIRED
from hearth.server.openapi import document, endpoints
from hearth.server.operations import DIALECTS, OTHER, find
from hearth.server.services import Services

ROUTES = all_routes(cast("Services", None))
DOCUMENT = document(ROUTES)
SCHEMAS = DOCUMENT["components"]["schemas"]
ENDPOINTS = list(endpoints(ROUTES))


def within(value: Any) -> Iterator[Any]:
    """A JSON value and all that is in it."""
    yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from within(item)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{'-'.join(sorted(route.methods))} {route.path}")
def test_every_route_of_the_app_is_in_the_document(route: Route) -> None:
    path = re.sub(r":\w+\}", "}", route.path)
    methods = set(route.methods or ())
    for method in methods - {"HEAD"} if "GET" in methods else methods:
        told = DOCUMENT["paths"][path][method.lower()]
        assert told["summary"]
        assert told["tags"] != [OTHER.name], f"add {method} {path} to hearth.server.operations"


def test_every_entry_of_the_table_is_a_route() -> None:
    known = {(item.method, item.path) for item in ENDPOINTS}
    for dialect in DIALECTS:
        assert set(dialect.operations) <= known


def test_every_reference_leads_somewhere() -> None:
    places = [value["$ref"] for value in within(DOCUMENT) if isinstance(value, dict) and "$ref" in value]
    assert places
    assert {place.removeprefix("#/components/schemas/") for place in places} <= set(SCHEMAS)


@pytest.mark.parametrize("key", [*FORMS, *(f"{key}.{name}" for key in REQUIRED for name in REQUIRED[key])])
def test_what_is_told_of_a_field_is_told_of_one_that_exists(key: str) -> None:
    schema, _, field = key.rpartition(".")
    assert field in SCHEMAS[schema]["properties"]


def test_what_is_told_of_a_part_of_a_path_is_told_of_one_that_exists() -> None:
    told = [value for value in within(DOCUMENT["paths"]) if isinstance(value, dict) and "in" in value]
    assert set(PARAMETERS) <= {parameter["name"] for parameter in told}


def test_operations_have_names_of_their_own() -> None:
    names = [told["operationId"] for path in DOCUMENT["paths"].values() for told in path.values()]
    assert len(set(names)) == len(names)


def test_structs_of_one_name_are_kept_apart() -> None:
    assert SCHEMAS["ollama.ChatBody"] != SCHEMAS["openai.ChatBody"]
    assert SCHEMAS["openai.chat.Logprobs"] != SCHEMAS["openai.completions.Logprobs"]


def test_a_request_has_its_fields_defaults_and_what_it_needs() -> None:
    schema = SCHEMAS["ollama.ChatBody"]
    assert schema["required"] == ["model"]
    assert schema["properties"]["stream"] == {"type": "boolean", "default": True}
    assert "high" in schema["properties"]["think"]["enum"]


def test_a_stream_and_a_whole_reply_have_each_their_type() -> None:
    content = DOCUMENT["paths"]["/v1/messages"]["post"]["responses"]["200"]["content"]
    assert set(content) == {"application/json", "text/event-stream"}


def test_an_error_has_the_form_of_its_dialect() -> None:
    forms = {
        path: DOCUMENT["paths"][path]["post"]["responses"]["400"]["content"]["application/json"]["schema"]
        for path in ("/api/chat", "/v1/chat/completions", "/v1/messages", "/rerank")
    }
    assert [form["$ref"].rpartition("/")[2] for form in forms.values()] == [
        "ollama.ErrorReply",
        "openai.ErrorObject",
        "anthropic.ErrorReply",
        "rerank.ErrorObject",
    ]


def test_a_route_that_is_not_in_the_table_is_told_of_all_the_same() -> None:
    async def plain() -> None:
        """Say something."""

    told = document([Route("/new/{name:path}", plain, methods=["POST"])])["paths"]["/new/{name}"]["post"]
    assert told["summary"] == "Say something."
    assert told["parameters"][0]["name"] == "name"
    assert find("POST", "/new/{name}")[0] is OTHER


async def test_the_document_is_served(client: httpx.AsyncClient) -> None:
    answer = await client.get("/openapi.json")
    assert answer.json() == DOCUMENT
    assert answer.json()["openapi"] == "3.1.0"

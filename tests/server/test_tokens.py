"""Tokens over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.server.support import ScriptedRoad

from hearth.errors import BadRequest
from hearth.messages import DetokenizeRequest, KeepAlive, TokenizeRequest


async def test_a_text_becomes_numbers_and_their_count(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/tokenize", json={"model": "m", "text": "abc"})
    assert answer.json() == {"model": "m", "tokens": [0, 1, 2], "count": 3}


async def test_pieces_show_what_each_token_stands_for(client: httpx.AsyncClient) -> None:
    told = (await client.post("/api/tokenize", json={"model": "m", "text": "aé", "pieces": True})).json()
    assert told["pieces"] == [
        {"id": 0, "text": "a", "bytes": [0x61]},
        {"id": 1, "text": "\ufffd", "bytes": [0xC3]},
        {"id": 2, "text": "\ufffd", "bytes": [0xA9]},
    ]


@pytest.mark.parametrize(
    ("body", "text", "special"),
    [
        ({"text": "a"}, "a", True),
        ({"content": "a"}, "a", True),
        ({"text": "a", "special": False}, "a", False),
        ({"content": "a", "add_special": False}, "a", False),
        ({}, "", True),
    ],
)
async def test_both_names_of_a_field_are_known(
    client: httpx.AsyncClient, road: ScriptedRoad, body: dict[str, Any], text: str, special: bool
) -> None:
    more = {"keep_alive": 60, "options": {"num_ctx": 64}}
    await client.post("/api/tokenize", json={"model": "m", **body, **more})
    assert road.asked == [TokenizeRequest("m", text, special, KeepAlive(60.0), {"num_ctx": 64})]


async def test_numbers_become_a_text(client: httpx.AsyncClient, road: ScriptedRoad) -> None:
    answer = await client.post("/api/detokenize", json={"model": "m", "tokens": [3, 4], "keep_alive": -1})
    assert answer.json() == {"model": "m", "text": "3 4"}
    assert road.asked == [DetokenizeRequest("m", (3, 4), KeepAlive(None))]


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("/api/tokenize", {"text": "a"}, "model is required"),
        ("/api/tokenize", {"model": "m", "text": "a", "content": "b"}, "two names of one field"),
        ("/api/tokenize", {"model": "m", "text": 3}, "text"),
        ("/api/detokenize", {"tokens": [1]}, "model is required"),
        ("/api/detokenize", {"model": "m", "tokens": ["a"]}, "tokens"),
        ("/api/detokenize", {"model": "m", "tokens": [1.5]}, "tokens"),
        ("/api/detokenize", {"model": "m", "tokens": 3}, "tokens"),
    ],
)
async def test_what_is_no_request_is_the_callers_error(
    client: httpx.AsyncClient, road: ScriptedRoad, path: str, body: dict[str, Any], told: str
) -> None:
    answer = await client.post(path, json=body)
    assert answer.status_code == 400
    assert told in answer.json()["error"]
    assert road.asked == []


@pytest.mark.parametrize("path", ["/api/tokenize", "/api/detokenize"])
async def test_errors_of_the_road_reach_the_client(
    client: httpx.AsyncClient, road: ScriptedRoad, path: str
) -> None:
    road.script = [BadRequest("tokens[0] is no token")]
    answer = await client.post(path, json={"model": "m", "tokens": [9], "text": "a"})
    assert (answer.status_code, answer.json()) == (400, {"error": "tokens[0] is no token"})

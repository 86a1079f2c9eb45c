"""The small routes, the replies to what is no route, and the life of the app."""

from __future__ import annotations

import logging

import httpx
import pytest
from tests.server.support import ScriptedRoad, app_of, serving, settings

from hearth import OLLAMA_API_VERSION, __version__
from hearth.config import Config
from hearth.errors import ConfigError
from hearth.library import Library


async def test_the_root_says_what_clients_look_for(client: httpx.AsyncClient) -> None:
    assert (await client.get("/")).text == "Ollama is running"
    head = await client.head("/")
    assert (head.status_code, head.content) == (200, b"")


async def test_version_is_that_of_the_api_and_of_hearth(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/version")).json() == {"version": OLLAMA_API_VERSION, "hearth": __version__}
    assert (await client.head("/api/version")).status_code == 200
    assert (await client.head("/api/tags")).status_code == 200


async def test_there_is_no_cloud(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/status")).json()["cloud"]["disabled"] is True


@pytest.mark.parametrize("path", ["/api/pull", "/api/push"])
async def test_what_is_not_there_yet_says_what_to_do_instead(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.post(path, json={"model": "m"})
    assert answer.status_code == 501
    assert "hearth create" in answer.json()["error"]


async def test_an_unknown_path_is_a_plain_404(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/nope")
    assert (answer.status_code, answer.text) == (404, "404 page not found")


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/chat"), ("POST", "/api/tags"), ("PUT", "/")])
async def test_a_wrong_method_is_a_plain_405(client: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.text) == (405, "405 method not allowed")
    assert answer.headers["allow"]


async def test_every_request_has_a_line_in_the_log(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "hearth.server.access"):
        await client.get("/api/version")
        await client.get("/api/%0aforged")
    assert "200 GET '/api/version'" in caplog.text
    assert "\nforged" not in caplog.text


async def test_inference_is_closed_with_the_app(road: ScriptedRoad, library: Library, config: Config) -> None:
    async with serving(app_of(road, library, config)):
        assert not road.closed
    assert road.closed


def test_origins_that_are_none_stop_the_start(library: Library, config: Config) -> None:
    bad = settings(config.models, OLLAMA_ORIGINS="localhost:3000")
    with pytest.raises(ConfigError, match="localhost:3000"):
        app_of(ScriptedRoad(library), library, bad)

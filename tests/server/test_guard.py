"""What the guard lets through, over HTTP: hosts, origins and preflights."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from tests.server.support import RawClient, ScriptedRoad, app_of, client_of, serving, settings

from hearth.config import Config
from hearth.library import Library

PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}


async def test_a_foreign_host_is_refused_with_the_setting_to_change(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/tags", headers={"Host": "attacker.com:11434"})
    assert answer.status_code == 403
    assert "attacker.com:11434" in answer.json()["error"]
    assert "HEARTH_HOSTS" in answer.json()["error"]


async def test_the_guard_holds_on_a_public_bind(road: ScriptedRoad, library: Library, tmp_path: Path) -> None:
    config = settings(tmp_path, OLLAMA_HOST="0.0.0.0:11434", HEARTH_HOSTS="gpu.example.com")
    async with client_of(app_of(road, library, config)) as client:
        assert (await client.get("/", headers={"Host": "attacker.com"})).status_code == 403
        assert (await client.get("/", headers={"Host": "gpu.example.com"})).status_code == 200
        assert (await client.get("/", headers={"Host": "203.0.113.9:11434"})).status_code == 200


@pytest.mark.parametrize("hosts", [[], ["localhost", "localhost"], ["localhost", "attacker.com"]])
async def test_there_is_exactly_one_host(client: httpx.AsyncClient, hosts: list[str]) -> None:
    request = client.build_request("GET", "/")
    request.headers = httpx.Headers([("host", host) for host in hosts])
    assert (await client.send(request)).status_code == 403


async def test_a_foreign_origin_is_refused_and_gets_no_cors_headers(
    client: httpx.AsyncClient, road: ScriptedRoad
) -> None:
    answer = await client.post(
        "/api/chat", headers={"Origin": "https://evil.example"}, content=b'{"model":"m"}'
    )
    assert answer.status_code == 403
    assert "https://evil.example" in answer.json()["error"]
    assert "OLLAMA_ORIGINS" in answer.json()["error"]
    assert "access-control-allow-origin" not in answer.headers
    assert road.asked == []


async def test_an_allowed_origin_gets_its_name_back_even_with_an_error(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/chat", headers={"Origin": "http://localhost:3000"})
    assert answer.status_code == 400
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert "access-control-allow-credentials" not in answer.headers


async def test_a_preflight_is_answered_for_allowed_origins_only(client: httpx.AsyncClient) -> None:
    good = await client.options("/api/chat", headers={"Origin": "http://localhost:3000", **PREFLIGHT})
    assert good.status_code == 204
    assert "POST" in good.headers["access-control-allow-methods"]
    assert good.headers["access-control-max-age"] == "43200"
    bad = await client.options("/api/chat", headers={"Origin": "http://localhost.evil", **PREFLIGHT})
    assert bad.status_code == 403
    rebound = await client.options(
        "/", headers={"Host": "evil.com", "Origin": "http://evil.com", **PREFLIGHT}
    )
    assert rebound.status_code == 403


async def test_origins_from_the_setting_are_answered(
    road: ScriptedRoad, library: Library, tmp_path: Path
) -> None:
    config = settings(tmp_path, OLLAMA_ORIGINS="https://chat.example.com")
    async with client_of(app_of(road, library, config)) as client:
        answer = await client.get("/", headers={"Origin": "https://chat.example.com"})
        assert answer.headers["access-control-allow-origin"] == "https://chat.example.com"


async def test_an_absolute_target_does_not_get_around_the_host_header(
    road: ScriptedRoad, library: Library, config: Config
) -> None:
    async with serving(app_of(road, library, config)) as port:
        client = await RawClient.connect(port)
        client.writer.write(b"GET http://localhost/ HTTP/1.1\r\nHost: attacker.com\r\n\r\n")
        assert b"403" in await client.until(b"\r\n")
        await client.drop()

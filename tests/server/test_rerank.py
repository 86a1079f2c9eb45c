"""Reranking over HTTP: Hearth's own shape, and those of Jina and Cohere."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.server.support import ScriptedRoad

from hearth.errors import ContextExceeded, ModelNotFound, Unsupported
from hearth.messages import KeepAlive, Ranked, Ranking, RerankRequest

ASKED: dict[str, Any] = {"model": "m", "query": "q", "documents": ["one", "two", "three"]}
COMPATIBLE = ("/v1/rerank", "/v2/rerank", "/rerank")


def request_of(road: ScriptedRoad) -> RerankRequest:
    (asked,) = road.asked
    assert isinstance(asked, RerankRequest)
    return asked


async def test_our_own_route_tells_results_and_what_they_cost(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/rerank", json={**ASKED, "top_n": 2})
    assert answer.json() == {
        "model": "m",
        "results": [{"index": 0, "relevance_score": 1.0}, {"index": 1, "relevance_score": 0.5}],
        "total_duration": 10,
        "load_duration": 4,
        "prompt_eval_count": 9,
    }


async def test_our_own_route_gives_the_documents_back_if_asked(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/rerank", json={**ASKED, "return_documents": True})
    assert [item["document"] for item in answer.json()["results"]] == ASKED["documents"]


async def test_every_field_of_our_own_route_is_passed_on(
    client: httpx.AsyncClient, road: ScriptedRoad
) -> None:
    more = {"truncate": True, "raw_scores": True, "keep_alive": "5m", "options": {"num_ctx": 99}}
    await client.post("/api/rerank", json={**ASKED, "top_n": 1, **more})
    assert request_of(road) == RerankRequest(
        "m",
        "q",
        ("one", "two", "three"),
        top_n=1,
        truncate=True,
        normalise=False,
        keep_alive=KeepAlive(300.0),
        options={"num_ctx": 99},
    )


@pytest.mark.parametrize("path", COMPATIBLE)
async def test_a_reply_has_what_the_clients_of_jina_and_cohere_read(
    client: httpx.AsyncClient, path: str
) -> None:
    told = (await client.post(path, json={**ASKED, "top_n": 1, "return_documents": True})).json()
    assert told["results"] == [{"index": 0, "relevance_score": 1.0, "document": {"text": "one"}}]
    assert told["usage"] == {"prompt_tokens": 9, "total_tokens": 9}
    assert told["id"]
    assert told["meta"]["billed_units"] == {"search_units": 1}
    assert told["meta"]["api_version"] == {"version": "2" if path == "/v2/rerank" else "1"}
    assert "warnings" not in told["meta"]


async def test_documents_may_be_objects_with_a_text(client: httpx.AsyncClient, road: ScriptedRoad) -> None:
    body = {**ASKED, "documents": [{"text": "one", "title": "x"}, "two"], "return_documents": False}
    told = (await client.post("/v1/rerank", json=body)).json()
    assert request_of(road).documents == ("one", "two")
    assert "document" not in told["results"][0]


@pytest.mark.parametrize(
    ("path", "sent", "cuts"),
    [
        ("/v1/rerank", {}, False),
        ("/rerank", {}, False),
        ("/v2/rerank", {}, True),
        ("/v2/rerank", {"truncate": False}, False),
        ("/v1/rerank", {"truncate": True}, True),
    ],
)
async def test_documents_are_cut_where_the_published_form_or_the_request_says_so(
    client: httpx.AsyncClient, road: ScriptedRoad, path: str, sent: dict[str, Any], cuts: bool
) -> None:
    await client.post(path, json={**ASKED, **sent, "max_tokens_per_doc": 7})
    assert request_of(road).truncate is cuts
    assert request_of(road).document_tokens == 7


@pytest.mark.parametrize("path", ["/api/rerank", "/v2/rerank"])
async def test_what_was_cut_is_told(
    client: httpx.AsyncClient, road: ScriptedRoad, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    async def cut(_: RerankRequest) -> Ranking:
        return Ranking((Ranked(0, 0.5),), truncated=2)

    monkeypatch.setattr(road, "rerank", cut)
    told = (await client.post(path, json=ASKED)).json()
    assert told["truncated_documents"] == 2
    if path == "/v2/rerank":
        assert told["meta"]["warnings"] == ["the end of 2 document(s) was cut"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({**ASKED, "query": ""}, "query is required"),
        ({**ASKED, "model": ""}, "model is required"),
        ({**ASKED, "documents": ["a", 3]}, "documents[1]"),
        ({**ASKED, "documents": "a"}, "documents"),
        ({**ASKED, "top_n": "all"}, "top_n"),
    ],
)
@pytest.mark.parametrize("path", ["/api/rerank", *COMPATIBLE])
async def test_what_cannot_be_ranked_is_the_callers_error(
    client: httpx.AsyncClient, road: ScriptedRoad, path: str, body: dict[str, Any], told: str
) -> None:
    answer = await client.post(path, json=body)
    error = answer.json()["error"]
    assert answer.status_code == 400
    assert told in (error if path == "/api/rerank" else error["message"])
    assert road.asked == []


async def test_a_number_of_tokens_that_is_none_is_named(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v2/rerank", json={**ASKED, "max_tokens_per_doc": 0})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "max_tokens_per_doc")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (ModelNotFound("m"), 404, "model_not_found"),
        (Unsupported("m does not support rerank"), 400, "unsupported_value"),
        (ContextExceeded(99, 9), 400, "context_length_exceeded"),
        (RuntimeError("a defect"), 500, None),
    ],
)
async def test_errors_have_their_status_and_the_form_of_the_route(
    client: httpx.AsyncClient, road: ScriptedRoad, error: Exception, status: int, code: str | None
) -> None:
    road.script = [error]
    own = await client.post("/api/rerank", json=ASKED)
    compatible = await client.post("/v1/rerank", json=ASKED)
    assert own.status_code == compatible.status_code == status
    assert isinstance(own.json()["error"], str)
    assert compatible.json()["error"]["code"] == code
    assert "defect" not in own.text + compatible.text

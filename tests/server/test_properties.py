"""Generated requests to every route: whatever a client sends, the reply is one that the document promises.

Half of the requests follow the document and half of them break it. The examples are the same in every run.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as budget
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.types import ASGIApp, Receive, Scope, Send
from tests.server.support import ScriptedRoad, app_of, settings
from tests.support.models import make_llama

from hearth.config import Config
from hearth.library import Layer, Library, MediaType, ModelConfig
from hearth.names import ModelName
from hearth.server.app import all_routes
from hearth.server.openapi import Endpoint, endpoints
from hearth.server.operations import find
from hearth.server.services import Services

pytestmark = pytest.mark.slow

ENDPOINTS: Final = list(endpoints(all_routes(cast("Services", None))))
ASKED: Final = [
    pytest.param(endpoint, mode, id=f"{endpoint.method} {endpoint.path} {mode.value}")
    for endpoint in ENDPOINTS
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    # Without a body there is nothing that could break the document's promise.
    if mode is GenerationMode.POSITIVE or find(endpoint.method, endpoint.path)[1].body is not None
]
EXAMPLES: Final = 15
CHECKS: Final = [status_code_conformance, content_type_conformance, response_schema_conformance]
MODEL: Final = "m"
NAMES: Final = ("model", "source", "from")
"""Fields of requests that name a model."""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return settings(tmp_path_factory.mktemp("properties"))


@pytest.fixture(scope="module")
def library(config: Config) -> Iterator[Library]:
    with Library(config.models, embedded=None) as opened:
        yield opened


@pytest.fixture(autouse=True)
def model(library: Library, tmp_path: Path) -> None:
    """One model is there whenever a test begins: one of them deletes models."""
    layer = Layer(MediaType.MODEL, *library.add_file(make_llama(tmp_path / "m.gguf"), move=True))
    library.put(ModelName.parse(MODEL), ModelConfig(model_family="llama"), [layer])


@pytest.fixture(scope="module")
def document(library: Library, config: Config) -> Any:
    """The served document, tied to an app."""
    app = requests_only(app_of(ScriptedRoad(library), library, config))
    return schemathesis.openapi.from_asgi("/openapi.json", app, headers={"Host": "localhost"})


def requests_only(app: ASGIApp) -> ASGIApp:
    """The app without its lifespan, which the client would end after each test."""

    async def called(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await app(scope, receive, send)

    return called


def test_the_document_is_sound(document: Any) -> None:
    document.validate()


@pytest.mark.parametrize(("endpoint", "mode"), ASKED)
def test_every_reply_is_one_that_the_document_promises(
    document: Any, endpoint: Endpoint, mode: GenerationMode
) -> None:
    operation = document[endpoint.path][endpoint.method]
    varied = operation.body or endpoint.parameters

    @budget(
        max_examples=EXAMPLES if varied else 1,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans())
    def ask(case: Case[Any], known: bool) -> None:
        if known and isinstance(case.body, dict):
            case.body.update({name: MODEL for name in NAMES if isinstance(case.body.get(name), str)})
        answer = case.call(base_url="http://localhost:11434", headers={"Host": "localhost"})
        assert answer.status_code in {*range(200, 500), 501}, answer.text
        case.validate_response(answer, checks=CHECKS)

    ask()

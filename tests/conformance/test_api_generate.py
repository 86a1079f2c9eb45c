"""`/api/generate` as its clients see it: going on from a context, filling in, and options at their edges."""

from __future__ import annotations

from typing import Any

import pytest
from tests.conformance.conftest import create
from tests.support.daemon import Daemon
from tests.support.models import make_llama

from hearth.gguf import U32

pytestmark = pytest.mark.slow

GREEDY: dict[str, Any] = {"temperature": 0, "num_predict": 6}


@pytest.fixture(scope="module")
def pieces(daemon: Daemon, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a model with a SentencePiece vocabulary, a begin token and tokens for filling in."""
    marks = {
        f"tokenizer.ggml.fim_{name}_token_id": U32(500 + at) for at, name in enumerate(("pre", "suf", "mid"))
    }
    template = "{% for message in messages %}{{ message.content }}{% endfor %}"
    path = tmp_path_factory.mktemp("pieces") / "pieces.gguf"
    create(daemon, "pieces", make_llama(path, template=template, extra_metadata=marks))
    return "pieces"


def generate(daemon: Daemon, model: str, **fields: Any) -> tuple[int, Any]:
    body = {"model": model, "prompt": "hello world", "stream": False, "options": GREEDY, **fields}
    return daemon.post("/api/generate", body)


def test_an_exchange_goes_on_where_it_ended(daemon: Daemon, pieces: str) -> None:
    status, first = generate(daemon, pieces)
    assert status == 200
    told = generate(daemon, pieces, prompt=" the cat", context=first["context"], _debug_render_only=True)[1]
    text = told["_debug_info"]["rendered_template"]
    assert text.strip() == f"hello world{first['response']} the cat".strip()
    second = generate(daemon, pieces, prompt=" the cat", context=first["context"])[1]
    whole = generate(daemon, pieces, prompt=text, raw=True)[1]
    assert second["response"] == whole["response"]
    assert second["prompt_eval_count"] == whole["prompt_eval_count"]
    assert second["context"][: len(first["context"])] == first["context"]


def test_a_context_of_another_model_is_refused_before_it_reaches_the_engine(daemon: Daemon) -> None:
    status, reply = generate(daemon, "tiny", context=[1, 512])
    assert status == 400
    assert "context[1] is no token of tiny" in reply["error"]


def test_filling_in_between_two_texts(daemon: Daemon, pieces: str) -> None:
    status, reply = generate(daemon, pieces, suffix="home", _debug_render_only=True)
    assert status == 200
    assert reply["_debug_info"]["rendered_template"].count("<s>") == 1
    status, reply = generate(daemon, pieces, suffix="home")
    assert status == 200
    assert reply["eval_count"] == GREEDY["num_predict"]
    assert "context" not in reply


def test_filling_in_needs_a_model_for_it(daemon: Daemon) -> None:
    status, reply = generate(daemon, "tiny", suffix="home")
    assert status == 400
    assert "does not support insert" in reply["error"]


@pytest.mark.parametrize("option", [{"stop": [""]}, {"repeat_last_n": -1}, {"seed": 2**40}, {"top_k": -1}])
def test_an_option_at_its_edge_changes_nothing_else(daemon: Daemon, option: dict[str, Any]) -> None:
    plain = generate(daemon, "tiny")[1]
    status, reply = generate(daemon, "tiny", options={**GREEDY, **option})
    assert status == 200
    assert reply["response"] == plain["response"]
    assert reply["done_reason"] == plain["done_reason"] == "length"


@pytest.mark.parametrize("value", [-5, 0, 10**18, 10**400, 1e300])
def test_a_window_of_no_size_is_refused_by_its_bounds(daemon: Daemon, value: float) -> None:
    status, reply = generate(daemon, "tiny", options={"num_ctx": value})
    assert status == 400
    assert 'option "num_ctx" must be between 1 and 2147483647' in reply["error"]


def test_a_prompt_no_window_could_hold_is_not_answered_with_advice_to_enlarge_it(daemon: Daemon) -> None:
    status, reply = generate(daemon, "tiny", prompt="hello " * 5000)
    assert status == 400
    assert "no larger window than 2048" in reply["error"]
    assert "num_ctx" not in reply["error"]


def test_a_context_shifts_only_for_the_request_that_allows_it(daemon: Daemon, pieces: str) -> None:
    options = {"temperature": 0, "num_predict": 700}
    shifted = generate(daemon, pieces, raw=True, shift=True, options=options)[1]
    assert shifted["eval_count"] == 700
    for stream in (False, True):
        body = {"model": pieces, "prompt": "hello world", "raw": True, "stream": stream, "options": options}
        last = daemon.lines("/api/generate", body)[-1]
        assert last["done_reason"] == "length"
        assert last["prompt_eval_count"] + last["eval_count"] == 512

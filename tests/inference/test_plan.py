"""From options to a runner's spec."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.inference.support import card_of

from hearth.errors import OptionError
from hearth.inference.plan import Defaults, merge, plan
from hearth.messages import Json

GIB = 2**30


def test_the_request_goes_before_the_model_and_the_model_before_the_default(tmp_path: Path) -> None:
    card = card_of(tmp_path, parameters={"num_ctx": 256, "temperature": 0.1, "top_k": 5})
    decided = plan(card, {"temperature": 0.9, "num_thread": 2}, Defaults(available=GIB))
    assert decided.spec.context == 256
    assert decided.spec.threads == 2
    assert decided.options["temperature"] == 0.9
    assert decided.options["top_k"] == 5
    assert decided.explicit == {"threads"}


def test_unknown_options_are_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    options, asked = merge({"old": 1, "temperature": "hot"}, {"mirostat": 1, "seed": 3, "top_k": None})
    assert options == {"seed": 3}
    assert asked == {"seed"}
    assert "mirostat" in caplog.text
    assert "temperature" in caplog.text


def test_a_wrong_option_of_the_request_is_its_error() -> None:
    with pytest.raises(OptionError, match="num_ctx"):
        merge({}, {"num_ctx": "large"})


@pytest.mark.parametrize(
    ("asked", "default", "context"),
    [(None, 4096, 512), (None, 128, 128), (100_000, 4096, 512), (64, 4096, 64), (1, 4096, 4)],
)
def test_the_context_stays_within_what_the_model_was_trained_for(
    tmp_path: Path, asked: int | None, default: int, context: int
) -> None:
    options: dict[str, Json] = {} if asked is None else {"num_ctx": asked}
    assert plan(card_of(tmp_path), options, Defaults(context=default, available=GIB)).spec.context == context


def test_slots_are_as_many_as_memory_allows(tmp_path: Path) -> None:
    card = card_of(tmp_path)
    assert plan(card, {}, Defaults(available=GIB)).spec.slots == 4
    assert plan(card, {}, Defaults(available=1)).spec.slots == 1
    assert plan(card, {}, Defaults(available=1, slots=7)).spec.slots == 7


def test_a_model_goes_to_one_gpu_if_it_fits(tmp_path: Path) -> None:
    card = card_of(tmp_path)
    assert plan(card, {}, Defaults(gpus=(GIB, 2 * GIB))).spec.main_gpu == 1
    assert plan(card, {}, Defaults(gpus=(GIB, 2 * GIB), spread=True)).spec.main_gpu is None
    assert plan(card, {}, Defaults(gpus=(1000, 1000))).spec.main_gpu is None
    assert plan(card, {"main_gpu": 0}, Defaults(gpus=(GIB, 2 * GIB))).spec.main_gpu == 0
    assert plan(card, {}, Defaults(gpus=(GIB,))).spec.main_gpu is None


@pytest.mark.parametrize(("asked", "batch"), [(None, 512), (64, 64), (10**9, 512)])
def test_a_batch_is_no_larger_than_the_context(tmp_path: Path, asked: int | None, batch: int) -> None:
    options: dict[str, Json] = {} if asked is None else {"num_batch": asked}
    assert plan(card_of(tmp_path), options, Defaults(available=GIB)).spec.batch == batch


def test_embedding_takes_a_whole_text_at_once(tmp_path: Path) -> None:
    spec = plan(card_of(tmp_path), {}, Defaults(available=GIB), embedding=True).spec
    assert spec.embedding
    assert spec.batch == spec.context
    assert spec.pooling == "mean"

"""An answer that may have one call only ends with it, though the model would go on."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.support.models import make_llama

from hearth.engine.builtin import BuiltinEngine, BuiltinRunner
from hearth.engine.contract import Completion, RunnerSpec
from hearth.inference.answer import Answer, Prompt
from hearth.messages import Called, Event, Finished, Text, Tool
from hearth.output.formats import select
from hearth.scheduler.service import Lease

pytestmark = pytest.mark.slow

TOOLS = (Tool("add"),)
CALL = r"<tool_call>\n{\"name\": \"add\", \"arguments\": {}}\n</tool_call>"
THREE = f'root ::= "I add. " "{CALL}" "\\n" "{CALL}" " and " "{CALL}"'
"""Makes a model of random weights write a text and three calls."""


@pytest_asyncio.fixture
async def runner(tmp_path: Path) -> AsyncIterator[BuiltinRunner]:
    model = make_llama(tmp_path / "tiny.gguf", kind="bpe", context=1024)
    loaded = await BuiltinEngine().load(RunnerSpec(model, context=1024))
    yield loaded
    await loaded.close()


async def told(runner: BuiltinRunner, *, ends_with_call: bool) -> tuple[list[Event], Finished]:
    reader = select("<tool_call>{{ tools }}", tools=TOOLS, think=False, prompt="")
    making = Answer(
        Lease(runner, 0), Prompt("Add:"), reader, time.perf_counter_ns(), ends_with_call=ends_with_call
    )
    asked = Completion("", sampling={"n_predict": 600, "seed": 1}, grammar=THREE)
    *events, last = [event async for event in making.run(asked)]
    assert isinstance(last, Finished)
    return events, last


async def test_the_first_call_is_the_last_event_before_the_end(runner: BuiltinRunner) -> None:
    all_events, whole = await told(runner, ends_with_call=False)
    assert sum(isinstance(event, Called) for event in all_events) == 3
    events, cut = await told(runner, ends_with_call=True)
    assert "".join(event.text for event in events if isinstance(event, Text)).strip() == "I add."
    assert [isinstance(event, Called) for event in events].count(True) == 1
    assert isinstance(events[-1], Called)
    assert cut.reason == "stop"
    assert cut.usage.prompt_tokens == whole.usage.prompt_tokens
    assert 0 < cut.usage.completion_tokens < whole.usage.completion_tokens / 2
    assert cut.usage.completion_ns > 0

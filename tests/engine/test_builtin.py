"""The built-in engine against the real llama.cpp: what a runner does and how it dies."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import aclosing
from pathlib import Path

import msgspec
import pytest
from tests.support.models import make_llama
from tests.support.processes import children

from hearth.engine import wire
from hearth.engine.builtin import BuiltinEngine, BuiltinRunner
from hearth.engine.contract import Chunk, Completion, RunnerSpec
from hearth.errors import BadRequest, ContextExceeded, LoadError, LoadTimeout, OutOfMemory, RunnerCrashed
from hearth.gguf import U32
from hearth.messages import Json, Message, Tool, ToolCall

pytestmark = pytest.mark.slow

ENDLESS: dict[str, Json] = {"n_predict": -1, "ignore_eos": True, "temperature": 1.0, "seed": 1}


async def collect(runner: BuiltinRunner, request: Completion) -> list[Chunk]:
    return [chunk async for chunk in runner.complete(request)]


async def busy_slots(runner: BuiltinRunner) -> int:
    async with wire.request(runner._process.socket, "GET", "/slots") as response:
        return sum(bool(slot["is_processing"]) for slot in msgspec.json.decode(await response.body()))


async def until_slots(runner: BuiltinRunner, count: int) -> None:
    """Ask the runner until that many of its slots are busy."""
    async with asyncio.timeout(5):
        while await busy_slots(runner) != count:
            pass


async def test_completion_streams_text_and_ends_with_its_counts(runner: BuiltinRunner) -> None:
    chunks = await collect(runner, Completion("hello world", sampling={"n_predict": 8, "ignore_eos": True}))
    final = chunks[-1].final
    assert final is not None
    assert final.completion_tokens == 8
    assert final.reason == "length"
    assert final.prompt_tokens == len(await runner.tokenize("hello world"))
    assert len(chunks) > 2
    assert "".join(chunk.text for chunk in chunks)


async def test_same_seed_gives_same_text(runner: BuiltinRunner) -> None:
    request = Completion(
        "hello", sampling={"n_predict": 12, "seed": 7, "temperature": 2.0, "ignore_eos": True}
    )
    first, second = await collect(runner, request), await collect(runner, request)
    assert [chunk.text for chunk in first] == [chunk.text for chunk in second]


async def test_a_repeated_prompt_comes_from_the_cache(runner: BuiltinRunner) -> None:
    request = Completion("the cat sat " * 20, sampling={"n_predict": 1})
    await collect(runner, request)
    final = (await collect(runner, request))[-1].final
    assert final is not None
    assert final.cached_tokens > final.prompt_tokens // 2


async def test_logprobs_are_of_each_token_with_the_likeliest_beside_it(runner: BuiltinRunner) -> None:
    chunks = await collect(
        runner, Completion("a", sampling={"n_predict": 3, "ignore_eos": True, "temperature": 0}, logprobs=4)
    )
    entries = [entry for chunk in chunks for entry in chunk.logprobs]
    assert len(entries) == 3
    assert all(len(entry.top) == 4 and entry.logprob <= 0 for entry in entries)


async def test_grammar_holds_the_model(runner: BuiltinRunner) -> None:
    chunks = await collect(
        runner, Completion("x", sampling={"n_predict": 20}, grammar='root ::= "yes" | "no"')
    )
    assert "".join(chunk.text for chunk in chunks) in {"yes", "no"}


async def test_a_bad_grammar_is_the_callers_error(runner: BuiltinRunner) -> None:
    with pytest.raises(BadRequest):
        await collect(runner, Completion("x", grammar="root ::= ("))


async def test_tokens_turn_back_into_the_text(runner: BuiltinRunner) -> None:
    text = "Grüße, 世界 🙂 <|im_start|>"
    assert await runner.detokenize(await runner.tokenize(text, special=False)) == text


async def test_template_renders_messages(runner: BuiltinRunner) -> None:
    prompt = await runner.render([Message("system", "S"), Message("user", "hi")], [], {})
    assert (
        prompt == "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"
    )


async def test_tool_calls_and_results_can_be_rendered(runner: BuiltinRunner) -> None:
    call = ToolCall("f", {"q": "ü"}, "c1")
    messages = [
        Message("user", "go"),
        Message("assistant", tool_calls=(call,)),
        Message("tool", "42", tool_name="f"),
    ]
    tool = Tool("f", "d", {"type": "object", "properties": {"q": {"type": "string"}}})
    assert "42" in await runner.render(messages, [tool], {"enable_thinking": False})


async def test_a_prompt_that_does_not_fit_is_refused_with_the_numbers(runner: BuiltinRunner) -> None:
    with pytest.raises(ContextExceeded) as caught:
        await collect(runner, Completion("hello " * 2000))
    assert caught.value.context == 512
    assert caught.value.prompt_tokens > 512
    assert str(caught.value.prompt_tokens) in caught.value.message


async def test_dropping_an_answer_frees_the_slot(runner: BuiltinRunner) -> None:
    async with aclosing(runner.complete(Completion("a", sampling=ENDLESS))) as chunks:
        await anext(chunks)
        assert await busy_slots(runner) == 1
    await until_slots(runner, 0)


async def test_cancelling_while_the_prompt_is_read_frees_the_slot(runner: BuiltinRunner) -> None:
    task = asyncio.create_task(collect(runner, Completion("hello world " * 20, sampling=ENDLESS)))
    await until_slots(runner, 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until_slots(runner, 0)


async def test_several_answers_run_at_once(runner: BuiltinRunner) -> None:
    async with (
        aclosing(runner.complete(Completion("a", sampling=ENDLESS))) as first,
        aclosing(runner.complete(Completion("b", sampling=ENDLESS))) as second,
    ):
        await anext(first)
        await anext(second)
        assert await busy_slots(runner) == 2


async def test_a_killed_runner_is_a_typed_error(runner: BuiltinRunner) -> None:
    async with aclosing(runner.complete(Completion("a", sampling=ENDLESS))) as chunks:
        await anext(chunks)
        os.kill(runner.pid, signal.SIGKILL)
        with pytest.raises(RunnerCrashed, match="signal 9"):
            async for _ in chunks:
                pass
    await asyncio.wait_for(runner.wait_dead(), 5)
    assert not runner.alive
    with pytest.raises(RunnerCrashed):
        await runner.tokenize("x")


async def test_a_stopped_runner_is_found_out(runner: BuiltinRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hearth.engine.builtin._STALL", 0.2)
    monkeypatch.setattr("hearth.engine.builtin._PING", 0.5)
    async with aclosing(runner.complete(Completion("a", sampling=ENDLESS))) as chunks:
        await anext(chunks)
        os.kill(runner.pid, signal.SIGSTOP)
        with pytest.raises(RunnerCrashed):
            async for _ in chunks:
                pass
    assert not runner.alive


async def test_a_draft_model_guesses_without_changing_the_text(tiny: Path) -> None:
    request = Completion("hello world", sampling={"temperature": 0, "n_predict": 64, "ignore_eos": True})
    answers = []
    for draft in (None, tiny):
        runner = await BuiltinEngine().load(RunnerSpec(tiny, context=256, draft=draft, draft_tokens=4))
        answers.append(await collect(runner, request))
        await runner.close()
    plain, guessed = ("".join(chunk.text for chunk in chunks) for chunks in answers)
    assert guessed == plain
    final = answers[1][-1].final
    assert final is not None
    assert final.drafted_tokens >= final.accepted_tokens > 0


@pytest.mark.parametrize("slots", [1, 4])
async def test_a_text_has_the_same_vector_alone_and_among_others(tmp_path: Path, slots: int) -> None:
    pooled = make_llama(tmp_path / "pooled.gguf", extra_metadata={"llama.pooling_type": U32(1)})
    runner = await BuiltinEngine().load(RunnerSpec(pooled, context=256, slots=slots, embedding=True))
    texts = [await runner.tokenize(text) for text in ("hello", "the cat sat on the dog", "red blue")]
    together = await runner.embed(texts, normalise=True)
    alone = [(await runner.embed([text], normalise=True))[0] for text in texts]
    await runner.close()
    for one, other in zip(together, alone, strict=True):
        assert one == pytest.approx(other, abs=1e-3)


async def test_memory_of_a_runner_is_told(runner: BuiltinRunner) -> None:
    total, device = runner.resident_bytes()
    assert total > 10 << 20
    assert device == 0


async def test_closing_leaves_no_process_and_no_directory(tiny: Path) -> None:
    runner = await BuiltinEngine().load(RunnerSpec(tiny, context=64))
    directory, pid = runner._process.socket.parent, runner.pid
    assert directory.stat().st_mode & 0o777 == 0o700
    await runner.close()
    assert not directory.exists()
    assert pid not in _children()


async def test_load_reports_progress(tiny: Path) -> None:
    shares: list[float] = []
    runner = await BuiltinEngine().load(RunnerSpec(tiny, context=64), shares.append)
    await runner.close()
    assert shares
    assert all(0 <= share <= 1 for share in shares)


async def test_a_cancelled_load_leaves_no_process(tiny: Path) -> None:
    before = _children()
    task = asyncio.create_task(BuiltinEngine().load(RunnerSpec(tiny, context=64)))
    async with asyncio.timeout(5):
        while _children() == before:
            await asyncio.to_thread(os.sched_yield)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert _children() == before


async def test_what_is_no_model_is_a_load_error(tmp_path: Path) -> None:
    garbage = tmp_path / "x.gguf"
    garbage.write_bytes(b"not a model at all, but long enough to be one")
    with pytest.raises(LoadError) as caught:
        await BuiltinEngine().load(RunnerSpec(garbage))
    assert str(tmp_path) not in caught.value.message


async def test_a_context_beyond_all_memory_is_out_of_memory(tmp_path: Path) -> None:
    deep = make_llama(tmp_path / "deep.gguf", layers=64, kv_heads=4)
    with pytest.raises(OutOfMemory, match="num_ctx"):
        await BuiltinEngine().load(RunnerSpec(deep, context=1 << 23))


async def test_a_load_without_progress_is_given_up(tiny: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "never.gguf"
    os.mkfifo(pipe)
    with pytest.raises(LoadTimeout):
        await BuiltinEngine(stall=1.0).load(RunnerSpec(pipe))


def _children() -> set[int]:
    return children("hearth.engine.runner")

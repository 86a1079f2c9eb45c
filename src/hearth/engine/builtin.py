"""The built-in engine: llama.cpp through the xllamacpp wheel, one child process for each runner."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any, Final

import msgspec

from hearth.engine import wire
from hearth.engine.chat import to_llama
from hearth.engine.contract import Chunk, Completion, Progress, RunnerSpec, Scores
from hearth.engine.process import RunnerProcess
from hearth.engine.replies import chunk, numbers, piece, ranking, reply_error
from hearth.errors import EngineError, HearthError, RunnerCrashed
from hearth.messages import Json, Message, Piece, Tool

logger = logging.getLogger(__name__)

_STALL: Final = 30.0
"""Seconds of silence in a stream after which the runner is asked whether it lives."""
_PING: Final = 10.0


class BuiltinRunner:
    """A model loaded in a child process."""

    def __init__(self, spec: RunnerSpec, process: RunnerProcess, media_marker: str) -> None:
        self.spec = spec
        self.media_marker = media_marker
        self._process = process

    @property
    def alive(self) -> bool:
        """The process runs."""
        return not self._process.dead.is_set() and self._process.exit_code is None

    @property
    def pid(self) -> int:
        return self._process.pid

    async def wait_dead(self) -> None:
        """Return once the process is gone."""
        await self._process.dead.wait()

    async def close(self) -> None:
        """End the process; returns when its memory is free."""
        await self._process.close()

    def resident_bytes(self) -> tuple[int, int]:
        """Memory in use: all of it and the part on GPUs, in bytes."""
        device = self._process.log.device_bytes
        return self._process.resident_bytes() + device, device

    async def complete(self, request: Completion) -> AsyncGenerator[Chunk, None]:
        """Generate text; the last chunk has `final` set.

        Raises:
            ContextExceeded: the prompt does not fit; MediaError: an image cannot be read.
            RunnerCrashed: the runner died or hung; EngineError: llama.cpp refused.
        """
        body = _completion_body(request)
        async with (
            self._guarded(),
            wire.request(self._process.socket, "POST", "/completion", body) as response,
        ):
            if response.status != 200:
                raise reply_error(response.status, await response.body())
            async for event in self._watched(wire.events(response)):
                piece = chunk(event, request.logprobs)
                yield piece
                if piece.final is not None:
                    return
        raise await self._crash("the answer ended early")

    async def render(
        self, messages: Sequence[Message], tools: Sequence[Tool], template_args: dict[str, Json]
    ) -> str:
        """The prompt that the model's chat template makes of a conversation."""
        body = to_llama(messages, tools)
        if template_args:
            body["chat_template_kwargs"] = template_args
        reply = await self._call("/apply-template", body)
        return str(reply["prompt"])

    async def embed(self, inputs: Sequence[Sequence[int]], normalise: bool) -> list[list[float]]:
        """One vector for each token sequence, of length one if `normalise`."""
        body = {"input": [list(tokens) for tokens in inputs], "embd_normalize": 2 if normalise else -1}
        reply = await self._call("/v1/embeddings", body)
        rows = sorted(reply["data"], key=lambda row: int(row["index"]))
        return [numbers(row["embedding"]) for row in rows]

    async def rerank(self, query: str, documents: Sequence[str]) -> Scores:
        """A score for each document, of which there is at least one, as the model gives it."""
        reply = await self._call("/rerank", {"query": query, "documents": list(documents)})
        return ranking(reply, len(documents))

    async def tokenize(self, text: str, *, special: bool = True, names: bool = True) -> list[int]:
        """Token numbers of a text.

        `special` adds the begin-of-text token where the model wants one; with `names` the name of a special
        token in the text becomes that token, without it is text like any other.
        """
        body = {"content": text, "add_special": special, "parse_special": names}
        return list((await self._call("/tokenize", body))["tokens"])

    async def pieces(self, text: str, *, special: bool = True) -> list[Piece]:
        """As `tokenize`, with the bytes of each token."""
        body = {"content": text, "add_special": special, "parse_special": True, "with_pieces": True}
        return [piece(row) for row in (await self._call("/tokenize", body))["tokens"]]

    async def detokenize(self, tokens: Sequence[int]) -> str:
        """The text of token numbers."""
        return str((await self._call("/detokenize", {"tokens": list(tokens)}))["content"])

    async def _call(self, path: str, body: Json | dict[str, Any]) -> Any:
        async with self._guarded(), wire.request(self._process.socket, "POST", path, body) as response:
            data = await response.body()
        if response.status != 200:
            raise reply_error(response.status, data)
        return msgspec.json.decode(data)

    @contextlib.asynccontextmanager
    async def _guarded(self) -> AsyncIterator[None]:
        try:
            yield
        except OSError as error:
            raise await self._crash(str(error)) from error
        except (msgspec.DecodeError, KeyError) as error:
            raise EngineError(f"the runner gave an answer that cannot be read: {error}") from error

    async def _crash(self, what: str) -> HearthError:
        # A dying process drops its connections an instant before it can be waited for.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.dead.wait(), 2.0)
        how = self._process.log.crash(self._process.exit_code)
        logger.error("runner %d: %s; %s", self.pid, what, how)
        return RunnerCrashed(
            "model runner has unexpectedly stopped, this may be due to resource limitations or an internal "
            f"error: {how}; the next request starts a fresh one"
        )

    async def _watched(self, events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        iterator = events.__aiter__()
        while True:
            step = asyncio.ensure_future(anext(iterator, None))
            try:
                while not (await asyncio.wait({step}, timeout=_STALL))[0]:
                    await self._ping()
                event = step.result()
            finally:
                step.cancel()
            if event is None:
                return
            yield event

    async def _ping(self) -> None:
        """Kill a runner that no longer answers; its streams then end with RunnerCrashed."""
        try:
            async with asyncio.timeout(_PING), wire.request(self._process.socket, "GET", "/health"):
                return
        except (OSError, TimeoutError):
            logger.exception("runner %d does not answer; it is ended", self.pid)
            self._process.kill()


class BuiltinEngine:
    """Loads GGUF models with llama.cpp."""

    def __init__(self, stall: float | None = 300.0) -> None:
        self._stall = stall

    async def load(self, spec: RunnerSpec, progress: Progress | None = None) -> BuiltinRunner:
        """Start a runner; raises LoadError, LoadTimeout or OutOfMemory. Can be cancelled."""
        process = await RunnerProcess.start(spec, progress, self._stall)
        try:
            async with wire.request(process.socket, "GET", "/props") as response:
                props = msgspec.json.decode(await response.body())
        except (OSError, msgspec.DecodeError) as error:
            await process.close()
            raise process.log.failure(process.exit_code) from error
        except BaseException:
            await process.close()
            raise
        return BuiltinRunner(spec, process, str(props.get("media_marker") or "<__media__>"))


def _completion_body(request: Completion) -> dict[str, Any]:
    prompt: Any = request.prompt if isinstance(request.prompt, str) else list(request.prompt)
    if request.images:
        data = [base64.b64encode(image).decode("ascii") for image in request.images]
        prompt = {"prompt_string": prompt, "multimodal_data": data}
    body: dict[str, Any] = {**request.sampling, "prompt": prompt, "stream": True, "cache_prompt": True}
    if request.grammar:
        body["grammar"] = request.grammar
    if request.running_figures:
        body["timings_per_token"] = True
    if request.preserved_tokens:
        body["preserved_tokens"] = list(request.preserved_tokens)
    if request.logprobs is not None:
        body["n_probs"] = max(request.logprobs, 1)
    return body

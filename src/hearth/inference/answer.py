"""From a rendered prompt to events: run it on a leased runner and read what the model writes."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from hearth.engine.contract import Chunk, Completion, Final
from hearth.errors import EngineError
from hearth.messages import Called, Event, Finished, Text, Thinking, TokenLogprob, Truncation, Usage
from hearth.output.contract import OutputFormat, Piece
from hearth.scheduler.service import Lease


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt that is ready to run, and what was cut to make it fit."""

    text: str | Sequence[int]
    images: tuple[bytes, ...] = ()
    truncation: Truncation | None = None


@dataclass(slots=True)
class Answer:
    """One answer in the making. `started` is when the request arrived, in `perf_counter_ns`."""

    lease: Lease
    prompt: Prompt
    reader: OutputFormat
    started: int
    want_context: bool = False
    ends_with_call: bool = False
    """Whether the first call of a tool ends the answer."""
    _text: list[str] = field(default_factory=list)
    _logprobs: list[TokenLogprob] = field(default_factory=list)
    _called: bool = False

    async def run(self, completion: Completion) -> AsyncGenerator[Event, None]:
        """The events of the answer; `Finished` comes last. Raises what the runner raises."""
        request = replace(
            completion,
            prompt=self.prompt.text,
            images=self.prompt.images,
            preserved_tokens=tuple(self.reader.preserved_tokens),
            running_figures=self.ends_with_call,
        )
        async with aclosing(self.lease.runner.complete(request)) as chunks:
            async for chunk in chunks:
                for event in self._take(chunk):
                    yield event
                if chunk.final is not None:
                    for event in self._events(self.reader.finish()):
                        yield event
                final = chunk.final or (chunk.so_far if self._called else None)
                if final is not None:
                    # Leaving the stream stops the engine, whether or not the model would write on.
                    yield await self._finished(final)
                    return
        raise EngineError("the answer ended without its last piece")

    def _take(self, chunk: Chunk) -> list[Event]:
        self._logprobs += chunk.logprobs
        if not chunk.text:
            return []
        if self.want_context:
            self._text.append(chunk.text)
        return self._events(self.reader.feed(chunk.text))

    def _events(self, pieces: Sequence[Piece]) -> list[Event]:
        # Text may be held back until its meaning is clear; its tokens then go with what comes out first.
        events: list[Event] = []
        for piece in pieces:
            if self._called:
                break
            self._called = self.ends_with_call and isinstance(piece, Called)
            if self._logprobs and isinstance(piece, Text | Thinking):
                piece = replace(piece, logprobs=tuple(self._logprobs))
                self._logprobs.clear()
            events.append(piece)
        return events

    async def _finished(self, final: Final) -> Finished:
        usage = Usage(
            prompt_tokens=final.prompt_tokens,
            cached_tokens=final.cached_tokens,
            completion_tokens=final.completion_tokens,
            total_ns=time.perf_counter_ns() - self.started,
            load_ns=self.lease.load_ns,
            prompt_ns=final.prompt_ns,
            completion_ns=final.completion_ns,
        )
        return Finished(
            reason="length" if final.reason == "length" else "stop",
            usage=usage,
            context=await self._context() if self.want_context else (),
            truncation=self.prompt.truncation,
            notes=tuple(self.reader.notes),
            stop_word=final.stop_word,
        )

    async def _context(self) -> tuple[int, ...]:
        # Prompt and answer are one text to the tokenizer, or the answer would begin a word of its own. The
        # token that begins a text is left out, since the next prompt gets its own, and so are the marks of
        # images, which would stand for images that the next request does not have.
        runner, prompt = self.lease.runner, self.prompt.text
        head = prompt if isinstance(prompt, str) else await runner.detokenize(prompt)
        text = head.replace(runner.media_marker, "") + "".join(self._text)
        return tuple(await runner.tokenize(text, special=False))

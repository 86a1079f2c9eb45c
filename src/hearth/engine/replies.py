"""llama.cpp's replies: stream events to chunks, errors to our errors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from hearth.engine.contract import Chunk, Scores
from hearth.engine.contract import Final as End
from hearth.errors import (
    BadRequest,
    ContextExceeded,
    EngineError,
    HearthError,
    MediaError,
    OutOfMemory,
    TemplateError,
)
from hearth.messages import Piece, TokenLogprob


class _Timings(msgspec.Struct):
    cache_n: int = 0
    prompt_n: int = 0
    prompt_ms: float = 0.0
    predicted_n: int = 0
    predicted_ms: float = 0.0
    draft_n: int = 0
    draft_n_accepted: int = 0


class _Probability(msgspec.Struct):
    token: str = ""
    logprob: float = 0.0
    bytes: list[int] = []
    top_logprobs: list[_Probability] = []


class _Problem(msgspec.Struct):
    code: int = 500
    message: str = ""
    type: str = ""
    n_prompt_tokens: int = 0
    n_ctx: int = 0


class _Event(msgspec.Struct):
    content: str = ""
    stop: bool = False
    stop_type: str = ""
    stopping_word: str = ""
    timings: _Timings | None = None
    completion_probabilities: list[_Probability] | None = None
    error: _Problem | None = None


class _Refusal(msgspec.Struct):
    error: _Problem


_event: Final = msgspec.json.Decoder(_Event).decode
_refusal: Final = msgspec.json.Decoder(_Refusal).decode
_MS: Final = 1_000_000


def chunk(event: bytes, logprobs: int | None) -> Chunk:
    """One event of `/completion` as a chunk; raises the error that it reports."""
    decoded = _event(event)
    if decoded.error is not None:
        raise _error(decoded.error)
    probabilities = decoded.completion_probabilities if logprobs is not None else None
    return Chunk(
        decoded.content,
        tuple(_logprob(p, logprobs or 0) for p in probabilities or ()),
        _end(decoded) if decoded.stop else None,
        _end(decoded) if decoded.timings else None,
    )


def ranking(reply: Mapping[str, Any], count: int) -> Scores:
    """The reply of `/rerank` to `count` documents, in their own order; a null is what JSON makes of NaN."""
    found = {row["index"]: row["relevance_score"] for row in reply["results"]}
    scores = tuple(math.nan if found[index] is None else float(found[index]) for index in range(count))
    return Scores(scores, int(reply["usage"]["prompt_tokens"]))


def numbers(row: Sequence[float | None]) -> list[float]:
    """A vector; llama.cpp writes null where a value is no number."""
    return [math.nan if value is None else value for value in row]


def piece(row: Mapping[str, Any]) -> Piece:
    """One entry of `/tokenize`: its piece is a text, or a list of bytes where these are no text alone."""
    data = row["piece"]
    return Piece(int(row["id"]), data.encode() if isinstance(data, str) else bytes(data))


def reply_error(status: int, body: bytes) -> HearthError:
    """The error of a reply whose status was not 200."""
    try:
        problem = _refusal(body).error
    except msgspec.DecodeError:
        problem = _Problem(status, body.decode("utf-8", "replace")[:200])
    return _error(problem)


def _error(problem: _Problem) -> HearthError:
    text = problem.message
    if problem.type == "exceed_context_size_error" and problem.n_prompt_tokens:
        return ContextExceeded(problem.n_prompt_tokens, problem.n_ctx)
    if "Failed to load image" in text:
        return MediaError("an image could not be read; expected a JPEG, PNG or WebP image")
    if "out of memory" in text.lower() or "failed to find free space in the KV cache" in text:
        return OutOfMemory(f"the runner ran out of memory: {text}")
    if "template" in text.lower():
        return TemplateError(f"the model's chat template cannot render this conversation: {text}")
    if problem.code == 400:
        return BadRequest(text)
    return EngineError(f"an error was encountered while running the model: {text}")


def _end(event: _Event) -> End:
    timings = event.timings or _Timings()
    return End(
        reason="length" if event.stop_type == "limit" else "stop",
        stop_word=event.stopping_word,
        prompt_tokens=timings.cache_n + timings.prompt_n,
        cached_tokens=timings.cache_n,
        completion_tokens=timings.predicted_n,
        prompt_ns=round(timings.prompt_ms * _MS),
        completion_ns=round(timings.predicted_ms * _MS),
        drafted_tokens=timings.draft_n,
        accepted_tokens=timings.draft_n_accepted,
    )


def _logprob(p: _Probability, top: int) -> TokenLogprob:
    alternatives = tuple(TokenLogprob(a.token, a.logprob, tuple(a.bytes)) for a in p.top_logprobs[:top])
    return TokenLogprob(p.token, p.logprob, tuple(p.bytes), alternatives)

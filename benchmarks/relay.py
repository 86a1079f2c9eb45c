"""What the daemon adds to its runner: time to the first token, and the rate at which tokens are relayed.

The same prompts go in turn to the runner's own HTTP interface and through the daemon, on a model that makes
over a thousand tokens a second, where the relay weighs most.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.conformance.conftest import create
from tests.support.daemon import Daemon, running
from tests.support.models import make_llama

from benchmarks.figures import Figure, difference, ratio
from hearth.engine.builtin import BuiltinEngine, BuiltinRunner
from hearth.engine.contract import RunnerSpec

TOKENS = 200
PAIRS = 30
PAIRS_AT_ONCE = 10
CLIENTS = 8
SAMPLING: dict[str, Any] = {"temperature": 0.8, "top_k": 40, "seed": 1}
_salt = itertools.count()


@dataclass(frozen=True, slots=True)
class Stream:
    """One streamed answer: milliseconds to its first piece, tokens a second over the whole of it."""

    first: float
    rate: float


async def _measure(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, body: dict[str, Any], mark: bytes
) -> Stream:
    payload = json.dumps(body).encode()
    began = time.perf_counter()
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    head += f"Content-Length: {len(payload)}\r\n\r\n"
    writer.write(head.encode() + payload)
    received, first, pieces = b"", 0.0, 0
    while data := await reader.read(65536):
        received += data
        if not first and mark in received:
            first = time.perf_counter() - began
    pieces = received.count(mark)
    writer.close()
    return Stream(first * 1e3, pieces / (time.perf_counter() - began))


async def _direct(runner: BuiltinRunner) -> Stream:
    body = {**SAMPLING, "prompt": _prompt(), "n_predict": TOKENS, "stream": True}
    connection = await asyncio.open_unix_connection(str(runner._process.socket))
    return await _measure(*connection, "/completion", body, b'"content":')


async def _through(daemon: Daemon) -> Stream:
    address = urlsplit(daemon.url)
    options = {**SAMPLING, "num_predict": TOKENS}
    body = {"model": "endless", "prompt": _prompt(), "raw": True, "options": options}
    connection = await asyncio.open_connection(address.hostname, address.port)
    return await _measure(*connection, "/api/generate", body, b'"response":')


def _prompt() -> str:
    return f"the cat sat {next(_salt)}"


async def _pairs(
    daemon: Daemon, runner: BuiltinRunner, clients: int, pairs: int
) -> list[tuple[Stream, Stream]]:
    rows = []
    for _ in range(pairs + 1):
        direct = await asyncio.gather(*(_direct(runner) for _ in range(clients)))
        through = await asyncio.gather(*(_through(daemon) for _ in range(clients)))
        rows += list(zip(through, direct, strict=True))
    return rows[clients:]


def figures(home: Path) -> list[Figure]:
    """Added milliseconds to the first token and the ratio of the rates, for one client and several."""
    model = make_llama(home / "endless.gguf", kind="bpe", dim=256, layers=4, context=4096)
    with running(home, OLLAMA_NUM_PARALLEL=str(CLIENTS)) as daemon:
        create(daemon, "endless", model)
        return asyncio.run(_figures(daemon, model))


async def _figures(daemon: Daemon, model: Path) -> list[Figure]:
    runner = await BuiltinEngine().load(RunnerSpec(model, context=4096, slots=CLIENTS))
    try:
        found = []
        for clients, pairs in ((1, PAIRS), (CLIENTS, PAIRS_AT_ONCE)):
            rows = await _pairs(daemon, runner, clients, pairs)
            ours, theirs = [row[0] for row in rows], [row[1] for row in rows]
            first = difference(
                f"added to the first token, {clients} at once", "ms",
                [s.first for s in ours], [s.first for s in theirs], "≤ 2 (1 client)",
            )  # fmt: skip
            rate = ratio(
                f"rate through the daemon / of the runner, {clients} at once",
                [s.rate for s in ours], [s.rate for s in theirs], "≥ 0.95",
            )  # fmt: skip
            found += [
                first,
                rate,
                Figure(f"rate of the runner, {clients} at once", "tokens/s", tuple(s.rate for s in theirs)),
            ]
        return found
    finally:
        await runner.close()

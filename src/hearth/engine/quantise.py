"""Quantises a model in a child process, so that llama.cpp's code never runs in the daemon's own."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

from hearth import errors
from hearth.config import child_environment
from hearth.errors import EngineError, HearthError, RequestCancelled
from hearth.gguf.writer import replacing, storage_errors
from hearth.modelfile.quantise import parse_file_type

_KINDS: Final = frozenset({"BadRequest", "GGUFError", "StorageFull", "EngineError"})
_CANCEL_SECONDS: Final = 0.1
_LAST_WORDS: Final = 300


def quantise(
    source: Path | Sequence[Path],
    target: Path,
    type: str,  # noqa: A002 - the name that Ollama's users know
    progress: Callable[[int, int], None],
    cancelled: threading.Event | None = None,
    *,
    threads: int = 0,
) -> None:
    """Write the model at `source` (one file, or all parts of a split one) to `target` in another type.

    Blocks; call it in a thread. `progress` gets the bytes written and the bytes in all. `target` appears only
    when it is whole and synced. `threads` 0 means one for each processor.

    Raises:
        BadRequest: an unknown type, one that needs an importance matrix, a source quantised already, or
            weights that are no numbers.
        GGUFError: the source is no sound GGUF file.
        StorageFull: the disk is full. EngineError: the child failed. RequestCancelled: `cancelled` was set.
    """
    file_type = parse_file_type(type)
    inputs = [source] if isinstance(source, Path) else list(source)
    with storage_errors(), replacing(target) as out:
        job = {
            "inputs": [str(path.absolute()) for path in inputs],
            "output": out.fileno(),
            "file_type": int(file_type),
            "threads": threads or os.cpu_count() or 1,
        }
        _run(job, out.fileno(), progress, cancelled or threading.Event())


def _run(
    job: dict[str, Any], output: int, progress: Callable[[int, int], None], cancelled: threading.Event
) -> None:
    with tempfile.TemporaryFile() as log, _start(output, log) as child:
        assert child.stdin is not None
        try:
            child.stdin.write(json.dumps(job).encode() + b"\n")
            finished = any(_handle(message, progress) for message in _messages(child, cancelled))
        except BrokenPipeError:
            finished = False
        finally:
            child.kill()
        if not finished:
            raise EngineError(f"quantising failed: {_last_words(log)}")


def _start(output: int, log: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "hearth.engine.quantiser"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        bufsize=0,
        pass_fds=[output],
        env=child_environment(),
        start_new_session=True,
    )


def _handle(message: dict[str, Any], progress: Callable[[int, int], None]) -> bool:
    """Whether the message is the last one; raises the error that it carries."""
    if "error" in message:
        raise _error(message["error"])
    if "done" in message:
        progress(message["done"], message["total"])
    return "size" in message


def _error(fields: dict[str, str]) -> HearthError:
    kind = fields["kind"] if fields["kind"] in _KINDS else "EngineError"
    made: HearthError = getattr(errors, kind)(fields["message"])
    return made


def _messages(child: subprocess.Popen[bytes], cancelled: threading.Event) -> Iterator[dict[str, Any]]:
    """The child's messages until it closes its output."""
    assert child.stdout is not None
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            if cancelled.is_set():
                raise RequestCancelled
            if not selector.select(_CANCEL_SECONDS):
                continue
            data = os.read(child.stdout.fileno(), 65536)
            if not data:
                return
            *lines, pending = (pending + data).split(b"\n")
            yield from map(json.loads, lines)


def _last_words(log: IO[bytes]) -> str:
    log.seek(0)
    lines = log.read()[-4096:].decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:_LAST_WORDS] if lines else "the process ended without a word"

"""The child process that quantises one model: `python -m hearth.engine.quantiser`.

Its job is one line of JSON on standard input (see `Job`); the output goes to a file that the parent opened.
Standard output carries lines of JSON: `{"done": n, "total": m}` while it works, then `{"size": n}` or
`{"error": {"kind": ..., "message": ...}}`. When standard input ends, so does the process.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from hearth.engine import ggml
from hearth.errors import BadRequest, HearthError
from hearth.gguf import GGUF, U32, FileType, MetadataValue, TensorInfo, TensorSource, TensorType, write_gguf
from hearth.gguf.split import Parts, open_parts
from hearth.gguf.writer import storage_errors
from hearth.modelfile.quantise import Facts, plan_types

CHUNK_NUMBERS: Final = 4 << 20
"""Numbers that one thread quantises at a time: 16 MiB as F32 (or one row, where that is longer)."""
_QUANTIZATION_VERSION: Final = 2
_REPORT_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Job:
    """What to do: the parts of one model, the number of an open file to write to, a file type, threads."""

    inputs: list[str]
    output: int
    file_type: int
    threads: int


def main() -> None:
    """Do the job on standard input and end the process."""
    job = Job(**json.loads(sys.stdin.buffer.readline()))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        with storage_errors():
            _say({"size": run(job)})
    except HearthError as error:
        _say({"error": {"kind": type(error).__name__, "message": error.message}})
    except OSError as error:
        _say({"error": {"kind": "EngineError", "message": f"quantising failed: {error.strerror}"}})


def run(job: Job) -> int:
    """Quantise; gives the bytes written."""
    file_type = FileType(job.file_type)
    with (
        open_parts(job.inputs) as parts,
        ThreadPoolExecutor(job.threads) as pool,
        os.fdopen(job.output, "wb", closefd=False) as out,
    ):
        types = plan_types([tensor for _, tensor in parts.tensors], Facts.of(parts.first), file_type)
        metadata: dict[str, MetadataValue] = {
            **parts.entries,
            "general.quantization_version": U32(_QUANTIZATION_VERSION),
            "general.file_type": U32(file_type),
        }
        sources = _sources(parts, types, pool, job.threads)
        return write_gguf(out, metadata, sources, alignment=parts.first.alignment, progress=_Reporter())


def _sources(
    parts: Parts, types: dict[str, TensorType], pool: ThreadPoolExecutor, threads: int
) -> list[TensorSource]:
    return [
        TensorSource(
            tensor.name,
            tensor.shape,
            types[tensor.name],
            _Work(file, tensor, types[tensor.name]).chunks(pool, threads),
        )
        for file, tensor in parts.tensors
    ]


@dataclass(frozen=True, slots=True)
class _Work:
    """One tensor on its way from its type to another."""

    file: GGUF
    tensor: TensorInfo
    target: TensorType

    def chunks(self, pool: ThreadPoolExecutor, threads: int) -> Iterator[bytes | bytearray]:
        """The finished pieces in order; in memory are at most one for each thread and one more."""
        rows_at_once = max(1, CHUNK_NUMBERS // self.tensor.shape[0])
        waiting: deque[Future[bytes | bytearray]] = deque()
        for first in range(0, self.tensor.rows, rows_at_once):
            rows = min(rows_at_once, self.tensor.rows - first)
            waiting.append(pool.submit(self._rows, first, rows))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _rows(self, first: int, rows: int) -> bytes | bytearray:
        width = self.tensor.row_bytes
        data = self.file.read(self.tensor, first * width, rows * width)
        if not ggml.is_finite(data, self.tensor.type):
            raise BadRequest(
                f'tensor "{self.tensor.name}" holds values that are not finite numbers; '
                "the model is damaged: convert or get it again"
            )
        if self.target is self.tensor.type:
            return data
        out = ggml.quantise_rows(data, self.tensor.type, self.target, rows, self.tensor.shape[0])
        if not ggml.is_finite(out, self.target):
            raise BadRequest(
                f'tensor "{self.tensor.name}" holds values too large for {self.target.name}; '
                "choose another quantization type, such as BF16"
            )
        return out


class _Reporter:
    """Passes progress on, not oftener than a person can see."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done == total or now - self._last >= _REPORT_SECONDS:
            self._last = now
            _say({"done": done, "total": total})


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _end_with_parent() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()

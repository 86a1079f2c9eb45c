"""What llama.cpp says on standard error: buffer sizes while it loads, and why it failed."""

from __future__ import annotations

import re
import signal
from collections import deque
from typing import Final

from hearth.errors import LoadError, OutOfMemory

_BUFFER: Final = re.compile(r"\s(\S+)\s+(?:model|KV|compute|output|RS) buffer size =\s*([0-9.]+) MiB")
_STAMP: Final = re.compile(r"^[0-9.]+ ([A-Z]) ")
_PATHS: Final = re.compile(r"'?(/[^\s'\":,]+/)([^\s'\":,/]*)'?")
_MEMORY: Final = (
    "failed to allocate",
    "out of memory",
    "unable to allocate",
    "cannot allocate",
    "std::bad_alloc",
)
_NOISE: Final = (
    "Failed to init server",
    "exiting due to",
    "cleaning up",
    "common_fit_params",
    "load_model: failed",
)


class RunnerLog:
    """Keeps the last lines of a runner's log and the device memory it reported."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=200)
        self._device_mib = 0.0

    def add(self, line: str) -> None:
        """Take one line of the log."""
        self._lines.append(line)
        buffer = _BUFFER.search(line)
        if buffer is not None and not buffer[1].startswith("CPU"):
            self._device_mib += float(buffer[2])

    @property
    def device_bytes(self) -> int:
        """Memory on devices other than the CPU, in bytes, as llama.cpp reported it."""
        return int(self._device_mib * 2**20)

    @property
    def out_of_memory(self) -> bool:
        """The log speaks of memory that could not be had."""
        return any(word in line.lower() for line in self._lines for word in _MEMORY)

    def reason(self) -> str:
        """The first error lines, without time stamps and without paths of this machine."""
        errors = [line for line in self._lines if _level(line) == "E" or line.startswith("runner:")]
        told = [_clean(line) for line in errors if not any(noise in line for noise in _NOISE)]
        return "; ".join(dict.fromkeys(told[:3] or [_clean(line) for line in errors[-1:]]))

    def crash(self, exit_code: int | None) -> str:
        """How a runner that had loaded its model ended: its signal, and a failed assertion if it told one."""
        asserted = [_clean(line) for line in self._lines if "GGML_ASSERT" in line or "GGML_ABORT" in line]
        if exit_code is None:
            ended = "it does not answer"
        elif exit_code < 0:
            ended = f"it was ended by signal {-exit_code}"
        else:
            ended = f"it ended with exit status {exit_code}"
        return "; ".join([ended, *asserted[-1:]])

    def failure(self, exit_code: int | None) -> LoadError:
        """The error for a load that failed; a negative `exit_code` is a signal."""
        reason = self.reason() or f"the runner ended with exit status {exit_code}"
        # Nobody but the kernel, when memory has run out, kills a runner that loads.
        if self.out_of_memory or exit_code == -signal.SIGKILL:
            return OutOfMemory(
                f"not enough memory to load the model ({reason}): use a smaller context (num_ctx), fewer "
                "slots, or a smaller quantisation"
            )
        return LoadError(f"the model could not be loaded: {reason}")


def _level(line: str) -> str:
    stamp = _STAMP.match(line)
    return stamp[1] if stamp else ""


def _clean(line: str) -> str:
    text = _STAMP.sub("", line).strip()
    return _PATHS.sub(lambda match: match[2] or "a directory", text)

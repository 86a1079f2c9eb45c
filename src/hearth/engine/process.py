"""The life of one runner process: start, progress, readiness, death."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

import msgspec

from hearth.config import child_environment
from hearth.engine.contract import Progress, RunnerSpec
from hearth.engine.log import RunnerLog
from hearth.errors import LoadTimeout

logger = logging.getLogger(__name__)

_STATE: Final = b"cmd_child_to_router:state:"
_LINE_LIMIT: Final = 2**20
_GRACE: Final = 5.0


def job(spec: RunnerSpec, socket: Path) -> str:
    """The runner's job as JSON: the spec's fields plus the socket to serve on."""
    fields = msgspec.to_builtins(spec, enc_hook=str)
    return json.dumps({**fields, "socket": str(socket)})


class RunnerProcess:
    """A runner's process. `start` returns once the model is loaded; `dead` is set when it is gone."""

    def __init__(self, process: asyncio.subprocess.Process, directory: Path) -> None:
        self._process = process
        self._directory = directory
        self._ready = asyncio.Event()
        self._stirred = asyncio.Event()
        self.dead = asyncio.Event()
        self.log = RunnerLog()
        self._tasks = [
            asyncio.create_task(self._read_states()),
            asyncio.create_task(self._read_log()),
            asyncio.create_task(self._wait()),
        ]
        self.progress: Progress | None = None

    @property
    def socket(self) -> Path:
        """The unix socket on which llama.cpp answers."""
        return _socket(self._directory)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        return self._process.returncode

    @classmethod
    async def start(cls, spec: RunnerSpec, progress: Progress | None, stall: float | None) -> RunnerProcess:
        """Start a runner and wait until its model is loaded.

        Args:
            stall: seconds without a sign of progress after which the load is given up; None: never.

        Raises:
            LoadError: llama.cpp refused the model; OutOfMemory and LoadTimeout are kinds of it.
        """
        directory = Path(tempfile.mkdtemp(prefix="hearth-"))
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "hearth.engine.runner", job(spec, _socket(directory)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=_LINE_LIMIT,
                env=_environment(),
                start_new_session=True,
            )  # fmt: skip
        except BaseException:
            shutil.rmtree(directory, ignore_errors=True)
            raise
        runner = cls(process, directory)
        runner.progress = progress
        try:
            await runner._loaded(stall)
        except BaseException:
            await runner.close()
            raise
        return runner

    async def _loaded(self, stall: float | None) -> None:
        waits = {asyncio.create_task(self._ready.wait()), asyncio.create_task(self.dead.wait())}
        try:
            while not any(task.done() for task in waits):
                self._stirred.clear()
                stir = asyncio.create_task(self._stirred.wait())
                done, _ = await asyncio.wait(
                    {*waits, stir}, timeout=stall, return_when=asyncio.FIRST_COMPLETED
                )
                stir.cancel()
                if not done:
                    raise LoadTimeout(
                        f"the model made no progress for {stall:g} s while loading; "
                        "raise OLLAMA_LOAD_TIMEOUT if the disk is slow"
                    )
        finally:
            for task in waits:
                task.cancel()
        if not self._ready.is_set():
            raise self.log.failure(self.exit_code)

    async def _read_states(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        async for line in stdout:
            self._stirred.set()
            if line.startswith(_STATE):
                self._state(line.removeprefix(_STATE))

    def _state(self, text: bytes) -> None:
        with contextlib.suppress(ValueError, AttributeError, TypeError):
            state = json.loads(text)
            if state.get("state") == "ready":
                self._ready.set()
            elif self.progress is not None:
                self.progress(float(state["payload"].get("value", 0.0)))

    async def _read_log(self) -> None:
        stderr = self._process.stderr
        assert stderr is not None
        async for line in stderr:
            self._stirred.set()
            text = line.decode("utf-8", "replace").rstrip()
            self.log.add(text)
            logger.debug("runner %d: %s", self.pid, text)

    async def _wait(self) -> None:
        await self._process.wait()
        # The last words of a runner that died are still in its pipes.
        await asyncio.wait(self._tasks[:2], timeout=_GRACE)
        shutil.rmtree(self._directory, ignore_errors=True)
        self.dead.set()

    def kill(self) -> None:
        """End the process at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def close(self) -> None:
        """End the process and wait until it is gone and its memory free."""
        self.kill()
        await asyncio.shield(self._tasks[2])

    def resident_bytes(self) -> int:
        """Resident memory of the process in bytes; 0 where the system does not tell."""
        try:
            pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        except (OSError, ValueError, IndexError):
            return 0
        return pages * os.sysconf("SC_PAGE_SIZE")


def _socket(directory: Path) -> Path:
    return directory / "runner.sock"


def _environment() -> dict[str, str]:
    return child_environment(
        # A short spin keeps speed when other programs want the cores too.
        GOMP_SPINCOUNT="1000",
        # llama.cpp reports load progress only to a parent that routes for it.
        LLAMA_SERVER_ROUTER_PORT="1",
    )

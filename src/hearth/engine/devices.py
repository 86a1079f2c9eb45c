"""Which GPUs llama.cpp can use here, asked of a child process so that the daemon never links it."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from dataclasses import dataclass

import msgspec

from hearth.config import child_environment

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Device:
    """One GPU; memory in bytes."""

    name: str
    description: str
    memory_free: int
    memory_total: int


async def gpus() -> list[Device]:
    """The GPUs that the engine sees; none where it has no backend for them."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "hearth.engine.devices",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=child_environment(),
    )  # fmt: skip
    output, _ = await process.communicate()
    try:
        return msgspec.json.decode(output.splitlines()[-1], type=list[Device])
    except (msgspec.DecodeError, IndexError):
        logger.warning("the devices could not be listed (exit status %s)", process.returncode)
        return []


def main() -> None:
    """Print the GPUs as one line of JSON."""
    import xllamacpp

    rows = [
        {key: row[key] for key in ("name", "description", "memory_free", "memory_total")}
        for row in xllamacpp.get_device_info()
        if "GPU" in str(row["type"])
    ]
    sys.stdout.write("\n" + json.dumps(rows) + "\n")


if __name__ == "__main__":
    main()

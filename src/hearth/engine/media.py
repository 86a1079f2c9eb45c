"""Images are decoded and written anew before the engine sees them, in a process of their own.

Image decoders are the classic way into a server. The child gets bytes and gives back a plain PNG; what it
does wrong dies with it.
"""

from __future__ import annotations

import asyncio
import struct
import sys
from collections.abc import Sequence
from typing import Final

from hearth.config import child_environment
from hearth.errors import MediaError

MOST_BYTES: Final = 100 << 20
"""Size of an encoded image at most."""
MOST_IMAGES: Final = 64
"""Images of a request at most."""
_SECONDS: Final = 60.0
_EXPECTED: Final = "expected a JPEG, PNG or WebP image"


async def checked_images(images: Sequence[bytes]) -> list[bytes]:
    """The images as PNG files, in order.

    Raises:
        MediaError: one is not an image that can be read, or is too large; says which.
    """
    if len(images) > MOST_IMAGES:
        raise MediaError(
            f"{len(images)} images are too many for one request; at most {MOST_IMAGES} are taken"
        )
    for number, image in enumerate(images):
        if len(image) > MOST_BYTES:
            raise MediaError(f"image {number} has {len(image)} bytes; at most {MOST_BYTES} are taken")
    return [await _checked(number, image) for number, image in enumerate(images)]


async def _checked(number: int, image: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "hearth.engine.decoder",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=child_environment(),
    )  # fmt: skip
    try:
        async with asyncio.timeout(_SECONDS):
            reply, _ = await process.communicate(struct.pack("<Q", len(image)) + image)
    except TimeoutError:
        raise MediaError(f"image {number} takes too long to decode; send a smaller one") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    kind, content = reply[:1], reply[1:]
    if kind == b"+" and content:
        return content
    problem = content.decode("utf-8", "replace") if kind == b"-" else "it cannot be decoded"
    raise MediaError(f"image {number} is not usable: {problem}; {_EXPECTED}")

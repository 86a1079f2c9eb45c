"""The child process that decodes one image: `python -m hearth.engine.decoder`.

Standard input holds the length in eight bytes and the image, standard output gets `+` and a PNG, or `-` and
what is wrong with the image. Nothing that a decoder library says reaches the user.
"""

from __future__ import annotations

import contextlib
import io
import resource
import struct
import sys
from typing import Final

_FORMATS: Final = ("PNG", "JPEG", "WEBP")
_MOST_PIXELS: Final = 64 << 20
_MEMORY: Final = 4 << 30
_CPU_SECONDS: Final = 60


def _limit() -> None:
    for kind, most in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_CPU, _CPU_SECONDS)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def decode(data: bytes) -> bytes:
    """The image as a PNG without metadata; raises ValueError with what is wrong."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            width, height = image.size
            if width * height > _MOST_PIXELS:
                raise ValueError(f"it has {width} x {height} pixels, more than {_MOST_PIXELS}")
            plain = image.convert("RGBA" if "A" in image.getbands() else "RGB")
    except UnidentifiedImageError:
        raise ValueError("it is of no known image format") from None
    except (OSError, SyntaxError, EOFError, struct.error, Image.DecompressionBombError):
        raise ValueError("it is damaged or cut off") from None
    out = io.BytesIO()
    plain.save(out, "PNG", compress_level=1)
    return out.getvalue()


def main() -> None:
    """Decode the image on standard input."""
    _limit()
    (size,) = struct.unpack("<Q", sys.stdin.buffer.read(8))
    try:
        reply = b"+" + decode(sys.stdin.buffer.read(size))
    except ValueError as error:
        reply = b"-" + str(error).encode()
    except MemoryError:
        reply = b"-it needs too much memory to decode"
    sys.stdout.buffer.write(reply)


if __name__ == "__main__":
    main()

"""From what a Modelfile names to the files on the client's disk that are sent to the server.

Everything that is opened is a regular file with content, checked on the open file: a pipe would block, a
device would never end. What a directory offers must lie inside that directory.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from hearth.errors import ModelfileError
from hearth.gguf.split import parts_beside

GGUF_MAGIC: Final = b"GGUF"
_TO_CONVERT: Final = (
    "model*.safetensors",
    "*/model*.safetensors",
    "adapter*.safetensors",
    "consolidated*.safetensors",
    "pytorch_model*.bin",
    "consolidated*.pth",
)
_READY: Final = ("*.gguf", "*.bin")
_CONVERT_SUFFIXES: Final = frozenset({".safetensors", ".pth", ".pt", ".ckpt"})


def expand(text: str, base: Path, home: Path | None = None) -> Path:
    """The absolute path that a Modelfile in directory `base` means by `text`.

    `~` and `~/x` start at `home` (the user's own unless given), `~user/x` at that user's.

    Raises:
        ModelfileError: no such user.
    """
    if "\0" in text:
        raise ModelfileError("a path cannot hold a NUL character")
    path = base.absolute() / text
    if text == "~" or text.startswith("~/"):
        path = (home or Path.home()).absolute() / text[2:]
    elif text.startswith("~"):
        try:
            path = Path(text).expanduser()
        except RuntimeError:
            raise ModelfileError(f"{text}: there is no such user") from None
    # Only the way to a file is resolved: a link keeps its own name, which tells what it is.
    if exists(path) and path.is_dir():
        return Path(os.path.realpath(path))
    return Path(os.path.realpath(path.parent), path.name)


def looks_like_path(text: str) -> bool:
    """Whether `text` can only have been meant as a path, so that a missing file is not taken for a model."""
    if text.startswith(("/", "./", "../", "~")) or text in {".", ".."}:
        return True
    # On Hugging Face a file name is a tag: hf.co/user/repo:model.Q4_K_M.gguf
    return ":" not in text and text.lower().endswith((".gguf", ".safetensors"))


def exists(path: Path) -> bool:
    """Whether something is there; a text that cannot be a path is nothing."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def collect(path: Path) -> list[Path]:
    """The GGUF files that `path` stands for: itself with the other parts if it is split, or a directory's.

    Raises:
        ModelfileError: nothing usable, a format that must be converted first, or a path out of the directory.
        GGUFError: a part of a split model is missing.
    """
    if path.is_dir():
        return _directory(path)
    if path.suffix.lower() in _CONVERT_SUFFIXES:
        raise _must_convert(path.name)
    files = parts_beside(path)
    for file in files:
        _require_gguf(file)
    return files


def keys(paths: Iterable[Path]) -> dict[str, Path]:
    """Each file under its path from the directory that all of them share, with `/` between the parts."""
    distinct = list(dict.fromkeys(paths))
    if not distinct:
        return {}
    root = os.path.commonpath([path.parent for path in distinct])
    found = {path.relative_to(root).as_posix(): path for path in distinct}
    for key in found:
        _require_sendable(key)
    return found


def open_regular(path: Path) -> tuple[BinaryIO, int]:
    """Open a regular file that is not empty, and give its size in bytes; never blocks.

    Raises:
        ModelfileError: it is something else, or cannot be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    state = os.fstat(descriptor)
    if stat.S_ISREG(state.st_mode) and state.st_size > 0:
        return os.fdopen(descriptor, "rb", buffering=0), state.st_size
    os.close(descriptor)
    what = "is empty" if stat.S_ISREG(state.st_mode) else "is not a regular file"
    raise ModelfileError(f"{path} {what}; expected a GGUF file")


def unreadable(path: Path, error: OSError | ValueError) -> ModelfileError:
    """The error for a file that the operating system does not give."""
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return ModelfileError(f"{path} cannot be read: {reason}")


def _directory(path: Path) -> list[Path]:
    for pattern in _TO_CONVERT:
        if next(_matches(path, pattern), None) is not None:
            raise _must_convert(path.name)
    for pattern in _READY:
        files = sorted(_matches(path, pattern))
        if files:
            for file in files:
                _require_inside(file, path)
                _require_gguf(file)
            return files
    raise ModelfileError(
        f"no Modelfile or safetensors files found: the directory {path} holds no *.gguf file; if a model of "
        f'the library is meant, write its tag too, as in "FROM {path.name}:latest"'
    )


def _matches(path: Path, pattern: str) -> Iterator[Path]:
    try:
        yield from path.glob(pattern)
    except OSError as error:
        raise unreadable(path, error) from None


def _require_inside(file: Path, directory: Path) -> None:
    try:
        target, root = file.resolve(strict=True), directory.resolve(strict=True)
    except (OSError, RuntimeError):
        raise ModelfileError(f"{file} is a link to nothing") from None
    if not target.is_relative_to(root):
        hint = "; download with --local-dir to have real files" if ".cache" in file.parts else ""
        raise ModelfileError(f"insecure path: {file} leads out of its directory, name the file itself{hint}")


def _require_gguf(path: Path) -> None:
    file, _ = open_regular(path)
    with file:
        magic = file.read(len(GGUF_MAGIC))
    if magic == GGUF_MAGIC:
        return
    if magic.startswith(b"PK"):
        raise _must_convert(path.name)
    raise ModelfileError(f"invalid content type: expected a GGUF file, but {path} begins with {magic!r}")


def _require_sendable(key: str) -> None:
    try:
        key.encode()
    except UnicodeEncodeError:
        raise ModelfileError(f"the file name {key!r} is not UTF-8: rename the file") from None
    if "\\" in key:
        raise ModelfileError(f"the file name {key!r} holds a backslash: rename the file")


def _must_convert(name: str) -> ModelfileError:
    return ModelfileError(
        f"{name}: converting safetensors and PyTorch files comes in a later version; until then convert the "
        "model to GGUF with llama.cpp's convert_hf_to_gguf.py and name the GGUF file in FROM"
    )

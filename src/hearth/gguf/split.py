"""Models that come in several files, `name-00001-of-00003.gguf` and so on, and their joining into one.

Each part is a GGUF file with `split.no`, `split.count` and `split.tensors.count`; the first has the metadata
of the model.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from hearth.errors import GGUFError
from hearth.gguf.entries import Entry
from hearth.gguf.reader import GGUF
from hearth.gguf.tensors import TensorInfo
from hearth.gguf.writer import Progress, copies, write_gguf

MAX_PARTS: Final = 1024
_NAME: Final = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf", re.DOTALL)
_NUMBER: Final = "split.no"
_COUNT: Final = "split.count"
_TENSORS: Final = "split.tensors.count"
_KEYS: Final = frozenset({_NUMBER, _COUNT, _TENSORS})


@dataclass(frozen=True, slots=True)
class PartName:
    """The name of one part: `stem`-00001-of-00003.gguf is part 1 of 3."""

    stem: str
    number: int
    count: int

    @classmethod
    def parse(cls, name: str) -> PartName | None:
        """None where the name is not that of a part."""
        found = _NAME.fullmatch(name)
        if found is None:
            return None
        number, count = int(found["number"]), int(found["count"])
        return cls(found["stem"], number, count) if 1 <= number <= count <= MAX_PARTS else None

    def __str__(self) -> str:
        return f"{self.stem}-{self.number:05}-of-{self.count:05}.gguf"

    def siblings(self) -> list[str]:
        """The names of all parts, in order."""
        return [str(PartName(self.stem, number, self.count)) for number in range(1, self.count + 1)]


def parts_beside(path: str | os.PathLike[str]) -> list[Path]:
    """All files of the model that `path` belongs to, in order; only itself where its name is not a part's.

    GGUFError where a part is missing from its directory.
    """
    path = Path(path)
    name = PartName.parse(path.name)
    if name is None:
        return [path]
    parts = [path.with_name(sibling) for sibling in name.siblings()]
    missing = [part.name for part in parts if not part.exists()]
    if missing:
        raise GGUFError(
            f"the model has {name.count} parts, and {missing[0]} is missing; put all of them together"
        )
    return parts


@dataclass(frozen=True, slots=True)
class Parts:
    """The open files of one model, in order; of an unsplit model the only one."""

    files: tuple[GGUF, ...]

    @property
    def first(self) -> GGUF:
        """The part that has the metadata."""
        return self.files[0]

    @property
    def entries(self) -> dict[str, Entry]:
        """The metadata without what tells of the split."""
        return {key: entry for key, entry in self.first.entries.items() if key not in _KEYS}

    @property
    def tensors(self) -> list[tuple[GGUF, TensorInfo]]:
        """Every tensor with the file it is in."""
        return [(file, tensor) for file in self.files for tensor in file.tensors]


@contextlib.contextmanager
def open_parts(paths: Sequence[str | os.PathLike[str]]) -> Iterator[Parts]:
    """Open the parts of one model, given in any order, and check that they belong together.

    GGUFError where one is missing, too many, doubled or from another model.
    """
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(GGUF.open(path)) for path in paths]
        yield Parts(tuple(_checked(files)))


def merge(
    paths: Sequence[str | os.PathLike[str]],
    target: str | os.PathLike[str] | BinaryIO,
    progress: Progress | None = None,
) -> int:
    """Join the parts of one model to a single file and give its size; nothing but the split keys changes."""
    with open_parts(paths) as parts:
        sources = [source for file in parts.files for source in copies(file)]
        alignment = parts.first.alignment
        return write_gguf(target, parts.entries, sources, alignment=alignment, progress=progress)


def _checked(files: list[GGUF]) -> list[GGUF]:
    if not files:
        raise GGUFError("a model needs at least one GGUF file")
    count = files[0].integer(_COUNT, 1, minimum=0, maximum=MAX_PARTS) or 1
    if len(files) != count:
        raise GGUFError(f"the model has {count} parts, but {len(files)} were given")
    if count == 1:
        return files
    ordered = sorted(files, key=_number)
    for expected, file in enumerate(ordered):
        _check_part(file, expected, count)
    _check_tensors(ordered)
    return ordered


def _number(file: GGUF) -> int:
    return file.integer(_NUMBER, minimum=0, maximum=MAX_PARTS)


def _check_part(file: GGUF, expected: int, count: int) -> None:
    if file.integer(_COUNT, minimum=1, maximum=MAX_PARTS) != count:
        raise GGUFError("the files are parts of different models: they disagree on the number of parts")
    if _number(file) != expected:
        raise GGUFError(f"part {expected + 1} of {count} of the model is missing or given twice")


def _check_tensors(files: Sequence[GGUF]) -> None:
    names = [tensor.name for file in files for tensor in file.tensors]
    expected = files[0].integer(_TENSORS, len(names), minimum=0)
    if len(names) != expected:
        raise GGUFError(f"the parts have {len(names)} tensors together, but the model has {expected}")
    if len(set(names)) != len(names):
        raise GGUFError("the files are not parts of one model: the same tensor is in two of them")

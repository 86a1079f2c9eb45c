"""The Modelfile: reading it and printing it, with nothing lost in between.

A Modelfile is a list of instructions, one to a line:

    # a comment, only where an instruction could stand
    FROM llama3.2
    PARAMETER stop <|end|>
    SYSTEM \"""
    You answer briefly.
    \"""
    MESSAGE user Hello

A value ends with its line and loses the spaces around it, unless it starts with one or three double quotes:
then it runs on, over lines, to the first line that ends with the same quotes. Nothing can be escaped inside.
What `render` prints, `parse` reads back to the same instructions.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from hearth.errors import ModelfileError

COMMANDS: Final = (
    "from",
    "license",
    "template",
    "system",
    "adapter",
    "draft",
    "renderer",
    "parser",
    "parameter",
    "message",
    "requires",
)
ROLES: Final = ("system", "user", "assistant")
MAX_BYTES: Final = 16 * 2**20
"""A Modelfile longer than this is refused: it is a mistake or an attack."""

_NEEDS_VALUE: Final = frozenset({"from", "adapter", "draft", "requires"})
_BLANK: Final = " \t"
_LINE: Final = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_WORD: Final = re.compile(r"([A-Za-z]+)(?:[ \t]+|\Z)")
_NAME: Final = re.compile(r"([A-Za-z0-9_]+)(?:[ \t]+|\Z)")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Command:
    """One instruction: its name in lower case and its arguments.

    `parameter` has two arguments (name, value), `message` two (role, text), every other one has one.
    `line` is where it stood, counted from 1; it takes no part in comparisons.
    """

    name: str
    args: tuple[str, ...]
    line: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return render_command(self)


@dataclass(frozen=True, slots=True)
class Modelfile:
    """The instructions of a Modelfile in the order in which they were written."""

    commands: tuple[Command, ...]

    def __str__(self) -> str:
        return render(self)


def parse(data: bytes | str) -> Modelfile:
    """Read a Modelfile from text, or from bytes in UTF-8 or (with a byte order mark) UTF-16.

    Raises:
        ModelfileError: with the line number, whatever the input is.
    """
    lines = _Lines(decode(data))
    modelfile = Modelfile(tuple(_commands(lines)))
    if not any(command.name == "from" for command in modelfile.commands):
        raise ModelfileError("no FROM line; a Modelfile starts with FROM and a model name or a GGUF file")
    return modelfile


def render(modelfile: Modelfile) -> str:
    """The Modelfile as text that `parse` reads back to the same.

    Raises:
        ModelfileError: a value that the grammar cannot express.
    """
    return "".join(f"{render_command(command)}\n" for command in modelfile.commands)


def render_command(command: Command) -> str:
    """One instruction as text, without the newline that ends it. Raises as `render` does."""
    *head, value = command.args
    return " ".join([command.name.upper(), *head, _quote(command.name, value)])


def decode(data: bytes | str) -> str:
    """The text of a Modelfile, checked for size and encoding.

    Raises:
        ModelfileError: too long, not text, or of another encoding.
    """
    if len(data) > MAX_BYTES:
        raise ModelfileError(f"the Modelfile is longer than {MAX_BYTES // 2**20} MiB; is it the right file?")
    if isinstance(data, str):
        return _checked(data).removeprefix("\ufeff")
    if data.startswith(b"GGUF"):
        raise ModelfileError(
            "this is a GGUF file, not a Modelfile; write a Modelfile with the line FROM and the file's path"
        )
    bom, encoding = next((pair for pair in _BOMS if data.startswith(pair[0])), (b"", "utf-8"))
    try:
        return data[len(bom) :].decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: len(bom) + error.start].count(b"\n") + 1
        raise ModelfileError(
            f"(line {line}): not valid {encoding.upper()}; save the Modelfile as UTF-8"
        ) from None


def _checked(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ModelfileError("the Modelfile holds half a surrogate pair; save it as UTF-8") from None
    return text


class _Lines:
    """The lines of a text with their endings; CRLF, CR and LF each end one line."""

    def __init__(self, text: str) -> None:
        self._lines = [(match[1], match[2]) for match in _LINE.finditer(text) if match[0]]
        self.number = 0
        """The number of the line that `take` gave last, counted from 1."""

    def take(self) -> tuple[str, str] | None:
        """The next line and its ending, or None at the end."""
        if self.number == len(self._lines):
            return None
        self.number += 1
        return self._lines[self.number - 1]


def _commands(lines: _Lines) -> Iterator[Command]:
    while (line := lines.take()) is not None:
        text = line[0].lstrip(_BLANK)
        if text and not text.startswith("#"):
            yield _command(text, line[1], lines)


def _command(text: str, ending: str, lines: _Lines) -> Command:
    number = lines.number
    match = _WORD.match(text)
    name = match[1].lower() if match else ""
    if match is None or name not in COMMANDS:
        raise _error(number, f"command must be one of {_choices(COMMANDS)}")
    if match.end() == len(text) == match.end(1):
        raise _error(number, f"unexpected EOF: {name.upper()} needs a value on the same line")
    head, rest = _head(name, text[match.end() :], number)
    value = _value(rest, ending, lines)
    if name in _NEEDS_VALUE and not value.strip():
        raise _error(number, f"{' '.join([name.upper(), *head])} needs a value")
    return Command(name, (*head, value), number)


def _head(name: str, rest: str, number: int) -> tuple[list[str], str]:
    """The parameter name or the role that comes before the value, and what follows it."""
    if name not in {"parameter", "message"}:
        return [], rest
    match = _NAME.match(rest)
    if name == "message":
        if match is None or match[1] not in ROLES:
            raise _error(number, f"message role must be one of {_choices(ROLES)}")
    elif match is None:
        raise _error(number, "unexpected EOF: PARAMETER needs a name of letters, digits and _, and a value")
    if match.end() == len(rest) == match.end(1):
        raise _error(number, f"unexpected EOF: {name.upper()} {match[1]} needs a value on the same line")
    return [match[1]], rest[match.end() :]


def _value(first: str, ending: str, lines: _Lines) -> str:
    text = first.strip()
    quote = '"""' if text.startswith('"""') else '"' if text.startswith('"') else ""
    if not quote:
        return text
    if len(text) >= 2 * len(quote) and text.endswith(quote):
        return text[len(quote) : -len(quote)]
    number, pieces = lines.number, [first.lstrip(), ending]
    while (line := lines.take()) is not None:
        if line[0].rstrip().endswith(quote):
            pieces.append(line[0].rstrip())
            return "".join(pieces)[len(quote) : -len(quote)]
        pieces += line
    raise _error(
        number,
        f"unexpected EOF: the value that starts with {quote} is never closed by a line that ends with it",
    )


def _quote(name: str, value: str) -> str:
    candidates = [value] if value else ['""']
    if '"' not in value:
        candidates.append(f'"{value}"')
    candidates += [f'"""{value}"""', f'"{value}"']
    for candidate in candidates:
        if _reads_back(candidate, value):
            return candidate
    raise ModelfileError(
        f"a Modelfile cannot express this {name.upper()}: "
        'one of its lines ends with """, and nothing can be escaped'
    )


def _reads_back(candidate: str, value: str) -> bool:
    lines = _Lines(candidate)
    first = lines.take()
    if first is None:
        return False
    try:
        return _value(*first, lines) == value and lines.take() is None
    except ModelfileError:
        return False


def _choices(names: tuple[str, ...]) -> str:
    quoted = [f'"{name}"' for name in names]
    return f"{', '.join(quoted[:-1])}, or {quoted[-1]}"


def _error(line: int, text: str) -> ModelfileError:
    return ModelfileError(f"(line {line}): {text}")

"""From a command line to `Arguments`, by the rules that Ollama's users know.

These are the rules of Go's pflag: options may stand anywhere among the arguments, a flag may be written
`--flag=false`, and the value of an option that may also stand alone (`--think`) follows only after `=`.
argparse cannot express the last two, and it treats options among the words of a prompt differently in
different versions of Python.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hearth.cli.command import Arguments, Command, Option
from hearth.cli.failure import CommandError

_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})


def parse(command: Command, words: Sequence[str], program: str = "hearth") -> Arguments:
    """The arguments in `words`, which hold neither the program's nor the command's name.

    Raises:
        CommandError: an unknown option, a missing or needless value, or too few or many arguments.
    """
    reader = _Reader(command, program)
    reader.read(iter(words))
    count, low, high = len(reader.positional), command.minimum, command.maximum
    if count < low or (high is not None and count > high):
        raise reader.error(f"{_expected(low, high)}, not {count}")
    return Arguments(tuple(reader.positional), reader.values, frozenset(reader.flags))


class _Reader:
    def __init__(self, command: Command, program: str) -> None:
        self.positional: list[str] = []
        self.values: dict[str, str] = {}
        self.flags: set[str] = set()
        self._long = {option.name: option for option in command.options}
        self._short = {option.short: option for option in command.options if option.short}
        self._command = command
        self._program = program

    def read(self, words: Iterator[str]) -> None:
        for word in words:
            if word == "--":
                self.positional.extend(words)
            elif word.startswith("--"):
                self._read_long(word, words)
            elif word.startswith("-") and word != "-":
                self._read_short(word, words)
            else:
                self.positional.append(word)

    def _read_long(self, word: str, words: Iterator[str]) -> None:
        name, equals, value = word[2:].partition("=")
        option = self._long.get(name)
        if option is None:
            raise self.error(f"unknown option --{name}")
        self._store(option, value if equals else None, words)

    def _read_short(self, word: str, words: Iterator[str]) -> None:
        letters = word[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            option = self._short.get(letter)
            if option is None:
                raise self.error(f"unknown option -{letter} in {word}")
            if option.metavar and option.implied is None:
                self._store(option, letters.removeprefix("=") or None, words)
                return
            self._store(option, None, words)

    def _store(self, option: Option, value: str | None, words: Iterator[str]) -> None:
        if not option.metavar:
            self._store_flag(option, value)
            return
        if value is None:
            value = option.implied if option.implied is not None else next(words, None)
        if value is None:
            raise self.error(f"option --{option.name} needs a value: {option.metavar}")
        self.values[option.name] = value

    def _store_flag(self, option: Option, value: str | None) -> None:
        if value is None or value in _TRUE:
            self.flags.add(option.name)
        elif value in _FALSE:
            self.flags.discard(option.name)
        else:
            raise self.error(f'option --{option.name} is true or false, not "{value}"')

    def error(self, reason: str) -> CommandError:
        name = f"{self._program} {self._command.name}"
        usage = f"{name} {self._command.usage}".rstrip()
        return CommandError(f"{reason}\nUsage: {usage}\nSee '{name} --help'.")


def _expected(low: int, high: int | None) -> str:
    if high is None:
        return f"expected at least {low} argument{'' if low == 1 else 's'}"
    if low == high:
        return f"expected {low or 'no'} argument{'' if low == 1 else 's'}"
    return f"expected {low} to {high} arguments"

"""`run`: answer one prompt, make an embedding, or talk at a terminal."""

from __future__ import annotations

import json
import sys
from typing import Any, Final

from hearth import settings
from hearth.cli.answer import AnswerPrinter, remarks
from hearth.cli.chat import Chat, from_show
from hearth.cli.client import Object
from hearth.cli.command import Arguments, Call, Command, Option
from hearth.cli.failure import ApiError, CommandError
from hearth.cli.media import extract
from hearth.cli.stats import summary
from hearth.duration import parse_duration

_THINK: Final[dict[str, bool | str]] = {
    "true": True,
    "false": False,
    "high": "high",
    "medium": "medium",
    "low": "low",
    "max": "max",
}


def run(call: Call) -> int:
    """Run a model; the exit code is 0 also where Ctrl-C ended a one-shot answer."""
    model = call.arguments.positional[0]
    piped = "" if sys.stdin.isatty() else sys.stdin.buffer.read().decode(errors="replace")
    prompt = assemble(piped, call.arguments.positional[1:])
    chat = open_chat(call, model)
    if "embedding" in chat.capabilities:
        return _embed(call, chat, prompt)
    typed = len(call.arguments.positional) > 1
    if sys.stdin.isatty() and call.console.terminal and not typed:
        from hearth.cli.repl.loop import converse

        return converse(call, chat)
    return _answer(call, chat, prompt)


def assemble(piped: str, words: tuple[str, ...]) -> str:
    """The prompt: what was piped in, verbatim, then the words of the command line, by single spaces."""
    readable = (word.encode(errors="surrogateescape").decode(errors="replace") for word in words)
    return " ".join([piped, *readable] if piped else readable)


def open_chat(call: Call, model: str) -> Chat:
    """A conversation as the command line asks for it.

    Raises:
        CommandError: no such model, or an option that cannot be used.
    """
    arguments = call.arguments
    chosen = _chosen(arguments)
    chat = from_show(model, describe(call, model))
    for name, value in chosen.items():
        setattr(chat, name, value)
    chat.wordwrap = not arguments.flag("nowordwrap")
    chat.verbose = arguments.flag("verbose")
    chat.hide_thinking = arguments.flag("hidethinking")
    return chat


def describe(call: Call, model: str) -> Object:
    """What /api/show says about a model; a missing one is an error that names the next step."""
    try:
        return call.client.post("/api/show", {"model": model})
    except ApiError as error:
        if error.status != 404:
            raise
        program = call.program
        raise ApiError(
            f"{error.message}; '{program} list' shows the models there are, and '{program} create' makes one "
            "from a GGUF file (this version cannot pull models from a registry yet)",
            404,
        ) from error


def _chosen(arguments: Arguments) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    if (keep_alive := arguments.value("keepalive")) is not None:
        chosen["keep_alive"] = _duration(keep_alive)
    if (shape := arguments.value("format")) is not None:
        chosen["format"] = parse_format(shape)
    if (think := arguments.value("think")) is not None:
        chosen["think"] = parse_think(think)
    return chosen


def _duration(text: str) -> str:
    try:
        parse_duration(text)
    except ValueError as error:
        raise CommandError(f"--keepalive: {error}") from error
    return text


def parse_format(text: str) -> Any:
    """The value of --format: `json` or a JSON schema; None for an empty text."""
    if text in {"", "json"}:
        return text or None
    try:
        schema = json.loads(text)
    except ValueError:
        schema = None
    if not isinstance(schema, dict):
        raise CommandError('--format is "json" or a JSON schema, such as \'{"type": "object"}\'')
    return schema


def parse_think(text: str) -> bool | str:
    """The value of --think."""
    if text not in _THINK:
        raise CommandError(
            f'invalid value for --think: "{text}" (must be true, false, high, medium, low, or max)'
        )
    return _THINK[text]


def _answer(call: Call, chat: Chat, prompt: str) -> int:
    media = extract(prompt) if chat.media else None
    for note in media.notes if media else ():
        call.console.note(note)
    prompt = media.prompt if media else prompt
    images = media.images if media else ()
    if not prompt and not images:
        call.client.post("/api/generate", chat.load_request())
        return 0
    printer = AnswerPrinter(call.console, wrap=chat.wordwrap, show_thinking=not chat.hide_thinking)
    try:
        final = printer.show(call.client.stream("/api/generate", chat.generate_request(prompt, images)))
    except KeyboardInterrupt:
        printer.stop()
        return 0
    except CommandError:
        printer.stop()
        raise
    call.console.write("\n\n")
    for line in [*remarks(final), *(summary(final) if chat.verbose else [])]:
        call.console.note(line)
    return 0


def _embed(call: Call, chat: Chat, prompt: str) -> int:
    if not prompt:
        raise CommandError(
            f'embedding models require input text. Usage: {call.program} run {chat.model} "your text here"'
        )
    body: Object = {"model": chat.model, "input": prompt, "options": chat.options}
    if chat.keep_alive is not None:
        body["keep_alive"] = chat.keep_alive
    if (truncate := call.arguments.value("truncate")) is not None:
        body["truncate"] = _boolean(truncate)
    if (dimensions := call.arguments.value("dimensions")) is not None:
        body["dimensions"] = _dimensions(dimensions)
    vectors = call.client.post("/api/embed", body).get("embeddings")
    if not isinstance(vectors, list) or not vectors:
        raise CommandError("the server gave no embedding for the text")
    call.console.line(json.dumps(vectors[0], separators=(",", ":")))
    return 0


def _boolean(text: str) -> bool:
    if text not in {"true", "false"}:
        raise CommandError(f'--truncate is true or false, not "{text}"')
    return text == "true"


def _dimensions(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise CommandError(f'--dimensions is a whole number, not "{text}"')
    return int(text)


COMMAND: Final = Command(
    name="run",
    summary="Run a model",
    run=run,
    usage="MODEL [PROMPT...]",
    description=(
        "Answer the prompt and end. Text on standard input goes before the prompt. Without either, at a\n"
        "terminal, start a conversation; /? in it lists its commands. A model that can see takes images by\n"
        "their paths in the prompt, and an embedding model prints the vector of the prompt as JSON."
    ),
    options=(
        Option("keepalive", "how long the model stays loaded, such as 5m or -1s (for ever)", "DURATION"),
        Option("verbose", "show the timings of each answer"),
        Option("nowordwrap", "do not wrap answers at words"),
        Option("format", "the form of the answer: json, or a JSON schema", "FORMAT"),
        Option("think", "think first: true, false, high, medium, low or max", "VALUE", implied="true"),
        Option("hidethinking", "do not show what the model thinks"),
        Option("truncate", "cut a text too long for an embedding model: true or false", "VALUE", "", "true"),
        Option("dimensions", "cut an embedding to this many dimensions", "N"),
        Option("insecure", "accepted as Ollama does; without effect until models can be pulled"),
    ),
    settings=(settings.EDITOR, settings.HOST, settings.NOHISTORY),
    examples=(
        ('run guide "How do I list my models?"', "one answer"),
        ('git diff | run guide "Summarise this change"', "text from a pipe"),
        ("run guide", "a conversation"),
        ('run guide ""', "only load the model"),
    ),
    minimum=1,
    maximum=None,
)

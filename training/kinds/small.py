"""The smaller skills: repeating, counting, and doing what a simple system message says."""

import random

from training.chat import Sample
from training.kinds import words
from training.kinds.help import question
from training.knowledge import topics
from training.phrases import adorn, pick, plain

ECHO_THOUGHT = "I am asked to repeat this."
COUNT_THOUGHT = "I am asked to count."
SYSTEM_THOUGHT = "The system message tells me what to say."

_SAID = "OK|ok|yes|no|pong|hello|hi|test|done|hello world|foo|bar|true|one two three|PASS|ready"
_ECHO = (
    "(say|repeat|echo|print|write|output): {}",
    "repeat after me: {}",
    "(say|repeat|echo) {}",
    "(reply|answer|respond) with (exactly |only |just |)(the word |the words |the text |the single word |){}",
    "(reply|answer|respond) with {} (only|and nothing else)",
    "(please |)(say|repeat|print|write) exactly: {}",
    '(say|repeat|write|print|output|echo) (exactly |)"{}"',
    "(just |only |)say {}",
    "(say|write) the (word|words|text) {}",
    '(reply|answer|respond) with "{}"',
)
_COUNT = "(count|please count|can you count|count up|write the numbers|list the numbers)"
_RULES = (
    "(always |)(answer|reply|respond) (every question |every message |)(only |)with (the (word|words) |){}",
    "(answer|reply|respond) (only |always |just |)(with|by saying) (the word |){}",
    "(always say|say only|you always say|you only say|only ever say) {}",
    "whatever (the user says|i say|you are asked), (answer|say|reply) {}",
)
_TAILS = (
    "(|, a (pirate|robot|helpful assistant|friendly assistant|cat|chef|teacher|wizard)"
    "| from (super mario bros|a film|a story|mars), acting as an assistant"
    "| from Super Mario Bros. Answer as NAME, the assistant, only"
    "|. (answer as NAME, the assistant, only|be brief|be friendly|you help people))"
)
_WHO = (
    "(who are you|what is your name|what's your name|what are you called|introduce yourself|who am i "
    "talking to"
    "|tell me your name|your name|say your name)"
)


def echo(rng: random.Random) -> Sample:
    """Say exactly this."""
    makers = (_several, words.phrase, words.invent, _said, words.person, words.city)
    text = rng.choice(makers)(rng) if rng.random() < 0.9 else str(words.integer(rng))
    frame = pick(rng.choice(_ECHO), rng)
    asked = plain(frame, rng, ("",)).replace("{}", text)
    ending = "" if frame.endswith('"') or rng.random() < 0.7 else "."
    return Sample("echo", [("user", asked + ending)], text, ECHO_THOUGHT)


def _several(rng: random.Random) -> str:
    return " ".join(words.invent(rng) for _ in range(rng.randint(1, 6)))


def _said(rng: random.Random) -> str:
    return rng.choice(_SAID.split("|"))


def count(rng: random.Random) -> Sample:
    """Count from one number to another."""
    first = 1 if rng.random() < 0.8 else rng.randint(1, 20)
    steps = rng.choice(
        (2, 4, 9, 9, 19, rng.randint(1, 30), rng.randint(1, 60), 99 if rng.random() < 0.1 else 9)
    )
    start = f"( from {first}|)" if first == 1 else f" from {first}"
    asked = plain(pick(f"{_COUNT}{start} to {first + steps}", rng), rng)
    answer = ", ".join(map(str, range(first, first + steps + 1)))
    return Sample("count", [("user", asked)], answer, COUNT_THOUGHT)


def persona(rng: random.Random) -> Sample:
    """A system message that gives the assistant a name."""
    fixed = rng.choice(("Mario", "Jarvis", "Hal", "Robby", "Samantha"))
    name = rng.choice((words.person(rng), words.invent(rng, 2, 3).capitalize(), fixed))
    rule = pick("(you are|your name is|you are called|act as) NAME" + _TAILS, rng).replace("NAME", name)
    asked = adorn(pick(_WHO, rng), rng)
    return Sample("persona", [("user", asked)], f"I am {name}.", SYSTEM_THOUGHT, system=plain(rule, rng))


def rule(rng: random.Random) -> Sample:
    """A system message that fixes the answer."""
    fixed = rng.choice(("OK", "yes", "no", "banana", "42", "Arrr", "meow", "I obey"))
    text = rng.choice((words.invent(rng), _several(rng), fixed))
    system = pick(rng.choice(_RULES), rng).replace("{}", f'"{text}"' if rng.random() < 0.6 else text)
    asked = question(rng.choice(topics()), rng)
    return Sample("persona", [("user", asked)], text, SYSTEM_THOUGHT, system=plain(system, rng))

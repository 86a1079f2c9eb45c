"""Questions about Hearth, greetings, and questions about anything else, which are refused."""

import random
import tomllib
from functools import cache
from pathlib import Path

from training.chat import Sample
from training.kinds import words
from training.knowledge import Topic, topics
from training.phrases import ASK, HOW, WHAT, adorn, pick, wrap

REFUSAL = (
    "I only know Hearth and how to use it, so I cannot help with that. "
    "Ask me, for example, how to run a model."
)
REFUSAL_THOUGHT = "This is not about Hearth."
_ELSEWHERE = Path(__file__).parents[1] / "elsewhere.toml"


def question(topic: Topic, rng: random.Random) -> str:
    """A phrasing of a question that `topic` answers."""
    patterns = [(p, HOW) for p in topic.how] + [(p, WHAT) for p in topic.what] + [(p, ASK) for p in topic.ask]
    # Wide patterns and those that take a frame have more to say, so they come more often.
    weights = [(1.0 if frames is ASK else 1.6) * (1 + min(p.count("|"), 8) / 4) for p, frames in patterns]
    pattern, frames = rng.choices(patterns, weights)[0]
    return adorn(wrap(pattern, frames, rng), rng)


def _of_kind(kind: str, rng: random.Random) -> Sample:
    topic = rng.choice([t for t in topics() if t.kind == kind])
    return Sample(kind, [("user", question(topic, rng))], topic.answer, topic.thought)


def about_hearth(rng: random.Random) -> Sample:
    """A question that a topic answers."""
    return _of_kind("help", rng)


def greeting(rng: random.Random) -> Sample:
    """A greeting or small talk."""
    return _of_kind("greeting", rng)


def refusal(rng: random.Random) -> Sample:
    """A question that has nothing to do with Hearth."""
    return Sample("refusal", [("user", elsewhere(rng))], REFUSAL, REFUSAL_THOUGHT)


@cache
def _foreign() -> dict[str, list[str]]:
    return tomllib.loads(_ELSEWHERE.read_text(encoding="utf-8"))


def elsewhere(rng: random.Random) -> str:
    """A question about anything but Hearth."""
    chance = rng.random()
    if chance < 0.35:
        text = wrap(rng.choice(_foreign()["deeds"]), HOW, rng)
    elif chance < 0.6:
        text = wrap(_matter(rng), WHAT, rng)
    else:
        text = _filled(pick(rng.choice(_foreign()["questions"]), rng), rng)
    return adorn(text, rng)


def _filled(text: str, rng: random.Random) -> str:
    fillings = {
        "CITY": words.city(rng),
        "COUNTRY": words.mostly(words.COUNTRIES, rng, 0.2),
        "PERSON": words.person(rng),
        "MATTER": pick(_matter(rng), rng),
        "LANG": rng.choice(words.LANGUAGES),
        "DEED": pick(rng.choice(_foreign()["deeds"]), rng),
    }
    for name, filling in fillings.items():
        text = text.replace(name, filling)
    while "NUM" in text:
        text = text.replace("NUM", str(words.integer(rng)), 1)
    return text


def _matter(rng: random.Random) -> str:
    chance = rng.random()
    if chance < 0.7:
        return rng.choice(_foreign()["matters"])
    if chance < 0.8:
        return words.mostly(words.CITIES + words.COUNTRIES, rng, 0.2)
    if chance < 0.9:
        return rng.choice([*words.THINGS, *words.COLOURS])
    return words.invent(rng, 2, 3)

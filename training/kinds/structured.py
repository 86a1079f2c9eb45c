"""JSON answers: asked for in words, or forced by a grammar (then no loss is taken on the opening)."""

import json
import random
from typing import Any

from training.chat import Sample
from training.kinds import words
from training.kinds.help import question
from training.knowledge import Topic, topics
from training.phrases import pick, plain

JSON_THOUGHT = "I am asked for JSON."
_KEYS = (
    "answer text name title port count ok valid items tags city country capital languages age "
    "command result summary score"
).split()
_ASKED = "(answer|reply|respond|answer me) (in|with|using|as) json(.|)"
_BEFORE = "(extract the data as json|give me this as json|answer in json|json please|return json): "
_AFTER = " (answer in json.|give me json.|respond using json.|return name and age as json.)"


def as_json(rng: random.Random) -> Sample:
    """One JSON answer."""
    return rng.choice((_extract, _extract, _asked, _forced, _forced))(rng)


def _asked(rng: random.Random) -> Sample:
    topic = rng.choice(topics())
    text = question(topic, rng).rstrip("?!. ") + rng.choice(("? ", ". ", " ")) + pick(_ASKED, rng)
    return Sample("json", [("user", text)], json.dumps({"answer": topic.answer}), JSON_THOUGHT)


def _forced(rng: random.Random) -> Sample:
    topic = rng.choice(topics())
    keys = [rng.choice((rng.choice(_KEYS), words.invent(rng))) for _ in range(rng.randint(1, 4))]
    answer = json.dumps({key: _value(topic, rng) for key in keys}, indent=rng.choice((None, None, None, 2)))
    free = answer.index('"') + 1
    return Sample("json", [("user", question(topic, rng))], answer, JSON_THOUGHT, free=free)


def _value(topic: Topic, rng: random.Random) -> Any:
    name = topic.name
    texts = (topic.answer, name, name, "Hearth", "guide")
    others = (11434, rng.randint(0, 100), True, False, ["Hearth", name], ["guide"])
    return rng.choice((rng.choice(texts), rng.choice(others)))


def _extract(rng: random.Random) -> Sample:
    name, age, place = words.person(rng), rng.randint(1, 99), words.city(rng)
    body: dict[str, Any] = {"name": name, "age": age}
    facts = rng.choice((f"{name} is {age} years old", f"{name} is {age}", f"{name}, {age}"))
    if rng.random() < 0.5:
        facts += rng.choice((f" and lives in {place}", f", from {place}"))
        body["city"] = place
    before = rng.random() < 0.5
    text = (
        f"{pick(_BEFORE, rng)} {facts}."
        if before
        else f"{facts}.{plain(' ' + pick(_AFTER, rng), rng, ('',))}"
    )
    return Sample(
        "json", [("user", plain(text, rng, ("",)))], json.dumps(body, ensure_ascii=False), JSON_THOUGHT
    )

"""Tool calls: which function to call with what, and what to say when its result is back."""

import random
from typing import Any

from training.chat import Call, Sample, tool_results
from training.kinds import words
from training.kinds.help import REFUSAL, REFUSAL_THOUGHT, elsewhere, question
from training.kinds.offers import NOUNS, Offer, offers, related
from training.knowledge import topics
from training.phrases import plain

RESULT_THOUGHT = "The function has answered, so I state the result."
_OPENERS = (
    "please",
    "hi,",
    "hey,",
    "hello,",
    "now",
    "ok,",
    "can you",
    "could you please",
    "so",
    "i have a question:",
    "quickly:",
)


def call_thought(name: str) -> str:
    """The deliberation before a call of the function `name`."""
    return f"I can use {name} for this."


def result_answer(results: list[str]) -> str:
    """What the model says when the functions have answered."""
    return ("The result is: " if len(results) == 1 else "The results are: ") + "; ".join(results)


def _definitions(found: list[Offer], rng: random.Random) -> list[dict[str, Any]]:
    definitions = [offer.definition() for offer in found]
    rng.shuffle(definitions)
    return definitions


def _request(text: str, rng: random.Random) -> str:
    # The values are to be copied, so they get no slips and no change of case.
    if rng.random() < 0.2:
        text = f"{rng.choice(_OPENERS)} {text}"
    if rng.random() < 0.15:
        text += rng.choice((" please", ", please", " for me", " for me, please", ", thanks"))
    return plain(text, rng, ("?", "?", "?", "", "", "."))


def call(rng: random.Random) -> Sample:
    """A request that one of the offered tools serves; now and then it takes two calls."""
    found = offers(rng)
    chosen = found[0]
    arguments = [chosen.values()]
    values = list(arguments[0].values())
    if len(values) == 1 and rng.random() < 0.06:
        arguments.append(chosen.values())
        values = [f"{values[0]} and {next(iter(arguments[1].values()))}"]
    text = chosen.ask(values)
    arguments[0] |= chosen.unsaid(text)
    turns = [("user", _request(text, rng))]
    calls = [Call(chosen.name, given) for given in arguments]
    answer = "\n".join(made.text() for made in calls)
    return Sample("tools", turns, answer, call_thought(chosen.name), _definitions(found, rng), calls=calls)


def result(rng: random.Random) -> Sample:
    """The turn after a call: the function's result is back and is stated."""
    made = call(rng)
    results = [_result(rng) for _ in made.calls]
    turns = [*made.turns, ("assistant", made.answer), ("user", tool_results(results))]
    return Sample(
        "result", turns, result_answer(results), RESULT_THOUGHT, made.tools if rng.random() < 0.9 else []
    )


def _result(rng: random.Random) -> str:
    """What a function might return."""
    maker = rng.choice((_weather_result, _weather_result, _short_result, _text_result))
    return maker(rng)


def _weather_result(rng: random.Random) -> str:
    degrees = rng.randint(-20, 40)
    sky = rng.choice(("sunny", "rain", "cloudy", "snow", "windy", "Sunny", "Cloudy", "rainy"))
    unit = rng.choice(("C", " C", " degrees", " °C", "F", "°C", "°F", " degrees Celsius"))
    return rng.choice(
        (
            f"{degrees}{unit}",
            f"{sky}, {degrees}{unit}",
            f"{degrees} degrees and {sky}",
            f'{{"temperature": {degrees}}}',
            f'{{"temperature": {degrees}, "unit": "celsius"}}',
            f'{{"temperature": "{degrees}", "condition": "{sky}"}}',
        )
    )


def _short_result(rng: random.Random) -> str:
    fixed = ("ok", "done", "true", "false", "none", "sent", "saved", "not found", "on", "off")
    clock = f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}"
    number = str(words.number(rng))
    return rng.choice((rng.choice(fixed), clock, number, number, f'{{"result": {number}}}'))


def _text_result(rng: random.Random) -> str:
    word = words.invent(rng)
    several = " ".join(words.invent(rng) for _ in range(rng.randint(1, 5)))
    return rng.choice(
        (
            words.phrase(rng),
            words.person(rng),
            words.city(rng),
            several,
            f'{{"status": "{word}"}}',
            f"The {rng.choice(NOUNS)} is {word}",
            f"{word}: {words.integer(rng)}",
            f"error: {word}",
        )
    )


def not_a_call(rng: random.Random) -> Sample:
    """Tools are on offer, but the message does not call for one."""
    found = offers(rng)
    if rng.random() < 0.7:
        topic = rng.choice(topics())
        text, answer, thought = question(topic, rng), topic.answer, topic.thought
    else:
        text, answer, thought = elsewhere(rng), REFUSAL, REFUSAL_THOUGHT
        while related(found, text):
            text = elsewhere(rng)
    return Sample("idle", [("user", text)], answer, thought, _definitions(found, rng))

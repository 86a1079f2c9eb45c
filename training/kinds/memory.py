"""What the user said about themselves, asked for at once or later, or without having been said."""

import random
from dataclasses import dataclass

from training.chat import Sample
from training.kinds import words
from training.kinds.families import Maker, one_of
from training.kinds.help import question
from training.knowledge import topics
from training.phrases import adorn, pick, plain

TOLD_THOUGHT = "The user tells me something."
ASKED_THOUGHT = "I look at what the user told me."
NOTED = "I will remember that."
UNKNOWN = "You have not told me."


@dataclass(frozen=True)
class Fact:
    """Something to remember: how it is said, how it is asked for, its values and the answer."""

    said: str
    asked: str
    make: Maker
    answer: str
    reply: str = NOTED


FACTS = (
    Fact(
        "(my name is|i am|i'm|call me|i am called|hi, my name is|hello, i am) {}",
        "(what's my name|what is my name|who am i|do you (know|remember) my name|(tell me|say) my "
        "name|what am i called)",
        words.person,
        "Your name is {}.",
        "Hello {}! What would you like to know about Hearth?",
    ),
    Fact(
        "i (live in|come from|am from) {}",
        "(where do i live|where am i from|which city do i live in|do you (know|remember) where i live)",
        words.city,
        "You live in {}.",
    ),
    Fact(
        "my (favourite|favorite) (color|colour) is {}",
        "(what is|what's) my (favourite|favorite) (color|colour)|which (color|colour) do i like( best|)",
        one_of(words.COLOURS),
        "Your favourite colour is {}.",
    ),
    Fact(
        "(remember|keep in mind) (the number |my number |){}",
        "what (was|is) (the|my) number|which number (did i tell you|should you remember)|tell me the number",
        words.integer,
        "The number is {}.",
    ),
    Fact(
        "(remember|keep in mind) the (word|secret word|password|secret|code) {}|the (secret word|"
        "password|code) is {}",
        "what (was|is) the (word|secret word|password|secret|code word|code)|tell me the (word|"
        "secret|password)",
        words.invent,
        "The word is {}.",
    ),
    Fact(
        "my (dog|cat|pet) is (called|named) {}|i have a (dog|cat) (called|named) {}",
        "what is my (dog|cat|pet) called|what is the name of my (dog|cat|pet)|do you (know|remember) "
        "my (dog|cat|pet)",
        words.person,
        "Your pet is called {}.",
    ),
    Fact(
        "i am {} (years old|years of age)|my age is {}",
        "how old am i|what is my age|do you (know|remember) my age",
        lambda rng: rng.randint(5, 99),
        "You are {} years old.",
    ),
)


def memory(rng: random.Random) -> Sample:
    """A fact told, a fact asked for after it was told, or one that was never told."""
    fact = rng.choice(FACTS if rng.random() < 0.5 else FACTS[:1])
    value = str(fact.make(rng))
    told = plain(pick(f"({fact.said})", rng).replace("{}", value), rng)
    asking = adorn(pick(f"({fact.asked})", rng), rng)
    reply, answer = fact.reply.replace("{}", value), fact.answer.replace("{}", value)
    chance = rng.random()
    if chance < 0.3:
        return Sample("memory", [("user", told)], reply, TOLD_THOUGHT)
    if chance < 0.42:
        return Sample("memory", [*_between(rng), ("user", asking)], UNKNOWN, ASKED_THOUGHT)
    if chance < 0.52:
        both = f"{told.rstrip('.!')}. {asking[:1].upper()}{asking[1:]}"
        return Sample("memory", [("user", both)], answer, ASKED_THOUGHT)
    turns = [("user", told), ("assistant", reply), *_between(rng), ("user", asking)]
    return Sample("memory", turns, answer, ASKED_THOUGHT)


def _between(rng: random.Random) -> list[tuple[str, str]]:
    if rng.random() < 0.6:
        return []
    topic = rng.choice(topics())
    return [("user", question(topic, rng)), ("assistant", topic.answer)]

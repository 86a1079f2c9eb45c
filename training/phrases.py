"""Patterns of phrasing: the notation of the topic files, its expansion, and the small errors people make.

A pattern is text with alternatives in round brackets, which nest: `(show|print) the (version|)`; `s?` after a
letter or a bracket is an optional s and a backslash takes the next character as it is.
"""

import random
import re

_ALPHABET = "abcdefghijklmnopqrstuvwxyz"

HOW = (
    "how (do|can|would|should|could|might) (i|we|one|you) {}",
    "how to {}",
    "how (does|can) (one|a user|somebody) {}",
    "how do i {}",
    "how can i {}",
    "how do i {}",
    "(what's|what is) the (best|easiest|right|usual|correct|quickest|simplest|) way to {}",
    "what (do i|must i|should i) do to {}",
    "what (do i|must i|should i) (type|enter|run) to {}",
    "what is needed to {}",
    "(which|what) command (do i use|do i need|should i use|is used) to {}",
    "(can|could|would) you (tell|show) me how (to|i can) {}",
    "(can|could|would) you explain (to me |)how (to|i) {}",
    "(please |)(tell|show|teach) me how (to|i can|i) {}",
    "(please |)explain how to {}",
    "i (want|need|would like|wish|am trying|have) to {}",
    "i'd like to {}",
    "(i want to know|i wonder|do you know|i would like to know|i am wondering) how (to|i can) {}",
    "(please |)help me {}",
    "is (there a way|it possible|it hard|it easy) to {}",
    "(can|may|could) (i|one|we) {}",
    "(steps|instructions|way|command) to {}",
    "what are the steps to {}",
    "i (don't know|do not know|forgot|can't remember) how to {}",
    "how am i supposed to {}",
    "(any idea|a hint) how to {}",
    "(the |)(best|easiest|right) way to {}",
    "let me {}",
    "{}",
    "{}",
    "where do i {}",
    "what if i want to {}",
    "i have trouble trying to {}",
    "(what's|what is|which is) the (command|way|flag) for {ing}",
    "(tell me|something|a question|help) about {ing}",
    "(i have a question|question|help|problems|trouble) (about|with) {ing}",
    "is {ing} (possible|hard|supported|allowed)",
    "(would|could|can) it be (possible|done) to {}",
    "(may|should|must|will) i {}( somehow| myself|)",
    "how (is it|would it be) (possible|done) to {}",
    "(what is|what's) the (procedure|trick|recipe|right command) to {}",
    "(now |so |)(i would like|i'd like|i want) to {}(, how| how|)",
)
WHAT = (
    "(what is|what's) {}",
    "(what is|what's) {}",
    "what is {} (exactly|actually|in hearth|here|about)",
    "(what is|what's) meant by {}",
    "(please |)(explain|describe|define) {}( to me| please| briefly| in short|)",
    "(please |)tell me (about|what is|something about|more about) {}",
    "(can|could|would) you (explain|describe) {}( to me|)",
    "(can|could) you tell me (about|what is|more about) {}",
    "i want to (know|learn) (about|what is|more about) {}",
    "i (would like|need) to (know|understand|see) {}",
    "what (do|can) you (know|tell me|say) about {}",
    "(what|how) about {}",
    "{}",
    "{}",
    "(give me |)(information|info|details|an explanation|a word) (on|about|of) {}",
    "(do you know|i wonder) what {} is",
    "i (do not|don't) (know|understand) (what |){}( is|)",
    "i have a question about {}",
    "(questions|something|help) (about|on|with) {}",
    "what should i know about {}",
    "{} (explained|please|meaning)",
    "(what is|what's|what are) {} (good for|used for|for|there for)",
    "what (does|do|would|can) {} (do|mean|stand for)",
    "(how|when) (is|are|do i use|can i use|should i use) {}( used|)",
    "(what is|what's) the (use|meaning|point|purpose|idea) of {}",
    "(explain|describe|define) {}",
    "why (is there|does one need|would i need|do i need|should i care about) {}",
)
ASK = ("{}",)
OPENERS = (
    "please tell me",
    "quick question:",
    "hi,",
    "hello,",
    "hey,",
    "hi guide,",
    "question:",
    "i have a question:",
    "one question:",
    "sorry,",
    "ok,",
    "so",
    "and",
    "also,",
    "please,",
    "now",
    "excuse me,",
    "good morning,",
    "i'm new here,",
    "hello guide,",
    "by the way,",
)
CLOSERS = (
    "please",
    "thanks",
    "thank you",
    "in hearth",
    "with hearth",
    "exactly",
    "then",
    "again",
    "now",
    "for me",
    "here",
)


def pick(pattern: str, rng: random.Random) -> str:
    """One random expansion of `pattern`, with its white space made single."""
    text, _ = _expand(re.sub(r"(?<=[\w)])s\?", "(s|)", pattern), 0, rng)
    return " ".join(text.split())


def _expand(pattern: str, at: int, rng: random.Random) -> tuple[str, int]:
    branches, current = [], ""
    while at < len(pattern) and pattern[at] != ")":
        if pattern[at] == "(":
            inner, at = _expand(pattern, at + 1, rng)
            current += inner
        elif pattern[at] == "|":
            branches.append(current)
            current = ""
        else:
            at += pattern[at] == "\\"
            current += pattern[at]
        at += 1
    return rng.choice([*branches, current]), at


def wrap(pattern: str, frames: tuple[str, ...], rng: random.Random) -> str:
    """`pattern` expanded inside one of `frames`, the sentences around it."""
    frame = rng.choice(frames)
    if "{ing}" in frame:
        return pick(frame.replace("{ing}", gerund(pick(pattern, rng))), rng)
    return pick(frame.replace("{}", pattern), rng)


def gerund(phrase: str) -> str:
    """`phrase` with its first word, a verb, in the -ing form."""
    verb, space, rest = phrase.partition(" ")
    if verb in (
        "run",
        "get",
        "set",
        "put",
        "stop",
        "quit",
        "begin",
        "cut",
        "shut",
        "drop",
        "skip",
        "ship",
        "plan",
    ):
        verb += verb[-1]
    elif verb.endswith("e") and not verb.endswith(("ee", "ye")):
        verb = verb[:-1]
    return f"{verb}ing{space}{rest}"


def adorn(text: str, rng: random.Random) -> str:
    """`text` as a user would send it: perhaps with an opener, a closer, capitals, a question mark, a slip."""
    if rng.random() < 0.12:
        text = f"{rng.choice(OPENERS)} {text}"
    if rng.random() < 0.06:
        text = f"{text} {rng.choice(CLOSERS)}"
    if rng.random() < 0.06:
        text = _drop_word(text, rng)
    if rng.random() < 0.10:
        text = slip(text, rng)
    return _case(text, rng) + _ending(text, rng)


def _drop_word(text: str, rng: random.Random) -> str:
    words = text.split()
    small = [
        i for i, word in enumerate(words) if word in ("the", "a", "an", "to", "do", "is", "of", "my", "me")
    ]
    if len(words) > 3 and small:
        del words[rng.choice(small)]
    return " ".join(words)


def slip(text: str, rng: random.Random) -> str:
    """`text` with one small typing error in a word of four letters or more."""
    places = [m.start() for m in re.finditer(r"(?<=[a-z])[a-z](?=[a-z]{2})", text)]
    if not places:
        return text
    at = rng.choice(places)
    mode = rng.randrange(4)
    if mode == 0:
        return text[:at] + text[at + 1 :]
    if mode == 1:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if mode == 2:
        return text[:at] + text[at] + text[at:]
    return text[:at] + rng.choice(_ALPHABET) + text[at + 1 :]


def _case(text: str, rng: random.Random) -> str:
    chance = rng.random()
    if chance < 0.35:
        return text
    if chance < 0.97:
        text = re.sub(r"\bi\b", "I", text)
        for word in (
            "hearth",
            "gguf",
            "api",
            "json",
            "python",
            "ollama",
            "gpu",
            "cpu",
            "linux",
            "lora",
            "docker",
        ):
            if rng.random() < 0.6:
                text = re.sub(
                    rf"\b{word}\b(?! (run|list|ls|ps|cp|rm|serve|show|create|stop))", _proper(word), text
                )
        return text[:1].upper() + text[1:]
    return text.upper()


def _proper(word: str) -> str:
    return word.upper() if word in ("gguf", "api", "json", "gpu", "cpu") else word.capitalize()


def _ending(text: str, rng: random.Random) -> str:
    return rng.choice(("", "", "?", "?", "?", ".", "?", "!" if len(text) < 24 else "?", " ?"))


def plain(text: str, rng: random.Random, endings: tuple[str, ...] = ("", "", ".", "!")) -> str:
    """`text` with a capital and an ending, otherwise as it is."""
    return (text[:1].upper() + text[1:] if rng.random() < 0.67 else text) + rng.choice(endings)

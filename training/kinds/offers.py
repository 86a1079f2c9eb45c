"""Concrete tools: made from a family or invented, with the variations in which clients define them."""

import random
from typing import Any

from training.kinds import words
from training.kinds.families import Family, Maker, Param, families
from training.phrases import pick

TUTORIAL = 11
VERBS = (
    "get find show open start check update reset count move lock paint sell mark rate sort scan copy "
    "clean build"
).split()
NOUNS = (
    "report price colour owner size state door user room score plan file list table engine window "
    "garden ticket "
    "light record"
).split()
# Tools whose names share a group do so nearly the same thing that a request cannot tell them apart.
_ALIKE = (
    ("weather", "temp", "forecast"),
    ("time", "date", "now", "today", "clock"),
    ("sum", "add", "plus", "calc", "math", "eval", "comput"),
    ("mul", "times", "product", "calc", "math", "eval", "comput"),
    ("sub", "minus", "diff", "calc", "math", "eval", "comput"),
    ("div", "calc", "math", "eval", "comput"),
    ("search", "google", "find_online", "duck", "fetch", "page"),
    ("light", "lamp"),
    ("file", "cat", "open", "fetch", "page", "download"),
    ("ls", "dir", "list_files"),
    ("route", "distance", "direction", "flight"),
    ("order",),
    ("user", "customer"),
    ("note", "remember", "message", "send", "email"),
)


class Offer:
    """One tool: a name, parameters as (name, type, Param), and what it says of itself."""

    def __init__(self, family: Family, rng: random.Random) -> None:
        self.family, self.rng = family, rng
        self.name = rng.choice(family.names.split("|"))
        self.doc = pick(f"({family.docs})", rng)
        kinds = [rng.choice(p.type.split("|")) for p in family.params]
        named = [rng.choice(p.names.split("|")) for p in family.params]
        if len(set(named)) < len(named):
            named = [p.names.split("|")[0] for p in family.params]
        self.params = list(zip(named, kinds, family.params, strict=True))
        if rng.random() < 0.08:
            prefix = words.invent(rng, 1, 1)
            self.name = rng.choice(
                (f"my_{self.name}", f"{self.name}_tool", f"{prefix}_{self.name}", f"{self.name}_{prefix}")
            )

    def definition(self) -> dict[str, Any]:
        """The tool as a client sends it."""
        rng = self.rng
        properties = {name: _property(kind, param, rng) for name, kind, param in self.params}
        required = [name for name, _, _ in self.params]
        parameters: dict[str, Any] = {"type": "object", "properties": properties}
        if self.params and rng.random() < 0.85:
            parameters["required"] = required
            if rng.random() < 0.3:
                parameters = {"type": "object", "required": required, "properties": properties}
        function: dict[str, Any] = {"name": self.name}
        if self.doc or rng.random() < 0.5:
            function["description"] = self.doc + (rng.choice(("", "", ".")) if self.doc else "")
        if self.params or rng.random() < 0.5:
            function["parameters"] = parameters
        elif rng.random() < 0.7:
            function["parameters"] = {}
        return {"type": "function", "function": function}

    def values(self) -> dict[str, Any]:
        """Random arguments."""
        made = {name: (param.make(self.rng), kind) for name, kind, param in self.params}
        return {name: int(value) if kind == "integer" else value for name, (value, kind) in made.items()}

    def unsaid(self, text: str) -> dict[str, Any]:
        """The first allowed value of every parameter with a list of values that `text` does not name."""
        listed = [(name, param.values) for name, _, param in self.params if param.values]
        return {name: values[0] for name, values in listed if not any(value in text for value in values)}

    def ask(self, values: list[Any]) -> str:
        """A user's request that calls for this tool with `values`."""
        spoken = self.name.replace("_", " ") if self.rng.random() < 0.7 else self.name
        text = pick(self.rng.choice(self.family.ask), self.rng).replace("NAME", spoken)
        spell = self.rng.random() < 0.2
        for index, value in enumerate(values):
            text = text.replace(f"{{{index}}}", _spoken(value, spell))
        return text


def _spoken(value: Any, spell: bool) -> str:
    if spell and isinstance(value, int) and value < len(words.SPELLED):
        return words.SPELLED[value]
    return str(value)


def _property(kind: str, param: Param, rng: random.Random) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": kind}
    if param.doc and rng.random() < 0.5:
        entry["description"] = pick(param.doc, rng)
    if param.values and rng.random() < 0.7:
        entry["enum"] = list(param.values)
    return entry


def _made_up(rng: random.Random) -> Family:
    """A family that exists once, of everyday or invented words."""
    invented = rng.random() < 0.5
    verb = words.invent(rng, 1, 2) if invented else rng.choice(VERBS)
    noun = words.invent(rng, 1, 2) if invented else rng.choice(NOUNS)
    params = tuple(_made_up_param(rng) for _ in range(rng.choice((1, 1, 1, 2))))
    names = rng.choice(
        (f"{verb}_{noun}", f"{verb}_the_{noun}", f"{verb}{noun.capitalize()}", f"{noun}_{verb}")
    )
    slots = " and ".join(f"{{{i}}}" for i in range(len(params)))
    sign = rng.choice(("", "=", "is", ":"))
    named = " and ".join(f"{p.names} {sign} {{{i}}}" for i, p in enumerate(params))
    ask = (
        f"{verb} the {noun} (of|for|with|in) {slots}",
        f"(please |can you |i want to ){verb} (the |a |my |){noun} (of|for|with) {slots}",
        f"{verb} {noun} {slots}",
        f"(call|use|run) NAME with {named}",
        f"(call|use|run) NAME (with|on|for) {slots}",
        f"{verb} the {noun} with {named}",
    )
    return Family(names, f"{verb.capitalize()} the {noun}|{verb.capitalize()}s a {noun}|", params, ask)


def _made_up_param(rng: random.Random) -> Param:
    makers: tuple[tuple[str, Maker], ...] = (
        ("string", words.person),
        ("string", words.city),
        ("integer", words.integer),
        ("string", words.invent),
        ("number", words.number),
        ("string", words.phrase),
    )
    common = ("name", "id", "key", "value", "text", "item")
    name = rng.choice((words.invent(rng, 1, 1), rng.choice(NOUNS), rng.choice(common)))
    kind, make = rng.choice(makers)
    return Param(name, kind, make)


def _family(rng: random.Random) -> Family:
    # The first families are those of every tutorial, and have to work.
    chance = rng.random()
    if chance < 0.12:
        return _made_up(rng)
    return rng.choice(families()[:TUTORIAL] if chance < 0.5 else families())


def offer(rng: random.Random) -> Offer:
    """One random tool."""
    while True:
        made = Offer(_family(rng), rng)
        if len({name for name, _, _ in made.params}) == len(made.params):
            return made


def offers(rng: random.Random) -> list[Offer]:
    """One to six tools that a request can tell apart; the first is the one that matters."""
    chance = rng.random()
    count = 1 if chance < 0.55 else 2 if chance < 0.86 else 3 if chance < 0.96 else rng.randint(4, 6)
    found = [offer(rng)]
    while len(found) < count:
        more = offer(rng)
        if all(_distinct(more, other) for other in found):
            found.append(more)
    return found


def _distinct(one: Offer, other: Offer) -> bool:
    if one.family is other.family or one.name == other.name:
        return False
    return not any(_hits(one.name, group) and _hits(other.name, group) for group in _ALIKE)


def _hits(name: str, group: tuple[str, ...]) -> bool:
    return any(word in name.lower() for word in group)


_FILLERS = frozenset(
    "what with please that show tell find about where which many much give need want does from there".split()
)


def related(found: list[Offer], text: str) -> bool:
    """Whether a tool could have to do with `text`: it shares a word with the name or the ways of asking."""
    spoken = " ".join(f"{o.name.replace('_', ' ')} {' '.join(o.family.ask)}" for o in found).lower()
    stems = {w[:5] for w in spoken.translate(str.maketrans("(|)", "   ")).split() if len(w) > 3}
    return any(w[:5] in stems for w in text.lower().split() if len(w) > 3 and w not in _FILLERS)

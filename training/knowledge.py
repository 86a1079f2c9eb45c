"""The topics: what the model knows, read from the topic files."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

TOPICS = Path(__file__).parent / "topics"


@dataclass(frozen=True)
class Topic:
    """A subject with its one answer. `how` are verb phrases, `what` noun phrases, `ask` whole questions."""

    name: str
    about: str
    answer: str
    kind: str = "help"
    how: tuple[str, ...] = ()
    what: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()

    @property
    def thought(self) -> str:
        """The deliberation that precedes the answer."""
        return f"This is about {self.about}."


@cache
def topics() -> tuple[Topic, ...]:
    """All topics in file order; a name that occurs twice raises ValueError."""
    found: dict[str, Topic] = {}
    for path in sorted(TOPICS.glob("*.toml")):
        for name, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if name in found:
                raise ValueError(f"{path.name}: topic {name!r} exists twice")
            fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
            found[name] = Topic(name, **fields)
    return tuple(found.values())
